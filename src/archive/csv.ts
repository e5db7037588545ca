import { stringify } from "csv-stringify/sync";
import { type ArchiveRow, type ArchiveValue, isRows } from "./contents.ts";
import { unformulated } from "./formulas.ts";
import { isList, type RecordField, type ScalarField } from "./record-type.ts";

export interface Table {
  /** Names of the lists that lead to its rows; empty: the rows of the record type itself. */
  readonly lists: readonly string[];
  readonly fields: readonly ScalarField[];
}

/** A table for the rows, and one for each list within them. */
export function tablesOf(fields: readonly RecordField[], lists: readonly string[] = []): readonly Table[] {
  const own = { lists, fields: fields.filter((field): field is ScalarField => !isList(field)) };
  return [own, ...fields.filter(isList).flatMap((f) => tablesOf(f.list, [...lists, f.name]))];
}

const options = {
  record_delimiter: "\r\n",
  // Tells "" from null, which is written as nothing.
  quoted_string: true,
  cast: { boolean: String },
} as const;

/** RFC 4180 with a byte order mark, without which Excel does not read UTF-8. */
export async function* csvRows(
  table: Table,
  pages: AsyncIterable<readonly ArchiveRow[]>,
): AsyncGenerator<string> {
  const { lists, fields } = table;
  const keys = lists.length === 0 ? ["_row"] : ["_row", "_parent_row"];
  yield `\uFEFF${stringify([[...keys, ...fields.map(({ name }) => name)]], options)}`;
  const counted = lists.map(() => 0).concat(0);
  for await (const page of pages) {
    const lines = [...rowsWithin(page, lists, counted)].map((row) => [
      ...(counted.length === 1 ? [row.number] : [row.number, row.parent]),
      ...fields.map(({ name }) => cell(row.row[name] ?? null)),
    ]);
    if (lines.length > 0) yield stringify(lines, options);
  }
}

interface Numbered {
  readonly number: number;
  /** Number of the row that it is within; 0: none. */
  readonly parent: number;
  readonly row: ArchiveRow;
}

/** @param counted how many rows were met so far, at each depth */
function* rowsWithin(
  rows: readonly ArchiveRow[],
  lists: readonly string[],
  counted: number[],
  depth = 0,
): Generator<Numbered> {
  const list = lists[depth];
  for (const row of rows) {
    const number = (counted[depth] ?? 0) + 1;
    counted[depth] = number;
    if (list === undefined) yield { number, parent: counted[depth - 1] ?? 0, row };
    else yield* rowsWithin(rowsOf(row[list]), lists, counted, depth + 1);
  }
}

const rowsOf = (value: ArchiveValue | undefined): readonly ArchiveRow[] => (isRows(value) ? value : []);

const cell = (value: ArchiveValue) => (typeof value === "string" ? unformulated(value) : value);
