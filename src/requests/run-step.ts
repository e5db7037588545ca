import { sql } from "kysely";
import { SourceFailure } from "../sources/contract.ts";
import { SourceUnavailable } from "../sources/loader.ts";
import { type Db, dbOf, inTransaction } from "../store/tables.ts";
import { lockPerson } from "../subjects/decision-rows.ts";
import type { People } from "../subjects/people.ts";
import { keyOfPerson } from "../subjects/person-key.ts";
import { advance, advanceLocked, queueTurn } from "./advance.ts";
import type { DeskParts } from "./desk.ts";
import { longestStep, type StepTurn } from "./jobs.ts";
import { nextAttempt, type Patience } from "./patience.ts";
import { lockRequest, noteColumn, requestById, type RequestRow, type StepRow, workColumn } from "./rows.ts";
import { type Noted, note } from "./timeline.ts";
import {
  gatewayItself,
  isLong,
  type StepEnd,
  type StepFinished,
  type StepHandlers,
  type StepPending,
  type Task,
} from "./step.ts";

export interface RunParts extends DeskParts {
  readonly people: Pick<People, "byId">;
  readonly handlers: StepHandlers;
  readonly patience: Patience;
  /** Milliseconds for one attempt. */
  readonly stepLimit: number;
  /** For the metrics and the log; no value of a person. */
  readonly onStep: (step: Pick<StepRow, "action" | "source">, end: StepEnd) => void;
  readonly failed: (error: unknown) => void;
}

/** One attempt at a step. Rejects where its end could not be written down: it is attempted again then. */
export async function runStep(parts: RunParts, turn: StepTurn): Promise<void> {
  const begun = await begin(parts, turn);
  if (begun === null) return;
  const end = await attempt(parts, begun);
  parts.onStep(begun.step, end);
  await finish(parts, begun, end);
}

interface Begun {
  readonly step: StepRow;
  readonly request: RequestRow;
}

/** Null: somebody has ended the step already, or queued it anew. */
async function begin({ register }: RunParts, { stepId, turn }: StepTurn): Promise<Begun | null> {
  const db = dbOf(register.store);
  const step = await db
    .updateTable("request_step")
    .set({ state: "RUNNING", attempts: sql<number>`attempts + 1` })
    .where("id", "=", stepId)
    .where("turn", "=", turn)
    .where("state", "in", ["PENDING", "RUNNING"])
    .returningAll()
    .$castTo<StepRow>()
    .executeTakeFirst();
  const request = step && (await requestById(db, step.request_id));
  return request ? { step, request } : null;
}

async function attempt(parts: RunParts, begun: Begun): Promise<StepEnd> {
  const handler = parts.handlers[begun.step.action];
  // A newer version has asked for it, and carries it out.
  if (!handler) return { state: "PENDING", reason: "FAILED" };
  try {
    const task = await taskOf(parts, begun);
    return await within(task.signal, handler(task));
  } catch (error) {
    if (error instanceof SourceFailure) return waiting(error);
    if (!(error instanceof SourceUnavailable)) {
      parts.failed(error);
      return { state: "PENDING", reason: "FAILED" };
    }
    return error.cause instanceof SourceFailure
      ? waiting(error.cause)
      : { state: "PENDING", reason: error.reason };
  }
}

const waiting = ({ reason, retryAt }: SourceFailure): StepEnd => ({ state: "PENDING", reason, retryAt });

async function taskOf({ register, people, stepLimit }: RunParts, { step, request }: Begun): Promise<Task> {
  const db = dbOf(register.store);
  const person = await people.byId(request.subject_id);
  if (!person) throw new Error("a step without its person");
  const key = step.sealed_work && (await keyOfPerson(db, register, person.id));
  const work: unknown = key && step.sealed_work && JSON.parse(key.unseal(step.sealed_work, workColumn));
  return {
    step,
    request,
    subject: { ...person, viewer: gatewayItself },
    work,
    signal: AbortSignal.timeout(isLong(step.action) ? longestStep * 1_000 : stepLimit),
  };
}

/** Whether or not the handler minds the signal. */
function within<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const over = new Promise<never>((_, reject) => {
    signal.addEventListener("abort", () => reject(new SourceFailure("TIMED_OUT")), { once: true });
  });
  return Promise.race([work, over]);
}

/** The effect stands already: what it has come to is written down, and what comes next is queued, together. */
function finish(parts: RunParts, { step, request: before }: Begun, cameTo: StepEnd): Promise<void> {
  const { register, inTurn } = parts;
  return inTurn(() =>
    inTransaction(register.store, async (db) => {
      // Before the request, as everywhere: something is to be sealed.
      if (toldIn(cameTo)) await lockPerson(db, before.subject_id);
      const now = await lockRequest(db, step.request_id);
      if (now === null) return;
      const end = now.subject_id === before.subject_id ? cameTo : anew();
      if (!(await write(db, parts, step, end))) return;
      if (end.state !== "PENDING") {
        const event = `${step.action}_${end.result}`;
        await note(db, step.request_id, { by: null, event, ...(await entryOf(db, parts, now, step, end)) });
      }
      const request = await advanceLocked(db, parts, now);
      if (end.state === "PENDING") return;
      for (const other of end.alsoChanged ?? []) await advance(db, parts, other);
      await parts.trail.record({
        event: "STEP_ENDED",
        actorRole: null,
        actorRef: null,
        actorName: null,
        subjectRef: request.subject_id,
        purpose: "DATA_SUBJECT_RIGHTS",
        requestId: request.id,
        coordinates: [],
        categories: [],
        sources: [step.source],
        detail: `${step.action} ${end.result}`,
      });
    }),
  );
}

const toldIn = (end: StepEnd) => (end.state === "PENDING" ? undefined : end.told);

/** Where the step was done, or of a message which, with what it said: as it was sent. */
async function entryOf(
  db: Db,
  { register }: RunParts,
  { subject_id }: RequestRow,
  { source }: StepRow,
  { told }: StepFinished,
): Promise<Pick<Noted, "detail" | "sealed">> {
  if (!told) return { detail: source };
  const key = await keyOfPerson(db, register, subject_id);
  return { detail: told.code, sealed: key.seal(`${told.subject}\n\n${told.text}`, noteColumn) };
}

/** The person is one with another by now, and what counts for them both was not all to be seen. */
const anew = (): StepPending => ({ state: "PENDING", reason: null, retryAt: new Date() });

/** False: the step was ended meanwhile, by another replica or because it is not wanted any more. */
async function write(db: Db, parts: RunParts, step: StepRow, end: StepEnd): Promise<boolean> {
  const at = end.state === "PENDING" ? dueAgain(parts.patience, step, end) : null;
  const { numUpdatedRows } = await db
    .updateTable("request_step")
    .set(
      end.state === "PENDING"
        ? {
            state: "PENDING",
            last_error: end.reason,
            attempts: step.attempts - (end.reason === null ? 1 : 0),
          }
        : {
            state: end.state,
            next_attempt_at: null,
            result: end.result,
            count: end.count ?? null,
            detail: end.detail ?? null,
            about: end.about ?? null,
            retained_until: end.retainedUntil ?? null,
            legal_ground: end.legalGround ?? null,
            last_error: null,
            finished_at: sql<Date>`clock_timestamp()`,
            ...(end.forgetsWork && { sealed_work: null }),
          },
    )
    .where("id", "=", step.id)
    .where("turn", "=", step.turn)
    .where("state", "=", "RUNNING")
    .executeTakeFirst();
  if (at !== null && numUpdatedRows > 0n) await queueTurn(db, parts, step.id, at);
  return numUpdatedRows > 0n;
}

/** What only waits for its time is tried when that has come, and has failed at nothing. */
const dueAgain = (patience: Patience, { attempts }: StepRow, { reason, retryAt }: StepPending): Date =>
  reason === null && retryAt ? retryAt : nextAttempt(patience, attempts, retryAt);
