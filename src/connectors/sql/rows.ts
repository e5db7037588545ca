import { type CompiledQuery, sql } from "kysely";
import { SourceFailure } from "../../sources/contract.ts";
import type { Database, Run } from "./database.ts";
import type { Fragment } from "./dialect.ts";
import type { Overwriter } from "./overwrite.ts";
import { columnRef, type Selection } from "./selection.ts";
import type { Stored } from "./statement.ts";

/** Rows that are read, locked or changed with one statement. */
export const batchSize = 500;

export function* batches<Value>(values: readonly Value[]): Generator<readonly Value[]> {
  for (let from = 0; from < values.length; from += batchSize) yield values.slice(from, from + batchSize);
}

/** Until nothing more is found: somebody may be adding rows. */
export const mostPasses = 4;

/** How far one call came. */
export interface Progress {
  readonly erased: number;
  readonly finished: boolean;
}

/** A table whose rows are gone through by key. */
export interface KeyedTable {
  readonly table: string;
  readonly key: string;
}

export interface Batch extends KeyedTable {
  readonly selection: Selection;
  readonly conditions: readonly Fragment[];
  /** Key of the last row of the batch before; null: from the start. */
  readonly after: unknown;
  /** Keeps others from the rows until the transaction is over. Always in the order of the keys: nobody waits in a ring. */
  readonly locked: boolean;
}

/** The next rows by key, whatever came or went before them. */
export function nextRows({ kysely, dialect }: Database, batch: Batch): CompiledQuery<Stored> {
  const { table, key, selection, conditions, after, locked } = batch;
  const [hint, end] = locked ? [dialect.lock.table, dialect.lock.end] : [sql``, sql``];
  const all = after === null ? conditions : [...conditions, sql`${columnRef(key)} > ${after}`];
  const where = all.length === 0 ? sql`` : sql`where ${sql.join(all, sql` and `)}`;
  return sql<Stored>`select ${selection.toSql()} from ${sql.table(table)} as r${hint} ${where}
    order by ${columnRef(key)} ${dialect.limit(sql.lit(batchSize))} ${end}`.compile(kysely);
}

/** Whose column has one of these values. */
export function among(column: Fragment, values: readonly unknown[]): Fragment {
  return sql`${column} in (${sql.join(values.map((value) => sql`${value}`))})`;
}

/** @throws SourceFailure where a rule of the system's own had it otherwise */
export async function deleteRows(
  run: Run,
  { kysely }: Database,
  { table, key }: KeyedTable,
  keys: readonly unknown[],
): Promise<void> {
  await run(sql<Stored>`delete from ${sql.table(table)} where ${among(sql.id(key), keys)}`.compile(kysely));
  const [left] = await run(
    sql<Stored>`select count(*) as n from ${sql.table(table)} where ${among(sql.id(key), keys)}`.compile(
      kysely,
    ),
  );
  if (Number(left?.["n"]) > 0) throw new SourceFailure("FAILED");
}

export interface Overwritten extends KeyedTable {
  readonly selection: Selection;
  readonly overwriter: Overwriter;
  /** Alias of the key in the rows. */
  readonly keyAlias: string;
  /** What the key of each row becomes; absent: it stays. */
  readonly newKeys?: readonly (string | number)[];
}

/** @throws SourceFailure where a rule of the system's own had it otherwise */
export async function overwriteRows(
  run: Run,
  { kysely }: Database,
  { table, key, selection, overwriter, keyAlias, newKeys }: Overwritten,
  rows: readonly Stored[],
): Promise<void> {
  const old = rows.map((row) => row[keyAlias]);
  for (const [at, row] of rows.entries()) {
    const ownKey = newKeys?.[at] ?? row[keyAlias];
    const values = overwriter.values(row, String(ownKey));
    const set = overwriter.columns.map((column, n) => sql`${sql.id(column)} = ${values[n]}`);
    if (newKeys) set.push(sql`${sql.id(key)} = ${ownKey}`);
    const update = sql<Stored>`update ${sql.table(table)} set ${sql.join(set)} where ${sql.id(key)} = ${row[keyAlias]}`;
    await run(update.compile(kysely));
  }
  const read = (keys: readonly unknown[]) =>
    run(
      sql<Stored>`select ${selection.toSql()} from ${sql.table(table)} as r where ${among(columnRef(key), keys)}`.compile(
        kysely,
      ),
    );
  const after = await read(newKeys ?? old);
  const isDone = after.every((row) => overwriter.isDone(row, String(row[keyAlias])));
  if (!isDone || (newKeys && (await read(old)).length > 0)) throw new SourceFailure("FAILED");
}
