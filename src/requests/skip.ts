import { sql } from "kysely";
import type { Db } from "../store/tables.ts";

/** Has nothing of a request done that has not been tried yet. */
export async function skipAll(db: Db, requestId: string): Promise<void> {
  await db
    .updateTable("request_step")
    .set({
      state: "SKIPPED",
      result: "ABSENT",
      detail: "TAKEN_BACK",
      next_attempt_at: null,
      finished_at: sql<Date>`clock_timestamp()`,
    })
    .where("request_id", "=", requestId)
    .where("state", "=", "PENDING")
    .where("attempts", "=", 0)
    .execute();
}
