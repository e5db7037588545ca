import { sql } from "kysely";
import { databaseNow } from "../store/clock.ts";
import type { Db } from "../store/tables.ts";
import { addDoneLetter } from "./done-letter.ts";
import { isLetter, isReceipt } from "./letters.ts";
import { isGivenUpFor } from "./export-steps.ts";
import { isLong } from "./step.ts";
import { lockRequest, type RequestRow, type StepRow, stepsOf } from "./rows.ts";
import type { Jobs } from "./jobs.ts";
import { note } from "./timeline.ts";
import { finalStatuses, type RequestStatus } from "./vocabulary.ts";

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
  const steps = await stepsOf(db, [request.id]);
  const isPut = request.starts_at !== null && request.starts_at > (await databaseNow(db));
  const inTheWay = steps.filter((step) => isInTheWay(step) && !isGivenUpFor(request, step, parts.attempts));
  for (const step of steps) {
    if (step.state !== "PENDING" || step.next_attempt_at !== null) continue;
    if (inTheWay.some((other) => waitsFor(step, other))) continue;
    // What the person is told of the request is not put off with it.
    const waits = isPut && !isLetter(step);
    await queueTurn(db, parts, step.id, waits ? (request.starts_at ?? undefined) : undefined);
  }
  const status = isPut ? "SCHEDULED" : statusOf(request, steps, parts.attempts);
  const letter = await addDoneLetter(db, request, steps, status);
  if (letter !== null) await queueTurn(db, parts, letter);
  return become(db, request, letter === null ? status : "RUNNING");
}

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

/** Sets a status, and tells of it; the timeline has it where it is the last. Within the open transaction. */
export async function become(
  db: Db,
  { id: requestId, completed_at }: Pick<RequestRow, "id" | "completed_at">,
  status: RequestStatus,
): Promise<RequestRow> {
  const isOver = (finalStatuses as readonly RequestStatus[]).includes(status);
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
  (step.lane === null || other.lane === null || share(step.lane, other.lane));

const share = (lanes: string, others: string) =>
  lanes.split(" ").some((lane) => others.split(" ").includes(lane));

/** What failed holds back the positions after it: they may depend on it. */
const isInTheWay = (step: StepRow) => !isReceipt(step) && (isOpen(step) || step.state === "FAILED");

function statusOf({ refusal_code }: RequestRow, steps: readonly StepRow[], attempts: number): RequestStatus {
  const needsStaff = steps.some(
    (step) => step.state === "FAILED" || (isOpen(step) && step.attempts >= attempts),
  );
  if (needsStaff) return "NEEDS_ATTENTION";
  if (steps.some(isOpen)) return "RUNNING";
  if (refusal_code !== null) return "REFUSED";
  return steps.some(({ state }) => state === "RETAINED") ? "COMPLETED_WITH_RETENTION" : "COMPLETED";
}
