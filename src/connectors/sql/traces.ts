import { sql } from "kysely";
import { SourceFailure } from "../../sources/contract.ts";
import type { Kept, Whose } from "../../sources/erasures.ts";
import type { Database, Run } from "./database.ts";
import type { Fragment } from "./dialect.ts";
import type { TracePlace } from "./erasure-mapping.ts";
import { type Dependants, deleteInside } from "./inside-rows.ts";
import type { KeptRows } from "./kept-rows.ts";
import { type Overwriter, overwriter } from "./overwrite.ts";
import { among, batchSize, deleteRows, mostPasses, overwriteRows, type Progress } from "./rows.ts";
import { columnRef } from "./selection.ts";
import type { Stored } from "./statement.ts";
import { type TraceParts, TraceRows } from "./trace-rows.ts";

/** What is erased of the places. */
export interface TraceErasure {
  readonly kept: Kept;
  /** Of a table: which of its rows (alias `r`) may go; a table that it does not have: all. */
  readonly only?: ReadonlyMap<string, Fragment>;
}

interface Going {
  readonly rows: readonly Stored[];
  readonly whose: Whose;
  readonly kept: Kept;
  readonly also: readonly Fragment[];
}

/** Makes the rows of one place that name a person go, or lose them. */
export class Traces {
  readonly table: string;
  readonly #database: Database;
  readonly #place: TracePlace;
  readonly #keptRows: KeptRows;
  readonly #rows: TraceRows;
  readonly #overwriter: Overwriter | null;
  readonly #along: readonly Dependants[];

  constructor(place: TracePlace, keptRows: KeptRows, parts: TraceParts) {
    const { database } = parts;
    this.table = place.table;
    this.#database = database;
    this.#place = place;
    this.#keptRows = keptRows;
    this.#rows = new TraceRows(place, parts);
    const { overwrite, along = [] } = place;
    this.#overwriter = overwrite ? overwriter(overwrite, this.#rows.selection, database.dialect) : null;
    this.#along = along.map((each) => ({ ...each, conditions: [], inside: [] }));
  }

  get canaryHasNothing(): boolean {
    return this.#place.canary === "HAS_NOTHING";
  }

  async isAny(whose: Whose, signal: AbortSignal): Promise<boolean> {
    for await (const rows of this.#rows.pages(whose, signal)) if (rows.length > 0) return true;
    return false;
  }

  async count(whose: Whose, signal: AbortSignal): Promise<number> {
    let found = 0;
    for await (const rows of this.#rows.pages(whose, signal)) found += rows.length;
    return found;
  }

  /** As `TraceRows.countOthers`. */
  countOthers(whose: Whose, signal: AbortSignal): Promise<number> {
    return this.#rows.countOthers(whose, signal);
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
      for await (const rows of this.#rows.pages(whose, signal, also)) {
        if (rows.length === 0) continue;
        const going = { rows, whose, kept, also };
        erased += await this.#database.write((run) => this.#forget(run, going, signal), signal);
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
    const { key } = this.#rows;
    const before = new Set<string>();
    for await (const rows of this.#all(run, named)) for (const row of rows) before.add(String(row[key]));
    await work();
    for await (const rows of this.#all(run, named)) {
      const written = rows.filter((row) => !before.has(String(row[key])));
      if (written.length > 0) await this.#end(run, written);
    }
  }

  async *#all(run: Run, condition: Fragment): AsyncGenerator<readonly Stored[]> {
    for (let after: unknown = null; ;) {
      const rows = await run(this.#rows.next([...this.#rows.where(), condition], after, false));
      yield rows;
      if (rows.length < batchSize) return;
      after = rows.at(-1)?.[this.#rows.key];
    }
  }

  /** Looks again, at rows that nobody else can change any more. */
  async #forget(run: Run, { rows: found, whose, kept, also }: Going, signal: AbortSignal): Promise<number> {
    const keys = found.map((row) => row[this.#rows.key]);
    const conditions = [among(columnRef(this.#place.key), keys), ...also];
    const locked = await run(this.#rows.next(conditions, null, true));
    const rows = await this.#rows.theirs(run, locked, whose, signal);
    if (rows.length > 0) await this.#keptRows.watch(run, kept, () => this.#end(run, rows));
    return rows.length;
  }

  async #end(run: Run, rows: readonly Stored[]): Promise<void> {
    const { table, key } = this.#place;
    const { selection, key: keyAlias } = this.#rows;
    const theirs = rows.map((row) => row[keyAlias]);
    await deleteInside(run, this.#database, this.#along, theirs);
    if (this.#overwriter) {
      const own = { table, key, selection, overwriter: this.#overwriter, keyAlias };
      await overwriteRows(run, this.#database, own, rows);
    } else {
      await deleteRows(run, this.#database, this.#place, theirs);
    }
  }
}
