import { InvalidCursor, SourceFailure } from "../sources/contract.ts";
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
import { type ExportWork, openExport, type TakenType, takenTypes } from "./export-work.ts";
import { isKeptByLaw, rowWithin } from "./portable.ts";
import { elsewhereAttempts } from "./source-work.ts";
import { ownSource, type StepEnd, type StepHandler, type Task } from "./step.ts";

/** Milliseconds at one go: then the turn is another step's, and what has been read stays. */
const slice = 5_000;

const ended: StepEnd = { state: "SKIPPED", result: "ABSENT", detail: "EXPORT_ENDED" };

/** Reads one source page by page, each put away before the next; goes on where an earlier attempt has stopped. */
export function exportReadStep(work: ExportWork): StepHandler {
  return async (task) => {
    const missing = await whyMissing(work, task);
    if (missing !== null) return missing;
    const { request, step } = task;
    const opened = await openExport(work, request.id, task.subject.id);
    if (opened === null || !isExport(request)) return ended;
    const types = takenTypes(work, request.kind).filter(({ taken }) => taken.source === step.source);
    const until = performance.now() + slice;
    let count = 0;
    for (const type of types) {
      let reading = await readingOf(dbOf(work.register.store), request.id, type.taken, opened.key);
      while (!reading.isDone) {
        if (performance.now() > until) return goesOn();
        const next = await readOn(work, task, { type, reading, ...opened });
        if (next === null) return ended;
        reading = next;
      }
      count += reading.rows;
    }
    await reopenArchive(work, task);
    return { state: "DONE", result: "DONE", count };
  };
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
      if (error instanceof InvalidCursor) return null;
      throw error;
    });
  const isPortable = request.kind === "PORTABILITY";
  const rows = page?.rows
    .filter((row) => !isPortable || !isKeptByLaw(row))
    .map((row) => (isPortable ? rowWithin(taken.fields, row) : row));
  return inTransaction(register.store, async (db) => {
    const row = await lockExport(db, request.id);
    if (!row?.sealed_key || row.edition !== edition) return null;
    if (!page || !rows) return restartReading(db, request.id, taken);
    return putPart(db, request.id, taken, key, { before: reading, rows, end: page.end });
  });
}

/** An archive that was made without what has been read now is made again. */
async function reopenArchive({ register }: ExportWork, { request }: Task): Promise<void> {
  await inTransaction(register.store, async (db) => {
    const row = await lockExport(db, request.id);
    if (!row?.made_at || row.is_whole) return;
    await db
      .updateTable("request_step")
      .set({ state: "PENDING", next_attempt_at: null, attempts: 0, result: null, finished_at: null })
      .where("request_id", "=", request.id)
      .where("action", "=", "EXPORT")
      .where("state", "=", "DONE")
      .execute();
  });
}
