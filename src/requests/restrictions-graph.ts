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
import { endOfDay } from "../access/holds.ts";
import { legalGrounds } from "../access/legal-grounds.ts";
import { ChangedBy, Changes, EntersAsNamed, Personal } from "../access/annotate.ts";
import { DataSubject, type Subject } from "../sources/data-subject.ts";
import { DateTime } from "../sources/scalars.ts";
import { dbOf } from "../store/tables.ts";
import { reasonColumn } from "../subjects/absorb.ts";
import { readSealed } from "../subjects/person-key.ts";
import type { Refusal } from "../subjects/refusal-graph.ts";
import { heldIn, restrictionsOf } from "../subjects/restrictions.ts";
import { ActsForInput } from "./acts-for-input.ts";
import type { RequestContext } from "./context.ts";
import { rightsRequest } from "./labels.ts";
import { lift } from "./lift.ts";
import { answerWithRequest, type RequestPayload, RequestResult } from "./request-result.ts";
import { retainedFor } from "./retained.ts";
import { restrict } from "./restrict.ts";

@ObjectType({ simpleResolvers: true, description: "That processing is restricted (GDPR Art. 18)." })
@Personal(rightsRequest)
export class Restriction {
  @Field(() => [String], { description: "Systems that it holds for." })
  sources!: readonly string[];

  @Field(() => String)
  @Personal({ ...rightsRequest, freeText: true })
  reason!: string;

  @Field(() => DateTime)
  since!: Date;

  @Field(() => DateTime, {
    nullable: true,
    description: "When it ended or will end. Absent: until it is lifted.",
  })
  until!: Date | null;

  @Field(() => String, { nullable: true })
  legalGround!: string | null;

  @Field(() => ID, { nullable: true })
  requestId!: string | null;
}

@Resolver(() => DataSubject)
export class RestrictionsBranch {
  @FieldResolver(() => [Restriction], {
    description:
      "What the law has kept of an erasure, and then newest first, those that have ended among them.",
  })
  @Personal(rightsRequest)
  async restrictions(
    @Root() { id }: Subject,
    @Ctx() { requests, connected, language }: RequestContext,
  ): Promise<readonly Restriction[]> {
    const { register } = requests;
    const db = dbOf(register.store);
    const [{ rows, unseal }, kept] = await Promise.all([
      readSealed(db, register, id, () => restrictionsOf(db, id)),
      retainedFor(db, id),
    ]);
    const byLaw = kept.map(({ source, since, until, ground, request_id }) => ({
      sources: [source],
      reason: legalGrounds[ground].reason[language],
      since,
      until: endOfDay(until),
      legalGround: legalGrounds[ground].citation,
      requestId: request_id,
    }));
    const all = connected.map((source) => source.key);
    const asked = rows.map((row) => ({
      sources: heldIn(row, all),
      reason: unseal(row.sealed_reason, reasonColumn),
      since: row.since,
      until: row.until,
      legalGround: row.legal_ground,
      requestId: row.request_id,
    }));
    return [...byLaw, ...asked];
  }
}

@InputType()
export class RestrictProcessingInput extends ActsForInput {
  @Field(() => [String], { nullable: true, description: "Absent: every system." })
  sources?: string[] | null;

  @Field(() => String, { description: "Which of the grounds of Art. 18(1), in the person's own words." })
  reason!: string;
}

@InputType()
export class LiftRestrictionInput extends ActsForInput {
  @Field(() => [String], { nullable: true, description: "Absent: every system." })
  sources?: string[] | null;

  @Field(() => String, { nullable: true, description: "Why; the person reads it in the timeline." })
  because?: string | null;
}

@Resolver()
export class RestrictionMutations {
  @Mutation(() => RequestResult, {
    description:
      "Restricts processing (GDPR Art. 18): from the next look on only the person, the DPO and, for bookkeeping, accounting see what is held. Systems that can mark a record do.",
  })
  @ChangedBy("SUBJECT", "DPO")
  @Changes("Restriction")
  @EntersAsNamed
  restrictProcessing(
    @Arg("input", () => RestrictProcessingInput) input: RestrictProcessingInput,
    @Ctx() context: RequestContext,
    @Info() info: GraphQLResolveInfo,
  ): Promise<RequestPayload | Refusal> {
    return answerWithRequest(input, context, info, (actor) => restrict(input, actor, context));
  }

  @Mutation(() => RequestResult, {
    description:
      "Lifts restrictions: a person's own at once; where staff lift them, the person is told before (GDPR Art. 18(3)).",
  })
  @ChangedBy("SUBJECT", "DPO")
  @Changes("Restriction")
  @EntersAsNamed
  liftRestriction(
    @Arg("input", () => LiftRestrictionInput) input: LiftRestrictionInput,
    @Ctx() context: RequestContext,
    @Info() info: GraphQLResolveInfo,
  ): Promise<RequestPayload | Refusal> {
    return answerWithRequest(input, context, info, (actor) => lift(input, actor, context), { ended: true });
  }
}
