import { sql } from "kysely";
import type { Db } from "../store/tables.ts";
import { lockRequest, type RequestRow, type StepRow, stepsOf } from "./rows.ts";
import type { Jobs } from "./jobs.ts";
import type { RequestStatus } from "./vocabulary.ts";

export interface AdvanceParts {
  readonly jobs: Pick<Jobs, "queueStep">;
  /** Attempts after which a step that still waits is shown to staff; it is tried on. */
  readonly attempts: number;
}

/** Postgres channel on which every change of a request is told, by its id. */
export const changes = "innsyn_request";

/** Queues the steps whose turn has come, and says what the request has come to. Within the open transaction. */
export async function advance(db: Db, parts: AdvanceParts, requestId: string): Promise<RequestRow> {
  const steps = await stepsOf(db, [requestId]);
  const turn = Math.min(...steps.filter(isInTheWay).map(({ position }) => position));
  for (const step of steps) {
    if (step.position !== turn || step.state !== "PENDING" || step.next_attempt_at !== null) continue;
    await db
      .updateTable("request_step")
      .set({ next_attempt_at: sql<Date>`clock_timestamp()` })
      .where("id", "=", step.id)
      .execute();
    await parts.jobs.queueStep(db, step.id);
  }
  await become(db, requestId, statusOf(steps, parts.attempts));
  const request = await lockRequest(db, requestId);
  if (!request) throw new Error("a request that was just advanced is gone");
  return request;
}

/** Sets a status, and tells of it. Within the open transaction. */
export async function become(db: Db, requestId: string, status: RequestStatus): Promise<void> {
  const isOver = status === "COMPLETED" || status === "COMPLETED_WITH_RETENTION" || status === "REFUSED";
  await db
    .updateTable("request")
    .set({ status, completed_at: isOver ? sql<Date>`coalesce(completed_at, clock_timestamp())` : null })
    .where("id", "=", requestId)
    .execute();
  await sql`select pg_notify(${changes}, ${requestId})`.execute(db);
}

const isOpen = ({ state }: StepRow) => state === "PENDING" || state === "RUNNING";

/** What failed holds back the positions after it: they may depend on it. */
const isInTheWay = (step: StepRow) => isOpen(step) || step.state === "FAILED";

function statusOf(steps: readonly StepRow[], attempts: number): RequestStatus {
  const needsStaff = steps.some(
    (step) => step.state === "FAILED" || (isOpen(step) && step.attempts >= attempts),
  );
  if (needsStaff) return "NEEDS_ATTENTION";
  if (steps.some(isOpen)) return "RUNNING";
  return steps.some(({ state }) => state === "RETAINED") ? "COMPLETED_WITH_RETENTION" : "COMPLETED";
}
