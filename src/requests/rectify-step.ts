import { z } from "zod";
import type { SourceRecord } from "../sources/contract.ts";
import type { ProfileField } from "../sources/module.ts";
import type { WritableSource } from "../sources/writes.ts";
import { databaseNow } from "../store/clock.ts";
import { dbOf } from "../store/tables.ts";
import type { ConnectedSource } from "../subjects/ask.ts";
import { sameFact, versionOf } from "../subjects/unify.ts";
import { type IdentityParts, isOfAnother, keepFindable } from "./changed-identity.ts";
import { erasedThere } from "./erased-there.ts";
import { orderOf } from "./in-order.ts";
import { rectifiables, RectifiableField } from "./rectifiable.ts";
import { endOf, recordFor, type SourceWork } from "./source-work.ts";
import type { StepEnd, StepFinished, StepHandler, Task } from "./step.ts";

/** What a correction of one field in one source keeps for its step. */
export const rectification = z.object({
  field: z.enum(RectifiableField),
  value: z.string(),
  /** As in `HeldValue.version`, of what is to be replaced; absent: whatever is there. */
  expected: z.string().optional(),
  /** Values that earlier corrections of the person may write before this one: they are to be replaced as well. */
  earlier: z.array(z.string()).default([]),
  /** The person named the source: it is to hold the value even where it held none. */
  named: z.boolean(),
});
export type Rectification = z.input<typeof rectification>;

export interface RectifyParts extends SourceWork, IdentityParts {
  readonly connected: readonly ConnectedSource[];
}

/** Milliseconds after which it is asked anew whether an earlier correction has been written. */
const shortly = 1_000;

const failed = (detail: StepFinished["detail"]): StepEnd => ({
  state: "FAILED",
  result: "FAILED",
  ...(detail && { detail }),
});

/** Writes one field into the person's record of one source, and reads it back. */
export function rectifyStep(parts: RectifyParts): StepHandler {
  return async (task): Promise<StepEnd> => {
    if (task.work === null) return failed("CANNOT_CORRECT");
    const work = rectification.parse(task.work);
    const { fact, identifies } = rectifiables[work.field];
    const db = dbOf(parts.register.store);
    const erased = await erasedThere(db, task.subject.id, task.step.source);
    if (erased) return erased;
    const order = await orderOf(db, task);
    if (order === "NEVER") return { state: "SKIPPED", result: "ABSENT", detail: "SUPERSEDED" };
    if (order === "LATER") {
      const retryAt = new Date((await databaseNow(db)).getTime() + shortly);
      return { state: "PENDING", reason: null, retryAt };
    }
    const column = parts.connected.find(({ key }) => key === task.step.source)?.profile[fact];
    if (column === undefined) return failed("CANNOT_CORRECT");
    const found = await recordFor(parts, task);
    if ("end" in found) return found.end;
    const { source, record } = found;
    const from = textOf(record, column);
    if (from === null && !work.named) return { state: "DONE", result: "ABSENT", detail: "NOT_HELD" };
    if (identifies !== undefined) {
      const identifier = { kind: identifies, value: work.value };
      if (await isOfAnother(parts, task, source, record, identifier)) return failed("OF_ANOTHER");
      await keepFindable(parts, task.subject.id, source.key, record, [identifier]);
    }
    if (from !== null && sameFact(fact, from, work.value)) return { state: "DONE", result: "DONE", count: 1 };
    if (isConflict(source, fact, from, work)) return failed("CHANGED_MEANWHILE");
    const options = { signal: task.signal, idempotencyKey: task.step.id };
    const outcome = await source.rectify(record.key, { field: column, from, to: work.value }, options);
    if (outcome.state !== "done") return endOf(outcome);
    return (await saysNow(parts, task, column, fact, work.value)) ? endOf(outcome) : failed("NOT_READ_BACK");
  };
}

function isConflict(
  source: WritableSource,
  fact: ProfileField,
  from: string | null,
  { expected, earlier = [] }: Rectification,
): boolean {
  if (expected === undefined || versionOf(source.key, fact, from) === expected) return false;
  return !earlier.some((value) => from !== null && sameFact(fact, from, value));
}

async function saysNow(
  parts: RectifyParts,
  task: Task,
  column: string,
  fact: ProfileField,
  value: string,
): Promise<boolean> {
  // What the record is found by may be what has just been written.
  const person = await parts.people.byId(task.subject.id);
  if (person === null) return false;
  const found = await recordFor(parts, { ...task, subject: { ...person, viewer: task.subject.viewer } });
  const now = "end" in found ? null : textOf(found.record, column);
  return now !== null && sameFact(fact, now, value);
}

/** What a field of a record says, as `HeldValue.value` shows it. */
export function textOf({ fields }: Pick<SourceRecord, "fields">, field: string): string | null {
  const value = fields[field] ?? null;
  return value === null ? null : String(value);
}
