import { sql } from "kysely";
import type { Db } from "../store/tables.ts";
import { type Moving, reseal } from "./absorb-requests.ts";

/** By what one of two who are the same would be known again, the other would: what is in force of either, is. */
export async function moveSuppression(db: Db, moving: Moving): Promise<void> {
  const { from, to } = moving;
  await sql`insert into suppressed_identifier (hash, source, subject_id, request_id, at, lifted_at)
    select hash, source, ${to}::uuid, request_id, at, lifted_at from suppressed_identifier where subject_id = ${from}
    on conflict (hash, source, subject_id) do update set lifted_at = null
      where excluded.lifted_at is null`.execute(db);
  await db.deleteFrom("suppressed_identifier").where("subject_id", "=", from).execute();
  await sql`delete from reappearance r where r.subject_id = ${from} and r.decided_at is null
    and exists (select from reappearance o where o.subject_id = ${to} and o.decided_at is null
      and o.source = r.source and o.record_hash = r.record_hash)`.execute(db);
  const theirs = sql`subject_id = ${from}`;
  await reseal(db, moving, ["reappearance", "sealed_record"], theirs);
  await reseal(db, moving, ["reappearance", "sealed_reason"], theirs);
  await db.updateTable("reappearance").set({ subject_id: to }).where("subject_id", "=", from).execute();
}
