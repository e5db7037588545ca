import { randomUUID } from "node:crypto";
import { sql } from "kysely";
import { describeRetention } from "../access/retention.ts";
import type { Db } from "../store/tables.ts";
import type { RecordLabel } from "../sources/module.ts";
import type { ErasureAction, RequestStatus, StepState } from "./vocabulary.ts";

export interface ReviewRow {
  readonly id: string;
  readonly opened_at: Date;
  /** ISO 8601. */
  readonly as_of: string;
  readonly status: RequestStatus;
  readonly turn: number;
  readonly approved_at: Date | null;
  readonly ended_at: Date | null;
}

export interface ReviewItemRow {
  readonly id: string;
  readonly source: string;
  readonly record_type: string;
  readonly fields: readonly string[] | null;
  readonly rule: string;
  readonly action: ErasureAction;
  readonly count: string;
  readonly held: string;
  readonly undated: string;
  readonly set_aside: string;
  readonly state: StepState;
  readonly reason: string | null;
  readonly attempts: number;
  readonly next_attempt_at: Date | null;
  readonly sealed_batch: Uint8Array | null;
  readonly over_before: string | null;
  readonly gone: string | null;
  readonly remaining: string | null;
}

const reviews = (db: Db) =>
  db
    .selectFrom("retention_review")
    .select(["id", "opened_at", "status", "turn", "approved_at", "ended_at"])
    .select(sql<string>`as_of::text`.as("as_of"))
    .$castTo<ReviewRow>();

export async function reviewById(db: Db, id: string): Promise<ReviewRow | null> {
  return (await reviews(db).where("id", "=", id).executeTakeFirst()) ?? null;
}

/** Keeps others from it until the transaction is over. */
export async function lockReview(db: Db, id: string): Promise<ReviewRow | null> {
  return (await reviews(db).where("id", "=", id).forUpdate().executeTakeFirst()) ?? null;
}

/** Ends one that nobody has approved, so that another can be opened. Null: there is none. */
export async function dropUnapproved(db: Db): Promise<ReviewRow | null> {
  const dropped = await db
    .updateTable("retention_review")
    .set({ status: "CANCELLED", ended_at: sql<Date>`clock_timestamp()` })
    .where("status", "=", "AWAITING_DECISION")
    .returning("id")
    .executeTakeFirst();
  return dropped ? reviewById(db, dropped.id) : null;
}

/** Null: another is open. */
export async function insertReview(db: Db, asOf: string): Promise<ReviewRow | null> {
  const id = randomUUID();
  const made = await db
    .insertInto("retention_review")
    .values({ id, as_of: asOf, status: "SCHEDULED", counted_at: null, approved_at: null, ended_at: null })
    .onConflict((conflict) => conflict.doNothing())
    .returning("id")
    .executeTakeFirst();
  return made ? reviewById(db, id) : null;
}

export const itemsOf = (db: Db, reviewId: string): Promise<readonly ReviewItemRow[]> =>
  db
    .selectFrom("retention_review_item")
    .selectAll()
    .where("review_id", "=", reviewId)
    .orderBy("place")
    .$castTo<ReviewItemRow>()
    .execute();

export interface NewItem {
  readonly source: string;
  readonly recordType: string;
  /** Null: the rows. */
  readonly fields: readonly string[] | null;
  readonly label: RecordLabel;
  readonly action: ErasureAction;
  readonly count: number;
  readonly held: number;
  readonly undated: number;
  readonly setAside: number;
  readonly reason: string | null;
}

export async function insertItems(db: Db, reviewId: string, items: readonly NewItem[]): Promise<void> {
  if (items.length === 0) return;
  await db
    .insertInto("retention_review_item")
    .values(
      items.map(
        ({ source, recordType, fields, label, action, count, held, undated, setAside, reason }, place) => ({
          id: randomUUID(),
          review_id: reviewId,
          place,
          source,
          record_type: recordType,
          fields: fields && [...fields],
          rule: describeRetention(label.retention),
          action,
          count: String(count),
          held: String(held),
          undated: String(undated),
          set_aside: String(setAside),
          state: action === "UNAVAILABLE" ? "SKIPPED" : "PENDING",
          reason,
          next_attempt_at: null,
          sealed_batch: null,
          over_before: null,
          gone: null,
          remaining: null,
        }),
      ),
    )
    .execute();
}
