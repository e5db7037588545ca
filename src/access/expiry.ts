import { DateTime, Duration } from "luxon";
import { datable, datedDay, keepingOf, lastDay, markedUntil } from "./holds.ts";
import type { Hold, PersonalLabel } from "./labels.ts";
import type { RetentionRule } from "./retention.ts";

/**
 * What a day makes of a row (GDPR Art. 5(1)(e)): its period is over and nothing keeps it; it is over, but a law or the
 * system keeps the row; it is not over; or it cannot be told, as the row does not say how old it is.
 */
export type Expiry = "OVER" | "HELD" | "WITHIN" | "UNDATED";

type Row = Readonly<Record<string, unknown>>;
type Labelled = Pick<PersonalLabel, "keptBy" | "retention">;

/** Row by row: what connectors do to whole tables at once agrees with it. */
export function expiryOf(row: Row, label: Labelled, asOf: string): Expiry {
  const anchor = datedDay(row[label.retention.after]);
  if (anchor === null) return "UNDATED";
  if (lastDay(anchor, label.retention) >= asOf) return "WITHIN";
  const isHeld = dayHolds(label).some(({ until, onlyWith }) => {
    if (onlyWith !== undefined && says(row[onlyWith]) === false) return false;
    return says(row[until]) && !isPast(row[until], asOf);
  });
  return isHeld || keepingOf(row, label, asOf) !== null ? "HELD" : "OVER";
}

export interface DayHold {
  /** The row's field that says until which day. */
  readonly until: string;
  readonly onlyWith?: string | undefined;
}

/** What keeps a row beyond its period: a day that it names itself. Whatever is counted by the period is over with it. */
export function dayHolds({ keptBy = [] }: Pick<PersonalLabel, "keptBy">): readonly DayHold[] {
  const named = keptBy.flatMap(({ until, onlyWith }: Hold) =>
    until === undefined ? [] : [{ until, onlyWith }],
  );
  return [...named, { until: markedUntil }];
}

/** The first day of which a row is still kept on a day: all that is older is over. */
export function firstKeptDay(rule: RetentionRule, asOf: string): string {
  const today = DateTime.fromISO(asOf, { zone: "utc" });
  const day = (back: number) => today.minus({ days: back }).toISODate() ?? asOf;
  const isKept = (back: number) => lastDay(day(back), rule) >= asOf;
  // It turns near there, but for month ends and the end of the accounting year.
  const near = Math.round(today.diff(today.minus(Duration.fromISO(rule.period)), "days").days);
  let [kept, over] = isKept(near) ? [near, near + 1] : [near - 1, near];
  for (let step = 1; over > near && isKept(over); step *= 2) [kept, over] = [over, over + step];
  for (let step = 1; kept < near && !isKept(kept); step *= 2) [kept, over] = [kept - step, kept];
  // The later a row, the longer it is kept.
  while (over - kept > 1) {
    const middle = Math.floor((kept + over) / 2);
    if (isKept(middle)) kept = middle;
    else over = middle;
  }
  const first = day(kept);
  return first < datable.from ? datable.from : first;
}

const says = (value: unknown): boolean => (value ?? null) !== null;

/** A day that cannot be read is not over. */
function isPast(value: unknown, asOf: string): boolean {
  const day = datedDay(value);
  return day !== null && day < asOf;
}
