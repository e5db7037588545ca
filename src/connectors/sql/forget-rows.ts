import type { Database, Run } from "./database.ts";
import { insideOf } from "./dependants.ts";
import { deleteInside, type Dependants } from "./inside-rows.ts";
import type { Fragment } from "./dialect.ts";
import type { Anonymising, NewKey, RowsErasure, SharedRow } from "./erasure-mapping.ts";
import { newKeys } from "./new-keys.ts";
import { type Overwriter, overwriter } from "./overwrite.ts";
import type { CollectionPlan } from "./plan.ts";
import { deleteRows, nextRows, overwriteRows } from "./rows.ts";
import { Selection } from "./selection.ts";
import type { Stored } from "./statement.ts";

/** What a row that stays says, and what its key becomes. */
interface Staying {
  readonly overwriter: Overwriter;
  readonly key: NewKey | undefined;
}

/** What becomes of rows of one collection that are to go: they are deleted, or stay without their person. */
export class RowForgetter {
  readonly #database: Database;
  readonly #plan: CollectionPlan;
  readonly #inside: readonly Dependants[];
  readonly #selection: Selection;
  readonly #anonymised: Staying | null;
  readonly #shared: (Staying & { readonly alias: string }) | null;
  /** Alias of the row's key. */
  readonly key: string;
  /** Alias of the record's key, or of what the row hangs on. */
  readonly owner: string;
  /** Alias of what a row says is used; null: nothing hangs on it. */
  readonly thing: string | null;

  constructor(
    database: Database,
    plan: CollectionPlan,
    { plans, how }: { readonly plans: ReadonlyMap<string, CollectionPlan>; readonly how: RowsErasure },
  ) {
    this.#database = database;
    this.#plan = plan;
    const along = (how.along ?? []).map((each) => ({ ...each, conditions: [], inside: [] }));
    this.#inside = [...insideOf(plan.name, plans), ...along];
    this.#selection = new Selection(database.dialect);
    this.key = this.#selection.add(plan.table.key);
    const { use, parent } = plan.table;
    const column = use?.by ?? parent;
    this.owner = this.#selection.add(column);
    const { anonymise, shared } = how;
    this.#anonymised = anonymise ? this.#staying(anonymise, column, anonymise.parent) : null;
    this.#shared =
      shared && plan.usedAs
        ? { ...this.#staying(shared, parent, null), alias: this.#selection.addShared(plan.usedAs) }
        : null;
    this.thing = plan.usedAs ? this.#selection.add(plan.usedAs.thing) : null;
  }

  get sharesRows(): boolean {
    return this.#shared !== null;
  }

  #staying(
    { overwrite, key }: Anonymising | SharedRow,
    column: string,
    parent: Anonymising["parent"] | null,
  ) {
    const overwriting = { ...overwrite, [column]: parent };
    return { overwriter: overwriter(overwriting, this.#selection, this.#database.dialect), key };
  }

  /** Those that say of something that nobody else uses. */
  unshared(rows: readonly Stored[]): readonly Stored[] {
    const shared = this.#shared;
    return shared ? rows.filter((row) => Number(row[shared.alias]) !== 1) : rows;
  }

  async forget(run: Run, rows: readonly Stored[]): Promise<void> {
    if (this.#anonymised) return this.#overwrite(run, this.#anonymised, rows);
    const shared = this.#shared;
    if (shared) {
      const staying = rows.filter((row) => Number(row[shared.alias]) === 1);
      if (staying.length > 0) await this.#overwrite(run, shared, staying);
    }
    const going = this.unshared(rows);
    if (going.length === 0) return;
    const { table, key } = this.#plan.table;
    const keys = going.map((row) => row[this.key]);
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
      keyAlias: this.key,
      ...(kind && {
        newKeys: await newKeys(run, this.#database, { table, key }, { kind, count: rows.length }),
      }),
    };
    await overwriteRows(run, this.#database, overwritten, rows);
  }

  /** The next rows by key, which nobody else changes until the transaction is over. */
  next(run: Run, conditions: readonly Fragment[], after: unknown): Promise<readonly Stored[]> {
    const { table, key } = this.#plan.table;
    const batch = { table, key, selection: this.#selection, conditions, after, locked: true };
    return run(nextRows(this.#database, batch));
  }
}
