import { SourceFailure, type SourceRecord } from "../sources/contract.ts";
import type { Person, Subject } from "../sources/data-subject.ts";
import type { Match, RecordFinder } from "../sources/match.ts";
import type { WritableSource, WriteOutcome } from "../sources/writes.ts";
import type { People } from "../subjects/people.ts";
import type { StepEnd, Task } from "./step.ts";

/** What steps in sources work with. */
export interface SourceWork {
  readonly sources: ReadonlyMap<string, WritableSource>;
  /** Knows nothing yet of what the sources hold. */
  readonly newFinder: () => RecordFinder;
  readonly people: Pick<People, "byId">;
}

/** Where this replica does not have the system, another may: while a configuration is rolled out. */
export const elsewhereAttempts = 8;

/** The record that a step is about, or how the step ends without one. Rejects with `SourceUnavailable`, `SourceFailure`. */
export async function recordFor(
  work: SourceWork,
  { step, subject }: Pick<Task, "step" | "subject">,
): Promise<{ readonly source: WritableSource; readonly record: SourceRecord } | { readonly end: StepEnd }> {
  const source = work.sources.get(step.source);
  if (!source) {
    if (step.attempts < elsewhereAttempts) throw new SourceFailure("UNREACHABLE");
    return { end: { state: "FAILED", result: "FAILED", detail: "NOT_CONNECTED" } };
  }
  const match = await matchIn(step.source, work, subject);
  if (match.state === "HELD") return { source, record: match.record };
  if (match.state === "NOT_HELD") return { end: { state: "DONE", result: "ABSENT", detail: "NOT_HELD" } };
  return { end: { state: "FAILED", result: "FAILED", detail: "NEEDS_REVIEW" } };
}

/** A correction that ran meanwhile may have changed what the record is found by: it is looked for by that as well. */
async function matchIn(source: string, { newFinder, people }: SourceWork, subject: Subject): Promise<Match> {
  const match = await newFinder().find(source, subject);
  const person = match.state === "NOT_HELD" ? await people.byId(subject.id) : null;
  if (person === null || corrections(person, source) === corrections(subject, source)) return match;
  return newFinder().find(source, { ...person, viewer: subject.viewer });
}

const corrections = ({ corrected }: Person, source: string) =>
  (corrected.get(source) ?? []).map(({ identifier }) => identifier.value).join(" ");

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
