import { held } from "../read-value.ts";
import type { Dialect } from "./dialect.ts";
import type { Column, Mark, TouchedColumn } from "./mapping.ts";

/** What is written to which column. */
export type Placing = ReadonlyMap<string, string | number | boolean>;

/** Where a text goes; null where it would not be read from there as it was. */
export function placeText(column: Column, text: string): Placing | null {
  if (typeof column === "string") return new Map([[column, text]]);
  if ("column" in column) return new Map([[column.column, text]]);
  const { columns, separator } = column;
  const at = text.lastIndexOf(separator);
  const [rest, last] = at < 0 ? ["", text] : [text.slice(0, at), text.slice(at + separator.length)];
  if (last === "" || (at >= 0 && rest === "")) return null;
  const placed = new Map(columns.map((name) => [name, ""]));
  const [first, final] = [columns[0], columns.at(-1)];
  if (first !== undefined) placed.set(first, rest);
  if (final !== undefined) placed.set(final, last);
  return placed;
}

export function placeMoment({ column, as }: TouchedColumn, at: Date, { moment }: Dialect): Placing {
  if (as === "moment") return new Map([[column, moment(at)]]);
  return new Map([[column, as === "epochSeconds" ? Math.floor(at.getTime() / 1_000) : at.getTime()]]);
}

/** Whether a stored value is the mark's `on`; databases without booleans give 1 for true. */
export function isOn({ on }: Mark, stored: unknown): boolean {
  const plain = (value: unknown) =>
    typeof value === "boolean" ? String(Number(value)) : String(held(value));
  return plain(stored) === plain(on);
}
