import { InvalidCursor, SourceFailure } from "../sources/contract.ts";
import type { ErasableSource, IdentifiedRecord } from "../sources/erasures.ts";
import { type Db, dbOf } from "../store/tables.ts";
import { identifierHash, type RegisterParts } from "../subjects/people.ts";
import { noteReappearance } from "../subjects/reappearance-rows.ts";
import { reappearedIn } from "../subjects/reappeared.ts";
import { isAnybodySuppressed } from "../subjects/suppression.ts";
import { forgetScan, keepScan, scanPosition } from "./scan-position.ts";

/** How a look ended: through, to go on at once, unable to, or with nobody to look for. */
export type ScanOutcome = "ok" | "unfinished" | "failed" | "nobody";

export interface ScanParts {
  readonly register: RegisterParts;
  readonly sources: ReadonlyMap<string, Pick<ErasableSource, "identified">>;
  readonly onScan: (source: string, outcome: ScanOutcome) => void;
}

/** Seconds until a look that failed is tried again, at most: that one does not go on overnight need not last till the next. */
const secondTry = 600;

/** Seconds until the next look; absent: as the configuration says. */
export function nextScan(outcome: ScanOutcome): number | undefined {
  if (outcome === "unfinished") return 0;
  return outcome === "failed" ? secondTry : undefined;
}

/** Milliseconds for one look, which leaves room for a last page within the time of a job. */
const lookTime = 60_000;
/** Milliseconds that a source may take for one page. */
const patience = 30_000;

/**
 * Looks through everybody in a source for those who were erased from it, some at a time, and puts them before the DPO. Of
 * anybody else it keeps nothing. Where the time is up, or the source cannot say, the next look goes on from there; the page
 * is looked at again that was under way.
 */
export async function scanForErased(parts: ScanParts, sourceKey: string): Promise<ScanOutcome> {
  let outcome: ScanOutcome = "failed";
  try {
    return (outcome = await look(parts, sourceKey));
  } finally {
    parts.onScan(sourceKey, outcome);
  }
}

async function look({ register, sources }: ScanParts, sourceKey: string): Promise<ScanOutcome> {
  const source = sources.get(sourceKey);
  const db = dbOf(register.store);
  // Whoever has nobody to look for has no business reading everybody.
  if (!source || !(await isAnybodySuppressed(db, sourceKey))) return "nobody";
  const end = performance.now() + lookTime;
  let after = await scanPosition(db, register, sourceKey);
  try {
    do {
      const page = await source.identified(after, { signal: AbortSignal.timeout(patience) });
      await noteErased(db, register, sourceKey, page.records);
      after = page.next;
      if (after === null) await forgetScan(db, sourceKey);
      else await keepScan(db, register, sourceKey, after);
    } while (after !== null && performance.now() < end);
    return after === null ? "ok" : "unfinished";
  } catch (error) {
    if (error instanceof InvalidCursor) await forgetScan(db, sourceKey);
    else if (!(error instanceof SourceFailure)) throw error;
    return "failed";
  }
}

async function noteErased(
  db: Db,
  register: RegisterParts,
  source: string,
  records: readonly IdentifiedRecord[],
): Promise<void> {
  const hashIdentifier = identifierHash(register.keyring.hash("identifier"));
  const hashRecord = register.keyring.hash("record");
  const hashed = records.map(({ key, identifiers }) => ({
    source,
    recordHash: hashRecord(source, key),
    identifierHashes: identifiers.map(hashIdentifier),
  }));
  const reappeared = await reappearedIn(db, hashed);
  for (const [at, { key, identifiers }] of records.entries()) {
    const record = hashed[at];
    for (const { subjectId, isNoted } of reappeared[at] ?? [])
      if (record && !isNoted)
        await noteReappearance(register, { subjectId, record, recordKey: key, identifiers });
  }
}
