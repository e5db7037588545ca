import { type CompiledQuery, sql } from "kysely";
import { SourceFailure } from "../../sources/contract.ts";
import type { Kept, Whose } from "../../sources/erasures.ts";
import type { Database, Run } from "./database.ts";
import type { Fragment } from "./dialect.ts";
import type { TracePlace } from "./erasure-mapping.ts";
import type { KeptRows } from "./kept-rows.ts";
import { type Overwriter, overwriter } from "./overwrite.ts";
import type { Living } from "./living-records.ts";
import { among, batchSize, deleteRows, mostPasses, nextRows, overwriteRows, type Progress } from "./rows.ts";
import { columnRef, Selection } from "./selection.ts";
import type { Stored } from "./statement.ts";
import { TraceNames } from "./trace-names.ts";

/** Rows of a log that are read through with one statement, so that none runs into the time limit. */
const windowSize = 20_000;

/** What is erased of the places. */
export interface TraceErasure {
  readonly kept: Kept;
  /** Of a table: which of its rows (alias `r`) may go; a table that it does not have: all. */
  readonly only?: ReadonlyMap<string, Fragment>;
}

export interface TraceParts {
  readonly database: Database;
  /** The table with the records. */
  readonly records: string;
  readonly keptRows: KeptRows;
  readonly living: Living;
}

/** Rows of one place that name a person; what the database finds is compared again, exactly and normalised. */
export class Traces {
  readonly table: string;
  readonly #database: Database;
  readonly #place: TracePlace;
  readonly #keptRows: KeptRows;
  readonly #living: Living;
  readonly #names: TraceNames;
  readonly #selection: Selection;
  readonly #key: string;
  readonly #overwriter: Overwriter | null;
  /** Each row is a record: the person's own is no trace of them. */
  readonly #isOfRecords: boolean;

  constructor(place: TracePlace, { database, records, keptRows, living }: TraceParts) {
    this.table = place.table;
    this.#database = database;
    this.#place = place;
    this.#keptRows = keptRows;
    this.#living = living;
    this.#isOfRecords = place.table === records;
    this.#selection = new Selection(database.dialect);
    this.#key = this.#selection.add(place.key);
    this.#names = new TraceNames(place, this.#selection, database.dialect);
    const { overwrite } = place;
    this.#overwriter = overwrite ? overwriter(overwrite, this.#selection, database.dialect) : null;
  }

  get canaryHasNothing(): boolean {
    return this.#place.canary === "HAS_NOTHING";
  }

  async isAny(whose: Whose, signal: AbortSignal): Promise<boolean> {
    for await (const rows of this.#pages(whose, signal)) if (rows.length > 0) return true;
    return false;
  }

  async count(whose: Whose, signal: AbortSignal): Promise<number> {
    let found = 0;
    for await (const rows of this.#pages(whose, signal)) found += rows.length;
    return found;
  }

  /**
   * Some rows at a time, each time in a transaction of its own, until no more are found.
   *
   * @param only which of them; absent: all
   * @param until when the rest is left to the next call, in milliseconds since 1970
   */
  async erase(
    whose: Whose,
    { kept, only }: Pick<TraceErasure, "kept"> & { readonly only?: Fragment | undefined },
    until: number,
    signal: AbortSignal,
  ): Promise<Progress> {
    let erased = 0;
    const also = only ? [only] : [];
    for (let pass = 0; pass < mostPasses; pass++) {
      const before = erased;
      for await (const rows of this.#pages(whose, signal, also)) {
        if (rows.length === 0) continue;
        const batch = { rows, whose, kept, also };
        erased += await this.#database.write((run) => this.#forget(run, batch, signal), signal);
        if (Date.now() > until) return { erased, finished: false };
      }
      if (erased === before) return { erased, finished: true };
    }
    throw new SourceFailure("FAILED");
  }

  /** What the system's own rules write down here of records while the work is done goes again, with the work. */
  async watch(run: Run, records: readonly string[], work: () => Promise<void>): Promise<void> {
    const columns = this.#place.named.flatMap(({ column, by }) =>
      by === "RECORD" ? [columnRef(column)] : [],
    );
    if (columns.length === 0) return work();
    const named = sql`(${sql.join(
      columns.map((column) => among(column, records)),
      sql` or `,
    )})`;
    const before = new Set<string>();
    for await (const rows of this.#all(run, named))
      for (const row of rows) before.add(String(row[this.#key]));
    await work();
    for await (const rows of this.#all(run, named)) {
      const written = rows.filter((row) => !before.has(String(row[this.#key])));
      if (written.length > 0) await this.#end(run, written);
    }
  }

  async *#all(run: Run, condition: Fragment): AsyncGenerator<readonly Stored[]> {
    for (let after: unknown = null; ;) {
      const rows = await run(this.#rows([...this.#where(), condition], after, false));
      yield rows;
      if (rows.length < batchSize) return;
      after = rows.at(-1)?.[this.#key];
    }
  }

  /** Looks again, at rows that nobody else can change any more. */
  async #forget(
    run: Run,
    {
      rows: found,
      whose,
      kept,
      also,
    }: {
      readonly rows: readonly Stored[];
      readonly whose: Whose;
      readonly kept: Kept;
      readonly also: readonly Fragment[];
    },
    signal: AbortSignal,
  ): Promise<number> {
    const keys = found.map((row) => row[this.#key]);
    const conditions = [among(columnRef(this.#place.key), keys), ...also];
    const locked = await run(this.#rows(conditions, null, true));
    const rows = await this.#theirs(run, locked, whose, signal);
    if (rows.length > 0) await this.#keptRows.watch(run, kept, () => this.#end(run, rows));
    return rows.length;
  }

  /**
   * A row that has a key of a record is that record's: the person's by their own, and another's by one that is still
   * somebody's. Whose other rows are, the identifiers say.
   */
  async #theirs(
    run: Run,
    rows: readonly Stored[],
    whose: Whose,
    signal: AbortSignal,
  ): Promise<readonly Stored[]> {
    const meant = rows
      .filter((row) => this.#names.isMeant(row) && !this.#isOwnRecord(row, whose))
      .map((row) => ({ row, owners: this.#names.owners(row) }));
    const named = meant.filter(
      ({ row, owners }) => !owners.includes(whose.recordKey) && this.#names.isNaming(row, whose),
    );
    const others = [...new Set(named.flatMap(({ owners }) => owners))];
    const living = await this.#living.among(run, others, signal);
    const nobodys = new Set(named.filter(({ owners }) => !owners.some((owner) => living.has(owner))));
    return meant
      .filter((each) => each.owners.includes(whose.recordKey) || nobodys.has(each))
      .map(({ row }) => row);
  }

  #isOwnRecord(row: Stored, { recordKey }: Whose): boolean {
    return this.#isOfRecords && String(row[this.#key]) === recordKey;
  }

  async #end(run: Run, rows: readonly Stored[]): Promise<void> {
    if (this.#overwriter) {
      const { table, key } = this.#place;
      const own = {
        table,
        key,
        selection: this.#selection,
        overwriter: this.#overwriter,
        keyAlias: this.#key,
      };
      await overwriteRows(run, this.#database, own, rows);
    } else {
      const theirs = rows.map((row) => row[this.#key]);
      await deleteRows(run, this.#database, this.#place, theirs);
    }
  }

  /** By key, so that what goes meanwhile moves nothing. */
  async *#pages(
    whose: Whose,
    signal: AbortSignal,
    also: readonly Fragment[] = [],
  ): AsyncGenerator<readonly Stored[]> {
    const named = this.#names.conditions(whose);
    if (named.length === 0) return;
    const conditions = [...this.#where(), sql`(${sql.join(named, sql` or `)})`, ...also];
    for await (const { after: from, last } of this.#windows(signal)) {
      const until = last === null ? [] : [sql`${columnRef(this.#place.key)} <= ${last}`];
      for (let after = from; ;) {
        const rows = await this.#database.read(this.#rows([...conditions, ...until], after, false), signal);
        yield await this.#theirs((query) => this.#database.read(query, signal), rows, whose, signal);
        if (rows.length < batchSize) break;
        after = rows.at(-1)?.[this.#key];
      }
    }
  }

  /** The whole table at once where an index leads to the rows, and bit by bit where texts have to be read. */
  async *#windows(signal: AbortSignal): AsyncGenerator<{ after: unknown; last: unknown }> {
    if (!this.#names.readsTexts) return yield { after: null, last: null };
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

  #where(): Fragment[] {
    return Object.entries(this.#place.where ?? {}).map(([column, value]) =>
      value === null ? sql`${columnRef(column)} is null` : sql`${columnRef(column)} = ${value}`,
    );
  }

  #rows(conditions: readonly Fragment[], after: unknown, locked: boolean): CompiledQuery<Stored> {
    const { table, key } = this.#place;
    return nextRows(this.#database, { table, key, selection: this.#selection, conditions, after, locked });
  }
}
