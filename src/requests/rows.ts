import type { Purpose, Role } from "../access/vocabulary.ts";
import type { Language } from "../language/language.ts";
import { type Db, sealedColumn } from "../store/tables.ts";
import type {
  OutcomeResult,
  RequestChannel,
  RequestKind,
  RequestStatus,
  StepAction,
  StepState,
} from "./vocabulary.ts";

/** What somebody asked for, as it is kept. */
export interface RequestRow {
  readonly id: string;
  readonly subject_id: string;
  readonly kind: RequestKind;
  readonly status: RequestStatus;
  readonly channel: RequestChannel;
  readonly received_at: Date;
  readonly due_at: Date;
  readonly completed_at: Date | null;
  readonly purpose: Purpose | null;
  readonly sealed_reason: Uint8Array | null;
  readonly digest: string | null;
  readonly language: Language;
  readonly refusal_code: string | null;
  readonly sealed_refusal: Uint8Array | null;
  readonly refusal_ground: string | null;
  readonly starts_at: Date | null;
  readonly receipt: string | null;
}

export interface StepRow {
  readonly id: string;
  readonly request_id: string;
  readonly position: number;
  /** Counts up, over all requests. */
  readonly place: number;
  readonly lane: string | null;
  readonly source: string;
  readonly action: StepAction;
  readonly record_type: string | null;
  readonly field: string | null;
  readonly sealed_work: Uint8Array | null;
  readonly state: StepState;
  readonly turn: number;
  readonly attempts: number;
  readonly next_attempt_at: Date | null;
  readonly last_error: string | null;
  readonly result: OutcomeResult | null;
  readonly count: number | null;
  readonly retained_until: string | null;
  readonly legal_ground: string | null;
  readonly detail: string | null;
  readonly about: string | null;
  readonly finished_at: Date | null;
}

export interface EventRow {
  readonly id: string;
  readonly request_id: string;
  readonly at: Date;
  readonly by_role: Role | null;
  readonly event: string;
  readonly detail: string | null;
  readonly sealed_note: Uint8Array | null;
}

export const reasonColumn = sealedColumn("request", "sealed_reason");
export const workColumn = sealedColumn("request_step", "sealed_work");
export const noteColumn = sealedColumn("request_event", "sealed_note");

export const requests = (db: Db) => db.selectFrom("request").selectAll().$castTo<RequestRow>();

export async function requestById(db: Db, id: string): Promise<RequestRow | null> {
  return (await requests(db).where("id", "=", id).executeTakeFirst()) ?? null;
}

/** Whoever else would change the request waits until the transaction ends. */
export async function lockRequest(db: Db, id: string): Promise<RequestRow | null> {
  return (await requests(db).where("id", "=", id).forUpdate().executeTakeFirst()) ?? null;
}

export interface RequestPosition {
  readonly receivedAt: Date;
  readonly id: string;
}

/** A person's requests, newest first, after a position in that order. */
export function requestsOf(
  db: Db,
  subjectId: string,
  after: RequestPosition | null,
  most: number,
): Promise<readonly RequestRow[]> {
  return requests(db)
    .where("subject_id", "=", subjectId)
    .$if(after !== null, (query) =>
      query.where((where) =>
        where(
          where.refTuple("received_at", "id"),
          "<",
          where.tuple(after?.receivedAt ?? new Date(0), after?.id ?? ""),
        ),
      ),
    )
    .orderBy("received_at", "desc")
    .orderBy("id", "desc")
    .limit(most)
    .execute();
}

export async function countRequestsOf(db: Db, subjectId: string): Promise<number> {
  const { n } = await db
    .selectFrom("request")
    .select((each) => each.fn.countAll<string>().as("n"))
    .where("subject_id", "=", subjectId)
    .executeTakeFirstOrThrow();
  return Number(n);
}

/** In the order in which they were asked for. */
export function stepsOf(db: Db, requestIds: readonly string[]): Promise<readonly StepRow[]> {
  return db
    .selectFrom("request_step")
    .selectAll()
    .where("request_id", "in", [...requestIds])
    .orderBy("position")
    .orderBy("place")
    .$castTo<StepRow>()
    .execute();
}

export function eventsOf(db: Db, requestIds: readonly string[]): Promise<readonly EventRow[]> {
  return db
    .selectFrom("request_event")
    .selectAll()
    .where("request_id", "in", [...requestIds])
    .orderBy("id")
    .$castTo<EventRow>()
    .execute();
}
