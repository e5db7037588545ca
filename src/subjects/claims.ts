import DataLoader from "dataloader";
import { sql } from "kysely";
import { prepared } from "../store/prepared.ts";
import type { Db } from "../store/tables.ts";
import { together } from "../store/together.ts";
import type { Origin } from "./person-rows.ts";
import { type HashedRecord, type Reappeared, reappearedAs } from "./reappeared.ts";
import { stillUnlinks } from "./unlinked.ts";

export interface ClaimedRecord extends HashedRecord {
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
export interface Claims {
  load(record: ClaimedRecord): Promise<readonly Claim[]>;
  /** Erased persons whom the record names. What `load` has looked up for it is not looked up again. */
  reappeared(record: HashedRecord): Promise<readonly Reappeared[]>;
  /** What has been looked up counts no more. */
  clearAll(): void;
}

/** Makes them for one request after another. */
export function claimsFor(db: Db): () => Claims {
  const bearersOf = bearersIn(db);
  return () => {
    const suppressed = new Map<string, boolean>();
    const noting: BearersOf = async (hash) => {
      const found = await bearersOf(hash);
      suppressed.set(hash, found.isSuppressed);
      return found;
    };
    const isSuppressed = async (hash: string) => suppressed.get(hash) ?? (await noting(hash)).isSuppressed;
    const claims = new DataLoader((records: readonly ClaimedRecord[]) => claimsOn(db, noting, records), {
      cacheKeyFn: ({ source, recordHash, besides = "" }) => `${source} ${recordHash} ${besides}`,
    });
    return {
      load: (record) => claims.load(record),
      async reappeared(record) {
        const known = await Promise.all(record.identifierHashes.map(isSuppressed));
        // Hardly any record names somebody who was erased.
        return known.includes(true) ? reappearedAs(db, record) : [];
      },
      clearAll() {
        claims.clearAll();
        suppressed.clear();
      },
    };
  };
}

/** To whom an identifier leads in one way or another. */
interface Bearers {
  readonly persons: readonly string[];
  /** Whether somebody who went by it was erased. */
  readonly isSuppressed: boolean;
}

/** By the identifier's keyed hash. */
type BearersOf = (identifierHash: string) => Promise<Bearers>;

function bearersIn(db: Db): BearersOf {
  return together(async (hashes: readonly string[]) => {
    const { rows } = await sql<{ subject_id: string | null; hash: string }>`${prepared}
      select subject_id, hash from identifier where hash = any(${hashes})
      union select null, hash from suppressed_identifier where hash = any(${hashes}) and lifted_at is null`.execute(
      db,
    );
    return hashes.map((each) => {
      const found = rows.filter(({ hash }) => hash === each);
      return {
        persons: found.flatMap(({ subject_id }) => subject_id ?? []),
        isSuppressed: found.some(({ subject_id }) => subject_id === null),
      };
    });
  });
}

/** Most records answer to one person alone, which one look in an index tells. */
async function claimsOn(
  db: Db,
  bearersOf: BearersOf,
  records: readonly ClaimedRecord[],
): Promise<readonly (readonly Claim[])[]> {
  const known = await Promise.all(
    records.map(({ identifierHashes }) => Promise.all(identifierHashes.map(bearersOf))),
  );
  const answering = records.filter(({ besides }, at) =>
    known[at]?.some(({ persons }) => persons.some((id) => id !== besides)),
  );
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
