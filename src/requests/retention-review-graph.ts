import type { GraphQLResolveInfo } from "graphql";
import {
  Arg,
  createUnionType,
  Ctx,
  Field,
  ID,
  Info,
  InputType,
  Int,
  Mutation,
  ObjectType,
  Query,
  Resolver,
} from "type-graphql";
import { ChangedBy, EntersAsStaff, OpenTo } from "../access/annotate.ts";
import { DateOnly, DateTime } from "../sources/scalars.ts";
import { databaseNow } from "../store/clock.ts";
import { dbOf } from "../store/tables.ts";
import { NotFound } from "../subjects/not-found.ts";
import { Refusal } from "../subjects/refusal-graph.ts";
import { refusing, staffAsker } from "./actor.ts";
import type { RequestContext } from "./context.ts";
import { Refused } from "./refused.ts";
import { type Review, ReviewRefused } from "./retention-review.ts";
import type { ReviewItemRow } from "./retention-review-rows.ts";
import { requireStepUp } from "./step-up.ts";
import { ErasureAction, RequestStatus, StepState } from "./vocabulary.ts";

@ObjectType({
  simpleResolvers: true,
  description: "What one retention rule makes of the records of one type on the day of the review.",
})
@OpenTo("DPO", "AUDITOR")
export class RetentionItem {
  @Field(() => String, { description: "As in `Holding.source`." })
  source!: string;

  @Field(() => String)
  recordType!: string;

  @Field(() => [String], {
    nullable: true,
    description: "Only these fields, which have a rule of their own and are emptied; null: the whole record.",
  })
  fields!: readonly string[] | null;

  @Field(() => String, { description: "As in `@personalData(retention:)`." })
  rule!: string;

  @Field(() => ErasureAction, {
    description:
      "What becomes of them. `RETAIN_RESTRICTED`: the period is over, and they stay: a law keeps them, the system does, or something that hangs on them is kept. `UNAVAILABLE`: the system could not be asked, or cannot be made to do it.",
  })
  action!: ErasureAction;

  @Field(() => Int, { description: "How many records; 2147483647 also stands for more." })
  count!: number;

  @Field(() => Int, {
    description:
      "Records that do not say how old they are: they are not among `count`, and nothing is done to them.",
  })
  undated!: number;

  @Field(() => Int, {
    description:
      "Records whose period is over and which are left alone: processing is restricted (GDPR Art. 18), the person has a request open, or they are of no record of a person. Not among `count`.",
  })
  setAside!: number;

  @Field(() => StepState, { description: "How far the review has come with them." })
  state!: StepState;

  @Field(() => Int, {
    nullable: true,
    description:
      "Once it has been gone through: how many went. Fewer than `count` where some were in use again, or are left alone since.",
  })
  gone!: number | null;

  @Field(() => Int, {
    nullable: true,
    description: "Once it has been gone through: how many should have gone and have not, counted anew.",
  })
  remaining!: number | null;

  @Field(() => String, {
    nullable: true,
    description:
      "Why it could not be done: as `SourceFailureReason`, `CANNOT_ERASE` where the system does not do it, `LEFT_BEHIND`, or `RULE_CHANGED` where the rule is another than was shown.",
  })
  reason!: string | null;
}

@ObjectType({
  simpleResolvers: true,
  description: "A review of what has no purpose left, over all systems and persons (GDPR Art. 5(1)(e)).",
})
@OpenTo("DPO", "AUDITOR")
export class RetentionReview {
  @Field(() => ID)
  id!: string;

  @Field(() => DateTime)
  openedAt!: Date;

  @Field(() => DateOnly, { description: "The day on which it is judged what is over." })
  asOf!: string;

  @Field(() => RequestStatus, {
    description:
      "`SCHEDULED` while it is counted, `AWAITING_DECISION` until it is approved, `RUNNING` until everything has been gone through. `CANCELLED`: another was opened in its place. `NEEDS_ATTENTION`: it has ended, and an item could not be asked or has something left; the next review finds that again.",
  })
  status!: RequestStatus;

  @Field(() => DateTime, { nullable: true })
  approvedAt!: Date | null;

  @Field(() => DateTime, { nullable: true })
  endedAt!: Date | null;

  @Field(() => [RetentionItem], {
    description: "One for each rule, also where nothing is over, and another for what is kept beyond it.",
  })
  items!: RetentionItem[];
}

@InputType()
export class OpenRetentionReviewInput {
  @Field(() => DateOnly, {
    nullable: true,
    description: "The day on which it is judged what is over; today unless said otherwise.",
  })
  asOf?: Date | null;
}

@InputType()
export class ApproveRetentionReviewInput {
  @Field(() => ID)
  id!: string;
}

const RetentionReviewResult = createUnionType({
  name: "RetentionReviewResult",
  types: () => [RetentionReview, Refusal] as const,
  resolveType: (value: RetentionReview | Refusal) => ("code" in value ? Refusal : RetentionReview),
});

@Resolver()
export class RetentionReviewQueries {
  @Query(() => RetentionReview, { nullable: true, description: "One review, as far as it has come." })
  @OpenTo("DPO", "AUDITOR")
  async retentionReview(
    @Arg("id", () => ID) id: string,
    @Ctx() { requests }: RequestContext,
  ): Promise<RetentionReview> {
    return shown(found(await requests.retention.byId(id)));
  }
}

@Resolver()
export class RetentionReviewMutations {
  @Mutation(() => RetentionReviewResult, {
    description:
      "Reports, rule by rule, what has no purpose left. Nothing is changed before it is approved. One review is open at a time: a report that nobody has approved ends `CANCELLED` when another is opened.",
  })
  @ChangedBy("DPO")
  @EntersAsStaff("DATA_SUBJECT_RIGHTS")
  openRetentionReview(
    @Arg("input", () => OpenRetentionReviewInput) { asOf }: OpenRetentionReviewInput,
    @Ctx() context: RequestContext,
    @Info() info: GraphQLResolveInfo,
  ): Promise<RetentionReview | Refusal> {
    const day = asOf ? asOf.toISOString().slice(0, 10) : null;
    const by = dpo(context, info);
    return answer(context, () => context.requests.retention.open(day, by));
  }

  @Mutation(() => RetentionReviewResult, {
    description:
      "Has what a review showed erased or anonymised. What has changed since is judged again as of the same day: nothing within its period goes. Asks for a recent strong sign-in, and cannot be undone.",
  })
  @ChangedBy("DPO")
  @EntersAsStaff("DATA_SUBJECT_RIGHTS")
  approveRetentionReview(
    @Arg("input", () => ApproveRetentionReviewInput) { id }: ApproveRetentionReviewInput,
    @Ctx() context: RequestContext,
    @Info() info: GraphQLResolveInfo,
  ): Promise<RetentionReview | Refusal> {
    const by = dpo(context, info);
    const { register, retention, erasure } = context.requests;
    return answer(context, async () => {
      requireStepUp(
        context.principal,
        erasure.stepUp,
        await databaseNow(dbOf(register.store)),
        "STEP_UP_TO_APPROVE",
      );
      return retention.approve(id, by);
    });
  }
}

/** @throws NotFound */
const answer = (
  context: RequestContext,
  act: () => Promise<Review | null>,
): Promise<RetentionReview | Refusal> =>
  refusing(context, async () => {
    try {
      return shown(found(await act()));
    } catch (error) {
      if (!(error instanceof ReviewRefused)) throw error;
      const { reason } = error;
      throw new Refused(reason, reason === "REVIEW_IN_FUTURE" ? { argument: "asOf" } : {});
    }
  });

/** The operation check has refused anybody else before; this is for whoever leaves that out. @throws NotFound */
function dpo(context: RequestContext, info: GraphQLResolveInfo) {
  if (!context.principal?.roles.has("DPO")) throw new NotFound();
  return staffAsker(context, info, context.language);
}

function found(review: Review | null): Review {
  if (!review) throw new NotFound();
  return review;
}

const shown = ({ row, items }: Review): RetentionReview => ({
  id: row.id,
  openedAt: row.opened_at,
  asOf: row.as_of,
  status: row.status,
  approvedAt: row.approved_at,
  endedAt: row.ended_at,
  items: items.flatMap(shownItem),
});

/** As much as `Int` holds. */
const counted = (text: string): number => Math.min(Number(text), 2 ** 31 - 1);

function shownItem(item: ReviewItemRow): RetentionItem[] {
  const { source, record_type: recordType, fields, rule } = item;
  const about = { source, recordType, fields, rule };
  const held = counted(item.held);
  return [
    {
      ...about,
      action: item.action,
      count: counted(item.count),
      undated: counted(item.undated),
      setAside: counted(item.set_aside),
      state: item.state,
      gone: item.gone === null ? null : counted(item.gone),
      remaining: item.remaining === null ? null : counted(item.remaining),
      reason: item.reason,
    },
    ...(held > 0
      ? [
          {
            ...about,
            action: "RETAIN_RESTRICTED" as const,
            count: held,
            undated: 0,
            setAside: 0,
            state: "RETAINED" as const,
            gone: null,
            remaining: null,
            reason: null,
          },
        ]
      : []),
  ];
}
