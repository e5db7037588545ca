import { type CompiledQuery, sql } from "kysely";
import { SourceFailure } from "../../sources/contract.ts";
import type { KeptRow } from "../../sources/erasures.ts";
import type { Database } from "./database.ts";
import { marking } from "./erase-rows.ts";
import type { Overwriting, RecordErasure } from "./erasure-mapping.ts";
import type { PersonTable } from "./mapping.ts";
import { type Overwriter, overwriter } from "./overwrite.ts";
import { columnRef, Selection } from "./selection.ts";
import type { Stored } from "./statement.ts";

/** The person's own row: it goes, or says nothing of them any more, or nothing but what the law keeps. */
export class RecordEraser {
  readonly #database: Database;
  readonly #person: PersonTable<string>;
  readonly #how: RecordErasure;
  readonly #stays: Erased | null;
  readonly #reduced: Erased | null;
  readonly #plain: Selection;

  constructor(database: Database, person: PersonTable<string>, how: RecordErasure) {
    this.#database = database;
    this.#person = person;
    this.#how = how;
    this.#stays = how.stays ? erased(how.stays, database) : null;
    this.#reduced = how.reduced ? erased(how.reduced.overwrite, database) : null;
    this.#plain = new Selection(database.dialect);
    this.#plain.add(person.key);
  }

  async isThere(key: string, signal: AbortSignal): Promise<boolean> {
    const [row] = await this.#database.read(this.#select(key, this.#plain, false), signal);
    return row !== undefined;
  }

  /** Whether nothing is left in it that should not be. */
  async isErased(key: string, isKept: boolean, signal: AbortSignal): Promise<boolean> {
    const wanted = isKept ? this.#reduced : this.#stays;
    const [row] = await this.#database.read(
      this.#select(key, wanted?.selection ?? this.#plain, false),
      signal,
    );
    if (!row) return true;
    return wanted?.overwriter.isDone(row, key) ?? false;
  }

  /** False: the system must keep it, and the mapping does not say how it is reduced. */
  async erase(key: string, isKept: boolean, signal: AbortSignal): Promise<boolean> {
    const wanted = isKept ? this.#reduced : this.#stays;
    if (isKept && !wanted) return false;
    await this.#database.write(async (run) => {
      const [row] = await run(this.#select(key, wanted?.selection ?? this.#plain, true));
      if (!row || wanted?.overwriter.isDone(row, key)) return;
      await run(wanted ? this.#update(key, row, wanted.overwriter) : this.#delete(key));
      const [after] = await run(this.#select(key, wanted?.selection ?? this.#plain, false));
      // A system that turns a deletion into something else, or an update into none.
      if (wanted ? !after || !wanted.overwriter.isDone(after, key) : after !== undefined)
        throw new SourceFailure("FAILED");
    }, signal);
    return true;
  }

  /** False: the system has no mark. */
  async mark(kept: readonly KeptRow[], signal: AbortSignal): Promise<boolean> {
    const { mark } = this.#how;
    if (!mark) return false;
    const { table, key } = this.#person;
    await this.#database.write(async (run) => {
      for (const row of kept) await run(marking({ database: this.#database, table, key }, mark, row));
    }, signal);
    return true;
  }

  #select(key: string, selection: Selection, locked: boolean): CompiledQuery<Stored> {
    const { kysely, dialect } = this.#database;
    const [hint, end] = locked ? [dialect.lock.table, dialect.lock.end] : [sql``, sql``];
    return sql<Stored>`select ${selection.toSql()} from ${sql.table(this.#person.table)} as r${hint}
      where ${columnRef(this.#person.key)} = ${key} ${end}`.compile(kysely);
  }

  #update(key: string, row: Stored, changed: Overwriter): CompiledQuery<Stored> {
    const values = changed.values(row, key);
    const set = changed.columns.map((column, at) => sql`${sql.id(column)} = ${values[at]}`);
    const { table, key: column } = this.#person;
    return sql<Stored>`update ${sql.table(table)} set ${sql.join(set)} where ${sql.id(column)} = ${key}`.compile(
      this.#database.kysely,
    );
  }

  #delete(key: string): CompiledQuery<Stored> {
    const { table, key: column } = this.#person;
    return sql<Stored>`delete from ${sql.table(table)} where ${sql.id(column)} = ${key}`.compile(
      this.#database.kysely,
    );
  }
}

interface Erased {
  readonly selection: Selection;
  readonly overwriter: Overwriter;
}

function erased(overwriting: Overwriting, database: Database): Erased {
  const selection = new Selection(database.dialect);
  return { selection, overwriter: overwriter(overwriting, selection, database.dialect) };
}
