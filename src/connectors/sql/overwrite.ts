import { held, readerOf } from "../read-value.ts";
import type { Dialect } from "./dialect.ts";
import type { Coarse, Overwrite, Overwriting } from "./erasure-mapping.ts";
import type { Selection } from "./selection.ts";
import type { Stored } from "./statement.ts";

type Value = string | number | boolean | null;

/** Reads the columns of an overwriting, and says what they are to say. */
export interface Overwriter {
  readonly columns: readonly string[];
  /** Whether the row says it already. */
  isDone(row: Stored, key: string): boolean;
  /** In the order of `columns`. */
  values(row: Stored, key: string): readonly Value[];
}

export function overwriter(overwriting: Overwriting, selection: Selection, dialect: Dialect): Overwriter {
  const columns = Object.entries(overwriting).map(([column, overwrite]) => ({
    column,
    overwrite,
    alias: selection.add(column),
  }));
  return {
    columns: columns.map(({ column }) => column),
    isDone: (row, key) =>
      columns.every(({ overwrite, alias }) =>
        isSo(row[alias], valueOf(overwrite, row[alias], key, dialect), overwrite),
      ),
    values: (row, key) => columns.map(({ overwrite, alias }) => valueOf(overwrite, row[alias], key, dialect)),
  };
}

function valueOf(overwrite: Overwrite, stored: unknown, key: string, dialect: Dialect): Value {
  if (typeof overwrite === "string") return overwrite.replaceAll("{key}", key);
  if (typeof overwrite !== "object" || overwrite === null) return overwrite;
  const value = held(stored);
  return value === null ? null : coarse(overwrite, value, dialect);
}

/** What cannot be read as it should be is not kept at all. */
function coarse(how: Coarse, value: string | number | boolean, dialect: Dialect): Value {
  if ("oneOf" in how) return how.oneOf.includes(String(value)) ? value : null;
  if ("nearest" in how) {
    const number = Number(value);
    return Number.isFinite(number) ? Math.round(number / how.nearest) * how.nearest : null;
  }
  // Where moments are counted, 0 is one that never was.
  if (how.yearOf === "epochSeconds" && Number(value) === 0) return 0;
  const year = yearOf(value, how.yearOf);
  if (year === null) return null;
  const beginning = new Date(Date.UTC(year, 0, 1));
  if (how.yearOf === "epochSeconds") return beginning.getTime() / 1_000;
  return how.yearOf === "date" ? `${year}-01-01` : dialect.moment(beginning);
}

function yearOf(value: string | number | boolean, as: "moment" | "date" | "epochSeconds"): number | null {
  const read = readerOf({ as })(value);
  const year = typeof read === "string" ? Number(read.slice(0, 4)) : Number.NaN;
  return Number.isInteger(year) ? year : null;
}

function isSo(stored: unknown, wanted: Value, overwrite: Overwrite): boolean {
  const value = held(stored);
  if (value === null || wanted === null) return value === wanted;
  if (String(value) === String(wanted)) return true;
  if (typeof overwrite === "object" && overwrite !== null && "yearOf" in overwrite) {
    const read = readerOf({ as: overwrite.yearOf });
    return Date.parse(String(read(stored))) === Date.parse(String(read(wanted)));
  }
  if (typeof wanted === "number") return Number(value) === wanted;
  if (typeof wanted === "boolean") return value === wanted || Number(value) === Number(wanted);
  // Drivers that make a moment of a day give its midnight.
  return String(value) === wanted || String(value) === `${wanted}T00:00:00.000Z`;
}
