import { databaseNow } from "../store/clock.ts";
import { dbOf, inTransaction } from "../store/tables.ts";
import type { RegisterParts } from "../subjects/people.ts";
import { tell } from "./advance.ts";
import { endArchive, endExport, exportOf, lockExport } from "./export-rows.ts";
import { note } from "./timeline.ts";

/** At one go. */
const most = 100;

export interface ExpiryParts {
  readonly register: RegisterParts;
  readonly onDownload: (outcome: "expired") => void;
}

/** Archives that nobody has fetched in time go, with what has been read for them. */
export async function expireExports({ register, onDownload }: ExpiryParts): Promise<void> {
  const db = dbOf(register.store);
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

/** False: it was fetched, or made again, meanwhile. */
function expire({ store }: RegisterParts, id: string): Promise<boolean> {
  return inTransaction(store, async (db) => {
    const row = await lockExport(db, id);
    if (!row?.archive_id || !row.expires_at || row.expires_at > (await databaseNow(db))) return false;
    await note(db, id, { by: null, event: "DOWNLOAD_EXPIRED" });
    await (row.is_whole ? endExport(db, id) : endArchive(db, id));
    await tell(db, id);
    return (await exportOf(db, id)) !== null;
  });
}
