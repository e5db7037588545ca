import { sql } from "kysely";
import type { Db } from "./tables.ts";

/** By the database's clock, which is one for all replicas, and which tests can set; within a transaction, too, it goes on. */
export async function databaseNow(db: Db): Promise<Date> {
  const {
    rows: [clock],
  } = await sql<{ readonly now: Date }>`select gateway_now() as now`.execute(db);
  if (!clock) throw new Error("the database has no clock");
  return clock.now;
}
