import { isCodeStep } from "./identity-code-step.ts";
import { receipt } from "./letters.ts";
import type { RequestRow, StepRow } from "./rows.ts";
import { isFinal, type RequestWaitsFor } from "./vocabulary.ts";

/** Whose turn it is at a moment; null: it is over. What has failed waits for staff, whatever else is under way. */
export function waitsFor(
  { status }: Pick<RequestRow, "status">,
  steps: readonly StepRow[],
  now: Date,
): RequestWaitsFor | null {
  if (isFinal({ status })) return null;
  if (steps.some(({ state }) => state === "FAILED")) return "STAFF";
  if (status === "AWAITING_IDENTITY") return steps.some(isToldOf) ? "PERSON" : "STAFF";
  if (status === "AWAITING_DECISION") return "STAFF";
  if (status === "SCHEDULED") return "TIME";
  const queued = steps.filter((step) => step.state === "RUNNING" || isQueued(step));
  return queued.length > 0 && queued.every((step) => isEarly(step, now)) ? "TIME" : "SYSTEM";
}

/** Nobody can show who they are for a request that nobody has told them of. */
const isToldOf = (step: StepRow) =>
  step.action === "NOTIFY" &&
  step.state !== "SKIPPED" &&
  (isCodeStep(step) || step.record_type === receipt.recordType);

const isQueued = ({ state, next_attempt_at }: StepRow) => state === "PENDING" && next_attempt_at !== null;

/** Nothing is wrong with it: its time has not come. */
const isEarly = ({ state, last_error, next_attempt_at }: StepRow, now: Date) =>
  state === "PENDING" && last_error === null && next_attempt_at !== null && next_attempt_at > now;
