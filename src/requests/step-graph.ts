import { Field, ID, Int, ObjectType } from "type-graphql";
import { Personal } from "../access/annotate.ts";
import { failureTexts } from "../sources/failures.ts";
import { DateOnly, DateTime } from "../sources/scalars.ts";
import type { RequestContext } from "./context.ts";
import { details, isDetailCode } from "./details.ts";
import { rightsRequest } from "./labels.ts";
import type { StepRow } from "./rows.ts";
import { OutcomeResult, StepAction, StepState } from "./vocabulary.ts";

@ObjectType({ simpleResolvers: true, description: "What became of one step." })
@Personal(rightsRequest)
export class StepOutcome {
  @Field(() => String)
  source!: string;

  @Field(() => String, { nullable: true })
  recordType!: string | null;

  @Field(() => OutcomeResult)
  result!: OutcomeResult;

  @Field(() => Int, { nullable: true })
  count!: number | null;

  @Field(() => DateOnly, { nullable: true })
  retainedUntil!: string | null;

  @Field(() => String, { nullable: true })
  legalGround!: string | null;

  @Field(() => String, { nullable: true, description: "In the caller's language." })
  detail!: string | null;
}

@ObjectType({ simpleResolvers: true, description: "One thing to do in one system, or for one recipient." })
@Personal(rightsRequest)
export class RequestStep {
  @Field(() => ID)
  id!: string;

  @Field(() => String, { description: "Key of a source, name of a recipient, or `gateway`." })
  source!: string;

  @Field(() => StepAction)
  action!: StepAction;

  @Field(() => String, { nullable: true })
  recordType!: string | null;

  @Field(() => String, { nullable: true, description: "What is corrected, as in `RectifiableField`." })
  field!: string | null;

  @Field(() => StepState)
  state!: StepState;

  @Field(() => Int)
  attempts!: number;

  @Field(() => DateTime, { nullable: true })
  nextAttemptAt!: Date | null;

  @Field(() => DateTime, { nullable: true })
  finishedAt!: Date | null;

  @Field(() => String, { nullable: true, description: "In the caller's language; no value of a person." })
  lastError!: string | null;

  @Field(() => StepOutcome, { nullable: true })
  outcome!: StepOutcome | null;
}

type Language = RequestContext["language"];

export function stepNode(step: StepRow, language: Language): RequestStep {
  return {
    id: step.id,
    source: step.source,
    action: step.action,
    recordType: step.record_type,
    field: step.field,
    state: step.state,
    attempts: step.attempts,
    nextAttemptAt: step.next_attempt_at,
    finishedAt: step.finished_at,
    lastError: isReason(step.last_error) ? failureTexts[step.last_error][language] : null,
    outcome: outcomeNode(step, language),
  };
}

/** A step that has not ended is `PENDING`. */
export function outcomeNode(step: StepRow, language: Language): StepOutcome {
  return {
    source: step.source,
    recordType: step.record_type,
    result: step.result ?? "PENDING",
    count: step.count,
    retainedUntil: step.retained_until,
    legalGround: step.legal_ground,
    detail: detailOf(step, language),
  };
}

function detailOf({ detail, about }: StepRow, language: Language): string | null {
  if (!isDetailCode(detail)) return null;
  const text = details[detail][language];
  return about === null ? text : `${text}: ${about}`;
}

const isReason = (reason: string | null): reason is keyof typeof failureTexts =>
  reason !== null && Object.hasOwn(failureTexts, reason);
