import type { KeyObject } from "node:crypto";
import { sql } from "kysely";
import type { Report, Snapshot } from "./integrity.ts";
import { isGenuine, storedColumns, type StoredEntry } from "./stored.ts";

type Unsealed = StoredEntry & { readonly queued: boolean };

const entriesAtOnce = 1_000;
const sealed = sql`(select unnest(sequences) as sequence from audit_seal) sealed`;

/** @returns how many wait for their seal */
export async function walkUnsealed(tx: Snapshot, key: KeyObject, report: Report): Promise<number> {
  let waiting = 0;
  for await (const { queued, ...entry } of entriesWithoutSeal(tx)) {
    if (!queued) report("INSERTED", entry.sequence);
    else if (isGenuine(key, entry)) waiting += 1;
    else report("CHANGED", entry.sequence);
  }
  await reportMissing(tx, report);
  await reportCopies(tx, report);
  return waiting;
}

/** There may be as many as there are entries, where somebody removed the seals. */
async function* entriesWithoutSeal(tx: Snapshot): AsyncGenerator<Unsealed> {
  // All rows are read: a plan for the first few would look through the seals for each.
  await sql`set local cursor_tuple_fraction = 1`.execute(tx);
  await sql`
    declare unsealed no scroll cursor for
    select e.sequence::text, ${storedColumns}, q.sequence is not null as queued
    from audit_entry e left join audit_unsealed q on q.sequence = e.sequence
    where not exists (select from ${sealed} where sealed.sequence = e.sequence)`.execute(tx);
  for (;;) {
    const { rows } = await sql<Unsealed>`fetch ${sql.lit(entriesAtOnce)} from unsealed`.execute(tx);
    yield* rows;
    if (rows.length < entriesAtOnce) break;
  }
  await sql`close unsealed`.execute(tx);
}

async function reportMissing(tx: Snapshot, report: Report): Promise<void> {
  const { rows } = await sql<{ sequence: string }>`
    select q.sequence::text from audit_unsealed q
    where not exists (select from audit_entry e where e.sequence = q.sequence)
    order by q.sequence limit 1`.execute(tx);
  for (const { sequence } of rows) report("REMOVED", sequence);
}

/** Whoever may write may drop the constraint, too. Of several alike, the one that was sealed is the entry. */
async function reportCopies(tx: Snapshot, report: Report): Promise<void> {
  const { rows: copied } = await sql<{ id: string }>`
    select id::text from audit_entry group by id having count(*) > 1 order by min(sequence) limit ${entriesAtOnce}`.execute(
    tx,
  );
  if (copied.length === 0) return;
  const { rows } = await sql<{ sequence: string }>`
    select sequence::text from (
      select e.sequence, row_number() over (
        partition by e.id order by exists (select from ${sealed} where sealed.sequence = e.sequence) desc, e.sequence
      ) as place
      from audit_entry e where e.id = any(${copied.map(({ id }) => id)}::uuid[])) alike
    where place > 1`.execute(tx);
  for (const { sequence } of rows) report("INSERTED", sequence);
}
