import type { GraphQLResolveInfo } from "graphql";
import { Arg, Ctx, Field, ID, Info, InputType, Mutation, Resolver } from "type-graphql";
import { ChangedBy, Changes, EntersAsStaff } from "../access/annotate.ts";
import { DateTime } from "../sources/scalars.ts";
import { parseIdentifier } from "../subjects/identifiers.ts";
import type { Refusal } from "../subjects/refusal-graph.ts";
import { IdentifierInput } from "../subjects/staff-graph.ts";
import type { RequestContext } from "./context.ts";
import { decide } from "./decide.ts";
import { extendDeadline } from "./extend.ts";
import { register } from "./register.ts";
import { answerOnRequest, answerWithNew, type RequestPayload, RequestResult } from "./request-result.ts";
import { confirm, establish, retry } from "./take-up.ts";
import { RequestChannel, RequestKind } from "./vocabulary.ts";

@InputType()
export class RegisterRequestInput {
  @Field(() => RequestKind)
  kind!: RequestKind;

  @Field(() => RequestChannel)
  channel!: RequestChannel;

  @Field(() => DateTime, { description: "When it came: the deadline counts from there." })
  receivedAt!: Date;

  @Field(() => [IdentifierInput], { description: "Of the person whom it is about; all of one person." })
  identifiers!: IdentifierInput[];

  @Field(() => String, { nullable: true, description: "Kept under the person's own key." })
  note?: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      "How staff have made sure who asks (GDPR Art. 12(6)); never by a copy of an identity document. Absent: nothing is done before that.",
  })
  identityEstablishedBy?: string | null;
}

@InputType()
export class EstablishIdentityInput {
  @Field(() => ID)
  id!: string;

  @Field(() => String, {
    description:
      "How staff have made sure who asks; never by a copy of an identity document. Kept under the person's own key.",
  })
  establishedBy!: string;
}

@InputType()
export class DecideRequestInput {
  @Field(() => ID)
  id!: string;

  @Field(() => Boolean)
  approve!: boolean;

  @Field(() => String, {
    nullable: true,
    description:
      "What a refusal stands on, and an approval does not have: `MANIFESTLY_UNFOUNDED`, `EXCESSIVE`, `IDENTITY_NOT_ESTABLISHED`, `RIGHTS_OF_OTHERS`, `LEGAL_OBLIGATION` or `COMPELLING_GROUNDS`.",
  })
  legalGround?: string | null;

  @Field(() => String, {
    nullable: true,
    description: "The person reads it; required for a refusal (Art. 12(4)).",
  })
  explanation?: string | null;
}

@InputType()
export class ExtendDeadlineInput {
  @Field(() => ID)
  id!: string;

  @Field(() => String, {
    description:
      "Why it takes longer: the complexity and number of the requests (GDPR Art. 12(3)). The person reads it.",
  })
  because!: string;
}

@InputType()
export class RetryRequestInput {
  @Field(() => ID)
  id!: string;
}

@InputType()
export class ConfirmStepInput {
  @Field(() => ID)
  id!: string;

  @Field(() => ID, { description: "As in `RequestStep.id`." })
  stepId!: string;

  @Field(() => String, { description: "How it was done. Kept under the person's own key." })
  because!: string;
}

@Resolver()
export class RequestStaffMutations {
  @Mutation(() => RequestResult, {
    description: "Writes down a request that came by post, e-mail or telephone, for staff to act on.",
  })
  @ChangedBy("DPO")
  @Changes("DataSubjectRequest.channel", "DataSubjectRequest.receivedAt")
  @EntersAsStaff("DATA_SUBJECT_RIGHTS")
  registerRequest(
    @Arg("input", () => RegisterRequestInput) input: RegisterRequestInput,
    @Ctx() context: RequestContext,
    @Info() info: GraphQLResolveInfo,
  ): Promise<RequestPayload | Refusal> {
    const identifiers = input.identifiers.map((each, at) => parseIdentifier(each, `input.identifiers.${at}`));
    return answerWithNew(context, info, (by) => register({ ...input, identifiers }, by, context));
  }

  @Mutation(() => RequestResult, {
    description:
      "Says who asks (GDPR Art. 12(6)): before that nothing is done on the request, but to write to whoever asks.",
  })
  @ChangedBy("DPO")
  @Changes("DataSubjectRequest.status")
  @EntersAsStaff("DATA_SUBJECT_RIGHTS")
  establishIdentity(
    @Arg("input", () => EstablishIdentityInput) { id, establishedBy }: EstablishIdentityInput,
    @Ctx() context: RequestContext,
    @Info() info: GraphQLResolveInfo,
  ): Promise<RequestPayload | Refusal> {
    return answerOnRequest(id, context, info, ({ registered, by }) =>
      establish(establishedBy, registered, by, context),
    );
  }

  @Mutation(() => RequestResult, {
    description:
      "Upholds or turns down a request that waits for a decision. Other requests are granted by carrying out what they ask for.",
  })
  @ChangedBy("DPO")
  @Changes("DataSubjectRequest.status", "DataSubjectRequest.refusal")
  @EntersAsStaff("DATA_SUBJECT_RIGHTS")
  decideRequest(
    @Arg("input", () => DecideRequestInput) input: DecideRequestInput,
    @Ctx() context: RequestContext,
    @Info() info: GraphQLResolveInfo,
  ): Promise<RequestPayload | Refusal> {
    return answerOnRequest(input.id, context, info, ({ registered, by }) =>
      decide(input, registered, by, context),
    );
  }

  @Mutation(() => RequestResult, {
    description:
      "Takes two further months (GDPR Art. 12(3)): once, and before the deadline has passed. The person is told.",
  })
  @ChangedBy("DPO")
  @Changes("DataSubjectRequest.dueAt", "DataSubjectRequest.extendedBecause")
  @EntersAsStaff("DATA_SUBJECT_RIGHTS")
  extendDeadline(
    @Arg("input", () => ExtendDeadlineInput) input: ExtendDeadlineInput,
    @Ctx() context: RequestContext,
    @Info() info: GraphQLResolveInfo,
  ): Promise<RequestPayload | Refusal> {
    return answerOnRequest(input.id, context, info, ({ registered, by }) =>
      extendDeadline(input, registered, by, context),
    );
  }

  @Mutation(() => RequestResult, {
    description: "Has every step that failed, or waits for a system, tried again at once.",
  })
  @ChangedBy("DPO")
  @Changes("DataSubjectRequest.status")
  @EntersAsStaff("DATA_SUBJECT_RIGHTS")
  retryRequest(
    @Arg("input", () => RetryRequestInput) { id }: RetryRequestInput,
    @Ctx() context: RequestContext,
    @Info() info: GraphQLResolveInfo,
  ): Promise<RequestPayload | Refusal> {
    return answerOnRequest(id, context, info, ({ registered, by }) => retry(registered, by, context));
  }

  @Mutation(() => RequestResult, {
    description:
      "Says that staff have done by hand what a step that failed could not, or told the person what a letter that waits to be sent has not.",
  })
  @ChangedBy("DPO")
  @Changes("RequestStep.state")
  @EntersAsStaff("DATA_SUBJECT_RIGHTS")
  confirmStep(
    @Arg("input", () => ConfirmStepInput) input: ConfirmStepInput,
    @Ctx() context: RequestContext,
    @Info() info: GraphQLResolveInfo,
  ): Promise<RequestPayload | Refusal> {
    return answerOnRequest(input.id, context, info, ({ registered, by }) =>
      confirm(input, registered, by, context),
    );
  }
}
