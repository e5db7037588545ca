import { sql } from "kysely";
import type { Db } from "../store/tables.ts";

/** What vouches for all that is sealed by now (hex), and the seal's number; null: nothing is sealed yet. */
export async function latestHead(db: Db): Promise<{ readonly number: string; readonly head: string } | null> {
  const { rows } = await sql<{ readonly number: string; readonly head: string }>`
    select number::text as number, encode(head, 'hex') as head from audit_seal
    order by audit_seal.number desc limit 1`.execute(db);
  return rows[0] ?? null;
}
