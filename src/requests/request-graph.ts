import { Ctx, Field, FieldResolver, ID, Int, ObjectType, Resolver, Root } from "type-graphql";
import { Container, Personal } from "../access/annotate.ts";
import { Purpose, Role } from "../access/vocabulary.ts";
import { DataSubject, type Subject } from "../sources/data-subject.ts";
import { failureTexts } from "../sources/failures.ts";
import { DateOnly, DateTime } from "../sources/scalars.ts";
import { Refusal } from "../subjects/refusal-graph.ts";
import type { RequestContext } from "./context.ts";
import { details, isDetailCode } from "./details.ts";
import { rightsRequest } from "./labels.ts";
import { noteColumn, type RequestRow, type StepRow } from "./rows.ts";
import {
  OutcomeResult,
  RequestChannel,
  RequestKind,
  RequestStatus,
  StepAction,
  StepState,
} from "./vocabulary.ts";

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

@ObjectType({ simpleResolvers: true })
@Personal(rightsRequest)
export class TimelineEntry {
  @Field(() => DateTime)
  at!: Date;

  @Field(() => Role, { nullable: true, description: "Absent: the gateway itself." })
  by!: Role | null;

  @Field(() => String)
  event!: string;

  @Field(() => String, { nullable: true })
  detail!: string | null;

  @Field(() => String, { nullable: true, description: "What whoever did it wrote." })
  @Personal({ ...rightsRequest, freeText: true })
  note!: string | null;
}

/** A request as the graph walks it, with whose it is. */
export interface RequestNode {
  readonly id: string;
  readonly kind: RequestKind;
  readonly status: RequestStatus;
  readonly channel: RequestChannel;
  readonly receivedAt: Date;
  readonly dueAt: Date;
  readonly completedAt: Date | null;
  readonly purpose: Purpose | null;
  readonly startsAt: Date | null;
  readonly receipt: string | null;
  readonly row: RequestRow;
  readonly subject: Subject;
}

export const requestNode = (row: RequestRow, subject: Subject): RequestNode => ({
  id: row.id,
  kind: row.kind,
  status: row.status,
  channel: row.channel,
  receivedAt: row.received_at,
  dueAt: row.due_at,
  completedAt: row.completed_at,
  purpose: row.purpose,
  startsAt: row.starts_at,
  receipt: row.receipt,
  row,
  subject,
});

@ObjectType({ description: "A right that somebody exercises (GDPR Art. 12-22), and how far it has come." })
@Personal(rightsRequest)
export class DataSubjectRequest implements RequestNode {
  @Field(() => ID, { simple: true })
  id!: string;

  @Field(() => RequestKind, { simple: true })
  kind!: RequestKind;

  @Field(() => RequestStatus, { simple: true })
  status!: RequestStatus;

  @Field(() => DataSubject, { nullable: true, simple: true })
  @Container
  subject!: Subject;

  @Field(() => RequestChannel, { simple: true })
  channel!: RequestChannel;

  @Field(() => DateTime, { simple: true })
  receivedAt!: Date;

  @Field(() => DateTime, {
    simple: true,
    description: "30 days, or one month if that is earlier (GDPR Art. 12(3)).",
  })
  dueAt!: Date;

  @Field(() => DateTime, { nullable: true, simple: true })
  completedAt!: Date | null;

  @Field(() => Purpose, {
    nullable: true,
    simple: true,
    description: "That an objection, a consent or a withdrawal is about.",
  })
  purpose!: Purpose | null;

  @Field(() => DateTime, {
    nullable: true,
    simple: true,
    description: "Nothing is done before then: until then it can be taken back.",
  })
  startsAt!: Date | null;

  @Field(() => String, {
    nullable: true,
    simple: true,
    description:
      "What was done, signed (compact JWS, ES256); the key is at `/.well-known/jwks.json`. Absent: it is not done yet, or there is none.",
  })
  receipt!: string | null;

  row!: RequestRow;
}

@Resolver(() => DataSubjectRequest)
export class RequestGraph {
  @FieldResolver(() => [RequestStep])
  @Personal(rightsRequest)
  async steps(
    @Root() { id }: RequestNode,
    @Ctx() { requests, language }: RequestContext,
  ): Promise<RequestStep[]> {
    return (await requests.steps(id)).map((step) => stepNode(step, language));
  }

  @FieldResolver(() => [TimelineEntry])
  @Personal(rightsRequest)
  async timeline(
    @Root() { row }: RequestNode,
    @Ctx() { requests }: RequestContext,
  ): Promise<readonly TimelineEntry[]> {
    const key = await requests.key(row);
    const events = await requests.events(row.id);
    return events.map(({ at, by_role, event, detail, sealed_note }) => {
      const note = key && sealed_note && key.unseal(sealed_note, noteColumn);
      return { at, by: by_role, event, detail, note };
    });
  }

  @FieldResolver(() => Refusal, { nullable: true, description: "Where the request was refused: why." })
  @Personal(rightsRequest)
  refusal(@Root() { row }: RequestNode, @Ctx() { requests }: RequestContext): Promise<Refusal | null> {
    return requests.refusal(row);
  }
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
