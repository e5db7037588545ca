import type { Subject } from "../sources/data-subject.ts";
import { SourceUnavailable } from "../sources/loader.ts";
import { dbOf } from "../store/tables.ts";
import { identifierHash } from "../subjects/people.ts";
import { noteReappearance } from "../subjects/reappearance-rows.ts";
import { type Obstacle, type PlanItem, planErasure } from "./erasure-plan.ts";
import { type OwnErasureParts, planPartsOf } from "./own-erasure.ts";
import { retainedIn } from "./retained.ts";
import { gatewayItself } from "./step.ts";

/**
 * Of the sources, those that hold no more of an erased person than what was kept of them. What has come to it since, by an
 * import or a new order, nobody has asked to have erased: it is put before the DPO, and the source waits. So does one that
 * does not answer.
 */
export async function asTheyWereKept(
  parts: OwnErasureParts,
  subjectId: string,
  sources: readonly string[],
): Promise<readonly string[]> {
  const person = await parts.people.byId(subjectId);
  if (!person) return [];
  const subject: Subject = { ...person, viewer: gatewayItself };
  const { items } = await planErasure(planPartsOf(parts), subject, sources);
  const unchanged: string[] = [];
  for (const source of sources) {
    const there = items.filter((item) => item.source === source);
    if (there.some(({ obstacle }) => obstacle !== null && !forStaff.has(obstacle))) continue;
    const kept = await retainedIn(dbOf(parts.register.store), subjectId, source);
    if (hasGrown(there, kept)) await noteGrown(parts, subject, source);
    else unchanged.push(source);
  }
  return unchanged;
}

/** Staff see these in the erasure that is opened, and settle them there. */
const forStaff: ReadonlySet<Obstacle> = new Set(["NEEDS_REVIEW", "NOT_VERIFIED", "CANNOT_ERASE"]);

function hasGrown(there: readonly PlanItem[], kept: ReadonlyMap<string, number>): boolean {
  const now = new Map<string, number>();
  for (const { recordType, count } of there) now.set(recordType, (now.get(recordType) ?? 0) + count);
  return [...now].some(([recordType, count]) => count > (kept.get(recordType) ?? 0));
}

async function noteGrown(
  { newFinder, register }: OwnErasureParts,
  subject: Subject,
  source: string,
): Promise<void> {
  const match = await newFinder()
    .find(source, subject)
    .catch((error: unknown) => {
      if (error instanceof SourceUnavailable) return null;
      throw error;
    });
  if (match?.state !== "HELD") return;
  const { key: recordKey, identifiers } = match.record;
  const { keyring } = register;
  await noteReappearance(register, {
    subjectId: subject.id,
    recordKey,
    identifiers,
    hasGrown: true,
    record: {
      source,
      recordHash: keyring.hash("record")(source, recordKey),
      identifierHashes: identifiers.map(identifierHash(keyring.hash("identifier"))),
    },
  });
}
