import { sql } from "kysely";
import { SourceFailure } from "../../sources/contract.ts";
import type { Erasure, Kept, KeptRow, OfRecord } from "../../sources/erasures.ts";
import type { Database, Run } from "./database.ts";
import type { Fragment } from "./dialect.ts";
import { RowEnder } from "./end-rows.ts";
import type { RowsErasure } from "./erasure-mapping.ts";
import { RowForgetter } from "./forget-rows.ts";
import type { KeptRows } from "./kept-rows.ts";
import { markRows } from "./mark-rows.ts";
import type { CollectionPlan } from "./plan.ts";
import { among, batches, batchSize, mostPasses, type Progress } from "./rows.ts";
import { columnRef } from "./selection.ts";
import type { Stored } from "./statement.ts";
import { conditionsOf, theirs } from "./theirs.ts";
import { thingsOnlyOf, usedByNobody } from "./use.ts";

interface OwnBatch extends Pick<Erasure, "whose" | "kept"> {
  readonly conditions: readonly Fragment[];
  readonly after: unknown;
}

/** Makes the rows of one collection go, or lose their person: batch by batch, by key, but for those that are kept. */
export class RowEraser {
  readonly #database: Database;
  readonly #plan: CollectionPlan;
  readonly #keptRows: KeptRows;
  readonly #how: RowsErasure;
  readonly #rows: RowForgetter;
  /** Of the collections that go through this one. */
  readonly #hanging: readonly RowEraser[];
  readonly ender: RowEnder;

  constructor(
    database: Database,
    plan: CollectionPlan,
    {
      plans,
      how,
      keptRows,
      hanging,
    }: {
      readonly plans: ReadonlyMap<string, CollectionPlan>;
      readonly how: RowsErasure;
      readonly keptRows: KeptRows;
      readonly hanging: readonly RowEraser[];
    },
  ) {
    this.#database = database;
    this.#plan = plan;
    this.#keptRows = keptRows;
    this.#how = how;
    this.#rows = new RowForgetter(database, plan, { plans, how });
    this.ender = new RowEnder(database, plan, this.#rows);
    this.#hanging = hanging;
  }

  /** What the person alone uses that the rows hang on; null: they hang on the person. */
  async things(recordKey: string, signal: AbortSignal): Promise<readonly string[] | null> {
    const { use } = this.#plan.table;
    if (!use) return null;
    const query = thingsOnlyOf(use, recordKey).compile(this.#database.kysely);
    return (await this.#database.read(query, signal)).map((row) => String(row["thing"]));
  }

  /** @param until when the rest is left to the next call, in milliseconds since 1970 */
  async erase(whose: OfRecord, kept: Kept, until: number, signal: AbortSignal): Promise<Progress> {
    let erased = 0;
    // So that little is left to go in one transaction with what says who used it.
    for (const each of this.#hanging) {
      const progress = await each.erase(whose, kept, until, signal);
      erased += progress.erased;
      if (!progress.finished) return { erased, finished: false };
    }
    for (let pass = 0; pass < mostPasses; pass++) {
      const before = erased;
      for (const conditions of theirs(this.#plan, whose)) {
        const progress = await this.#eraseAll(conditions, { whose, kept }, until, signal);
        erased += progress.erased;
        if (!progress.finished) return { erased, finished: false };
      }
      if (erased === before) return { erased, finished: true };
    }
    throw new SourceFailure("FAILED");
  }

  /** How many rows there are besides the kept. */
  async left(whose: OfRecord, kept: readonly KeptRow[], signal: AbortSignal): Promise<number> {
    let left = 0;
    for (const own of theirs(this.#plan, whose)) {
      left += await this.#count(own, signal);
      for (const keys of batches(kept.map(({ key }) => key))) {
        if (left === 0) break;
        left -= await this.#count([...own, among(columnRef(this.#plan.table.key), keys)], signal);
      }
    }
    return left;
  }

  /** False: the system has no mark. */
  async mark(whose: OfRecord, kept: readonly KeptRow[], signal: AbortSignal): Promise<boolean> {
    const { mark } = this.#how;
    if (!mark) return false;
    const { table, key } = this.#plan.table;
    for (const conditions of theirs(this.#plan, whose))
      await markRows(this.#database, { table, key, mark, conditions }, kept, signal);
    return true;
  }

  /** Until nothing more is found by these conditions, or the time is up. */
  async #eraseAll(
    conditions: readonly Fragment[],
    { whose, kept }: Pick<Erasure, "whose" | "kept">,
    until: number,
    signal: AbortSignal,
  ): Promise<Progress> {
    let erased = 0;
    for (let after: unknown = null; ;) {
      const { rows, gone } = await this.#database.write(
        (run) => this.#batch(run, { conditions, whose, kept, after }),
        signal,
      );
      erased += gone;
      if (rows.length < batchSize) return { erased, finished: true };
      if (Date.now() > until) return { erased, finished: false };
      after = rows.at(-1)?.[this.#rows.key];
    }
  }

  async #batch(run: Run, { conditions, whose, kept, after }: OwnBatch) {
    const rows = await this.#rows.next(run, conditions, after);
    // Some databases take '1x' for 1.
    const isTheirs = (row: Stored) =>
      this.#plan.table.use !== undefined || String(row[this.#rows.owner]) === whose.recordKey;
    const going = this.#unspared(rows, kept).filter(isTheirs);
    if (going.length > 0)
      await this.#keptRows.watch(run, kept, () => this.#forgetWithHanging(run, going, { whose, kept }));
    return { rows, gone: going.length };
  }

  #unspared(rows: readonly Stored[], kept: Kept): readonly Stored[] {
    const spared = new Set(kept.get(this.#plan.name)?.map(({ key }) => key));
    return rows.filter((row) => !spared.has(String(row[this.#rows.key])));
  }

  /** What hangs on a thing goes with the last row that says who uses it: after that it is not known whose it was. */
  async #forgetWithHanging(
    run: Run,
    rows: readonly Stored[],
    { whose, kept }: Pick<Erasure, "whose" | "kept">,
  ): Promise<void> {
    const thing = this.#rows.thing;
    const things = thing === null ? [] : [...new Set(this.#rows.unshared(rows).map((row) => row[thing]))];
    const hanging = async () => {
      if (things.length > 0)
        for (const each of this.#hanging) await each.#forgetOn(run, things, { whose, kept });
    };
    await hanging();
    await this.#rows.forget(run, rows);
    // A rule of the system's own may have written another.
    await hanging();
  }

  /** What hangs on these things, while nobody else is known to use them. */
  async #forgetOn(
    run: Run,
    things: readonly unknown[],
    { whose, kept }: Pick<Erasure, "whose" | "kept">,
  ): Promise<void> {
    const { use } = this.#plan.table;
    if (!use) return;
    const own = [among(columnRef(use.by), things), usedByNobody(use, whose.recordKey)];
    for (let after: unknown = null; ;) {
      const rows = await this.#rows.next(run, [...own, ...conditionsOf(this.#plan)], after);
      const going = this.#unspared(rows, kept);
      if (going.length > 0) await this.#rows.forget(run, going);
      if (rows.length < batchSize) return;
      after = rows.at(-1)?.[this.#rows.key];
    }
  }

  async #count(conditions: readonly Fragment[], signal: AbortSignal): Promise<number> {
    const query = sql<Stored>`select count(*) as n from ${sql.table(this.#plan.table.table)} as r
      where ${sql.join(conditions, sql` and `)}`;
    const [row] = await this.#database.read(query.compile(this.#database.kysely), signal);
    return Number(row?.["n"] ?? 0);
  }
}
