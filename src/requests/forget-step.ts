import { sql } from "kysely";
import { databaseNow } from "../store/clock.ts";
import { type Db, inTransaction } from "../store/tables.ts";
import { lockPerson } from "../subjects/decision-rows.ts";
import { erasureOf } from "./erasure-rows.ts";
import { erasureReceipt, type ReceiptParts } from "./erasure-receipt.ts";
import type { StepHandler, Task } from "./step.ts";

export type ForgetParts = ReceiptParts;

/**
 * The gateway's own part, when all else is done: what named the person stays as keyed hashes alone, the receipt is signed,
 * and the person's key is destroyed, and with it links, notes and details wherever a copy of them lies.
 */
export function forgetStep(parts: ForgetParts): StepHandler {
  return async (task) => {
    await inTransaction(parts.register.store, (db) => forget(db, parts, task));
    return { state: "DONE", result: "DONE" };
  };
}

async function forget(db: Db, parts: ForgetParts, { request, subject }: Task): Promise<void> {
  await lockPerson(db, subject.id);
  const erasure = await erasureOf(db, request.id);
  if (!erasure || erasure.finished_at !== null) return;
  const at = await databaseNow(db);
  const receipt = await erasureReceipt(db, parts, request, { sources: erasure.sources, at });
  await db.updateTable("request").set({ receipt }).where("id", "=", request.id).execute();
  await db
    .updateTable("erasure_source")
    .set({ sealed_record: null, ended_at: sql<Date>`coalesce(ended_at, clock_timestamp())` })
    .where("request_id", "=", request.id)
    .execute();
  await db.updateTable("erasure").set({ finished_at: at }).where("request_id", "=", request.id).execute();
}
