import { type Identifier, SourceFailure } from "../sources/contract.ts";
import type { ErasableSource, Whose } from "../sources/erasures.ts";
import { type Db, dbOf } from "../store/tables.ts";
import { sameIdentifier } from "../subjects/identifiers.ts";
import type { KeptLink } from "../subjects/forget.ts";
import type { RegisterParts } from "../subjects/people.ts";
import { keyOfPerson } from "../subjects/person-key.ts";
import { erasureSources, whoseIn } from "./erasure-rows.ts";
import { retainedSources } from "./retained.ts";

/**
 * What leads to the records that the law keeps, as these are now: the person is to find them, though they are forgotten.
 * Rejects with `SourceFailure`.
 */
export async function keptLinks(
  {
    register,
    sources,
  }: { readonly register: RegisterParts; readonly sources: ReadonlyMap<string, ErasableSource> },
  { requestId, subjectId }: { readonly requestId: string; readonly subjectId: string },
  signal: AbortSignal,
): Promise<readonly KeptLink[]> {
  const db = dbOf(register.store);
  const kept = await retainedSources(db, requestId);
  if (kept.length === 0) return [];
  const key = await keyOfPerson(db, register, subjectId);
  const rows = (await erasureSources(db, requestId)).filter((row) => kept.includes(row.source));
  const links = await Promise.all(
    rows.map(async (row): Promise<readonly KeptLink[]> => {
      const { source: name, record_hash: recordHash } = row;
      const source = sources.get(name);
      const whose = whoseIn(key, row);
      if (!source || !whose || recordHash === null) throw new SourceFailure("UNREACHABLE");
      const identifiers = await leadingTo(source, whose, signal);
      return identifiers.map((identifier) => ({ source: name, identifier, recordHash }));
    }),
  );
  return links.flat();
}

/** By what a record that the law keeps is still found in its source. Rejects with `SourceFailure`. */
export async function leadingTo(
  source: ErasableSource,
  { recordKey, identifiers }: Whose,
  signal: AbortSignal,
): Promise<readonly Identifier[]> {
  const [finding] = await source.find([{ identifiers }], { signal });
  // What is there no more needs nothing that leads to it.
  if (finding?.state === "NOT_HELD") return [];
  if (finding?.state !== "HELD" || finding.record.key !== recordKey) throw new SourceFailure("FAILED");
  return finding.record.identifiers.filter((each) => identifiers.some((own) => sameIdentifier(own, each)));
}

/** Nothing leads any more to a record of which nothing is kept. True: nothing of the person is left that could be found. */
export async function dropLinks(
  db: Db,
  subjectId: string,
  records: readonly { readonly source: string; readonly recordHash: string }[],
): Promise<boolean> {
  for (const { source, recordHash } of records) {
    await db
      .deleteFrom("identifier")
      .where("subject_id", "=", subjectId)
      .where("origin", "=", "LINKED")
      .where("source", "=", source)
      .where("record_hash", "=", recordHash)
      .execute();
  }
  const left = await db
    .selectFrom("identifier")
    .select("hash")
    .where("subject_id", "=", subjectId)
    .executeTakeFirst();
  return left === undefined;
}
