import { databaseNow } from "../store/clock.ts";
import type { Db } from "../store/tables.ts";
import { become } from "./advance.ts";
import { dropChunks, dropParts, type ExportRow, lockExport } from "./export-rows.ts";
import { reopened } from "./reopen.ts";
import { lockRequest, stepsOf } from "./rows.ts";

/**
 * Has whatever of a person's was gathered to take along, and not fetched whole, gathered anew: another part of it is to be
 * withheld than when it was read. An archive that waits to be fetched goes, and the person is told of the next. Within
 * the open transaction, which holds the person. Resolves with the requests whose steps it changed.
 */
export async function gatherAnew(db: Db, subjectId: string): Promise<readonly string[]> {
  const found = await db
    .selectFrom("export")
    .innerJoin("request", "request.id", "export.id")
    .select("export.id")
    .where("request.subject_id", "=", subjectId)
    .where("request.status", "in", ["RUNNING", "NEEDS_ATTENTION", "COMPLETED"])
    .where("export.sealed_key", "is not", null)
    .orderBy("export.id")
    .execute();
  const begun: string[] = [];
  for (const { id } of found) if (await gatherOneAnew(db, id)) begun.push(id);
  return begun;
}

async function gatherOneAnew(db: Db, id: string): Promise<boolean> {
  // Before its steps, as whoever ends one of those does.
  const request = await lockRequest(db, id);
  const row = await lockExport(db, id);
  if (!request || !row?.sealed_key) return false;
  await become(db, request, "GATHERED_ANEW");
  await startOver(db, row);
  return true;
}

/**
 * Has a copy made once more whose archive is gone, while something that is missing in it keeps the request open. Within
 * the open transaction, which holds the request.
 */
export async function gatherOnceMore(
  db: Db,
  id: string,
  perDay: number,
): Promise<"BEGUN" | "NOT_GONE" | "TOO_MANY"> {
  const row = await lockExport(db, id);
  if (!row?.sealed_key || !row.made_at || row.archive_id !== null) return "NOT_GONE";
  if (await isBeingMade(db, id)) return "NOT_GONE";
  const aDayAgo = (await databaseNow(db)).getTime() - 86_400_000;
  if (row.edition + 1 >= perDay && row.made_at.getTime() > aDayAgo) return "TOO_MANY";
  await startOver(db, row);
  return "BEGUN";
}

async function isBeingMade(db: Db, id: string): Promise<boolean> {
  const steps = await stepsOf(db, [id]);
  return steps.some(({ action, state }) => action === "EXPORT" && state !== "DONE");
}

async function startOver(db: Db, { id, edition }: ExportRow): Promise<void> {
  await dropParts(db, [id]);
  await dropChunks(db, [id]);
  await db
    .updateTable("export")
    .set({
      edition: edition + 1,
      archive_id: null,
      is_whole: false,
      sealed_token: null,
      gather_anew: false,
    })
    .where("id", "=", id)
    .execute();
  await db
    .updateTable("request_step")
    .set(reopened)
    .where("request_id", "=", id)
    .where("action", "in", ["READ", "EXPORT"])
    .execute();
}

/** Whether the request has an archive that waits to be fetched. */
export async function awaitsFetching(db: Db, requestId: string): Promise<boolean> {
  const found = await db
    .selectFrom("export")
    .select("id")
    .where("id", "=", requestId)
    .where("archive_id", "is not", null)
    .executeTakeFirst();
  return found !== undefined;
}
