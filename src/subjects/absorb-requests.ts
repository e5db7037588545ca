import { type RawBuilder, sql } from "kysely";
import type { PersonKey } from "../store/person-keys.ts";
import { type Db, sealedColumn, type SealedColumn } from "../store/tables.ts";

/** From one person to another, who is the same. */
export interface Moving {
  readonly from: string;
  readonly to: string;
  readonly old: PersonKey;
  readonly own: PersonKey;
}

/** What was asked for and stated goes along, under the key of whom it belongs to now. */
export async function moveRequests(db: Db, moving: Moving): Promise<void> {
  const theirs = sql`subject_id = ${moving.from}`;
  // Before their steps, as whoever ends one of those does.
  await sql`select from request where ${theirs} order by id for update`.execute(db);
  const ofTheirs = sql`request_id in (select id from request where subject_id = ${moving.from})`;
  for (const [table, column] of [
    ["request", "sealed_reason"],
    ["request", "sealed_refusal"],
    ["objection", "sealed_reason"],
    ["statement", "sealed_record"],
    ["statement", "sealed_text"],
    ["withheld", "sealed_passages"],
    ["withheld", "sealed_because"],
  ] as const)
    await reseal(db, moving, [table, column], theirs);
  await reseal(db, moving, ["request_step", "sealed_work"], ofTheirs);
  await reseal(db, moving, ["request_event", "sealed_note"], ofTheirs);
  await reseal(db, moving, ["erasure_source", "sealed_record"], ofTheirs);
  const exportsOfTheirs = sql`id in (select id from request where subject_id = ${moving.from})`;
  await reseal(db, moving, ["export", "sealed_key"], exportsOfTheirs);
  await reseal(db, moving, ["export", "sealed_token"], exportsOfTheirs);
  await reseal(db, moving, ["identity_code", "sealed_address"], ofTheirs);
  for (const table of ["objection", "statement", "withheld", "request"])
    await sql`update ${sql.table(table)} set subject_id = ${moving.to} where ${theirs}`.execute(db);
}

/**
 * Of whom something is withheld by now nothing can be fetched that was gathered before: it may have it. Each is to be
 * gathered anew.
 */
export async function unmakeExports(db: Db, subjectId: string): Promise<void> {
  const { rows } = await sql<{ id: string }>`select id from request where subject_id = ${subjectId}
    and status in ('RUNNING', 'NEEDS_ATTENTION', 'COMPLETED')
    and exists (select from withheld where subject_id = ${subjectId})
    and exists (select from export where export.id = request.id and sealed_key is not null)
    order by id for update`.execute(db);
  const ids = rows.map(({ id }) => id);
  if (ids.length === 0) return;
  await db
    .updateTable("export")
    .set((was) => ({
      edition: was("edition", "+", 1),
      archive_id: null,
      is_whole: false,
      sealed_token: null,
      gather_anew: true,
    }))
    .where("id", "in", ids)
    .execute();
  for (const table of ["export_chunk", "export_part", "export_reading"] as const)
    await db.deleteFrom(table).where("export_id", "in", ids).execute();
}

/** Has a column of some of the old person's rows open with the key of the one whom they are now. */
export async function reseal(
  db: Db,
  { old, own }: Moving,
  [table, column]: SealedColumn,
  which: RawBuilder<unknown>,
): Promise<void> {
  const place = sealedColumn(table, column);
  const { rows } = await sql<{ id: string; sealed: Uint8Array }>`select id, ${sql.ref(column)} as sealed
    from ${sql.table(table)} where ${which} and ${sql.ref(column)} is not null`.execute(db);
  for (const { id, sealed } of rows) {
    const again = own.seal(old.unseal(sealed, place), place);
    await sql`update ${sql.table(table)} set ${sql.ref(column)} = ${again} where id = ${id}`.execute(db);
  }
}
