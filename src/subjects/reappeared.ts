import { sql } from "kysely";
import type { Db } from "../store/tables.ts";
import { stillUnlinks } from "./unlinked.ts";

/** A record, by the keyed hashes of its name and of every identifier in it. */
export interface HashedRecord {
  readonly source: string;
  readonly recordHash: string;
  readonly identifierHashes: readonly string[];
}

/** An erased person whom a record names. */
export interface Reappeared {
  readonly subjectId: string;
  /** It waits for the DPO, or is about to be erased. */
  readonly isNoted: boolean;
  /** It is the record that the law has kept of the person, which names them by more than it was left with. */
  readonly isKept: boolean;
}

/**
 * Whom each record names who must not come up again in its source, unless it is the one that the law has kept of that
 * very person, and names them by nothing else than it was left with, or it is settled that it is not theirs, and it never
 * was erased as theirs. One statement for all of them.
 */
export async function reappearedIn(
  db: Db,
  records: readonly HashedRecord[],
): Promise<readonly (readonly Reappeared[])[]> {
  if (records.length === 0) return [];
  const asked = records.map(({ source, recordHash, identifierHashes }, n) => ({
    n,
    source,
    record: recordHash,
    hashes: identifierHashes,
  }));
  const { rows } = await sql<Found>`select f.n, f.subject_id,
      exists (select from reappearance r where r.subject_id = f.subject_id and r.source = f.source
          and r.record_hash = f.record and r.decided_at is null and r.sealed_record is not null)
        or exists (select from request q join erasure e on e.request_id = q.id
          where q.subject_id = f.subject_id and q.kind = 'ERASURE' and q.completed_at is null
            and (e.sources is null or f.source = any(e.sources))) as noted,
      exists (select from identifier i where ${isKeptRecord}) as kept
    from (
      select distinct a.n, a.source, a.record, s.subject_id
      from jsonb_to_recordset(${JSON.stringify(asked)}::jsonb) as a (n int, source text, record text, hashes text[])
      cross join unnest(a.hashes) as h (hash)
      join suppressed_identifier s on s.hash = h.hash and s.source in ('', a.source) and s.lifted_at is null
      where not exists (select from identifier i where i.subject_id = s.subject_id and i.origin = 'LINKED'
          and i.source = a.source and i.record_hash = a.record and i.hash = h.hash)
        and (not exists (select from match_decision d where d.subject_id = s.subject_id and d.source = a.source
            and a.record = any(d.record_hashes) and ${stillUnlinks(sql`a.record`)})
          or exists (select from erasure_source e join request q on q.id = e.request_id
            where q.subject_id = s.subject_id and e.source = a.source and e.record_hash = a.record))
    ) f`.execute(db);
  return records.map((_, n) =>
    rows
      .filter((row) => row.n === n)
      .map(({ subject_id, noted, kept }) => ({ subjectId: subject_id, isNoted: noted, isKept: kept })),
  );
}

interface Found {
  readonly n: number;
  readonly subject_id: string;
  readonly noted: boolean;
  readonly kept: boolean;
}

const isKeptRecord = sql`i.subject_id = f.subject_id and i.origin = 'LINKED' and i.source = f.source
  and i.record_hash = f.record`;

/** As `reappearedIn`, of one record. */
export async function reappearedAs(db: Db, record: HashedRecord): Promise<readonly Reappeared[]> {
  const [found = []] = await reappearedIn(db, [record]);
  return found;
}
