import { databaseNow } from "../store/clock.ts";
import { dbOf, inTransaction } from "../store/tables.ts";
import type { RegisterParts } from "../subjects/people.ts";
import { lockPerson } from "../subjects/decision-rows.ts";
import { advance, type AdvanceParts, tell } from "./advance.ts";
import { gatherAnew } from "./export-anew.ts";
import { endArchive, endExport, lockExport } from "./export-rows.ts";
import { lockRequest } from "./rows.ts";
import { note } from "./timeline.ts";
import { isFinal } from "./vocabulary.ts";

/** At one go. */
const most = 100;

export interface ExpiryParts extends AdvanceParts {
  readonly register: RegisterParts;
  readonly onDownload: (outcome: "expired") => void;
}

/**
 * Archives that nobody has fetched in time go, and what has been read for one that nobody makes any more; those of whom
 * another part is to be withheld are gathered anew.
 */
export async function expireExports(parts: ExpiryParts): Promise<void> {
  const { register, onDownload } = parts;
  const db = dbOf(register.store);
  const stale = await db
    .selectFrom("export")
    .innerJoin("request", "request.id", "export.id")
    .select("request.subject_id")
    .distinct()
    .where("export.gather_anew", "=", true)
    .where("export.sealed_key", "is not", null)
    .limit(most)
    .execute();
  for (const { subject_id } of stale) await gatherAgain(parts, subject_id);
  const left = await db
    .selectFrom("export")
    .innerJoin("request", "request.id", "export.id")
    .select("export.id")
    .where("request.completed_at", "is not", null)
    .where("export.archive_id", "is", null)
    .where("export.sealed_key", "is not", null)
    .where("export.gather_anew", "=", false)
    .limit(most)
    .execute();
  for (const { id } of left) await endLeft(register, id);
  const due = await db
    .selectFrom("export")
    .select("id")
    .where("archive_id", "is not", null)
    .where("expires_at", "<=", await databaseNow(db))
    .orderBy("expires_at")
    .limit(most)
    .execute();
  for (const { id } of due) if (await expire(register, id)) onDownload("expired");
}

function gatherAgain(parts: ExpiryParts, subjectId: string): Promise<void> {
  return inTransaction(parts.register.store, async (db) => {
    for (const id of await gatherAnew(db, await lockPerson(db, subjectId))) await advance(db, parts, id);
  });
}

/** Unless the request has been taken up again meanwhile. */
function endLeft({ store }: RegisterParts, id: string): Promise<void> {
  return inTransaction(store, async (db) => {
    const request = await lockRequest(db, id);
    const row = await lockExport(db, id);
    if (request && isFinal(request) && row?.archive_id === null && !row.gather_anew) await endExport(db, id);
  });
}

/** False: it was fetched, or made again, meanwhile. */
function expire({ store }: RegisterParts, id: string): Promise<boolean> {
  return inTransaction(store, async (db) => {
    // Before the export, as whoever has it made anew does.
    await lockRequest(db, id);
    const row = await lockExport(db, id);
    if (!row?.archive_id || !row.expires_at || row.expires_at > (await databaseNow(db))) return false;
    await note(db, id, { by: null, event: "DOWNLOAD_EXPIRED" });
    await (row.is_whole ? endExport(db, id) : endArchive(db, row));
    await tell(db, id);
    return true;
  });
}
