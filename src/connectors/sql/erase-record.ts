import { type CompiledQuery, sql } from "kysely";
import type { Kept, KeptRow } from "../../sources/erasures.ts";
import { ownRecord } from "../../sources/writes.ts";
import type { Database, Run } from "./database.ts";
import type { RecordErasure, StayingRow } from "./erasure-mapping.ts";
import type { KeptRows } from "./kept-rows.ts";
import { markRows } from "./mark-rows.ts";
import type { PersonTable } from "./mapping.ts";
import { type Overwriter, overwriter } from "./overwrite.ts";
import { deleteRows, nextRows, overwriteRows } from "./rows.ts";
import { columnRef, Selection } from "./selection.ts";
import type { Stored } from "./statement.ts";

/** What becomes of a row that stays, or that goes: then there is nothing to overwrite. */
interface Ending {
  readonly selection: Selection;
  readonly keyAlias: string;
  readonly overwriter: Overwriter | null;
}

/** The person's own row: it goes, or says nothing of them any more, or nothing but what the law keeps. */
export class RecordEraser {
  readonly #database: Database;
  readonly #person: PersonTable<string>;
  readonly #how: RecordErasure;
  readonly #keptRows: KeptRows;
  readonly #erased: Ending;
  /** Null: the mapping does not say what is part of what the law keeps. */
  readonly #reduced: Ending | null;

  constructor(database: Database, person: PersonTable<string>, how: RecordErasure, keptRows: KeptRows) {
    this.#database = database;
    this.#person = person;
    this.#how = how;
    this.#keptRows = keptRows;
    this.#erased = endingOf(database, person, how.stays);
    this.#reduced = how.reduced ? endingOf(database, person, how.reduced) : null;
  }

  /** Whether there is a row of the person that says something of them. */
  async isThere(key: string, signal: AbortSignal): Promise<boolean> {
    const row = await this.#row(key, this.#erased, signal);
    return row !== undefined && !(this.#erased.overwriter?.isDone(row, key) ?? false);
  }

  /** Whether nothing is left in it that should not be. */
  async isErased(key: string, isKept: boolean, signal: AbortSignal): Promise<boolean> {
    if (!isKept || !this.#reduced) return !(await this.isThere(key, signal));
    const row = await this.#row(key, this.#reduced, signal);
    return !row || (this.#reduced.overwriter?.isDone(row, key) ?? false);
  }

  /**
   * Null: the law keeps it, and the mapping does not say how it is reduced.
   *
   * @param stillSo asked once nobody else can change the row; where it says no, it stays
   * @returns whether there was something to do
   */
  async erase(
    key: string,
    kept: Kept,
    signal: AbortSignal,
    stillSo: (run: Run) => Promise<boolean> = async () => true,
  ): Promise<boolean | null> {
    const isKept = (kept.get(ownRecord) ?? []).length > 0;
    const ending = isKept ? this.#reduced : this.#erased;
    if (!ending) return null;
    return this.#database.write(async (run) => {
      const row = (await run(this.#select(key, ending, true))).find(isOf(key, ending));
      if (!row || ending.overwriter?.isDone(row, key) || !(await stillSo(run))) return false;
      const { table, key: column } = this.#person;
      await this.#keptRows.watch(run, kept, () => {
        const own = { table, key: column, ...ending };
        return ending.overwriter
          ? overwriteRows(run, this.#database, { ...own, overwriter: ending.overwriter }, [row])
          : deleteRows(run, this.#database, own, [row[ending.keyAlias]]);
      });
      return true;
    }, signal);
  }

  /** False: the system has no mark. */
  async mark(key: string, kept: readonly KeptRow[], signal: AbortSignal): Promise<boolean> {
    const { mark } = this.#how;
    if (!mark) return false;
    const { table, key: column } = this.#person;
    const conditions = [sql`${columnRef(column)} = ${key}`];
    await markRows(this.#database, { table, key: column, mark, conditions }, kept, signal);
    return true;
  }

  async #row(key: string, ending: Ending, signal: AbortSignal): Promise<Stored | undefined> {
    const rows = await this.#database.read(this.#select(key, ending, false), signal);
    return rows.find(isOf(key, ending));
  }

  #select(key: string, { selection }: Ending, locked: boolean): CompiledQuery<Stored> {
    const { table, key: column } = this.#person;
    const conditions = [sql`${columnRef(column)} = ${key}`];
    return nextRows(this.#database, { table, key: column, selection, conditions, after: null, locked });
  }
}

/** Some databases take '1x' for 1. */
const isOf =
  (key: string, { keyAlias }: Ending) =>
  (row: Stored): boolean =>
    String(row[keyAlias]) === key;

function endingOf(database: Database, person: PersonTable<string>, row: StayingRow | undefined): Ending {
  const selection = new Selection(database.dialect);
  const keyAlias = selection.add(person.key);
  return {
    selection,
    keyAlias,
    overwriter: row ? overwriter(row.overwrite, selection, database.dialect) : null,
  };
}
