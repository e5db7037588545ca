import { randomUUID } from "node:crypto";
import { sql } from "kysely";
import { z } from "zod";
import { IdentifierKind } from "../access/vocabulary.ts";
import type { Identifier } from "../sources/contract.ts";
import type { PersonKey } from "../store/person-keys.ts";
import { type Db, inTransaction, sealedColumn } from "../store/tables.ts";
import type { RegisterParts } from "./people.ts";
import { keyIfAny } from "./person-key.ts";
import { type HashedRecord, reappearedAs } from "./reappeared.ts";
import { suppressedSince } from "./suppression.ts";

/** What the DPO makes of a person who has come up again. */
export type ReappearanceDecision = "NEW_RELATIONSHIP" | "ERASE_AGAIN";

/** A record that names somebody who was erased, as it waits for the DPO. */
export interface ReappearanceRow {
  readonly id: string;
  readonly subject_id: string;
  readonly source: string;
  readonly record_hash: string;
  readonly sealed_record: Uint8Array | null;
  readonly seen_at: Date;
  /** Null: it waits. */
  readonly decided_at: Date | null;
}

/** A record as it is to be found again. */
export interface NamedRecord {
  readonly recordKey: string;
  readonly identifiers: readonly Identifier[];
}

const recordColumn = sealedColumn("reappearance", "sealed_record");
const reasonColumn = sealedColumn("reappearance", "sealed_reason");

const namedRecord = z.object({
  recordKey: z.string(),
  identifiers: z.array(z.object({ kind: z.enum(IdentifierKind), value: z.string() })),
});

/** A record in which an erased person has been seen. */
export interface Sighting extends NamedRecord {
  readonly subjectId: string;
  readonly record: HashedRecord;
  /** What the law keeps of the person has been added to, though it names them by nothing new. */
  readonly hasGrown?: true;
}

/** Puts a record before the DPO, once for as long as it waits there. False: there was nothing to be put. */
export function noteReappearance(register: RegisterParts, sighting: Sighting): Promise<boolean> {
  const { subjectId, record, recordKey, identifiers, hasGrown = false } = sighting;
  return inTransaction(register.store, async (db) => {
    // Whoever merges the person into another, forgets them or lifts their suppression waits, or is waited for.
    await db.selectFrom("subject").select("id").where("id", "=", subjectId).forShare().execute();
    const now = (await reappearedAs(db, record)).filter((each) => each.subjectId === subjectId);
    const mustNot = now.length > 0 || (hasGrown && (await suppressedSince(db, subjectId)) !== null);
    if (!mustNot || now.some(({ isNoted }) => isNoted)) return false;
    const key = await keyIfAny(db, register, subjectId);
    const sealed = key?.seal(JSON.stringify({ recordKey, identifiers }), recordColumn) ?? null;
    const { numInsertedOrUpdatedRows } = await db
      .insertInto("reappearance")
      .values({
        id: randomUUID(),
        subject_id: subjectId,
        source: record.source,
        record_hash: record.recordHash,
        sealed_record: sealed,
        seen_at: sql<Date>`clock_timestamp()`,
        decided_at: null,
        decision: null,
        sealed_reason: null,
        request_id: null,
      })
      .onConflict((conflict) =>
        conflict
          .columns(["subject_id", "source", "record_hash"])
          .where("decided_at", "is", null)
          .doUpdateSet({ sealed_record: sealed })
          .where("reappearance.sealed_record", "is", null),
      )
      .executeTakeFirst();
    return (numInsertedOrUpdatedRows ?? 0n) > 0n;
  });
}

/** Null: there is none by that id. */
export async function reappearanceById(db: Db, id: string): Promise<ReappearanceRow | null> {
  return (await db.selectFrom("reappearance").selectAll().where("id", "=", id).executeTakeFirst()) ?? null;
}

/** Null: it was decided, or there is none by that id. */
export async function openReappearance(db: Db, id: string): Promise<ReappearanceRow | null> {
  const row = await reappearanceById(db, id);
  return row?.decided_at === null ? row : null;
}

/** Null: the person was forgotten anew, and it has not been seen since. @throws Unreadable */
export function recordIn(key: PersonKey, { sealed_record }: ReappearanceRow): NamedRecord | null {
  return sealed_record && namedRecord.parse(JSON.parse(key.unseal(sealed_record, recordColumn)));
}

export interface Settled {
  readonly decision: ReappearanceDecision;
  readonly because: string;
  /** The erasure that comes of it. */
  readonly requestId: string | null;
}

/** Within the open transaction, which holds the person. Resolves with how many had waited till now. */
export async function settleReappearances(
  db: Db,
  key: PersonKey,
  which: { readonly subjectId: string } | { readonly id: string },
  { decision, because, requestId }: Settled,
): Promise<number> {
  const { numUpdatedRows } = await db
    .updateTable("reappearance")
    .set({
      decision,
      decided_at: sql<Date>`clock_timestamp()`,
      sealed_record: null,
      sealed_reason: key.seal(because, reasonColumn),
      request_id: requestId,
    })
    .where("decided_at", "is", null)
    .where("id" in which ? sql<boolean>`id = ${which.id}` : sql<boolean>`subject_id = ${which.subjectId}`)
    .executeTakeFirst();
  return Number(numUpdatedRows);
}

/**
 * What the person's key had sealed goes with it; that something waits for the DPO stays, and what it takes to act on it is
 * written down when the record is seen next. Within the open transaction.
 */
export async function forgetReappearances(db: Db, subjectId: string): Promise<void> {
  await db
    .updateTable("reappearance")
    .set({ sealed_record: null, sealed_reason: null })
    .where("subject_id", "=", subjectId)
    .execute();
}

/** Of all sources. */
export async function countReappearances(db: Db): Promise<number> {
  const { open } = await db
    .selectFrom("reappearance")
    .select((each) => each.fn.countAll<string>().as("open"))
    .where("decided_at", "is", null)
    .executeTakeFirstOrThrow();
  return Number(open);
}
