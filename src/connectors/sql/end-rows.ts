import type { Database, Run } from "./database.ts";
import type { RowForgetter } from "./forget-rows.ts";
import { overwriter } from "./overwrite.ts";
import type { CollectionPlan } from "./plan.ts";
import { among, overwriteRows } from "./rows.ts";
import { columnRef, Selection } from "./selection.ts";
import type { Stored } from "./statement.ts";
import { conditionsOf } from "./theirs.ts";
import { usersOf } from "./use.ts";

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

/** Ends rows of one collection that are over, whosever they are. */
export class RowEnder {
  readonly #database: Database;
  readonly #plan: CollectionPlan;
  readonly #rows: RowForgetter;

  constructor(database: Database, plan: CollectionPlan, rows: RowForgetter) {
    this.#database = database;
    this.#plan = plan;
    this.#rows = rows;
  }

  /** Makes rows go by their keys, whosever they are, or empties their columns: those that are still to once they are locked. */
  async end(run: Run, keys: readonly string[], { emptied, stillSo, guard }: Judging): Promise<void> {
    const { key } = this.#plan.table;
    const conditions = [among(columnRef(key), keys), ...conditionsOf(this.#plan)];
    const locked = await this.#rows.next(run, conditions, null);
    const still = locked.length === 0 ? new Set<string>() : await stillSo(run, keys);
    const going = locked.filter((row) => still.has(String(row[this.#rows.key])));
    if (going.length === 0) return;
    const work = async () =>
      emptied ? this.#empty(run, going, emptied) : this.#rows.forget(run, await this.#asOfNow(run, going));
    const records = await this.#recordsOf(run, going);
    if (records.length === 0) return work();
    await guard(run, { records, rows: emptied ? 0 : going.length }, work);
  }

  /** Whether others use what a row says is used may have changed while it was judged. */
  async #asOfNow(run: Run, rows: readonly Stored[]): Promise<readonly Stored[]> {
    if (!this.#rows.sharesRows) return rows;
    const keys = rows.map((row) => row[this.#rows.key]);
    return this.#rows.next(run, [among(columnRef(this.#plan.table.key), keys)], null);
  }

  async #recordsOf(run: Run, rows: readonly Stored[]): Promise<readonly string[]> {
    const owners = [...new Set(rows.map((row) => String(row[this.#rows.owner])))];
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
    const own = rows.map((row) => ({ [keyAlias]: row[this.#rows.key] }));
    await overwriteRows(run, this.#database, { table, key, selection, overwriter: emptying, keyAlias }, own);
  }
}
