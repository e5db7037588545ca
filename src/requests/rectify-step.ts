import { z } from "zod";
import type { ProfileField } from "../sources/module.ts";
import type { ConnectedSource } from "../subjects/ask.ts";
import { sameFact, versionOf } from "../subjects/unify.ts";
import { endOf, recordFor, type SourceWork } from "./source-work.ts";
import type { StepEnd, StepHandler, Task } from "./step.ts";

/** What a correction of one fact in one source keeps for its step. */
export const rectification = z.object({
  fact: z.enum(["name", "email", "phone", "jobTitle", "organisation", "postalAddress"]),
  value: z.string(),
  /** As in `HeldValue.version`, of what is to be replaced; absent: whatever is there. */
  expected: z.string().optional(),
});
export type Rectification = z.output<typeof rectification>;

export interface RectifyParts extends SourceWork {
  readonly connected: readonly ConnectedSource[];
}

/** Writes one fact into the person's record of one source, and reads it back. */
export function rectifyStep(parts: RectifyParts): StepHandler {
  return async (task): Promise<StepEnd> => {
    const { fact, value, expected } = rectification.parse(task.work);
    const field = parts.connected.find(({ key }) => key === task.step.source)?.profile[fact];
    if (field === undefined) return { state: "FAILED", result: "FAILED", detail: "NOT_ACCEPTED" };
    const found = await recordFor(parts, task);
    if ("end" in found) return found.end;
    const { source, record } = found;
    const from = textOf(record.fields[field]);
    if (from !== null && sameFact(fact, from, value)) return { state: "DONE", result: "DONE", count: 1 };
    if (expected !== undefined && versionOf(source.key, fact, from) !== expected)
      return { state: "FAILED", result: "FAILED", detail: "CHANGED_MEANWHILE" };
    const options = { signal: task.signal, idempotencyKey: task.step.id };
    const outcome = await source.rectify(record.key, { field, from, to: value }, options);
    if (outcome.state !== "done") return endOf(outcome);
    return (await saysNow(parts, task, { fact, field, value }))
      ? endOf(outcome)
      : { state: "FAILED", result: "FAILED", detail: "NOT_READ_BACK" };
  };
}

interface Written {
  readonly fact: ProfileField;
  readonly field: string;
  readonly value: string;
}

async function saysNow(parts: RectifyParts, task: Task, { fact, field, value }: Written): Promise<boolean> {
  const found = await recordFor(parts, task);
  if ("end" in found) return false;
  const now = textOf(found.record.fields[field]);
  return now !== null && sameFact(fact, now, value);
}

const textOf = (value: unknown): string | null =>
  value === null || value === undefined ? null : String(value);
