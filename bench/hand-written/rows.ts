import pg from "pg";
import { RowTypes } from "../../src/connectors/sql/postgresql-types.ts";
import { canaryEmail } from "../../src/demo/people/fixed.ts";

export type Row = Readonly<Record<string, string | number | boolean | null>>;

/** As the gateway opens its own pools. */
export const poolOf = (connectionString: string, max: number) =>
  new pg.Pool({ connectionString, max, types: new RowTypes(), options: "-c TimeZone=UTC -c DateStyle=ISO" });

/** Planned once per connection, by its name. */
export const prepared =
  (pool: pg.Pool) =>
  async (name: string, text: string, values: unknown[]): Promise<readonly Row[]> =>
    (await pool.query<Row>({ name, text, values })).rows;

export const fromEpoch = (seconds: unknown) =>
  seconds ? new Date(Number(seconds) * 1_000).toISOString() : null;
export const text = (value: unknown) => (value === null ? null : String(value));

export function page<T>(
  rows: readonly Row[],
  first: number,
  cursor: readonly string[],
  read: (row: Row) => T,
) {
  const shown = rows.slice(0, first);
  const last = shown.at(-1);
  return {
    rows: shown.map(read),
    hasNextPage: rows.length > first,
    endCursor: last && Buffer.from(JSON.stringify(cursor.map((name) => last[name]))).toString("base64url"),
  };
}

export function groupedBy(rows: readonly Row[], column: string): ReadonlyMap<unknown, readonly Row[]> {
  const groups = new Map<unknown, Row[]>();
  for (const row of rows) {
    const group = groups.get(row[column]);
    if (group) group.push(row);
    else groups.set(row[column], [row]);
  }
  return groups;
}

/** One person and the canary by e-mail address; any other number of records is not an answer. */
export function only(rows: readonly Row[], email: string, column: string): Row {
  const named = (address: string) =>
    rows.filter((row) => text(row[column])?.trim().toLowerCase() === address);
  const [own, ...others] = named(email);
  if (named(canaryEmail).length !== 1 || own === undefined || others.length > 0)
    throw new Error("not one person");
  return own;
}
