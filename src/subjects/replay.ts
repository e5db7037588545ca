import { sql } from "kysely";
import { Unreadable } from "../store/cipher.ts";
import type { ErasureJournal, JournalledErasure } from "../store/erasure-journal.ts";
import { type Db, dbOf, inTransaction } from "../store/tables.ts";
import { absorb } from "./absorb.ts";
import { lockPerson } from "./decision-rows.ts";
import { emptyRegister } from "./forget.ts";
import { linksIn } from "./journalled.ts";
import { restoreMarks } from "./kept-marks.ts";
import type { RegisterParts } from "./people.ts";
import { keyIfAny } from "./person-key.ts";
import { identifierColumn } from "./person-rows.ts";
import { replaceKey } from "./rekey.ts";
import { restoreErasure } from "./restored-erasure.ts";
import { suppress } from "./suppression.ts";

export type Replaying =
  /** The database knows it, as carried out or as under way. */
  | "known"
  /** The person was back, and is to be erased once more. */
  | "reopened"
  /** Of the person there was nothing that could be read: what was left is gone, and what is to be known of them is back. */
  | "restored";

/** What is done beyond the register. Within the open transaction, which holds the person. */
export interface Beyond {
  /** Has the person erased once more, durably. */
  reopen(db: Db, erasure: JournalledErasure, subjectId: string): Promise<void>;
  /** Lets go what names the person elsewhere in the gateway. */
  forget(db: Db, register: RegisterParts, erasure: JournalledErasure): Promise<void>;
}

/**
 * Carries over what has been erased since the backup that the database was restored from. Each erasure is a transaction of
 * its own: it may be killed and begun again, and done again it changes nothing. Rejects with `BrokenJournal` before
 * anything is changed.
 */
export async function replayErasures(
  register: RegisterParts,
  journal: ErasureJournal,
  beyond: Beyond,
): Promise<Readonly<Record<Replaying, number>>> {
  const counts = { known: 0, reopened: 0, restored: 0 };
  for await (const erasure of journal.entries())
    counts[await inTransaction(register.store, (db) => replay(db, register, erasure, beyond))]++;
  return counts;
}

async function replay(
  db: Db,
  register: RegisterParts,
  erasure: JournalledErasure,
  beyond: Beyond,
): Promise<Replaying> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${erasure.requestId}, 0))`.execute(db);
  const state = await stateOf(db, erasure);
  if (state === "ended") return "known";
  await db
    .insertInto("subject")
    .values({ id: erasure.subjectId, created_at: sql<Date>`gateway_now()`, merged_into: null })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  const subjectId = await lockPerson(db, erasure.subjectId);
  const isBack = await isLegible(db, register, subjectId);
  if (isBack && state === "open") return "known";
  const key = (await keyIfAny(db, register, subjectId)) ?? (await replaceKey(db, register, subjectId));
  await rejoin(db, register, subjectId, erasure.formerIds);
  const suppressed = { subjectId, hashes: erasure.suppressed, sources: erasure.sources };
  if (isBack) {
    await suppress(db, { ...suppressed, requestId: null });
    await beyond.reopen(db, erasure, subjectId);
    return "reopened";
  }
  const { notTheirs } = erasure;
  await emptyRegister(db, register, subjectId, {
    keep: linksIn(key, erasure),
    ...(notTheirs && { notTheirs }),
  });
  await restoreErasure(db, subjectId, erasure);
  await restoreMarks(db, key, subjectId, erasure);
  await suppress(db, { ...suppressed, requestId: erasure.requestId });
  await beyond.forget(db, register, erasure);
  return "restored";
}

async function stateOf(db: Db, { requestId }: JournalledErasure): Promise<"ended" | "open" | "unknown"> {
  const replayed = await db
    .selectFrom("erasure_replay")
    .select("request_id")
    .where("request_id", "=", requestId)
    .executeTakeFirst();
  if (replayed) return "ended";
  const erasure = await db
    .selectFrom("erasure")
    .select("finished_at")
    .where("request_id", "=", requestId)
    .executeTakeFirst();
  if (!erasure) return "unknown";
  return erasure.finished_at === null ? "open" : "ended";
}

/** Whether what the register has of a person opens: otherwise they were forgotten since, and the newest keys are here. */
async function isLegible(db: Db, register: RegisterParts, subjectId: string): Promise<boolean> {
  const latest = await db
    .selectFrom("identifier")
    .select("sealed_value")
    .where("subject_id", "=", subjectId)
    .orderBy("at", "desc")
    .limit(1)
    .executeTakeFirst();
  const key = latest && (await keyIfAny(db, register, subjectId));
  if (!key) return false;
  try {
    key.unseal(latest.sealed_value, identifierColumn);
    return true;
  } catch (error) {
    if (error instanceof Unreadable) return false;
    throw error;
  }
}

/** Who had become one with the person since the backup is one with them again. */
async function rejoin(
  db: Db,
  register: RegisterParts,
  subjectId: string,
  formerIds: readonly string[],
): Promise<void> {
  for (const id of formerIds) {
    const former = await db
      .selectFrom("subject")
      .select("id")
      .where("id", "=", id)
      .where("id", "!=", subjectId)
      .where("merged_into", "is", null)
      .forNoKeyUpdate()
      .executeTakeFirst();
    if (!former) continue;
    if (!(await isLegible(db, register, id))) {
      await replaceKey(db, register, id);
      await emptyRegister(db, register, id, { keep: [] });
    }
    await absorb(db, register.personKeys, subjectId, [id]);
  }
}

/** Persons whose key is nowhere: nothing that is sealed for them will ever open. */
export async function withoutKey(register: RegisterParts): Promise<readonly string[]> {
  const rows = await dbOf(register.store)
    .selectFrom("subject")
    .leftJoin("keys.person_key", "subject_id", "id")
    .select("id")
    .where("merged_into", "is", null)
    .where("wrapped_key", "is", null)
    .orderBy("id")
    .execute();
  return rows.map(({ id }) => id);
}

/** What cannot be read any more goes, and the person can be met again. */
export function forgetWithoutKey(register: RegisterParts, subjectId: string): Promise<void> {
  return inTransaction(register.store, async (db) => {
    const id = await lockPerson(db, subjectId);
    if ((await keyIfAny(db, register, id)) !== null) return;
    await replaceKey(db, register, id);
    await emptyRegister(db, register, id, { keep: [] });
  });
}
