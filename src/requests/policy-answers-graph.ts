import type { GraphQLResolveInfo } from "graphql";
import {
  Arg,
  createUnionType,
  Ctx,
  Field,
  FieldResolver,
  ID,
  Info,
  InputType,
  Mutation,
  ObjectType,
  Resolver,
  Root,
} from "type-graphql";
import { ChangedBy, EntersAsSelf, Personal } from "../access/annotate.ts";
import { DataSubject, type Subject } from "../sources/data-subject.ts";
import { DateTime } from "../sources/scalars.ts";
import { dbOf } from "../store/tables.ts";
import { lockPerson } from "../subjects/decision-rows.ts";
import { Refusal } from "../subjects/refusal-graph.ts";
import { type Actor, actFor } from "./actor.ts";
import { Refused } from "./refused.ts";
import type { RequestContext } from "./context.ts";
import { policyAnswer as label } from "./labels.ts";
import { currentPolicy } from "./policies.ts";
import { answerPolicy, type PolicyStanding, standingsOf } from "./policy-answers.ts";

@ObjectType({
  simpleResolvers: true,
  description:
    "How a person stands with a version of the privacy policy: told of it, and what they answered.",
})
@Personal(label)
export class PersonPolicyVersion implements PolicyStanding {
  @Field(() => ID, { description: "As in `PrivacyPolicy.version`, which has the text." })
  version!: string;

  @Field(() => DateTime)
  publishedAt!: Date;

  @Field(() => String, { nullable: true, description: "What is another than in the version before." })
  changes!: string | null;

  @Field(() => Boolean)
  requiresConsent!: boolean;

  @Field(() => DateTime, { nullable: true, description: "When an e-mail of it was sent to the person." })
  toldAt!: Date | null;

  @Field(() => DateTime, { nullable: true, description: "Of an answer that counts still." })
  agreedAt!: Date | null;

  @Field(() => DateTime, { nullable: true, description: "As `agreedAt`, of a no." })
  declinedAt!: Date | null;

  @Field(() => Boolean, {
    description:
      "Waits for the person's answer: at most the version in force, where it requires consent, or one does that the person has not answered and that it takes the place of.",
  })
  open!: boolean;
}

@Resolver(() => DataSubject)
export class PolicyVersionsBranch {
  @FieldResolver(() => [PersonPolicyVersion], {
    description: "Every version of the privacy policy, newest first: the first is in force.",
  })
  @Personal(label)
  policyVersions(
    @Root() { id }: Subject,
    @Ctx() context: RequestContext,
  ): Promise<readonly PolicyStanding[]> {
    return standings(id, context);
  }
}

const standings = async (id: string, { requests, privacyPolicies }: RequestContext) =>
  standingsOf(dbOf(requests.register.store), id, await privacyPolicies.headings());

@InputType()
export class AgreeToPrivacyPolicyInput {
  @Field(() => ID, { description: "That the person has read: the one in force." })
  version!: string;

  @Field(() => Boolean, {
    defaultValue: true,
    description: "False: the person does not agree, or takes it back.",
  })
  agrees!: boolean;
}

const AgreeToPrivacyPolicyResult = createUnionType({
  name: "AgreeToPrivacyPolicyResult",
  types: () => [PersonPolicyVersion, Refusal] as const,
  resolveType: (value: PolicyStanding | Refusal) => ("code" in value ? Refusal : PersonPolicyVersion),
});

@Resolver()
export class PolicyAnswerMutation {
  @Mutation(() => AgreeToPrivacyPolicyResult, {
    description:
      "Says whether the person agrees to the privacy policy that is in force. It is no consent to any purpose: that is `setConsent`, for each by itself (GDPR Art. 7(2)).",
  })
  @ChangedBy("SUBJECT")
  @EntersAsSelf
  agreeToPrivacyPolicy(
    @Arg("input", () => AgreeToPrivacyPolicyInput) input: AgreeToPrivacyPolicyInput,
    @Ctx() context: RequestContext,
    @Info() info: GraphQLResolveInfo,
  ): Promise<PolicyStanding | Refusal> {
    return actFor({}, context, info, (actor) => answer(input, actor, context));
  }
}

/** @throws Refused */
async function answer(
  { version, agrees }: AgreeToPrivacyPolicyInput,
  { subject, by }: Actor,
  context: RequestContext,
): Promise<PolicyStanding> {
  await context.requests.recorded(by, async (db) => {
    const subjectId = await lockPerson(db, subject.id);
    if ((await currentPolicy(db)).version !== version)
      throw new Refused("NOT_THE_CURRENT_POLICY", { argument: "version" });
    await answerPolicy(db, subjectId, { version, agreed: agrees });
    const entry = {
      event: "POLICY_ANSWERED",
      subjectRef: subjectId,
      categories: [label.category],
      detail: version,
    } as const;
    return { value: null, entries: [entry] };
  });
  context.privacyPolicies.forget();
  const all = await standings(subject.id, context);
  const standing = all.find((each) => each.version === version);
  if (!standing) throw new Error("a version that was just answered is gone");
  return standing;
}
