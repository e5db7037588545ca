import { sql } from "kysely";
import { dayHolds, firstKeptDay } from "../../access/expiry.ts";
import { datable } from "../../access/holds.ts";
import { startOfDay } from "../../access/holds.ts";
import type { RecordLabel } from "../../sources/module.ts";
import type { ReadAs } from "../mapping.ts";
import type { Dialect, Fragment } from "./dialect.ts";
import type { Column } from "./mapping.ts";
import { columnRef } from "./selection.ts";

/** What a label makes of rows, as conditions on their columns; none of them is ever null. */
export interface ExpiryTerms {
  /** The period is over. */
  readonly past: Fragment;
  /** How old the row is cannot be told. */
  readonly undated: Fragment;
  /** No day that the row names itself keeps it. */
  readonly free: Fragment;
}

export interface TermParts {
  readonly fields: Readonly<Record<string, Column | null>>;
  readonly dialect: Dialect;
  /** The type of a column as the database names it; null: there is none. */
  readonly typeOf: (column: string) => string | null;
  /** Under which the rows' own table goes. */
  readonly alias: string;
}

/**
 * `expiryOf` of a day, for all rows at once: days are compared as the bounds that they have in the column. Null: a column is
 * kept so that it cannot be compared, as texts are.
 */
export function expiryTerms(parts: TermParts, label: RecordLabel, asOf: string): ExpiryTerms | null {
  const anchor = dayColumn(parts, parts.fields[label.retention.after] ?? null);
  const free = freeTerms(parts, label, asOf);
  if (!anchor || !free) return null;
  return { past: pastTerm(anchor, firstKeptDay(label.retention, asOf)), undated: undatedTerm(anchor), free };
}

/** As `expiryTerms`, of a column that is not the label's own anchor. */
export function pastTerms(
  parts: TermParts,
  column: Column,
  label: RecordLabel,
  asOf: string,
): Omit<ExpiryTerms, "free"> | null {
  const anchor = dayColumn(parts, column);
  if (!anchor) return null;
  return { past: pastTerm(anchor, firstKeptDay(label.retention, asOf)), undated: undatedTerm(anchor) };
}

const pastTerm = (anchor: DayColumn, day: string): Fragment =>
  sql`(${dated(anchor)} and ${anchor.column} < ${anchor.bound(day)})`;

const undatedTerm = (anchor: DayColumn): Fragment =>
  sql`(${anchor.column} is null or not ${dated(anchor)} or ${anchor.column} >= ${anchor.bound(datable.before)})`;

function freeTerms(parts: TermParts, label: RecordLabel, asOf: string): Fragment | null {
  const terms: Fragment[] = [];
  for (const { until, onlyWith } of dayHolds(label)) {
    const field = parts.fields[until] ?? null;
    if (field === null) continue;
    const day = dayColumn(parts, field);
    if (!day) return null;
    const never = day.never === null ? sql`` : sql` or ${day.column} = ${day.never}`;
    const without = onlyWith === undefined ? sql`` : withoutTerm(parts, onlyWith);
    if (without === null) return null;
    terms.push(
      sql`(${day.column} is null${never}${without} or (${dated(day)} and ${day.column} < ${day.bound(asOf)}))`,
    );
  }
  return terms.length === 0 ? sql`1 = 1` : sql`(${sql.join(terms, sql` and `)})`;
}

/** Null: whether the field says something cannot be seen by its column. */
function withoutTerm({ fields, alias }: TermParts, field: string): Fragment | null {
  const column = fields[field] ?? null;
  if (column === null) return sql` or 1 = 1`;
  const name = typeof column === "string" ? column : "column" in column && !column.member && column.column;
  return name ? sql` or ${columnRef(name, alias)} is null` : null;
}

interface DayColumn {
  readonly column: Fragment;
  /** The first value of the column that is of the day. */
  readonly bound: (day: string) => Fragment;
  /** Stands for null. */
  readonly never: number | null;
}

const dated = ({ column, bound, never }: DayColumn): Fragment =>
  never === null
    ? sql`(${column} >= ${bound(datable.from)})`
    : sql`(${column} >= ${bound(datable.from)} and ${column} <> ${never})`;

/** How a column has days; null: not so that they could be compared. */
function dayColumn({ dialect, typeOf, alias }: TermParts, column: Column | null): DayColumn | null {
  if (column === null || (typeof column === "object" && "columns" in column)) return null;
  const reading = typeof column === "string" ? { column } : column;
  if (reading.member || reading.values) return null;
  const type = typeOf(reading.column);
  const how = type === null ? null : howRead(reading.as, type);
  const own = { column: columnRef(reading.column, alias) };
  switch (how) {
    case "moment":
      if (!dialect.comparesMoments) return null;
      return { ...own, bound: (day) => sql`${dialect.moment(startOfDay(day))}`, never: null };
    case "date":
      return { ...own, bound: (day) => sql`${day}`, never: null };
    case "epochSeconds":
    case "epochMilliseconds": {
      const unit = how === "epochSeconds" ? 1_000 : 1;
      const bound = (day: string) => dialect.integer(sql.lit(startOfDay(day).getTime() / unit));
      return { ...own, bound, never: 0 };
    }
    default:
      return null;
  }
}

// Not smalldatetime: the days that stand for "never" are none of its.
const moments = /^(timestamp|datetime)/i;
const days = /^date$/i;
const numbers = /^(u?int|integer|bigint|mediumint|numeric|decimal|number)/i;

function howRead(as: ReadAs | undefined, type: string): ReadAs | null {
  if (as === "epochSeconds" || as === "epochMilliseconds") return numbers.test(type) ? as : null;
  if (days.test(type)) return as === undefined || as === "date" || as === "moment" ? "date" : null;
  if (!moments.test(type)) return null;
  if (as === "date") return "date";
  return as === undefined || as === "moment" ? "moment" : null;
}
