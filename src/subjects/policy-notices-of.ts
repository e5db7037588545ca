import { type RawBuilder, sql } from "kysely";
import type { Db } from "../store/tables.ts";

/** Held by whoever goes through all persons; shared by those who make two of them one: neither sees the other half done. */
export const goingThrough: RawBuilder<number> = sql<number>`hashtext('innsyn-policy-telling')`;

/**
 * What persons were told of versions of the policy and answered goes along with whoever they are now; nobody is told twice.
 * Of two notices of a version one stays as the message that it is: of what was told the first, else what can be sent still,
 * and of that the one that was tried more often, which may have arrived.
 */
export async function moveTold(
  db: Db,
  { from, to }: { readonly from: string; readonly to: string },
): Promise<void> {
  await sql`select pg_advisory_xact_lock_shared(${goingThrough})`.execute(db);
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
  await noteKnownBefore(db, { from, to });
}

/**
 * Whoever was gone through as one who was met later has been known since before after all. Whether they can be written to
 * shows when they are: the address that they are signing in with is not written down yet.
 */
async function noteKnownBefore(
  db: Db,
  { from, to }: { readonly from: string; readonly to: string },
): Promise<void> {
  await sql`insert into policy_notice (version, subject_id, state, next_attempt_at)
    select t.version, ${to}, 'PENDING', gateway_now()
    from policy_telling t join privacy_policy p on p.version = t.version
    where not t.is_through and t.told_through >= ${to} and exists (select from subject known
      where (known.id = ${from} or known.merged_into = ${from}) and known.created_at <= p.published_at
        and known.forgotten_at is null)
    on conflict do nothing`.execute(db);
}

/** Nobody who is forgotten is told any more; that they were told stays. */
export async function endNotices(db: Db, subjectId: string): Promise<void> {
  await db
    .deleteFrom("policy_notice")
    .where("subject_id", "=", subjectId)
    .where("state", "!=", "TOLD")
    .execute();
}
