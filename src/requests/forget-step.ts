import { sql } from "kysely";
import { databaseNow } from "../store/clock.ts";
import { type Db, dbOf, inTransaction } from "../store/tables.ts";
import { lockPerson } from "../subjects/decision-rows.ts";
import { identifierHash } from "../subjects/people.ts";
import { keyOfPerson } from "../subjects/person-key.ts";
import { suppress } from "../subjects/suppression.ts";
import { type ErasureRow, erasureOf, erasureSources, whoseIn } from "./erasure-rows.ts";
import { erasureReceipt, type ReceiptParts } from "./erasure-receipt.ts";
import { endRetained } from "./retained.ts";
import type { StepHandler, Task } from "./step.ts";

export type ForgetParts = ReceiptParts;

/**
 * The gateway's own part, when all else is done: what named the person stays as keyed hashes alone, the receipt is signed,
 * and the person's key is destroyed, and with it links, notes and details wherever a copy of them lies.
 */
export function forgetStep(parts: ForgetParts): StepHandler {
  return async (task) => {
    const erasure = await erasureOf(dbOf(parts.register.store), task.request.id);
    if (erasure && erasure.finished_at === null)
      await inTransaction(parts.register.store, (db) => forget(db, parts, task, erasure));
    return { state: "DONE", result: "DONE" };
  };
}

async function forget(
  db: Db,
  parts: ForgetParts,
  { request, subject }: Task,
  { sources }: ErasureRow,
): Promise<void> {
  const { register } = parts;
  const subjectId = await lockPerson(db, subject.id);
  const read = await erasureSources(db, request.id);
  const hashes = await identifierHashes(db, parts, subjectId, read);
  await suppress(db, { subjectId, requestId: request.id, hashes, sources });
  await endRetained(db, { id: request.id, subjectId }, sources ?? read.map(({ source }) => source));
  const at = await databaseNow(db);
  const receipt = await erasureReceipt(db, { register, organisation: parts.organisation }, request, {
    sources,
    at,
  });
  await db.updateTable("request").set({ receipt }).where("id", "=", request.id).execute();
  await db
    .updateTable("erasure_source")
    .set({ sealed_record: null, ended_at: sql<Date>`coalesce(ended_at, clock_timestamp())` })
    .where("request_id", "=", request.id)
    .execute();
  await db.updateTable("erasure").set({ finished_at: at }).where("request_id", "=", request.id).execute();
}

/** By what the person would be known again. */
async function identifierHashes(
  db: Db,
  { register }: ForgetParts,
  subjectId: string,
  read: Awaited<ReturnType<typeof erasureSources>>,
): Promise<readonly string[]> {
  const key = await keyOfPerson(db, register, subjectId);
  const hash = identifierHash(register.keyring.hash("identifier"));
  const named = read.flatMap((row) => whoseIn(key, row)?.identifiers ?? []);
  return [...new Set(named.map(hash))];
}
