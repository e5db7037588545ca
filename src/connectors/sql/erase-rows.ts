import { type CompiledQuery, sql } from "kysely";
import { SourceFailure } from "../../sources/contract.ts";
import type { Kept, KeptRow } from "../../sources/erasures.ts";
import type { Database, Run } from "./database.ts";
import type { Fragment } from "./dialect.ts";
import type { Anonymising, NewKey, RowsErasure, SharedRow } from "./erasure-mapping.ts";
import { type Dependants, deleteInside } from "./inside-rows.ts";
import { isInside, type KeptRows } from "./kept-rows.ts";
import { markRows } from "./mark-rows.ts";
import { newKeys } from "./new-keys.ts";
import { type Overwriter, overwriter } from "./overwrite.ts";
import { belongs, type CollectionPlan } from "./plan.ts";
import {
  among,
  batches,
  batchSize,
  deleteRows,
  mostPasses,
  nextRows,
  overwriteRows,
  type Progress,
} from "./rows.ts";
import { columnRef, Selection } from "./selection.ts";
import type { Stored } from "./statement.ts";
import { usedOnlyBy, usersOf } from "./use.ts";

/** What a row that stays says, and what its key becomes. */
interface Staying {
  readonly overwriter: Overwriter;
  readonly key: NewKey | undefined;
}

/** Of whom so many rows are going. */
export interface Going {
  readonly records: readonly string[];
  readonly rows: number;
}

/** Judges rows by their keys within the transaction in which they go. */
export interface Judging {
  /** Columns that are emptied; null: the rows go. */
  readonly emptied: readonly string[] | null;
  /** Those that are still to go. */
  readonly stillSo: (run: Run, keys: readonly string[]) => Promise<ReadonlySet<string>>;
  /** Rejects where the work takes more along than what is to go. */
  readonly guard: (run: Run, going: Going, work: () => Promise<void>) => Promise<void>;
}

/** Makes the rows of one collection go, or lose their person: batch by batch, by key, but for those that are kept. */
export class RowEraser {
  readonly #database: Database;
  readonly #plan: CollectionPlan;
  readonly #keptRows: KeptRows;
  readonly #inside: readonly Dependants[];
  readonly #how: RowsErasure;
  readonly #selection: Selection;
  readonly #key: string;
  /** Null: it is told by the conditions whose a row is. */
  readonly #parent: string | null;
  /** Alias of the record's key, or of what the row hangs on. */
  readonly #owner: string;
  readonly #anonymised: Staying | null;
  readonly #shared: (Staying & { readonly alias: string }) | null;

  constructor(
    database: Database,
    plan: CollectionPlan,
    {
      plans,
      how,
      keptRows,
    }: { plans: ReadonlyMap<string, CollectionPlan>; how: RowsErasure; keptRows: KeptRows },
  ) {
    this.#database = database;
    this.#plan = plan;
    this.#keptRows = keptRows;
    const along = (how.along ?? []).map((each) => ({ ...each, conditions: [], inside: [] }));
    this.#inside = [...insideOf(plan.name, plans), ...along];
    this.#how = how;
    this.#selection = new Selection(database.dialect);
    this.#key = this.#selection.add(plan.table.key);
    const { use, parent } = plan.table;
    this.#owner = this.#selection.add(use?.by ?? parent);
    this.#parent = use ? null : this.#owner;
    const { anonymise, shared } = how;
    this.#anonymised = anonymise ? this.#staying(anonymise, use?.by ?? parent, anonymise.parent) : null;
    this.#shared =
      shared && plan.usedAs
        ? { ...this.#staying(shared, parent, null), alias: this.#selection.addShared(plan.usedAs) }
        : null;
  }

  #staying(
    { overwrite, key }: Anonymising | SharedRow,
    column: string,
    parent: Anonymising["parent"] | null,
  ) {
    const overwriting = { ...overwrite, [column]: parent };
    return { overwriter: overwriter(overwriting, this.#selection, this.#database.dialect), key };
  }

  /** @param until when the rest is left to the next call, in milliseconds since 1970 */
  async erase(recordKey: string, kept: Kept, until: number, signal: AbortSignal): Promise<Progress> {
    const spared = new Set(kept.get(this.#plan.name)?.map(({ key }) => key));
    let erased = 0;
    for (let pass = 0; pass < mostPasses; pass++) {
      const before = erased;
      for (let after: unknown = null; ;) {
        const { rows, gone } = await this.#database.write(
          (run) => this.#batch(run, { recordKey, spared, kept, after }),
          signal,
        );
        erased += gone;
        if (rows.length < batchSize) break;
        if (Date.now() > until) return { erased, finished: false };
        after = rows.at(-1)?.[this.#key];
      }
      if (erased === before) return { erased, finished: true };
    }
    throw new SourceFailure("FAILED");
  }

  /** Makes rows go by their keys, whosever they are, or empties their columns: those that are still to once they are locked. */
  async end(run: Run, keys: readonly string[], { emptied, stillSo, guard }: Judging): Promise<void> {
    const { table, key } = this.#plan.table;
    const conditions = [among(columnRef(key), keys), ...conditionsOf(this.#plan)];
    const batch = { table, key, selection: this.#selection, conditions, after: null, locked: true };
    const locked = await run(nextRows(this.#database, batch));
    const still = locked.length === 0 ? new Set<string>() : await stillSo(run, keys);
    const going = locked.filter((row) => still.has(String(row[this.#key])));
    if (going.length === 0) return;
    const work = async () =>
      emptied ? this.#empty(run, going, emptied) : this.#forget(run, await this.#asOfNow(run, going));
    const records = await this.#recordsOf(run, going);
    if (records.length === 0) return work();
    await guard(run, { records, rows: emptied ? 0 : going.length }, work);
  }

  /** Whether others use what a row says is used may have changed while it was judged. */
  async #asOfNow(run: Run, rows: readonly Stored[]): Promise<readonly Stored[]> {
    if (!this.#shared) return rows;
    const { table, key } = this.#plan.table;
    const conditions = [
      among(
        columnRef(key),
        rows.map((row) => row[this.#key]),
      ),
    ];
    const batch = { table, key, selection: this.#selection, conditions, after: null, locked: true };
    return run(nextRows(this.#database, batch));
  }

  async #recordsOf(run: Run, rows: readonly Stored[]): Promise<readonly string[]> {
    const owners = [...new Set(rows.map((row) => String(row[this.#owner])))];
    const { use } = this.#plan.table;
    if (!use) return owners;
    const users = usersOf(use, (thing) => among(thing, owners));
    const rowsOfUse = await run(users.compile(this.#database.kysely));
    return [...new Set(rowsOfUse.map((row) => String(row["user_key"])))];
  }

  async #empty(run: Run, rows: readonly Stored[], columns: readonly string[]): Promise<void> {
    const { table, key } = this.#plan.table;
    const selection = new Selection(this.#database.dialect);
    const keyAlias = selection.add(key);
    const overwriting = Object.fromEntries(columns.map((column) => [column, null]));
    const emptying = overwriter(overwriting, selection, this.#database.dialect);
    const own = rows.map((row) => ({ [keyAlias]: row[this.#key] }));
    await overwriteRows(run, this.#database, { table, key, selection, overwriter: emptying, keyAlias }, own);
  }

  /** How many rows there are besides the kept. */
  async left(recordKey: string, kept: readonly KeptRow[], signal: AbortSignal): Promise<number> {
    const own = this.#belonging(recordKey);
    let left = await this.#count(own, signal);
    for (const keys of batches(kept.map(({ key }) => key))) {
      if (left === 0) break;
      left -= await this.#count([...own, among(columnRef(this.#plan.table.key), keys)], signal);
    }
    return left;
  }

  /** False: the system has no mark. */
  async mark(recordKey: string, kept: readonly KeptRow[], signal: AbortSignal): Promise<boolean> {
    const { mark } = this.#how;
    if (!mark) return false;
    const { table, key } = this.#plan.table;
    await markRows(
      this.#database,
      { table, key, mark, conditions: this.#belonging(recordKey) },
      kept,
      signal,
    );
    return true;
  }

  async #batch(
    run: Run,
    {
      recordKey,
      spared,
      kept,
      after,
    }: { recordKey: string; spared: ReadonlySet<string>; kept: Kept; after: unknown },
  ) {
    const rows = await run(this.#select(recordKey, after));
    // Some databases take '1x' for 1.
    const going = rows.filter(
      (row) =>
        (this.#parent === null || String(row[this.#parent]) === recordKey) &&
        !spared.has(String(row[this.#key])),
    );
    if (going.length > 0) await this.#keptRows.watch(run, kept, () => this.#forget(run, going));
    return { rows, gone: going.length };
  }

  async #forget(run: Run, rows: readonly Stored[]): Promise<void> {
    if (this.#anonymised) return this.#overwrite(run, this.#anonymised, rows);
    const shared = this.#shared;
    if (shared) {
      const staying = rows.filter((row) => Number(row[shared.alias]) === 1);
      if (staying.length > 0) await this.#overwrite(run, shared, staying);
    }
    const going = rows.filter((row) => !shared || Number(row[shared.alias]) !== 1);
    if (going.length === 0) return;
    const { table, key } = this.#plan.table;
    const keys = going.map((row) => row[this.#key]);
    await deleteInside(run, this.#database, this.#inside, keys);
    await deleteRows(run, this.#database, { table, key }, keys);
  }

  async #overwrite(
    run: Run,
    { overwriter: overwriting, key: kind }: Staying,
    rows: readonly Stored[],
  ): Promise<void> {
    const { table, key } = this.#plan.table;
    const overwritten = {
      table,
      key,
      selection: this.#selection,
      overwriter: overwriting,
      keyAlias: this.#key,
      ...(kind && {
        newKeys: await newKeys(run, this.#database, { table, key }, { kind, count: rows.length }),
      }),
    };
    await overwriteRows(run, this.#database, overwritten, rows);
  }

  #select(recordKey: string, after: unknown): CompiledQuery<Stored> {
    const { table, key } = this.#plan.table;
    const batch = { table, key, selection: this.#selection, conditions: this.#belonging(recordKey) };
    return nextRows(this.#database, { ...batch, after, locked: true });
  }

  async #count(conditions: readonly Fragment[], signal: AbortSignal): Promise<number> {
    const query = sql<Stored>`select count(*) as n from ${sql.table(this.#plan.table.table)} as r
      where ${sql.join(conditions, sql` and `)}`;
    const [row] = await this.#database.read(query.compile(this.#database.kysely), signal);
    return Number(row?.["n"] ?? 0);
  }

  #belonging(recordKey: string): readonly Fragment[] {
    const { use, parent } = this.#plan.table;
    const theirs = use ? usedOnlyBy(use, recordKey) : sql`${columnRef(parent)} = ${recordKey}`;
    return [theirs, ...conditionsOf(this.#plan)];
  }
}

const conditionsOf = ({ table }: CollectionPlan): Fragment[] =>
  belongs(table).map(({ column, value }) => sql`${column} = ${value}`);

function insideOf(name: string, plans: ReadonlyMap<string, CollectionPlan>): Dependants[] {
  return [...plans.values()]
    .filter((plan) => isInside(plan.name, name))
    .map((plan) => ({
      table: plan.table.table,
      key: plan.table.key,
      parent: plan.table.parent,
      conditions: conditionsOf(plan),
      inside: insideOf(plan.name, plans),
    }));
}
