import { randomUUID } from "node:crypto";
import { sql } from "kysely";
import type { Db } from "../store/tables.ts";
import { reasonColumn } from "./absorb.ts";
import type { RegisterParts } from "./people.ts";
import { keyOfPerson } from "./person-key.ts";
import { stillUnlinks } from "./unlinked.ts";

/** A record that is settled not to be a person's, though it goes by something of theirs. */
export interface NotTheirs {
  readonly source: string;
  /** Keyed hash of the record's key. */
  readonly recordHash: string;
}

export async function notTheirsOf(db: Db, subjectId: string): Promise<readonly NotTheirs[]> {
  const { rows } = await sql<NotTheirs>`select distinct d.source, record as "recordHash"
    from match_decision d, unnest(d.record_hashes) record
    where d.subject_id = ${subjectId} and ${stillUnlinks(sql`record`)} order by 1, 2`.execute(db);
  return rows;
}

/**
 * Of what was settled of a forgotten person, whose a record is not stays, without a word of why: whoever signs in with
 * the same address again is not to be shown somebody else. Within the open transaction, which holds the person.
 */
export async function keepNotTheirs(
  db: Db,
  register: RegisterParts,
  subjectId: string,
  more: readonly NotTheirs[] = [],
): Promise<void> {
  const kept = [...(await notTheirsOf(db, subjectId)), ...more];
  await db.deleteFrom("match_decision").where("subject_id", "=", subjectId).execute();
  await noteNotTheirs(db, register, subjectId, kept);
}

/** As if staff had settled it. Within the open transaction, which holds the person. */
export async function noteNotTheirs(
  db: Db,
  register: RegisterParts,
  subjectId: string,
  records: readonly NotTheirs[],
): Promise<void> {
  if (records.length === 0) return;
  const key = await keyOfPerson(db, register, subjectId);
  const bySource = new Map<string, Set<string>>();
  for (const { source, recordHash } of records)
    bySource.set(source, (bySource.get(source) ?? new Set()).add(recordHash));
  await db
    .insertInto("match_decision")
    .values(
      [...bySource].map(([source, hashes]) => ({
        id: randomUUID(),
        subject_id: subjectId,
        source,
        decision: "UNLINKED",
        record_hashes: [...hashes],
        sealed_reason: key.seal("", reasonColumn),
        decided_by: "",
        at: sql<Date>`clock_timestamp()`,
      })),
    )
    .execute();
}
