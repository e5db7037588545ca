import type { GraphQLResolveInfo } from "graphql";
import {
  Arg,
  Ctx,
  Field,
  FieldResolver,
  ID,
  Info,
  InputType,
  Int,
  Mutation,
  ObjectType,
  Resolver,
  Root,
} from "type-graphql";
import { legalGrounds } from "../access/legal-grounds.ts";
import { ChangedBy, Changes, Container, EntersAsNamed, EntersByRole, Personal } from "../access/annotate.ts";
import type { Text } from "../language/language.ts";
import { DataSubject, type Subject } from "../sources/data-subject.ts";
import { failureTexts } from "../sources/failures.ts";
import { DateOnly } from "../sources/scalars.ts";
import { InvalidArgument, parseOneOf } from "../subjects/invalid-argument.ts";
import { Refusal } from "../subjects/refusal-graph.ts";
import { ActsForInput } from "./acts-for-input.ts";
import { cancel } from "./cancel.ts";
import type { RequestContext } from "./context.ts";
import { details } from "./details.ts";
import { erase, planFor } from "./erase.ts";
import type { Obstacle, PlanItem } from "./erasure-plan.ts";
import { rightsRequest } from "./labels.ts";
import { DataSubjectRequest, type RequestNode } from "./request-graph.ts";
import { answerOnOwn, answerWithRequest, type RequestPayload, RequestResult } from "./request-result.ts";
import { requestForCaller } from "./requests-graph.ts";
import { ErasureAction } from "./vocabulary.ts";

@ObjectType({
  simpleResolvers: true,
  description:
    "What would become of the records of one type, for one reason. What differs in the law or the day is apart.",
})
@Personal(rightsRequest)
export class ErasurePlanItem {
  @Field(() => String)
  source!: string;

  @Field(() => String, {
    description:
      "A list of the system's record, `record` for the record itself, `traces` for histories, logs and copies.",
  })
  recordType!: string;

  @Field(() => Int)
  count!: number;

  @Field(() => ErasureAction)
  action!: ErasureAction;

  @Field(() => String, { nullable: true, description: "The law that keeps it (GDPR Art. 17(3))." })
  legalGround!: string | null;

  @Field(() => DateOnly, { nullable: true, description: "The last day that it is kept." })
  retainedUntil!: string | null;

  @Field(() => String, { nullable: true, description: "In the caller's language." })
  reason!: string | null;
}

@ObjectType({
  simpleResolvers: true,
  description: "What an erasure would do now, in every system. Nothing is changed.",
})
@Personal(rightsRequest)
export class ErasurePlan {
  @Field(() => ID, { description: "Quote it to `requestErasure`: what is erased is what was shown." })
  hash!: string;

  @Field(() => [ErasurePlanItem])
  items!: readonly ErasurePlanItem[];
}

@Resolver(() => DataSubject)
export class ErasurePlanBranch {
  @FieldResolver(() => ErasurePlan, {
    description:
      "What an erasure would do now, record type by record type (GDPR Art. 17). Nothing is changed.",
  })
  @Personal(rightsRequest)
  async erasurePlan(
    @Root() subject: Subject,
    @Arg("sources", () => [String], { nullable: true, description: "Absent: every system." })
    sources: string[] | null | undefined,
    @Ctx() context: RequestContext,
  ): Promise<ErasurePlan> {
    const known = context.connected.map(({ key }) => key);
    if (sources?.length === 0) throw new InvalidArgument("sources", "EMPTY");
    for (const source of sources ?? []) parseOneOf(source, "sources", known);
    const { hash, items } = await planFor(subject, sources ?? null, context);
    return { hash, items: items.map((item) => itemNode(item, context.language)) };
  }
}

function itemNode(
  { obstacle, ground, ...item }: PlanItem,
  language: RequestContext["language"],
): ErasurePlanItem {
  const reason = ground ? legalGrounds[ground].reason : obstacle && obstacleTexts(obstacle);
  return {
    ...item,
    legalGround: ground && legalGrounds[ground].citation,
    reason: reason && reason[language],
  };
}

function obstacleTexts(obstacle: Obstacle): Text {
  if (obstacle === "NEEDS_REVIEW" || obstacle === "CANNOT_ERASE") return details[obstacle];
  return obstacle === "NOT_VERIFIED" ? details.NEEDS_REVIEW : failureTexts[obstacle];
}

@InputType()
export class RequestErasureInput extends ActsForInput {
  @Field(() => ID, { description: "`ErasurePlan.hash`, of a plan with the same `sources`." })
  planHash!: string;

  @Field(() => [String], { nullable: true, description: "Absent: every system, and what the gateway keeps." })
  sources?: string[] | null;

  @Field(() => String, { nullable: true })
  reason?: string | null;
}

@InputType()
export class CancelRequestInput {
  @Field(() => ID)
  id!: string;

  @Field(() => String, {
    nullable: true,
    description: "Of staff: how they know that the person wants it taken back. The person need not say why.",
  })
  because?: string | null;
}

@Resolver()
export class ErasureMutations {
  @Mutation(() => RequestResult, {
    description:
      "Erases what the plan has shown (GDPR Art. 17), in every system; what the law keeps is restricted. Asks for a recent strong sign-in, and cannot be undone.",
  })
  @ChangedBy("SUBJECT", "DPO")
  @EntersAsNamed
  requestErasure(
    @Arg("input", () => RequestErasureInput) input: RequestErasureInput,
    @Ctx() context: RequestContext,
    @Info() info: GraphQLResolveInfo,
  ): Promise<RequestPayload | Refusal> {
    return answerWithRequest(input, context, info, (actor) => erase(input, actor, context));
  }

  @Mutation(() => RequestResult, {
    description:
      "Takes an erasure back that has not begun. Of one that has, the refusal shows what is done. Where staff do it, for a person who has said so, the person is told.",
  })
  @ChangedBy("SUBJECT", "DPO")
  @Changes("DataSubjectRequest.status")
  @EntersByRole
  cancelRequest(
    @Arg("input", () => CancelRequestInput) { id, because }: CancelRequestInput,
    @Ctx() context: RequestContext,
    @Info() info: GraphQLResolveInfo,
  ): Promise<RequestPayload | Refusal> {
    return answerOnOwn(id, context, info, (row, by) => cancel(row, { because }, by, context));
  }
}

@Resolver(() => Refusal)
export class RefusedRequestGraph {
  @FieldResolver(() => DataSubjectRequest, {
    nullable: true,
    description: "The request that stands against it, or that cannot be taken back, with what is done of it.",
  })
  @Container
  async existing(
    @Root() { requestId }: Refusal,
    @Ctx() context: RequestContext,
    @Info() info: GraphQLResolveInfo,
  ): Promise<RequestNode | null> {
    return requestId ? requestForCaller(requestId, context, info) : null;
  }
}
