import { InvalidCursor, SourceFailure } from "../sources/contract.ts";
import type { Subject } from "../sources/data-subject.ts";
import { dbOf, inTransaction } from "../store/tables.ts";
import type { ExportKey } from "./export-key.ts";
import {
  type ExportRow,
  lockExport,
  putPart,
  type Reading,
  readingOf,
  restartReading,
} from "./export-rows.ts";
import { isExport } from "./export-steps.ts";
import { ended, type ExportWork, openExport, type TakenType, takenTypes } from "./export-work.ts";
import { isKeptByLaw, rowWithin } from "./portable.ts";
import { elsewhereAttempts } from "./source-work.ts";
import { marksOf } from "./withheld.ts";
import { ownSource, type StepEnd, type StepHandler, type Task } from "./step.ts";

/** Milliseconds at one go: then the turn is another step's, and what has been read stays. */
const slice = 5_000;

/** Reads one source page by page, each put away before the next; goes on where an earlier attempt has stopped. */
export function exportReadStep(work: ExportWork): StepHandler {
  return async (task) => {
    const { request, step } = task;
    const opened = await openExport(work, request.id, task.subject.id);
    if (opened === null || !isExport(request)) return ended;
    const types = takenTypes(work, request.kind).filter(({ taken }) => taken.source === step.source);
    const missing = await whyMissing(work, task);
    if (missing !== null) {
      await forgetRead(work, task, types, opened.row);
      return missing;
    }
    const subject = await asMarked(work, task);
    const until = performance.now() + slice;
    let count = 0;
    for (const type of types) {
      let reading = await readingOf(dbOf(work.register.store), request.id, type.taken, opened.key);
      while (!reading.isDone) {
        if (performance.now() > until) return goesOn();
        const next = await readOn(work, { ...task, subject }, { type, reading, ...opened });
        if (next === null) return ended;
        reading = next;
      }
      count += reading.rows;
    }
    return { state: "DONE", result: "DONE", count };
  };
}

/** As somebody of whom is withheld what is marked now: whoever marks more has what is read from here on refused. */
async function asMarked({ register }: ExportWork, { subject }: Task): Promise<Subject> {
  const marks = await marksOf(dbOf(register.store), register, subject.id);
  return { ...subject, withheldIn: new Set(marks.map(({ source }) => source)) };
}

/** What was read before the source had no record of the person, or none that may be read, is in no archive. */
async function forgetRead(
  { register }: ExportWork,
  { request }: Task,
  types: readonly TakenType[],
  { edition }: ExportRow,
): Promise<void> {
  await inTransaction(register.store, async (db) => {
    const row = await lockExport(db, request.id);
    if (row?.edition !== edition) return;
    for (const { taken } of types) await restartReading(db, request.id, taken);
  });
}

const goesOn = (): StepEnd => ({ state: "PENDING", reason: null, retryAt: new Date() });

/** Why there is nothing to read, or nothing that may be. */
async function whyMissing(
  { connected, newFinder }: ExportWork,
  { step, subject }: Task,
): Promise<StepEnd | null> {
  if (step.source === ownSource) return null;
  if (!connected.some(({ key }) => key === step.source)) {
    if (step.attempts < elsewhereAttempts) throw new SourceFailure("UNREACHABLE");
    return { state: "FAILED", result: "FAILED", detail: "NOT_CONNECTED" };
  }
  const { state } = await newFinder().find(step.source, subject);
  if (state === "HELD") return null;
  if (state === "NOT_HELD") return { state: "DONE", result: "ABSENT", detail: "NOT_HELD" };
  return { state: "FAILED", result: "FAILED", detail: "NEEDS_REVIEW" };
}

interface At {
  readonly type: TakenType;
  readonly reading: Reading;
  readonly key: ExportKey;
  /** As the export was when this attempt began. */
  readonly row: ExportRow;
}

/** Null: the export has ended meanwhile, or is read anew by another attempt. */
async function readOn(
  { shown, register }: ExportWork,
  { request, subject, signal }: Task,
  { type, reading, key, row: { edition } }: At,
): Promise<Reading | null> {
  const { taken } = type;
  const { language } = request;
  const page = await shown
    .page(subject, type.shown, reading.after, { language, signal })
    .catch((error: unknown) => {
      // Its order is another by now: what has been read is read again.
      if (error instanceof InvalidCursor) return "ANEW" as const;
      throw error;
    });
  // It had a record of the person a moment ago: the next attempt sees what has become of it.
  if (page === null) throw new SourceFailure("FAILED");
  const isPortable = request.kind === "PORTABILITY";
  const rows = (page === "ANEW" ? [] : page.rows)
    .filter((row) => !isPortable || !isKeptByLaw(row))
    .map((row) => (isPortable ? rowWithin(taken.fields, row) : row));
  return inTransaction(register.store, async (db) => {
    const row = await lockExport(db, request.id);
    if (!row?.sealed_key || row.edition !== edition) return null;
    if (page === "ANEW") return restartReading(db, request.id, taken);
    return putPart(db, request.id, taken, key, { before: reading, rows, end: page.end });
  });
}
