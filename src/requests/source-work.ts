import type { SourceRecord } from "../sources/contract.ts";
import type { RecordFinder } from "../sources/match.ts";
import type { WritableSource, WriteOutcome } from "../sources/writes.ts";
import type { StepEnd, Task } from "./step.ts";

/** What steps in sources work with. */
export interface SourceWork {
  readonly sources: ReadonlyMap<string, WritableSource>;
  /** Knows nothing yet of what the sources hold. */
  readonly newFinder: () => RecordFinder;
}

/** The record that a step is about, or how the step ends without one. Rejects with `SourceUnavailable`. */
export async function recordFor(
  { sources, newFinder }: SourceWork,
  { step, subject }: Pick<Task, "step" | "subject">,
): Promise<{ readonly source: WritableSource; readonly record: SourceRecord } | { readonly end: StepEnd }> {
  const source = sources.get(step.source);
  if (!source) return { end: { state: "DONE", result: "ABSENT", detail: "NOT_HELD" } };
  const match = await newFinder().find(step.source, subject);
  if (match.state === "HELD") return { source, record: match.record };
  if (match.state === "NOT_HELD") return { end: { state: "DONE", result: "ABSENT", detail: "NOT_HELD" } };
  return { end: { state: "FAILED", result: "FAILED", detail: "NEEDS_REVIEW" } };
}

/** What a write that was answered means for its step. */
export function endOf(outcome: WriteOutcome): StepEnd {
  switch (outcome.state) {
    case "done":
      return { state: "DONE", result: "DONE", count: 1 };
    case "absent":
      return { state: "DONE", result: "ABSENT", detail: "NOT_HELD" };
    case "conflict":
      return { state: "FAILED", result: "FAILED", detail: "CHANGED_MEANWHILE" };
    case "refused":
      return { state: "FAILED", result: "FAILED", detail: "NOT_ACCEPTED" };
    case "held":
      return {
        state: "RETAINED",
        result: "RETAINED",
        retainedUntil: outcome.until.toISOString().slice(0, 10),
        legalGround: outcome.legalGround,
      };
    case "retry":
      return { state: "PENDING", reason: "FAILED", retryAt: outcome.at };
  }
}
