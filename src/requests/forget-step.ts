import { sql } from "kysely";
import type { Identifier } from "../sources/contract.ts";
import type { ErasableSource } from "../sources/erasures.ts";
import type { ErasureJournal } from "../store/erasure-journal.ts";
import { databaseNow } from "../store/clock.ts";
import { type Db, dbOf, inTransaction } from "../store/tables.ts";
import { erasureOfRequest } from "../subjects/journalled.ts";
import { lockPerson } from "../subjects/decision-rows.ts";
import { forgetIn, forgetPerson, type KeptLink } from "../subjects/forget.ts";
import type { NotTheirs } from "../subjects/not-theirs.ts";
import { identifierHash } from "../subjects/people.ts";
import { keyOfPerson } from "../subjects/person-key.ts";
import { suppress } from "../subjects/suppression.ts";
import {
  type ErasureRow,
  erasureOf,
  erasureSources,
  type ErasureSourceRow,
  besideIn,
  whoseIn,
} from "./erasure-rows.ts";
import { endConsents } from "./end-consents-step.ts";
import { endOthers, isAtWork, underWay } from "./end-others.ts";
import { erasureReceipt, type ReceiptParts } from "./erasure-receipt.ts";
import { dropLinks, keptLinks } from "./kept-links.ts";
import { gatherAnew } from "./export-anew.ts";
import { endLetters } from "./letters.ts";
import { endRetained, retainedFor } from "./retained.ts";
import { forgetInBatches } from "./retention-review-batches.ts";
import type { StepHandler, Task } from "./step.ts";

export interface ForgetParts extends ReceiptParts {
  readonly sources: ReadonlyMap<string, ErasableSource>;
  /** Null: there is none. */
  readonly journal: ErasureJournal | null;
}

/**
 * The gateway's own part, when all else is done: what named the person stays as keyed hashes alone, the receipt is signed,
 * and the person's key is destroyed, and with it links, notes and details wherever a copy of them lies.
 */
export function forgetStep(parts: ForgetParts): StepHandler {
  return async (task) => {
    const { request, subject, signal } = task;
    const erasure = await erasureOf(dbOf(parts.register.store), request.id);
    if (erasure && erasure.finished_at === null) {
      const keep = await keptLinks(parts, { requestId: request.id, subjectId: subject.id }, signal);
      const isForgotten = await inTransaction(parts.register.store, (db) =>
        forget(db, parts, task, erasure, keep),
      );
      if (!isForgotten) return { state: "PENDING", reason: null, retryAt: new Date(Date.now() + shortly) };
    }
    // Also where an attempt was killed after its effect.
    const alsoChanged = await underWay(dbOf(parts.register.store), subject.id, request.id);
    return { state: "DONE", result: "DONE", alsoChanged };
  };
}

/** Milliseconds after which it is looked again whether another request of the person is still at work. */
const shortly = 500;

/** False: another request of the person is at work, or a letter to them, which needs what would go. */
async function forget(
  db: Db,
  parts: ForgetParts,
  { request, subject }: Task,
  { sources }: ErasureRow,
  keep: readonly KeptLink[],
): Promise<boolean> {
  const { register, organisation } = parts;
  const subjectId = await lockPerson(db, subject.id);
  if (sources === null) {
    // What has been said and asked for since it began ends with it.
    await endConsents(db, subjectId, request);
    await endOthers(db, subjectId, request.id, null, "ENDED");
    if (await isAtWork(db, { id: request.id, subject_id: subjectId })) return false;
    if (!(await endLetters(db, request.id))) return false;
  }
  const read = await erasureSources(db, request.id);
  // Also who was in no system that could be read is known again.
  const known = sources === null ? identifiersOf(subject) : [];
  const hashes = await identifierHashes(db, parts, subjectId, { read, known });
  const notTheirs = await othersBeside(db, parts, subjectId, read);
  await suppress(db, { subjectId, requestId: request.id, hashes, sources });
  await endRetained(db, { id: request.id, subjectId }, sources ?? read.map(({ source }) => source));
  const at = await databaseNow(db);
  const receipt = await erasureReceipt(db, { register, organisation }, request, { sources, at });
  await db.updateTable("request").set({ receipt }).where("id", "=", request.id).execute();
  await db
    .updateTable("erasure_source")
    .set({ sealed_record: null, ended_at: sql<Date>`coalesce(ended_at, clock_timestamp())` })
    .where("request_id", "=", request.id)
    .execute();
  await db.updateTable("erasure").set({ finished_at: at }).where("request_id", "=", request.id).execute();
  if (sources === null || (await isLastOfTheirs(db, subjectId, read))) {
    // What was asked for meanwhile cannot be done without the words that go now.
    await endOthers(db, subjectId, request.id, null, "ENDED");
    await forgetPerson(db, register, subjectId, { keep, notTheirs });
  } else {
    await forgetIn(db, register, subjectId, { sources, keep, notTheirs });
    // What was read of it to be taken along is gone as well.
    await gatherAnew(db, subjectId);
  }
  await forgetInBatches(db, register, sources, {
    identifiers: new Set(hashes),
    records: new Set(read.flatMap(({ record_hash }) => record_hash ?? [])),
  });
  // Before it stands: an erasure that nobody knows of after a restore is worse than one that is carried out twice.
  await parts.journal?.write(await erasureOfRequest(db, register, request.id));
  return true;
}

const identifiersOf = ({ identity, links }: Task["subject"]): readonly Identifier[] => [
  ...identity.identifiers,
  ...[...links.values()].flat(),
];

/** What the law had kept of somebody who was forgotten has gone: no link is left to be kept under their key. */
async function isLastOfTheirs(
  db: Db,
  subjectId: string,
  read: readonly ErasureSourceRow[],
): Promise<boolean> {
  const kept = new Set((await retainedFor(db, subjectId)).map(({ source }) => source));
  const gone = read.flatMap(({ source, record_hash: recordHash }) =>
    recordHash === null || kept.has(source) ? [] : [{ source, recordHash }],
  );
  const nothingLeft = await dropLinks(db, subjectId, gone);
  const subject = await db
    .selectFrom("subject")
    .select("forgotten_at")
    .where("id", "=", subjectId)
    .executeTakeFirst();
  return nothingLeft && subject?.forgotten_at != null;
}

/** Whoever signs in with an address that others have as well is not to be shown these, once their own record has gone. */
async function othersBeside(
  db: Db,
  { register }: ForgetParts,
  subjectId: string,
  read: readonly ErasureSourceRow[],
): Promise<readonly NotTheirs[]> {
  const key = await keyOfPerson(db, register, subjectId);
  return read.flatMap((row) =>
    besideIn(key, row).others.map((recordHash) => ({ source: row.source, recordHash })),
  );
}

/** By what the person would be known again. */
async function identifierHashes(
  db: Db,
  { register }: ForgetParts,
  subjectId: string,
  { read, known }: { readonly read: readonly ErasureSourceRow[]; readonly known: readonly Identifier[] },
): Promise<readonly string[]> {
  const key = await keyOfPerson(db, register, subjectId);
  const hash = identifierHash(register.keyring.hash("identifier"));
  const named = [...known, ...read.flatMap((row) => whoseIn(key, row)?.identifiers ?? [])];
  const shared = new Set(read.flatMap((row) => besideIn(key, row).shared).map(hash));
  return [...new Set(named.map(hash))].filter((each) => !shared.has(each));
}
