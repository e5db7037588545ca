import { randomUUID } from "node:crypto";
import { sql } from "kysely";
import { batchOf, keepBatch } from "../../src/requests/retention-review-batches.ts";
import type { ExpiredRow } from "../../src/sources/expiring.ts";
import { dbOf } from "../../src/store/tables.ts";
import type { RegisterParts } from "../../src/subjects/people.ts";

/** A review that has records of a source under way. Resolves with the item's id. */
export async function batchUnderWay(
  register: RegisterParts,
  source: string,
  rows: readonly ExpiredRow[],
): Promise<string> {
  const db = dbOf(register.store);
  const [reviewId, itemId] = [randomUUID(), randomUUID()];
  await sql`insert into retention_review (id, as_of, status, approved_at)
    values (${reviewId}, now(), 'RUNNING', now())`.execute(db);
  await sql`insert into retention_review_item
      (id, review_id, place, source, record_type, rule, action, count, held, undated, set_aside, state)
    values (${itemId}, ${reviewId}, 0, ${source}, 'record', 'r', 'ERASE', ${rows.length}, 0, 0, 0, 'PENDING')`.execute(
    db,
  );
  await keepBatch(register, itemId, rows);
  return itemId;
}

/** As `batchUnderWay`, of a review that could not end what it had begun. */
export async function waitingBatch(
  register: RegisterParts,
  source: string,
  rows: readonly ExpiredRow[],
): Promise<string> {
  const itemId = await batchUnderWay(register, source, rows);
  await endReview(register, itemId);
  return itemId;
}

export async function endReview(register: RegisterParts, itemId: string): Promise<void> {
  const db = dbOf(register.store);
  await sql`update retention_review r set status = 'NEEDS_ATTENTION', ended_at = now()
    from retention_review_item i where i.review_id = r.id and i.id = ${itemId}`.execute(db);
  await sql`update retention_review_item set state = 'FAILED', reason = 'UNREACHABLE' where id = ${itemId}`.execute(
    db,
  );
}

export async function batchIn(register: RegisterParts, itemId: string): Promise<readonly ExpiredRow[]> {
  const item = await dbOf(register.store)
    .selectFrom("retention_review_item")
    .select(["id", "sealed_batch"])
    .where("id", "=", itemId)
    .executeTakeFirstOrThrow();
  return batchOf(register, item);
}
