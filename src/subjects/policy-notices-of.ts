import { sql } from "kysely";
import type { Db } from "../store/tables.ts";

/**
 * What persons were told of versions of the policy and answered goes along with whoever they are now; nobody is told twice.
 * Of two notices of a version one stays as the message that it is: of what was told the first, else what can be sent still,
 * and of that the one that was tried more often, which may have arrived.
 */
export async function moveTold(
  db: Db,
  { from, to }: { readonly from: string; readonly to: string },
): Promise<void> {
  await db.updateTable("policy_answer").set({ subject_id: to }).where("subject_id", "=", from).execute();
  // What is being tried is counted before they are compared.
  await sql`select from policy_notice where subject_id in (${from}, ${to}) order by id for update`.execute(
    db,
  );
  await sql`delete from policy_notice where id in (
    select id from (
      select id, row_number() over (partition by version order by state = 'TOLD' desc, told_at,
        state = 'PENDING' desc, attempts desc, subject_id = ${to} desc) as place
      from policy_notice where subject_id in (${from}, ${to})) each
    where place > 1)`.execute(db);
  await db.updateTable("policy_notice").set({ subject_id: to }).where("subject_id", "=", from).execute();
}

/** Nobody who is forgotten is told any more; that they were told stays. */
export async function endNotices(db: Db, subjectId: string): Promise<void> {
  await db
    .deleteFrom("policy_notice")
    .where("subject_id", "=", subjectId)
    .where("state", "!=", "TOLD")
    .execute();
}
