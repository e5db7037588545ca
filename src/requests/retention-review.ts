import { sql } from "kysely";
import { dayOf } from "../access/holds.ts";
import { databaseNow } from "../store/clock.ts";
import { dbOf, inTransaction } from "../store/tables.ts";
import { isUuid } from "../store/uuid.ts";
import { tell } from "./advance.ts";
import type { Asker } from "./desk.ts";
import type { Jobs } from "./jobs.ts";
import type { Progress } from "./progress.ts";
import {
  dropUnapproved,
  insertReview,
  itemsOf,
  lockReview,
  reviewById,
  type ReviewItemRow,
  type ReviewRow,
} from "./retention-review-rows.ts";
import { type ReviewParts, type ReviewTurn, runReview, unnamed } from "./retention-review-run.ts";
import { openYearly, type ReviewCalendar } from "./retention-review-schedule.ts";

export interface Review {
  readonly row: ReviewRow;
  readonly items: readonly ReviewItemRow[];
}

/** Whom a review is opened or approved by; null: the calendar. */
type By = Pick<Asker, "role" | "actorRef" | "requestId" | "coordinate"> | null;

/** An expected refusal; nothing was changed. */
export class ReviewRefused extends Error {
  override readonly name = "ReviewRefused";
  readonly reason: "REVIEW_OPEN" | "REVIEW_IN_FUTURE" | "REVIEW_NOT_AWAITING_DECISION";
  constructor(reason: ReviewRefused["reason"]) {
    super(reason);
    this.reason = reason;
  }
}

/** The review of what has no purpose left (GDPR Art. 5(1)(e)): at most one is open at a time. */
export interface RetentionReviews {
  /** Null: there is none by that id. */
  byId(id: string): Promise<Review | null>;
  /**
   * Counts what is over on a day (ISO 8601; null: today), in the place of one that nobody has approved. Waits a while for
   * it. @throws ReviewRefused
   */
  open(asOf: string | null, by: By): Promise<Review>;
  /** Has what it showed erased or anonymised. Null: there is none by that id. @throws ReviewRefused */
  approve(id: string, by: By): Promise<Review | null>;
}

export interface ReviewSettings extends ReviewCalendar {
  /** How long an answer waits for a report. */
  readonly reportMilliseconds: number;
}

export interface RetentionSettings extends ReviewSettings {
  /** For one record type of a system. */
  readonly surveySeconds: number;
}

/** Starts to work on reviews, and to open them by the calendar. */
export async function startReviews(
  parts: ReviewParts,
  { yearlyOn, lookSeconds, reportMilliseconds }: ReviewSettings,
  { jobs, progress }: { readonly jobs: Jobs; readonly progress: Pick<Progress, "changed"> },
): Promise<RetentionReviews> {
  const db = dbOf(parts.register.store);
  const queue = await jobs.long<ReviewTurn>("retention-review", (turn, again) =>
    runReview(parts, again, turn),
  );
  const read = async (id: string): Promise<Review | null> => {
    const row = isUuid(id) ? await reviewById(db, id) : null;
    return row && { row, items: await itemsOf(db, id) };
  };
  const insert = async (asOf: string, by: By): Promise<ReviewRow | null> => {
    const made = await inTransaction(parts.register.store, async (tx) => {
      const dropped = await dropUnapproved(tx);
      const row = await insertReview(tx, asOf);
      if (!row) return null;
      await queue(tx, { reviewId: row.id, turn: row.turn });
      if (dropped) {
        await record(parts, "RETENTION_REVIEW_CANCELLED", dropped, by);
        await tell(tx, dropped.id);
      }
      await record(parts, "RETENTION_REVIEW_OPENED", row, by);
      return { row, dropped };
    });
    if (!made) return null;
    if (made.dropped) parts.onReview("cancelled");
    parts.onReview("opened");
    return made.row;
  };
  if (yearlyOn !== null)
    await jobs.repeat("retention-review-calendar", lookSeconds, () =>
      openYearly(parts.register, yearlyOn, (today) => insert(today, null)),
    );
  return {
    byId: read,
    async open(asked, by) {
      const today = dayOf(await databaseNow(db));
      const asOf = asked ?? today;
      if (asOf > today) throw new ReviewRefused("REVIEW_IN_FUTURE");
      const row = await insert(asOf, by);
      if (!row) throw new ReviewRefused("REVIEW_OPEN");
      await counted(row.id);
      return existing(await read(row.id));
    },
    async approve(id, by) {
      if (!isUuid(id)) return null;
      const known = await inTransaction(parts.register.store, async (tx) => {
        const row = await lockReview(tx, id);
        if (!row) return false;
        if (row.status !== "AWAITING_DECISION") throw new ReviewRefused("REVIEW_NOT_AWAITING_DECISION");
        const turn = row.turn + 1;
        await tx
          .updateTable("retention_review")
          .set({ status: "RUNNING", approved_at: sql<Date>`clock_timestamp()`, turn })
          .where("id", "=", id)
          .execute();
        await queue(tx, { reviewId: id, turn });
        await record(parts, "RETENTION_REVIEW_APPROVED", row, by);
        await tell(tx, id);
        return true;
      });
      return known ? read(id) : null;
    },
  };

  async function counted(id: string): Promise<void> {
    const end = performance.now() + reportMilliseconds;
    for (let left = reportMilliseconds; left > 0; left = end - performance.now()) {
      const changed = progress.changed(id, left);
      if ((await reviewById(db, id))?.status !== "SCHEDULED") return;
      await changed;
    }
  }
}

function existing(review: Review | null): Review {
  if (!review) throw new Error("a review that was just made is gone");
  return review;
}

const record = (
  { trail }: Pick<ReviewParts, "trail">,
  event: "RETENTION_REVIEW_OPENED" | "RETENTION_REVIEW_APPROVED" | "RETENTION_REVIEW_CANCELLED",
  { id, as_of }: ReviewRow,
  by: By,
) =>
  trail.record({
    ...unnamed,
    event,
    requestId: by?.requestId ?? id,
    ...(by && { actorRole: by.role, actorRef: by.actorRef, coordinates: [by.coordinate] }),
    purpose: "DATA_SUBJECT_RIGHTS",
    sources: [],
    detail: `${id} as of ${as_of}`,
  });
