import { DateTime, Duration } from "luxon";
import type { Hold, PersonalLabel } from "./labels.ts";
import type { LegalGround } from "./legal-grounds.ts";
import type { RetentionRule } from "./retention.ts";

/** That something is kept until the end of a day (ISO 8601), in spite of a wish for its erasure (GDPR Art. 17(3)). */
export interface Keeping {
  readonly until: string;
  readonly ground: LegalGround;
}

type Row = Readonly<Record<string, unknown>>;
type Labelled = Pick<PersonalLabel, "keptBy" | "retention">;

/** In which bookkeeping years, and the days of the law, are reckoned. */
const zone = "Europe/Oslo";

/**
 * Days that a row may be of: from the first, and before the last. Systems write what is outside of them for "never"
 * (0001-01-01, 9999-12-31, infinity), and 1753 is where SQL Server's calendar begins.
 */
export const datable = { from: "1753-01-01", before: "9999-12-31" } as const;

/** Where a row is kept until a day that cannot be told. */
const withoutEnd = datable.before;

/** The day (ISO 8601) that a moment falls on in Norway. */
export const dayOf = (moment: Date): string => DateTime.fromJSDate(moment, { zone }).toISODate() ?? "";

/** The last moment of a day (ISO 8601) in Norway. */
export const endOfDay = (day: string): Date => DateTime.fromISO(day, { zone }).endOf("day").toJSDate();

/**
 * What keeps a row on a day, the longest where several do; null: nothing. Each row is judged by itself. One of which it
 * cannot be told how old it is counts as made that day, unless it bears the day that it was marked with before.
 */
export function keepingOf(row: Row, { keptBy = [], retention }: Labelled, today: string): Keeping | null {
  const own = keptBy.flatMap((hold) => {
    const until = endOf(hold, row, retention, today);
    return until !== null && until >= today ? [{ until, ground: hold.ground }] : [];
  });
  const marked = untilIn(row[markedUntil]);
  const byMark: Keeping[] =
    keptBy.length > 0 && marked !== null && marked >= today && own.every(({ until }) => until < marked)
      ? [{ until: marked, ground: groundOfMark(row, { keptBy, retention }, marked) }]
      : [];
  return [...byMark, ...own].sort((a, b) => b.until.localeCompare(a.until))[0] ?? null;
}

/** What was marked under a law is kept by it though what the row was about has gone since. */
function groundOfMark(row: Row, { keptBy = [], retention }: Labelled, marked: string): LegalGround {
  const anchor = datedDay(row[retention.after]);
  const byRule = keptBy.find(({ until, asLongAs }) => until === undefined && asLongAs === undefined);
  const isOfRule = anchor !== null && lastDay(anchor, retention) === marked;
  return byRule && isOfRule ? byRule.ground : "MARKED_IN_SYSTEM";
}

function endOf(hold: Hold, row: Row, retention: RetentionRule, today: string): string | null {
  if (hold.asLongAs) return null;
  if (hold.onlyWith !== undefined && (row[hold.onlyWith] ?? null) === null) return null;
  if (hold.until !== undefined) return untilIn(row[hold.until]);
  const anchor = datedDay(row[retention.after]);
  return anchor === null
    ? (untilIn(row[markedUntil]) ?? lastDay(today, retention))
    : lastDay(anchor, retention);
}

/** The field in which a system has until when it keeps a row itself. */
export const markedUntil = "retainedUntil";

/** The last day that a record is kept which is of a day. */
export function lastDay(day: string, { period, fromEndOfAccountingYear }: RetentionRule): string {
  const anchor = DateTime.fromISO(day, { zone });
  const from = fromEndOfAccountingYear ? anchor.endOf("year") : anchor;
  return from.plus(Duration.fromISO(period)).toISODate() ?? day;
}

/** The first moment of a day (ISO 8601) in Norway. */
export const startOfDay = (day: string): Date => DateTime.fromISO(day, { zone }).startOf("day").toJSDate();

/** The day that a row says it is of; null: it says none that a row can be of. */
export function datedDay(value: unknown): string | null {
  const day = dayIn(value);
  return day !== null && day >= datable.from && day < datable.before ? day : null;
}

/** The last day that a row says it is kept; null: it says none. What says something else than a day keeps it. */
function untilIn(value: unknown): string | null {
  if (typeof value !== "string" || value === "") return null;
  const day = DateTime.fromISO(value, { zone });
  if (!day.isValid || day.year > 9999) return withoutEnd;
  const iso = day.toISODate();
  if (iso < datable.from) return null;
  return iso < withoutEnd ? iso : withoutEnd;
}

/** A date is that day wherever it is read; a moment is a day of Norway's. */
export function dayIn(value: unknown): string | null {
  if (typeof value !== "string") return null;
  return DateTime.fromISO(value, { zone }).toISODate();
}
