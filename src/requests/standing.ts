import type { Db } from "../store/tables.ts";
import { type AdvanceParts, advanceLocked, queueTurn, tell } from "./advance.ts";
import { isLetter } from "./letters.ts";
import { type RequestRow, stepsOf } from "./rows.ts";
import type { RequestStatus } from "./vocabulary.ts";

/** What somebody has decided, or is to decide, and no step's end changes. */
const stands: readonly RequestStatus[] = ["AWAITING_IDENTITY", "AWAITING_DECISION", "CANCELLED"];

/** The status that a request keeps whatever becomes of its steps; none where they make it. */
export const standing = ({ status }: RequestRow): { readonly status?: RequestStatus } =>
  stands.includes(status) ? { status } : {};

/** As `advanceLocked`, when a step has ended. */
export async function advanceAfterStep(
  db: Db,
  parts: AdvanceParts,
  request: RequestRow,
): Promise<RequestRow> {
  if (!standing(request).status) return advanceLocked(db, parts, request);
  await tell(db, request.id);
  return request;
}

/** Queues what the person is told while the request waits for somebody. Within the open transaction. */
export async function queueLetters(db: Db, parts: AdvanceParts, requestId: string): Promise<void> {
  for (const step of await stepsOf(db, [requestId]))
    if (step.state === "PENDING" && step.next_attempt_at === null && isLetter(step))
      await queueTurn(db, parts, step.id);
}
