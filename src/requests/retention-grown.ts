import type { SourceRecord } from "../sources/contract.ts";
import type { Subject } from "../sources/data-subject.ts";
import type { Match } from "../sources/match.ts";
import { SourceUnavailable } from "../sources/loader.ts";
import { dbOf, inTransaction } from "../store/tables.ts";
import { lockPerson } from "../subjects/decision-rows.ts";
import { distinctIdentifiers } from "../subjects/identifiers.ts";
import { dropMarks } from "../subjects/kept-marks.ts";
import { identifierHash } from "../subjects/people.ts";
import { noteReappearance } from "../subjects/reappearance-rows.ts";
import { type Obstacle, type PlanItem, planErasure } from "./erasure-plan.ts";
import type { Named } from "./erasure-rows.ts";
import { type OwnErasureParts, planPartsOf } from "./own-erasure.ts";
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
  const { items } = await planErasure(planPartsOf(parts), subject, sources);
  const toErase: string[] = [];
  const records: Named[] = [];
  for (const source of sources) {
    const match = await matchOf(parts, subject, source);
    const there = items.filter((item) => item.source === source);
    if (match === null || there.some(({ obstacle }) => obstacle !== null && !forStaff.has(obstacle)))
      continue;
    if (match.state === "NOT_HELD") await nothingKept(parts, subjectId, source);
    else if (match.state !== "HELD") toErase.push(source);
    else {
      const record = namedIn(parts, subject, source, match.record);
      const kept = await retainedIn(dbOf(parts.register.store), subjectId, source);
      if (hasGrown(there, kept)) await noteGrown(parts, subject, record);
      else {
        toErase.push(source);
        records.push(record);
      }
    }
  }
  return { toErase, records };
}

/** Staff see these in the erasure that is opened, and settle them there. */
const forStaff: ReadonlySet<Obstacle> = new Set(["NEEDS_REVIEW", "NOT_VERIFIED", "CANNOT_ERASE"]);

/** Null: it cannot be told now. */
async function matchOf(
  { newFinder }: OwnErasureParts,
  subject: Subject,
  source: string,
): Promise<Match | null> {
  try {
    return await newFinder().find(source, subject);
  } catch (error) {
    if (error instanceof SourceUnavailable) return null;
    throw error;
  }
}

/** With it goes what was withheld there. */
function nothingKept({ register }: OwnErasureParts, subjectId: string, source: string): Promise<void> {
  return inTransaction(register.store, async (db) => {
    const id = await lockPerson(db, subjectId);
    await endRetainedIn(db, id, source);
    await dropMarks(db, id, [source]);
  });
}

function namedIn(
  { register }: OwnErasureParts,
  { links }: Subject,
  source: string,
  record: SourceRecord,
): Named {
  const identifiers = distinctIdentifiers([...record.identifiers, ...(links.get(source) ?? [])]);
  const recordHash = register.keyring.hash("record")(source, record.key);
  return { source, recordHash, whose: { recordKey: record.key, identifiers } };
}

function hasGrown(there: readonly PlanItem[], kept: ReadonlyMap<string, number>): boolean {
  const now = new Map<string, number>();
  for (const { recordType, count } of there) now.set(recordType, (now.get(recordType) ?? 0) + count);
  return [...now].some(([recordType, count]) => count > (kept.get(recordType) ?? 0));
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
