import { Field, ObjectType, registerEnumType } from "type-graphql";
import { Container, Public } from "../access/annotate.ts";
import { HeldValue } from "./profile-graph.ts";
import type { HeldFact } from "./unify.ts";

export const RefusalCode = {
  STEP_UP_REQUIRED: "STEP_UP_REQUIRED",
  PLAN_CHANGED: "PLAN_CHANGED",
  ALREADY_OPEN: "ALREADY_OPEN",
  IDENTITY_NOT_VERIFIED: "IDENTITY_NOT_VERIFIED",
  IDENTITY_AMBIGUOUS: "IDENTITY_AMBIGUOUS",
  NOT_CANCELLABLE: "NOT_CANCELLABLE",
  NOT_RECTIFIABLE: "NOT_RECTIFIABLE",
  VALUE_CONFLICT: "VALUE_CONFLICT",
  INVALID_VALUE: "INVALID_VALUE",
  NO_LEGAL_GROUND: "NO_LEGAL_GROUND",
  WRONG_STATE: "WRONG_STATE",
} as const;
export type RefusalCode = keyof typeof RefusalCode;
registerEnumType(RefusalCode, { name: "RefusalCode" });

@ObjectType({
  simpleResolvers: true,
  description: "An expected 'no', as data: nothing was changed. Faults are errors with `extensions.code`.",
})
@Public
export class Refusal {
  @Field(() => RefusalCode)
  code!: RefusalCode;

  @Field(() => String, { description: "In the caller's language; no value of a person is in it." })
  message!: string;

  @Field(() => String, { nullable: true, description: "The law that the refusal stands on." })
  legalGround?: string | null;

  @Field(() => String, {
    nullable: true,
    description: "Which field of the input is concerned, where one is.",
  })
  field?: string | null;

  @Field(() => String, { nullable: true, description: "The rule that stands against it: a stable name." })
  rule?: string | null;

  /** Of a request that stands against it. */
  requestId?: string | null;

  @Field(() => [HeldValue], {
    nullable: true,
    description: "Of a `VALUE_CONFLICT`: what is there now.",
  })
  @Container
  current?: HeldFact[] | null;
}
