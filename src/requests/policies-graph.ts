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
  Int,
  Mutation,
  ObjectType,
  Query,
  Resolver,
  Root,
} from "type-graphql";
import { ChangedBy, EntersAsStaff, OpenTo } from "../access/annotate.ts";
import { dbOf } from "../store/tables.ts";
import { Refusal } from "../subjects/refusal-graph.ts";
import { actAsStaff } from "./actor.ts";
import type { RequestContext } from "./context.ts";
import { allPolicies, type PolicyVersion } from "./policies.ts";
import { type Reach, reachOf } from "./policy-reach.ts";
import { PrivacyPolicy } from "./public-graph.ts";
import { publishPolicy } from "./publish-policy.ts";

@ObjectType({
  simpleResolvers: true,
  description: "Whom a version of the privacy policy has reached, of the persons whom the gateway knows.",
})
@OpenTo("DPO", "AUDITOR")
export class PolicyReach implements Reach {
  @Field(() => Int, { description: "Sent an e-mail of it." })
  told!: number;

  @Field(() => Int, { description: "To be sent one." })
  waiting!: number;

  @Field(() => Int, { description: "Of `waiting`: tried often, and tried on." })
  failed!: number;

  @Field(() => Int, {
    description: "Without an address that they have shown to be theirs: told where they sign in.",
  })
  untold!: number;

  @Field(() => Boolean, { description: "Everybody has been gone through, and nobody waits." })
  complete!: boolean;

  @Field(() => Int, { description: "Whose answer to this version is yes." })
  agreed!: number;

  @Field(() => Int, { description: "Whose answer to this version is no." })
  declined!: number;
}

@Resolver(() => PrivacyPolicy)
export class PolicyReachGraph {
  @FieldResolver(() => PolicyReach)
  @OpenTo("DPO", "AUDITOR")
  reach(@Root() { version }: PolicyVersion, @Ctx() { requests }: RequestContext): Promise<Reach> {
    return reachOf(dbOf(requests.register.store), version, requests.attempts);
  }
}

@Resolver()
export class PolicyQueries {
  @Query(() => [PrivacyPolicy], { description: "Staff: every version, newest first: the first is in force." })
  @OpenTo("DPO", "AUDITOR")
  privacyPolicies(@Ctx() { requests }: RequestContext): Promise<readonly PolicyVersion[]> {
    return allPolicies(dbOf(requests.register.store));
  }
}

@InputType()
export class PublishPrivacyPolicyInput {
  @Field(() => ID, { description: "1 to 64 letters, digits, dots, hyphens and underscores: `2026-12-03`." })
  version!: string;

  @Field(() => String, { description: "At most 50,000 characters." })
  text!: string;

  @Field(() => String, { description: "`nb`, `nn` or `en`." })
  language!: string;

  @Field(() => String, {
    description: "What is another than in the version before; persons read it. At most 4,000 characters.",
  })
  changes!: string;

  @Field(() => Boolean, { description: "Whether each person is asked for an answer." })
  requiresConsent!: boolean;

  @Field(() => Boolean, {
    nullable: true,
    defaultValue: true,
    description:
      "Whether persons are told by e-mail, as they are of every larger change; always where consent is required.",
  })
  tellPersons?: boolean | null;
}

const PublishPrivacyPolicyResult = createUnionType({
  name: "PublishPrivacyPolicyResult",
  types: () => [PrivacyPolicy, Refusal] as const,
  resolveType: (value: PolicyVersion | Refusal) => ("code" in value ? Refusal : PrivacyPolicy),
});

@Resolver()
export class PolicyMutations {
  @Mutation(() => PublishPrivacyPolicyResult, {
    description:
      "Publishes a version of the privacy policy: it is in force at once, and is never changed. Every person whom the gateway may write to is sent an e-mail of it.",
  })
  @ChangedBy("DPO")
  @EntersAsStaff("DATA_SUBJECT_RIGHTS")
  publishPrivacyPolicy(
    @Arg("input", () => PublishPrivacyPolicyInput) input: PublishPrivacyPolicyInput,
    @Ctx() context: RequestContext,
    @Info() info: GraphQLResolveInfo,
  ): Promise<PolicyVersion | Refusal> {
    return actAsStaff(context, info, async (by) => {
      const published = await publishPolicy(input, by, context.requests);
      context.privacyPolicies.forget();
      return published;
    });
  }
}
