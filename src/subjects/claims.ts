import DataLoader from "dataloader";
import { sql } from "kysely";
import { prepared } from "../store/prepared.ts";
import type { Db } from "../store/tables.ts";
import { together } from "../store/together.ts";
import type { Origin } from "./person-rows.ts";
import { stillUnlinks } from "./unlinked.ts";

/** A record, by the keyed hashes of its name and of every identifier in it. */
export interface ClaimedRecord {
  readonly source: string;
  readonly recordHash: string;
  readonly identifierHashes: readonly string[];
  /** Whose claim is not asked for. */
  readonly besides?: string;
}

/** A person to whom a record answers. `LINKED`: staff have settled that it is theirs. */
export interface Claim {
  readonly subjectId: string;
  readonly origin: Origin;
  /** Keyed hash of the identifier in the record that leads to the person. */
  readonly identifierHash: string;
}

/** Whom a record answers to, as far as the register knows; made per request. */
export type Claims = DataLoader<ClaimedRecord, readonly Claim[], string>;

/** Makes them for one request after another. */
export function claimsFor(db: Db): () => Claims {
  const holders = holdersIn(db);
  return () =>
    new DataLoader((records: readonly ClaimedRecord[]) => claimsOn(db, holders, records), {
      cacheKeyFn: ({ source, recordHash, besides = "" }) => `${source} ${recordHash} ${besides}`,
    });
}

/** Persons to whom an identifier leads in one way or another, by its keyed hash. */
type Holders = (identifierHash: string) => Promise<readonly string[]>;

function holdersIn(db: Db): Holders {
  return together(async (hashes: readonly string[]) => {
    const { rows } = await sql<{ subject_id: string; hash: string }>`${prepared}
      select distinct subject_id, hash from identifier where hash = any(${hashes})`.execute(db);
    return hashes.map((each) => rows.filter(({ hash }) => hash === each).map(({ subject_id }) => subject_id));
  });
}

/** Most records answer to one person alone, which one look in an index tells. */
async function claimsOn(
  db: Db,
  holders: Holders,
  records: readonly ClaimedRecord[],
): Promise<readonly (readonly Claim[])[]> {
  const holding = await Promise.all(
    records.map(({ identifierHashes }) => Promise.all(identifierHashes.map(holders))),
  );
  const answering = records.filter(({ besides }, at) => holding[at]?.flat().some((id) => id !== besides));
  if (answering.length === 0) return records.map(() => []);
  const claims = new Map(await claimsOnAnswering(db, answering));
  return records.map((record) =>
    (claims.get(record) ?? []).filter(({ subjectId }) => subjectId !== record.besides),
  );
}

/**
 * What is verified claims every record that answers to it, unless staff have settled that the record is not the
 * person's. That they have linked the person to another record takes nothing back: whose this one is, is not known by
 * elimination.
 */
async function claimsOnAnswering(db: Db, records: readonly ClaimedRecord[]) {
  const asked = records.map(({ source, recordHash, identifierHashes }, n) => ({
    n,
    source,
    record: recordHash,
    hashes: identifierHashes,
  }));
  const { rows } = await sql<{ n: number; subject_id: string; origin: Origin; hash: string }>`
    select distinct a.n, i.subject_id, i.origin, i.hash
    from jsonb_to_recordset(${JSON.stringify(asked)}::jsonb) as a (n int, source text, record text, hashes text[])
    join identifier i on i.hash = any(a.hashes) and i.source in ('', a.source)
      and (i.record_hash is null or i.record_hash = a.record)
    where i.origin = 'LINKED'
      or not exists (select from match_decision d where d.subject_id = i.subject_id
        and d.source = a.source and a.record = any(d.record_hashes) and ${stillUnlinks(sql`a.record`)})`.execute(
    db,
  );
  return records.map((record, n): readonly [ClaimedRecord, readonly Claim[]] => [
    record,
    rows
      .filter((row) => row.n === n)
      .map(({ subject_id, origin, hash }) => ({ subjectId: subject_id, origin, identifierHash: hash })),
  ]);
}
