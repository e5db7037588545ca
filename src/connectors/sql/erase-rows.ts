import { sql } from "kysely";
import { SourceFailure } from "../../sources/contract.ts";
import type { KeptRow } from "../../sources/erasures.ts";
import type { Database, Run } from "./database.ts";
import type { Fragment } from "./dialect.ts";
import type { RowsErasure } from "./erasure-mapping.ts";
import { type Overwriter, overwriter } from "./overwrite.ts";
import { belongs, type CollectionPlan } from "./plan.ts";
import { columnRef, Selection } from "./selection.ts";
import type { Stored } from "./statement.ts";

/** Rows in one transaction. */
const batchSize = 500;

/** Makes the rows of one collection go, or lose their person: batch by batch, by key, but for those that are kept. */
export class RowEraser {
  readonly #database: Database;
  readonly #plan: CollectionPlan;
  readonly #inside: readonly CollectionPlan[];
  readonly #how: RowsErasure;
  readonly #selection: Selection;
  readonly #key: string;
  readonly #overwriter: Overwriter | null;

  /** @param inside collections nested in it */
  constructor(database: Database, plan: CollectionPlan, inside: readonly CollectionPlan[], how: RowsErasure) {
    this.#database = database;
    this.#plan = plan;
    this.#inside = inside;
    this.#how = how;
    this.#selection = new Selection(database.dialect);
    this.#key = this.#selection.add(plan.table.key);
    const { anonymise } = how;
    this.#overwriter = anonymise
      ? overwriter(
          { ...anonymise.overwrite, [plan.table.parent]: anonymise.parent },
          this.#selection,
          database.dialect,
        )
      : null;
  }

  async erase(recordKey: string, kept: readonly KeptRow[], signal: AbortSignal): Promise<void> {
    const spared = new Set(kept.map(({ key }) => key));
    for (let after: unknown = null; ;) {
      const { rows, left } = await this.#database.write(async (run) => {
        const batch = await this.#batch(run, recordKey, after);
        const going = batch.filter((row) => !spared.has(String(row[this.#key])));
        if (going.length > 0)
          await (this.#overwriter ? this.#anonymise(run, going) : this.#delete(run, going));
        // A rule of the system's own may have had it otherwise.
        return { rows: batch, left: await this.#stillThere(run, going) };
      }, signal);
      if (left > 0) throw new SourceFailure("FAILED");
      if (rows.length < batchSize) return;
      after = rows.at(-1)?.[this.#key];
    }
  }

  /** How many rows there are besides the kept. */
  async left(recordKey: string, kept: readonly KeptRow[], signal: AbortSignal): Promise<number> {
    const spared = new Set(kept.map(({ key }) => key));
    let found = 0;
    for (let after: unknown = null; ;) {
      const rows = await this.#database.read(this.#select(recordKey, after, false), signal);
      found += rows.filter((row) => !spared.has(String(row[this.#key]))).length;
      if (rows.length < batchSize) return found;
      after = rows.at(-1)?.[this.#key];
    }
  }

  async count(recordKey: string, signal: AbortSignal): Promise<number> {
    const query = sql<Stored>`select count(*) as n from ${sql.table(this.#plan.table.table)} as r
      where ${this.#belonging(recordKey)}`;
    const [row] = await this.#database.read(query.compile(this.#database.kysely), signal);
    return Number(row?.["n"] ?? 0);
  }

  /** False: the system has no mark. */
  async mark(kept: readonly KeptRow[], signal: AbortSignal): Promise<boolean> {
    const { mark } = this.#how;
    if (!mark) return false;
    const { table, key } = this.#plan.table;
    for (let from = 0; from < kept.length; from += batchSize) {
      await this.#database.write(async (run) => {
        for (const row of kept.slice(from, from + batchSize))
          await run(marking({ database: this.#database, table, key }, mark, row));
      }, signal);
    }
    return true;
  }

  #batch(run: Run, recordKey: string, after: unknown): Promise<readonly Stored[]> {
    return run(this.#select(recordKey, after, true));
  }

  #select(recordKey: string, after: unknown, locked: boolean) {
    const { kysely, dialect } = this.#database;
    const { table, key } = this.#plan.table;
    const [hint, end] = locked ? [dialect.lock.table, dialect.lock.end] : [sql``, sql``];
    const beyond = after === null ? sql`` : sql` and ${columnRef(key)} > ${after}`;
    return sql<Stored>`select ${this.#selection.toSql()} from ${sql.table(table)} as r${hint}
      where ${this.#belonging(recordKey)}${beyond} order by ${columnRef(key)}
      ${dialect.limit(sql.lit(batchSize))} ${end}`.compile(kysely);
  }

  #belonging(recordKey: string): Fragment {
    const { table } = this.#plan;
    const own = belongs(table).map(({ column, value }) => sql`${column} = ${value}`);
    return sql.join([sql`${columnRef(table.parent)} = ${recordKey}`, ...own], sql` and `);
  }

  /** What is inside a row goes first: not every system lets it go along. */
  async #delete(run: Run, rows: readonly Stored[]): Promise<void> {
    const { kysely } = this.#database;
    const keys = sql.join(rows.map((row) => sql`${row[this.#key]}`));
    for (const { table } of this.#inside)
      await run(
        sql<Stored>`delete from ${sql.table(table.table)} where ${sql.id(table.parent)} in (${keys})`.compile(
          kysely,
        ),
      );
    const { table, key } = this.#plan.table;
    await run(sql<Stored>`delete from ${sql.table(table)} where ${sql.id(key)} in (${keys})`.compile(kysely));
  }

  async #anonymise(run: Run, rows: readonly Stored[]): Promise<void> {
    const { kysely } = this.#database;
    const { table, key } = this.#plan.table;
    for (const row of rows) {
      const values = this.#overwriter?.values(row, String(row[this.#key])) ?? [];
      const set = (this.#overwriter?.columns ?? []).map(
        (column, at) => sql`${sql.id(column)} = ${values[at]}`,
      );
      await run(
        sql<Stored>`update ${sql.table(table)} set ${sql.join(set)} where ${sql.id(key)} = ${row[this.#key]}`.compile(
          kysely,
        ),
      );
    }
  }

  async #stillThere(run: Run, rows: readonly Stored[]): Promise<number> {
    if (rows.length === 0) return 0;
    const keys = sql.join(rows.map((row) => sql`${row[this.#key]}`));
    const { table, key } = this.#plan.table;
    const there = await run(
      sql<Stored>`select ${this.#selection.toSql()} from ${sql.table(table)} as r
        where ${columnRef(key)} in (${keys})`.compile(this.#database.kysely),
    );
    const isDone = (row: Stored) => this.#overwriter?.isDone(row, String(row[this.#key])) ?? false;
    return there.filter((row) => !isDone(row)).length;
  }
}

interface Marked {
  readonly database: Database;
  readonly table: string;
  readonly key: string;
}

/** Sets the mark of a row that the law keeps. */
export function marking(
  { database, table, key }: Marked,
  { restriction, until }: NonNullable<RowsErasure["mark"]>,
  row: KeptRow,
) {
  const set = [
    ...(restriction ? [sql`${sql.id(restriction.column)} = ${restriction.on}`] : []),
    ...(until === undefined ? [] : [sql`${sql.id(until)} = ${row.until}`]),
  ];
  return sql<Stored>`update ${sql.table(table)} set ${sql.join(set)} where ${sql.id(key)} = ${row.key}`.compile(
    database.kysely,
  );
}
