import { sql } from "kysely";
import type { AuditTrail } from "../audit/trail.ts";
import { type Db, dbOf, inTransaction } from "../store/tables.ts";
import { describeRetention } from "../access/retention.ts";
import type { ShorterKept } from "../sources/module.ts";
import type { ConnectedSource } from "../subjects/ask.ts";
import { tell } from "./advance.ts";
import type { Queueing } from "./jobs.ts";
import { nextAttempt, type Patience } from "./patience.ts";
import { inheritBatches } from "./retention-review-batches.ts";
import { countExpired, type CountParts, reasonOf } from "./retention-review-count.ts";
import { type Ended, endExpired, type Ending, remainingOf } from "./retention-review-end.ts";
import {
  insertItems,
  itemsOf,
  lockReview,
  reviewById,
  type ReviewItemRow,
  type ReviewRow,
} from "./retention-review-rows.ts";

/** One turn of a review: of the jobs for one, only the latest turn's does anything. */
export interface ReviewTurn {
  readonly reviewId: string;
  readonly turn: number;
}

export interface ReviewParts extends CountParts {
  readonly trail: Pick<AuditTrail, "record">;
  readonly retries: Patience;
  /** Attempts after which a record type that could not be ended is left to staff. */
  readonly attempts: number;
  /** For the metrics. */
  readonly onReview: (outcome: "opened" | "cancelled" | "completed" | "needs_attention") => void;
  readonly onReviewed: (source: string, gone: number, remaining: number) => void;
  readonly failed: (error: unknown) => void;
}

/** Milliseconds after which a turn leaves the rest to the next, which any replica may take. */
const longestTurn = 20_000;

/**
 * Carries a review on: counts what is over, or, once that has been approved, makes some of it go. Rejects where its end could
 * not be written down: it is done again then, and what has gone is not found any more.
 */
export async function runReview(
  parts: ReviewParts,
  queue: Queueing<ReviewTurn>,
  { reviewId, turn }: ReviewTurn,
): Promise<void> {
  const review = await reviewById(dbOf(parts.register.store), reviewId);
  if (!review || review.turn !== turn || review.ended_at !== null) return;
  try {
    if (review.status === "SCHEDULED") await count(parts, review);
    else if (review.status === "RUNNING") await carryOn(parts, queue, review);
  } catch (error) {
    parts.failed(error);
    throw error;
  }
}

async function count(parts: ReviewParts, review: ReviewRow): Promise<void> {
  const items = await countExpired(parts, review.as_of);
  await inTransaction(parts.register.store, async (db) => {
    const now = await lockReview(db, review.id);
    if (now?.turn !== review.turn) return;
    await insertItems(db, review.id, items);
    await inheritBatches(db, parts.register, review.id);
    await db
      .updateTable("retention_review")
      .set({ status: "AWAITING_DECISION", counted_at: sql<Date>`clock_timestamp()`, turn: review.turn + 1 })
      .where("id", "=", review.id)
      .execute();
    await tell(db, review.id);
  });
}

async function carryOn(parts: ReviewParts, queue: Queueing<ReviewTurn>, review: ReviewRow): Promise<void> {
  const db = dbOf(parts.register.store);
  const until = Date.now() + longestTurn;
  const items = await itemsOf(db, review.id);
  // Sources do not wait for each other.
  const sources = [...new Set(items.map(({ source }) => source))];
  await Promise.all(
    sources.map((source) =>
      carryOnIn(
        parts,
        review,
        items.filter((item) => item.source === source),
        until,
      ),
    ),
  );
  await inTransaction(parts.register.store, async (tx) => {
    const now = await lockReview(tx, review.id);
    if (now?.turn !== review.turn) return;
    await settle(tx, parts, queue, now);
  });
}

/** In their order: what hangs on a record goes before it, and a record waits for that. */
async function carryOnIn(
  parts: ReviewParts,
  review: ReviewRow,
  items: readonly ReviewItemRow[],
  until: number,
): Promise<void> {
  for (const item of items.filter(({ state }) => state === "PENDING")) {
    if (item.next_attempt_at !== null && item.next_attempt_at.getTime() > Date.now()) return;
    if (!(await carryOut(parts, review, item, until)) || Date.now() > until) return;
  }
}

/** False: there is more to do, or the source is to be asked again later. */
async function carryOut(
  parts: ReviewParts,
  { id: reviewId, as_of: asOf }: ReviewRow,
  item: ReviewItemRow,
  until: number,
): Promise<boolean> {
  const { source, record_type: recordType } = item;
  const expiring = parts.sources.get(source)?.expiring;
  const module = parts.connected.find(({ key }) => key === source);
  const db = dbOf(parts.register.store);
  if (!expiring || !module) {
    await end(parts, reviewId, item, { state: "FAILED", reason: "CANNOT_ERASE", now: null });
    return true;
  }
  const shorter = item.fields === null ? undefined : module.shorter?.[recordType];
  if (!isAsShown(module, item, shorter)) {
    await end(parts, reviewId, item, { state: "FAILED", reason: "RULE_CHANGED", now: null });
    return true;
  }
  try {
    const ending = { item, expiring, asked: { recordType, asOf, labels: module.labels, shorter } };
    const before = await overBefore(parts, ending);
    const now = await endExpired(parts, ending, until);
    if (now === null) return false;
    const isGone = now.remaining === 0;
    await end(parts, reviewId, item, {
      state: isGone ? "DONE" : "FAILED",
      reason: isGone ? null : "LEFT_BEHIND",
      now: { ...now, gone: Math.max(0, before - now.over) },
    });
    return true;
  } catch (error) {
    const reason = reasonOf(error);
    const attempts = item.attempts + 1;
    if (attempts >= parts.attempts) {
      await end(parts, reviewId, item, { state: "FAILED", reason, now: null });
      return true;
    }
    await db
      .updateTable("retention_review_item")
      .set({ attempts, reason, next_attempt_at: nextAttempt(parts.retries, attempts, undefined) })
      .where("id", "=", item.id)
      .execute();
    return false;
  }
}

interface ItemEnd {
  readonly state: "DONE" | "FAILED";
  readonly reason: string | null;
  /** Null: it could not be counted. */
  readonly now: (Ended & { readonly gone: number }) | null;
}

/** What was approved is what is carried out: a version that has come since may have another rule. */
function isAsShown(
  { labels, capabilities }: ConnectedSource,
  { record_type, fields, rule, action }: ReviewItemRow,
  shorter: ShorterKept | undefined,
): boolean {
  const label = fields === null ? labels[record_type] : shorter?.label;
  const manner = capabilities.erases.find(({ recordType }) => recordType === record_type)?.manner;
  return (
    label !== undefined &&
    describeRetention(label.retention) === rule &&
    (fields === null ? manner : "ANONYMISE") === action &&
    JSON.stringify(shorter?.fields ?? null) === JSON.stringify(fields)
  );
}

/** What was over before anything was made to go: counted once, so that a turn that carries on knows it, too. */
async function overBefore(parts: ReviewParts, ending: Ending): Promise<number> {
  const { id, over_before: known } = ending.item;
  if (known !== null) return Number(known);
  const { over } = await remainingOf(parts, ending);
  await dbOf(parts.register.store)
    .updateTable("retention_review_item")
    .set({ over_before: String(over) })
    .where("id", "=", id)
    .execute();
  return over;
}

async function end(
  parts: ReviewParts,
  reviewId: string,
  item: ReviewItemRow,
  { state, reason, now }: ItemEnd,
): Promise<void> {
  const isEnded = await inTransaction(parts.register.store, async (db) => {
    const ended = await db
      .updateTable("retention_review_item")
      .set({
        state,
        reason,
        remaining: now && String(now.remaining),
        gone: now && String(now.gone),
        ...(now && { set_aside: String(now.setAside) }),
        next_attempt_at: null,
      })
      .where("id", "=", item.id)
      .where("state", "=", "PENDING")
      .returning("id")
      .executeTakeFirst();
    if (!ended) return false;
    await parts.trail.record({
      ...unnamed,
      event: "STEP_ENDED",
      requestId: reviewId,
      sources: [item.source],
      detail: `${item.action} ${item.record_type} ${state}${now ? ` ${now.gone}` : ""}`,
    });
    return true;
  });
  if (isEnded && now) parts.onReviewed(item.source, now.gone, now.remaining);
}

/** Whatever a review does is done of nobody in particular. */
export const unnamed = {
  actorRole: null,
  actorRef: null,
  actorName: null,
  subjectRef: null,
  purpose: null,
  coordinates: [],
  categories: [],
} as const;

/** "Complete" is not said of a part: what could not be asked, or has not gone, is for staff. */
async function settle(
  db: Db,
  parts: ReviewParts,
  queue: Queueing<ReviewTurn>,
  { id, turn }: ReviewRow,
): Promise<void> {
  const items = await itemsOf(db, id);
  const open = items.filter(({ state }) => state === "PENDING");
  const next = turn + 1;
  if (open.length > 0) {
    await db.updateTable("retention_review").set({ turn: next }).where("id", "=", id).execute();
    await queue(db, { reviewId: id, turn: next }, soonest(open));
    return;
  }
  const status = items.every(({ state }) => state === "DONE") ? "COMPLETED" : "NEEDS_ATTENTION";
  await db
    .updateTable("retention_review")
    .set({ status, turn: next, ended_at: sql<Date>`clock_timestamp()` })
    .where("id", "=", id)
    .execute();
  await parts.trail.record({
    ...unnamed,
    event: "RETENTION_REVIEW_ENDED",
    requestId: id,
    sources: [...new Set(items.map(({ source }) => source))],
    detail: status,
  });
  await tell(db, id);
  parts.onReview(status === "COMPLETED" ? "completed" : "needs_attention");
}

/** Of each source the first that is open holds up the others. Undefined: at once. */
function soonest(open: readonly ReviewItemRow[]): Date | undefined {
  const firsts = open.filter((item, at) => open.findIndex(({ source }) => source === item.source) === at);
  const times = firsts.map(({ next_attempt_at }) => next_attempt_at?.getTime() ?? 0);
  const first = Math.min(...times);
  return first > Date.now() ? new Date(first) : undefined;
}
