import { sql } from "kysely";
import { databaseNow } from "../store/clock.ts";
import type { Db } from "../store/tables.ts";
import { addDoneLetter } from "./done-letter.ts";
import { isGivenUpFor } from "./export-steps.ts";
import { stepsNow } from "./export-unread.ts";
import { isLetter } from "./letters.ts";
import { type LifecycleEvent, moved } from "./lifecycle.ts";
import { lockRequest, type RequestRow, type StepRow } from "./rows.ts";
import type { Jobs } from "./jobs.ts";
import { note } from "./timeline.ts";
import { aside, isLong } from "./step.ts";
import { isFinal, type RequestStatus } from "./vocabulary.ts";

export interface AdvanceParts {
  readonly jobs: Pick<Jobs, "queueStep">;
  /** Attempts after which a step that still waits is shown to staff; it is tried on. */
  readonly attempts: number;
}

/** Postgres channel on which every change of a request is told, by its id. */
export const changes = "innsyn_request";

/** Queues the steps whose turn has come, and says what the request has come to. Within the open transaction. */
export async function advance(db: Db, parts: AdvanceParts, requestId: string): Promise<RequestRow> {
  const request = await lockRequest(db, requestId);
  if (!request) throw new Error("a request that is to be advanced is gone");
  return advanceLocked(db, parts, request);
}

/** As `advance`, of a request that the transaction has locked, and has not changed since. */
export async function advanceLocked(db: Db, parts: AdvanceParts, request: RequestRow): Promise<RequestRow> {
  // It was seen to its end meanwhile; of what was taken back a letter may still be on its way.
  if (isFinal(request) && request.status !== "CANCELLED") return request;
  const steps = await stepsNow(db, request);
  const isPut =
    steps.some(isOpen) && request.starts_at !== null && request.starts_at > (await databaseNow(db));
  const inTheWay = steps.filter((step) => isInTheWay(step) && !isGivenUpFor(request, step, parts.attempts));
  for (const step of steps) {
    if (step.state !== "PENDING" || step.next_attempt_at !== null) continue;
    if (inTheWay.some((other) => waitsFor(step, other))) continue;
    // What the person is told of the request waits for nobody's word, and is not put off with it.
    if (stands(request) && !isLetter(step)) continue;
    const waits = isPut && !isLetter(step);
    await queueTurn(db, parts, step.id, waits ? (request.starts_at ?? undefined) : undefined);
  }
  const event = isPut ? "PUT_OFF" : outcomeOf(request, steps, parts.attempts);
  const letter = await addDoneLetter(db, request, steps, moved(event, request));
  if (letter !== null) await queueTurn(db, parts, letter);
  return become(db, request, letter === null ? event : "GOES_ON");
}

/** What somebody has decided, or is to decide, and no step's end changes. */
const standing: readonly RequestStatus[] = ["AWAITING_IDENTITY", "AWAITING_DECISION", "CANCELLED"];

const stands = ({ status }: RequestRow) => standing.includes(status);

/** Queues the next turn of a step; jobs of its earlier ones do nothing any more. Within the open transaction. */
export async function queueTurn(
  db: Db,
  { jobs }: Pick<AdvanceParts, "jobs">,
  stepId: string,
  notBefore?: Date,
): Promise<void> {
  const { turn, action } = await db
    .updateTable("request_step")
    .set({ turn: sql<number>`turn + 1`, next_attempt_at: notBefore ?? sql<Date>`clock_timestamp()` })
    .where("id", "=", stepId)
    .returning(["turn", "action"])
    .$castTo<Pick<StepRow, "turn" | "action">>()
    .executeTakeFirstOrThrow();
  await jobs.queueStep(db, { stepId, turn }, { notBefore, isLong: isLong(action) });
}

/**
 * Sets the status that an event leads to, and tells of it; the timeline has it where it is the last. Within the open
 * transaction. @throws WrongState
 */
export async function become(
  db: Db,
  before: Pick<RequestRow, "id" | "kind" | "status" | "completed_at">,
  event: LifecycleEvent,
): Promise<RequestRow> {
  const { id: requestId, completed_at } = before;
  const status = moved(event, before);
  const isOver = isFinal({ status });
  const request = await db
    .updateTable("request")
    .set({ status, completed_at: isOver ? sql<Date>`coalesce(completed_at, clock_timestamp())` : null })
    .where("id", "=", requestId)
    .returningAll()
    .$castTo<RequestRow>()
    .executeTakeFirstOrThrow();
  if (isOver && completed_at === null) await note(db, requestId, { by: null, event: status });
  await tell(db, requestId);
  return request;
}

/** Tells of a change to the request, once the transaction commits. */
export async function tell(db: Db, requestId: string): Promise<void> {
  await sql`select pg_notify(${changes}, ${requestId})`.execute(db);
}

const isOpen = ({ state }: StepRow) => state === "PENDING" || state === "RUNNING";

const waitsFor = (step: StepRow, other: StepRow) =>
  other.position < step.position &&
  other.lane !== aside &&
  (step.lane === null || other.lane === null || share(step.lane, other.lane));

const share = (lanes: string, others: string) =>
  lanes.split(" ").some((lane) => others.split(" ").includes(lane));

/** What failed holds back the positions after it: they may depend on it. */
const isInTheWay = (step: StepRow) => isOpen(step) || step.state === "FAILED";

function outcomeOf(
  { refusal_code }: RequestRow,
  steps: readonly StepRow[],
  attempts: number,
): LifecycleEvent {
  const needsStaff = steps.some(
    (step) => step.state === "FAILED" || (isOpen(step) && step.attempts >= attempts),
  );
  if (needsStaff) return "GOT_STUCK";
  if (steps.some(isOpen)) return "GOES_ON";
  if (refusal_code !== null) return "REFUSAL_TOLD";
  return steps.some(({ state }) => state === "RETAINED") ? "ALL_DONE_SOME_KEPT" : "ALL_DONE";
}
