import type { Identifier } from "../sources/contract.ts";
import type { ErasableSource, Remainder, Whose } from "../sources/erasures.ts";
import { ownRecord } from "../sources/writes.ts";
import { dbOf, inTransaction } from "../store/tables.ts";
import { lockPerson } from "../subjects/decision-rows.ts";
import { remember } from "../subjects/people.ts";
import { type ErasureSourceRow, noteEnded } from "./erasure-rows.ts";
import { isSomebody, withoutRecord } from "./erasure-read.ts";
import { type ErasureWork, type InSource, inSource, keptThere } from "./erasure-work.ts";
import { leadingTo } from "./kept-links.ts";
import type { StepEnd, StepHandler, Task } from "./step.ts";

/**
 * Reads a source back: nothing of the person answers any more, in any place that the mapping knows, but what the law keeps,
 * and that is as it was.
 */
export function verifyStep(work: ErasureWork): StepHandler {
  return async (task): Promise<StepEnd> => {
    const at = await inSource(work, task);
    if ("end" in at) return at.end;
    const { source, row, whose, module } = at;
    if (whose === null || row === null) return verifyAbsence(work, task, at);
    // What a person of the staff has erased by hand is theirs to vouch for.
    if (module.capabilities.erases.length === 0) {
      await noteEnded(dbOf(work.register.store), row.id);
      return { state: "DONE", result: "DONE", detail: "CONFIRMED_BY_STAFF" };
    }
    const { rows: kept, digest } = await keptThere(work, at, whose, task.signal);
    if (digest !== row.kept_digest) return { state: "FAILED", result: "FAILED", detail: "KEPT_CHANGED" };
    const left = await source.remains(whose, kept, { signal: task.signal });
    const found = await stillFound(source, whose, kept.has(ownRecord), task.signal);
    if (left.length > 0 || found > 0) return leftBehind(left, found);
    if (kept.has(ownRecord)) await linkKept(work, task, { ...at, whose, row });
    await noteEnded(dbOf(work.register.store), row.id);
    return whose.recordKey === null ? notHeld : { state: "DONE", result: "DONE" };
  };
}

/** The person is to find what is kept also while what has led to it elsewhere goes. */
async function linkKept(
  { register }: ErasureWork,
  { step, subject, signal }: Task,
  {
    source,
    whose,
    row,
  }: { readonly source: ErasableSource; readonly whose: Whose; readonly row: ErasureSourceRow },
): Promise<void> {
  const leading = await leadingTo(source, whose, signal);
  await inTransaction(register.store, async (db) => {
    const id = await lockPerson(db, subject.id);
    await remember(db, register, id, "LINKED", leading, step.source, row.record_hash);
  });
}

const notHeld = { state: "DONE", result: "ABSENT", detail: "NOT_HELD" } as const satisfies StepEnd;

/** Of a source that had nothing of the person when it was read or planned for, which may be days ago. */
async function verifyAbsence(
  { newFinder }: ErasureWork,
  { step, subject, signal }: Task,
  { source, module }: InSource,
): Promise<StepEnd> {
  const match = await newFinder().find(step.source, subject);
  if (match.state === "HELD") return leftBehind([], 1);
  if (match.state !== "NOT_HELD") return { state: "FAILED", result: "FAILED", detail: "NEEDS_REVIEW" };
  if (module.capabilities.erases.length === 0) return notHeld;
  const whose = await withoutRecord({ source, subject, signal });
  const left = isSomebody(whose) ? await source.remains(whose, new Map(), { signal }) : [];
  return left.length > 0 ? leftBehind(left, 0) : notHeld;
}

/** Identifiers that the source still finds a record by, other than the one that is kept. */
async function stillFound(
  source: ErasableSource,
  { recordKey, identifiers }: Whose,
  isKept: boolean,
  signal: AbortSignal,
): Promise<number> {
  const findings = await source.find(identifiers.map(alone), { signal });
  return findings.filter((finding) =>
    finding.state === "HELD"
      ? !(isKept && finding.record.key === recordKey)
      : finding.state === "NEEDS_REVIEW",
  ).length;
}

const alone = (identifier: Identifier) => ({ identifiers: [identifier] });

function leftBehind(left: readonly Remainder[], found: number): StepEnd {
  const places = left.map(({ place, count }) => `${place} (${count})`);
  const isOfOthers = found === 0 && left.every(({ ofOthers }) => ofOthers);
  return {
    state: "FAILED",
    result: "FAILED",
    detail: isOfOthers ? "LEFT_WITH_OTHERS" : "LEFT_BEHIND",
    about: [...new Set([...places, ...(found > 0 ? [ownRecord] : [])])].join(", "),
  };
}
