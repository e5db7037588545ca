import { sql } from "kysely";
import type { Db } from "../store/tables.ts";

/** What persons were told of versions of the policy and answered goes along with whoever they are now; nobody is told twice. */
export async function moveTold(
  db: Db,
  { from, to }: { readonly from: string; readonly to: string },
): Promise<void> {
  await db.updateTable("policy_answer").set({ subject_id: to }).where("subject_id", "=", from).execute();
  await sql`update policy_notice own set state = 'TOLD', told_at = other.told_at from policy_notice other
    where own.subject_id = ${to} and other.subject_id = ${from} and own.version = other.version
      and other.state = 'TOLD' and own.state <> 'TOLD'`.execute(db);
  await sql`delete from policy_notice other using policy_notice own
    where own.subject_id = ${to} and other.subject_id = ${from} and own.version = other.version`.execute(db);
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
