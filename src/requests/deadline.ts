import { DateTime } from "luxon";
import { dayOf, endOfDay } from "../access/holds.ts";

/**
 * Deadlines are days of Norway, as Regulation (EEC, Euratom) No 1182/71 counts them: the day of receipt is not counted, a
 * month ends on the day of that number, or on its last day where it has none (Art. 3(1), (2)(c)), and the whole of the last
 * day belongs to it. That a period which ends on a weekend or a holiday would run on (Art. 3(4)) is not made use of: the
 * privacy policy promises 30 days, and the earlier counts. A deadline is the last millisecond of its day; from the next one
 * on, it has passed.
 */

/**
 * When a request is to be answered at the latest: the earlier of 30 days, which the privacy policy promises, and one
 * calendar month, which GDPR Art. 12(3) gives.
 */
export function dueAt(receivedAt: Date): Date {
  const received = dayOfReceipt(receivedAt);
  return lastMoment(DateTime.min(received.plus({ days: 30 }), received.plus({ months: 1 })));
}

/** As `dueAt`, of one that has been extended by two further months (GDPR Art. 12(3)): three after receipt. */
export const extendedDueAt = (receivedAt: Date): Date =>
  lastMoment(dayOfReceipt(receivedAt).plus({ months: 3 }));

/** A day of the calendar, without a zone: none of its days is an hour shorter. */
const dayOfReceipt = (receivedAt: Date) => DateTime.fromISO(dayOf(receivedAt), { zone: "utc" });

const lastMoment = (day: DateTime) => endOfDay(day.toISODate() ?? "");
