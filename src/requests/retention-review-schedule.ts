import { sql } from "kysely";
import { dayOf } from "../access/holds.ts";
import { databaseNow } from "../store/clock.ts";
import { type Db, dbOf, inTransaction } from "../store/tables.ts";
import type { RegisterParts } from "../subjects/people.ts";

export interface ReviewCalendar {
  /** The day of the year, as `MM-DD`, on which a review is opened; null: none is. */
  readonly yearlyOn: string | null;
  /** Between two looks whether that day has come. */
  readonly lookSeconds: number;
}

/**
 * Opens the year's review when its day has come, also where nobody was there on the day itself. A gateway that is new waits
 * for the first day that comes. Where a review is open, that is the year's.
 */
export async function openYearly(
  { store }: Pick<RegisterParts, "store">,
  yearlyOn: string,
  open: (today: string) => Promise<unknown>,
): Promise<void> {
  const db = dbOf(store);
  const today = dayOf(await databaseNow(db));
  const day = lastDayOf(yearlyOn, today);
  const seen = await seenTo(db);
  if (seen !== null && seen >= day) return;
  if (seen !== null) await open(today);
  // After the review: a crash between the two finds it open.
  await inTransaction(store, async (tx) => {
    await tx
      .insertInto("retention_review_schedule")
      .values({ day })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    await tx.deleteFrom("retention_review_schedule").where("day", "<", day).execute();
  });
}

/** The latest such day up to today. */
export function lastDayOf(yearlyOn: string, today: string): string {
  const year = Number(today.slice(0, 4));
  const thisYear = `${year}-${yearlyOn}`;
  return thisYear <= today ? thisYear : `${year - 1}-${yearlyOn}`;
}

async function seenTo(db: Db): Promise<string | null> {
  const row = await db
    .selectFrom("retention_review_schedule")
    .select(sql<string | null>`max(day)::text`.as("day"))
    .executeTakeFirst();
  return row?.day ?? null;
}
