import type { GraphQLResolveInfo } from "graphql";
import {
  Arg,
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
import { ChangedBy, Changes, EntersAsNamed, Personal } from "../access/annotate.ts";
import { Purpose } from "../access/vocabulary.ts";
import { DataSubject, type Subject } from "../sources/data-subject.ts";
import { DateTime } from "../sources/scalars.ts";
import { dbOf } from "../store/tables.ts";
import { objectionReason, objectionsOf } from "../subjects/objections.ts";
import { readSealed } from "../subjects/person-key.ts";
import type { Refusal } from "../subjects/refusal-graph.ts";
import { ActsForInput } from "./acts-for-input.ts";
import type { RequestContext } from "./context.ts";
import { rightsRequest } from "./labels.ts";
import { objectTo } from "./object.ts";
import { answerWithRequest, type RequestPayload, RequestResult } from "./request-result.ts";
import { RequestStatus } from "./vocabulary.ts";

@ObjectType({ simpleResolvers: true, description: "That the person objects to a purpose (GDPR Art. 21)." })
@Personal(rightsRequest)
export class Objection {
  @Field(() => Purpose)
  purpose!: Purpose;

  @Field(() => String, { nullable: true, description: "In the person's own words." })
  @Personal({ ...rightsRequest, freeText: true })
  reason!: string | null;

  @Field(() => DateTime)
  at!: Date;

  @Field(() => RequestStatus, { description: "Of the request that it is." })
  status!: RequestStatus;

  @Field(() => ID)
  requestId!: string;

  @Field(() => DateTime, {
    nullable: true,
    description:
      "When it was turned down, or the person said yes. Absent: staff do not read for the purpose.",
  })
  endedAt!: Date | null;
}

@Resolver(() => DataSubject)
export class ObjectionsBranch {
  @FieldResolver(() => [Objection], { description: "Newest first." })
  @Personal(rightsRequest)
  async objections(
    @Root() { id }: Subject,
    @Ctx() { requests }: RequestContext,
  ): Promise<readonly Objection[]> {
    const { register } = requests;
    const db = dbOf(register.store);
    const { rows, unseal } = await readSealed(db, register, id, () => objectionsOf(db, id));
    const statuses = await requests.statuses(rows.map(({ request_id }) => request_id));
    return rows.flatMap(({ purpose, sealed_reason, at, ended_at, request_id }) => {
      const status = statuses.get(request_id);
      const reason = sealed_reason && unseal(sealed_reason, objectionReason);
      return status ? [{ purpose, reason, at, status, requestId: request_id, endedAt: ended_at }] : [];
    });
  }
}

@InputType()
export class ObjectToProcessingInput extends ActsForInput {
  @Field(() => Purpose)
  purpose!: Purpose;

  @Field(() => String, {
    nullable: true,
    description: "Grounds of the person's situation; not asked for against direct marketing (Art. 21(2)).",
  })
  reason?: string | null;
}

@Resolver()
export class ObjectionMutation {
  @Mutation(() => RequestResult, {
    description:
      "Objects to a purpose (GDPR Art. 21). Against direct marketing it takes effect at once; any other waits for staff to decide, and nobody of the staff reads for the purpose meanwhile.",
  })
  @ChangedBy("SUBJECT", "DPO")
  @Changes("Objection")
  @EntersAsNamed
  objectToProcessing(
    @Arg("input", () => ObjectToProcessingInput) input: ObjectToProcessingInput,
    @Ctx() context: RequestContext,
    @Info() info: GraphQLResolveInfo,
  ): Promise<RequestPayload | Refusal> {
    return answerWithRequest(input, context, info, (actor) => objectTo(input, actor, context));
  }
}
