import { type CompiledQuery, sql } from "kysely";
import type { Whose } from "../../sources/erasures.ts";
import type { Database, Run } from "./database.ts";
import type { Fragment } from "./dialect.ts";
import type { TracePlace } from "./erasure-mapping.ts";
import type { Living } from "./living-records.ts";
import { batchSize, nextRows } from "./rows.ts";
import { columnRef, Selection } from "./selection.ts";
import type { Stored } from "./statement.ts";
import { AlongNames } from "./trace-along.ts";
import { TraceNames } from "./trace-names.ts";

/** Rows of a log that are read through with one statement, so that none runs into the time limit. */
const windowSize = 20_000;

export interface TraceParts {
  readonly database: Database;
  /** The table with the records. */
  readonly records: string;
  readonly living: Living;
}

/** Finds the rows of one place that name a person; what the database finds is compared again, exactly and normalised. */
export class TraceRows {
  readonly selection: Selection;
  /** Alias of the key. */
  readonly key: string;
  readonly #database: Database;
  readonly #place: TracePlace;
  readonly #living: Living;
  readonly #names: TraceNames;
  readonly #along: AlongNames;
  /** Each row is a record: the person's own is no trace of them. */
  readonly #isOfRecords: boolean;

  constructor(place: TracePlace, { database, records, living }: TraceParts) {
    this.#database = database;
    this.#place = place;
    this.#living = living;
    this.#isOfRecords = place.table === records;
    this.selection = new Selection(database.dialect);
    this.key = this.selection.add(place.key);
    this.#names = new TraceNames(place, this.selection, database.dialect);
    this.#along = new AlongNames(place, database);
  }

  /** Theirs, page by page, by key, so that what goes meanwhile moves nothing. */
  async *pages(
    whose: Whose,
    signal: AbortSignal,
    also: readonly Fragment[] = [],
  ): AsyncGenerator<readonly Stored[]> {
    const named = [...this.#names.conditions(whose), ...this.#along.conditions(whose)];
    if (named.length === 0) return;
    const conditions = [...this.where(), sql`(${sql.join(named, sql` or `)})`, ...also];
    for await (const rows of this.#found(conditions, signal, this.#names.readsTexts))
      yield await this.theirs((query) => this.#database.read(query, signal), rows, whose, signal);
  }

  /**
   * A row that has a key of a record is that record's: the person's by their own, and another's by one that is still
   * somebody's. Whose other rows are, the identifiers say.
   */
  async theirs(
    run: Run,
    rows: readonly Stored[],
    whose: Whose,
    signal: AbortSignal,
  ): Promise<readonly Stored[]> {
    const meant = rows
      .filter((row) => this.#isMeant(row, whose))
      .map((row) => ({ row, owners: this.#names.owners(row) }));
    const rest = meant.filter(({ owners }) => !isOf(owners, whose));
    const keys = rest.map(({ row }) => row[this.key]);
    const naming = await this.#along.naming(run, keys, whose);
    const named = rest.filter(
      ({ row }) => this.#names.isNaming(row, whose) || naming.has(String(row[this.key])),
    );
    const others = [...new Set(named.flatMap(({ owners }) => owners))];
    const living = await this.#living.among(run, others, signal);
    const nobodys = new Set(named.filter(({ owners }) => !owners.some((owner) => living.has(owner))));
    return meant.filter((each) => isOf(each.owners, whose) || nobodys.has(each)).map(({ row }) => row);
  }

  /** How many rows of others' hold an identifier of the person in a column that holds nothing else. */
  async countOthers(whose: Whose, signal: AbortSignal): Promise<number> {
    const named = this.#names.exactConditions(whose);
    if (named.length === 0) return 0;
    const conditions = [...this.where(), sql`(${sql.join(named, sql` or `)})`];
    let count = 0;
    // No index need serve it.
    for await (const rows of this.#found(conditions, signal, true)) {
      const run: Run = (query) => this.#database.read(query, signal);
      const theirs = new Set(await this.theirs(run, rows, whose, signal));
      count += rows.filter(
        (row) => !theirs.has(row) && this.#isMeant(row, whose) && this.#names.isNamingExactly(row, whose),
      ).length;
    }
    return count;
  }

  where(): Fragment[] {
    return Object.entries(this.#place.where ?? {}).map(([column, value]) =>
      value === null ? sql`${columnRef(column)} is null` : sql`${columnRef(column)} = ${value}`,
    );
  }

  /** The next rows by key, as `nextRows`. */
  next(conditions: readonly Fragment[], after: unknown, locked: boolean): CompiledQuery<Stored> {
    const { table, key } = this.#place;
    return nextRows(this.#database, { table, key, selection: this.selection, conditions, after, locked });
  }

  #isMeant(row: Stored, { recordKey }: Whose): boolean {
    const isOwnRecord = this.#isOfRecords && String(row[this.key]) === recordKey;
    return !isOwnRecord && this.#names.isMeant(row);
  }

  async *#found(
    conditions: readonly Fragment[],
    signal: AbortSignal,
    isLong: boolean,
  ): AsyncGenerator<readonly Stored[]> {
    for await (const { after: from, last } of this.#windows(signal, isLong)) {
      const until = last === null ? [] : [sql`${columnRef(this.#place.key)} <= ${last}`];
      for (let after = from; ;) {
        const rows = await this.#database.read(this.next([...conditions, ...until], after, false), signal);
        yield rows;
        if (rows.length < batchSize) break;
        after = rows.at(-1)?.[this.key];
      }
    }
  }

  /** The whole table at once where an index leads to the rows, and bit by bit where they have to be read. */
  async *#windows(signal: AbortSignal, isLong: boolean): AsyncGenerator<{ after: unknown; last: unknown }> {
    if (!isLong) return yield { after: null, last: null };
    for (let after: unknown = null; ;) {
      const [end] = await this.#database.read(this.#windowEnd(after), signal);
      if (!end) return;
      yield { after, last: end["k"] };
      after = end["k"];
    }
  }

  #windowEnd(after: unknown): CompiledQuery<Stored> {
    const { kysely, dialect } = this.#database;
    const { table, key } = this.#place;
    const beyond = after === null ? sql`` : sql`where ${columnRef(key)} > ${after}`;
    return sql<Stored>`select k from (select ${columnRef(key)} as k from ${sql.table(table)} as r ${beyond}
      order by ${columnRef(key)} ${dialect.limit(sql.lit(windowSize))}) as w
      order by k desc ${dialect.limit(sql.lit(1))}`.compile(kysely);
  }
}

const isOf = (owners: readonly string[], { recordKey }: Whose): boolean =>
  owners.some((owner) => owner === recordKey);
