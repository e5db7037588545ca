import type { GraphQLResolveInfo } from "graphql";
import {
  Arg,
  createUnionType,
  Ctx,
  Field,
  ID,
  Info,
  InputType,
  Mutation,
  ObjectType,
  Resolver,
} from "type-graphql";
import { ChangedBy, EntersAsStaff, Public } from "../access/annotate.ts";
import { IdentifierKind } from "../access/vocabulary.ts";
import { Refusal } from "../subjects/refusal-graph.ts";
import { ownAsker, refusing } from "./actor.ts";
import { confirmer, confirmIdentity } from "./confirm-identity.ts";
import type { RequestContext } from "./context.ts";
import { answerOnRequest, type RequestPayload, RequestResult } from "./request-result.ts";
import { sendIdentityCode } from "./send-identity-code.ts";
import { RequestStatus } from "./vocabulary.ts";

@InputType()
export class SendIdentityCodeInput {
  @Field(() => ID)
  id!: string;

  @Field(() => String, { description: "Key of the system whose address of the person it is sent to." })
  source!: string;

  @Field(() => IdentifierKind, {
    nullable: true,
    defaultValue: IdentifierKind.EMAIL,
    description: "Nobody is written to but by e-mail.",
  })
  kind?: IdentifierKind | null;
}

@InputType()
export class ConfirmIdentityInput {
  @Field(() => ID)
  id!: string;

  @Field(() => String, {
    nullable: true,
    description: "As it was sent. Absent: the signed-in person, who has signed in strongly a moment ago.",
  })
  code?: string | null;
}

@ObjectType({
  simpleResolvers: true,
  description: "It is established who asks: the request can be acted on.",
})
@Public
export class IdentityConfirmed {
  @Field(() => ID)
  requestId!: string;

  @Field(() => RequestStatus)
  status!: RequestStatus;
}

const ConfirmIdentityResult = createUnionType({
  name: "ConfirmIdentityResult",
  types: () => [IdentityConfirmed, Refusal] as const,
  resolveType: (value: IdentityConfirmed | Refusal) => ("rule" in value ? Refusal : IdentityConfirmed),
});

@Resolver()
export class IdentityMutations {
  @Mutation(() => RequestResult, {
    description:
      "Sends a one-time code to the address that a system holds of the person, so that whoever asks can show who they are (GDPR Art. 12(6)).",
  })
  @ChangedBy("DPO")
  @EntersAsStaff("DATA_SUBJECT_RIGHTS")
  sendIdentityCode(
    @Arg("input", () => SendIdentityCodeInput) input: SendIdentityCodeInput,
    @Ctx() context: RequestContext,
    @Info() info: GraphQLResolveInfo,
  ): Promise<RequestPayload | Refusal> {
    return answerOnRequest(input.id, context, info, (actor) => sendIdentityCode(input, actor, context));
  }

  @Mutation(() => ConfirmIdentityResult, {
    description:
      "Public. Shows who asks, by the code that was sent or by one's own strong sign-in (GDPR Art. 12(6)). Whatever does not fit is refused in one way.",
  })
  @Public
  confirmIdentity(
    @Arg("input", () => ConfirmIdentityInput) input: ConfirmIdentityInput,
    @Ctx() context: RequestContext,
    @Info() info: GraphQLResolveInfo,
  ): Promise<IdentityConfirmed | Refusal> {
    const role = confirmer(context);
    const actorRef = role === "SUBJECT" ? null : context.actorRef;
    const by = { ...ownAsker(context, info), role, actorRef };
    return refusing(context, async () => {
      const { id, status } = await confirmIdentity(input, by, context);
      context.forgetReads();
      return { requestId: id, status };
    });
  }
}
