import { dayOf } from "../access/holds.ts";
import { SourceFailure } from "../sources/contract.ts";
import type { Subject } from "../sources/data-subject.ts";
import { SourceUnavailable } from "../sources/loader.ts";
import { databaseNow } from "../store/clock.ts";
import { dbOf, inTransaction } from "../store/tables.ts";
import { lockPerson } from "../subjects/decision-rows.ts";
import { dropMarks } from "../subjects/kept-marks.ts";
import { identifierHash } from "../subjects/people.ts";
import { noteReappearance } from "../subjects/reappearance-rows.ts";
import { type Holding, type Reading, readForErasure } from "./erasure-read.ts";
import type { Named } from "./erasure-rows.ts";
import type { OwnErasureParts } from "./own-erasure.ts";
import { endRetainedIn, retainedIn } from "./retained.ts";
import { gatewayItself } from "./step.ts";

export interface AsKept {
  readonly toErase: readonly string[];
  /** Of these sources, where it is clear which. */
  readonly records: readonly Named[];
}

/**
 * Of the sources, those that hold no more of an erased person than what was kept of them, by nothing but what was left to
 * lead there. What has come to it since, by an import or a new order, nobody has asked to have erased: it is put before the
 * DPO, and the source waits. So does one that does not answer. Where nothing is there any more, nothing is kept.
 */
export async function asTheyWereKept(
  parts: OwnErasureParts,
  subjectId: string,
  sources: readonly string[],
): Promise<AsKept> {
  const person = await parts.people.byId(subjectId);
  if (!person) return { toErase: [], records: [] };
  const identity = { ...person.identity, identifiers: [] };
  const subject: Subject = { ...person, identity, viewer: gatewayItself };
  const toErase: string[] = [];
  const records: Named[] = [];
  for (const source of sources) {
    const reading = await readingOf(parts, subject, source);
    if (reading === null) continue;
    if (!("whose" in reading)) {
      // Staff see it in the erasure that is opened, and settle it there.
      toErase.push(source);
      continue;
    }
    const { recordKey, ...named } = reading.whose;
    if (recordKey === null) {
      await nothingKept(parts, subjectId, source);
      continue;
    }
    const recordHash = parts.register.keyring.hash("record")(source, recordKey);
    const record: Named = { source, recordHash, whose: { ...named, recordKey } };
    const kept = await retainedIn(dbOf(parts.register.store), subjectId, source);
    if (hasGrown(reading, kept)) await noteGrown(parts, subject, record);
    else {
      toErase.push(source);
      records.push(record);
    }
  }
  return { toErase, records };
}

/** Null: it cannot be told now. */
async function readingOf(
  { connected, sources, newFinder, register, planMilliseconds }: OwnErasureParts,
  subject: Subject,
  key: string,
): Promise<Reading | null> {
  const source = sources.get(key);
  const module = connected.find((each) => each.key === key);
  if (!source || !module) return null;
  try {
    return await readForErasure({
      source,
      module,
      finder: newFinder(),
      subject,
      today: dayOf(await databaseNow(dbOf(register.store))),
      hash: register.keyring.hash("request"),
      signal: AbortSignal.timeout(planMilliseconds),
    });
  } catch (error) {
    if (error instanceof SourceUnavailable || error instanceof SourceFailure || error instanceof DOMException)
      return null;
    throw error;
  }
}

const hasGrown = ({ tally }: Pick<Holding, "tally">, kept: ReadonlyMap<string, number>): boolean =>
  [...tally].some(([recordType, count]) => count > (kept.get(recordType) ?? 0));

/** With it goes what was withheld there. */
function nothingKept({ register }: OwnErasureParts, subjectId: string, source: string): Promise<void> {
  return inTransaction(register.store, async (db) => {
    const id = await lockPerson(db, subjectId);
    await endRetainedIn(db, id, source);
    await dropMarks(db, id, [source]);
  });
}

async function noteGrown(
  { register }: OwnErasureParts,
  { id: subjectId }: Subject,
  { source, recordHash, whose: { recordKey, identifiers } }: Named,
): Promise<void> {
  const identifierHashes = identifiers.map(identifierHash(register.keyring.hash("identifier")));
  const record = { source, recordHash, identifierHashes };
  await noteReappearance(register, { subjectId, record, recordKey, identifiers, hasGrown: true });
}
