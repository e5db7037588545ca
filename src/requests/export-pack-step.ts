import { randomBytes } from "node:crypto";
import { writeArchive } from "../archive/archive.ts";
import { databaseNow } from "../store/clock.ts";
import { type Db, dbOf, inTransaction, sealedColumn } from "../store/tables.ts";
import type { PersonKey } from "../store/person-keys.ts";
import { lockPerson } from "../subjects/decision-rows.ts";
import { keyOfPerson } from "../subjects/person-key.ts";
import { type StoredArchive, storeArchive } from "./export-archive-store.ts";
import { insertSteps } from "./desk.ts";
import { contentsOf } from "./export-contents.ts";
import { dropArchive, dropChunks, dropParts, type ExportRow, lockExport } from "./export-rows.ts";
import { isExport, wordAt } from "./export-steps.ts";
import { downloadReady } from "./letters.ts";
import { isUnread } from "./export-unread.ts";
import { ended, type ExportWork, openExport } from "./export-work.ts";
import { currentPolicy } from "./policies.ts";
import { lockRequest, stepsOf } from "./rows.ts";
import type { StepEnd, StepHandler, Task } from "./step.ts";
import { marksOf } from "./withheld.ts";

export const tokenColumn = sealedColumn("export", "sealed_token");

/** Makes the archive of what has been read, encrypted, with what is missing named in it. */
export function exportPackStep(work: ExportWork): StepHandler {
  return async (task) => {
    const { request, subject, signal } = task;
    const db = dbOf(work.register.store);
    const opened = await openExport(work, request.id, subject.id);
    if (opened === null || !isExport(request)) return ended;
    if (opened.row.is_whole) return { state: "DONE", result: "DONE" };
    const steps = await stepsOf(db, [request.id]);
    const marks = await marksOf(db, work.register, subject.id);
    const madeAt = await databaseNow(db);
    const { version: policyVersion } = await currentPolicy(db);
    const contents = contentsOf(work, { ...opened, request, steps, marks, madeAt, policyVersion });
    const bytes = until(signal, writeArchive(contents));
    const stored = await storeArchive(db, request.id, opened.key, bytes);
    const missing = steps.filter(isUnread).length;
    if (!(await publish(work, task, stored, opened.row, missing === 0))) return overtaken();
    return missing === 0
      ? { state: "DONE", result: "DONE" }
      : { state: "DONE", result: "DONE", detail: "EXPORT_INCOMPLETE", count: missing };
  };
}

/** Another attempt has told of its archive, or what there is to make one of is another by now. */
const overtaken = (): StepEnd => ({ state: "PENDING", reason: null, retryAt: new Date() });

/** Nothing more is made once the time is up: another attempt is, from the start. */
async function* until<T>(signal: AbortSignal, pieces: AsyncIterable<T>): AsyncGenerator<T> {
  for await (const piece of pieces) {
    signal.throwIfAborted();
    yield piece;
  }
}

/** From here on the person can fetch it. False: as `overtaken`, or the export has ended. */
function publish(
  { register, exports }: ExportWork,
  { request, subject }: Task,
  { archiveId, size, sha256 }: StoredArchive,
  before: ExportRow,
  isWhole: boolean,
): Promise<boolean> {
  return inTransaction(register.store, async (db) => {
    const subjectId = await lockPerson(db, subject.id);
    // Before the export, as whoever else changes both.
    await lockRequest(db, request.id);
    const row = await lockExport(db, request.id);
    const isSame = row?.edition === before.edition && row.made_at?.getTime() === before.made_at?.getTime();
    if (!row?.sealed_key || !isSame) {
      await dropArchive(db, archiveId);
      return false;
    }
    const token = randomBytes(32).toString("base64url");
    const key = await keyOfPerson(db, register, subjectId);
    const now = await databaseNow(db);
    const until = new Date(now.getTime() + exports.keptSeconds * 1_000);
    await db
      .updateTable("export")
      .set({
        archive_id: archiveId,
        size: String(size),
        sha256,
        is_whole: isWhole,
        token_hash: register.keyring.hash("download")(token),
        sealed_token: key.seal(token, tokenColumn),
        made_at: now,
        expires_at: until,
        served: "{}",
      })
      .where("id", "=", request.id)
      .execute();
    await dropChunks(db, [request.id], archiveId);
    if (isWhole) await dropParts(db, [request.id]);
    await replaceWord(db, request.id, until, key);
    return true;
  });
}

/** The person is told of this archive, and not of one that came before it. */
async function replaceWord(db: Db, requestId: string, until: Date, key: PersonKey): Promise<void> {
  const word = downloadReady(until, wordAt);
  await db
    .deleteFrom("request_step")
    .where("request_id", "=", requestId)
    .where("action", "=", word.action)
    .where("record_type", "=", word.recordType ?? null)
    .where("state", "in", ["PENDING", "FAILED"])
    .execute();
  await insertSteps(db, requestId, [word], key);
}
