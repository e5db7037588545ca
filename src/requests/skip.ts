import { sql } from "kysely";
import type { Db } from "../store/tables.ts";
import type { DetailCode } from "./details.ts";

/** What a step says that is not carried out any more. */
export const skipped = (detail: DetailCode) => ({
  state: "SKIPPED",
  result: "ABSENT",
  detail,
  next_attempt_at: null,
  finished_at: sql<Date>`clock_timestamp()`,
});

/** Has nothing of a request done that has not been tried yet. */
export async function skipAll(db: Db, requestId: string): Promise<void> {
  await db
    .updateTable("request_step")
    .set(skipped("TAKEN_BACK"))
    .where("request_id", "=", requestId)
    .where("state", "=", "PENDING")
    .where("attempts", "=", 0)
    .execute();
}
