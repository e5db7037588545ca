import { sql } from "kysely";
import type { Identifier } from "../../sources/contract.ts";
import type { Whose } from "../../sources/erasures.ts";
import { normaliseStored } from "../../subjects/identifiers.ts";
import { held } from "../read-value.ts";
import { spellingsOf } from "../spellings.ts";
import type { Database, Run } from "./database.ts";
import type { Fragment } from "./dialect.ts";
import type { TraceColumn, TracePlace } from "./erasure-mapping.ts";
import { escapeLike } from "./find.ts";
import { type Overwriter, overwriter } from "./overwrite.ts";
import { columnRef, Selection } from "./selection.ts";
import type { Stored } from "./statement.ts";

/** Rows that are read at once: of a log, many may come that are another's in the end. */
const pageSize = 500;

/** Rows of one place that name a person; what the database finds is compared again, exactly and normalised. */
export class Traces {
  readonly #database: Database;
  readonly #place: TracePlace;
  readonly #selection: Selection;
  readonly #key: string;
  readonly #owner: string | null;
  readonly #overwriter: Overwriter | null;

  constructor(database: Database, place: TracePlace) {
    this.#database = database;
    this.#place = place;
    this.#selection = new Selection(database.dialect);
    this.#key = this.#selection.add(place.key);
    this.#owner = place.owner === undefined ? null : this.#selection.add(place.owner);
    for (const { column } of place.named) this.#selection.add(column);
    this.#overwriter = place.overwrite
      ? overwriter(place.overwrite, this.#selection, database.dialect)
      : null;
  }

  get table(): string {
    return this.#place.table;
  }

  async count(whose: Whose, signal: AbortSignal): Promise<number> {
    let found = 0;
    for await (const rows of this.#pages(whose, signal)) found += rows.length;
    return found;
  }

  /** Some rows at a time, each time in a transaction of its own. */
  async erase(whose: Whose, signal: AbortSignal): Promise<void> {
    for await (const rows of this.#pages(whose, signal))
      if (rows.length > 0) await this.#database.write((run) => this.#forget(rows, run), signal);
  }

  async #forget(rows: readonly Stored[], run: Run): Promise<void> {
    const { kysely } = this.#database;
    const table = sql.table(this.#place.table);
    const key = sql.id(this.#place.key);
    const changed = this.#overwriter;
    if (changed === null) {
      const keys = sql.join(rows.map((row) => sql`${row[this.#key]}`));
      await run(sql<Stored>`delete from ${table} where ${key} in (${keys})`.compile(kysely));
      return;
    }
    for (const row of rows) {
      const values = changed.values(row, String(row[this.#key]));
      const set = changed.columns.map((column, at) => sql`${sql.id(column)} = ${values[at]}`);
      await run(
        sql<Stored>`update ${table} set ${sql.join(set)} where ${key} = ${row[this.#key]}`.compile(kysely),
      );
    }
  }

  /** By key, so that what goes meanwhile moves nothing. */
  async *#pages(whose: Whose, signal: AbortSignal): AsyncGenerator<readonly Stored[]> {
    const named = this.#conditions(whose);
    if (named.length === 0) return;
    for (let after: unknown = null; ;) {
      const rows = await this.#page(named, after, signal);
      yield rows.filter((row) => this.#isTheirs(row, whose));
      if (rows.length < pageSize) return;
      after = rows.at(-1)?.[this.#key];
    }
  }

  #page(named: readonly Fragment[], after: unknown, signal: AbortSignal): Promise<readonly Stored[]> {
    const { kysely, dialect } = this.#database;
    const { table, key } = this.#place;
    const beyond = after === null ? sql`` : sql` and ${columnRef(key)} > ${after}`;
    const query = sql<Stored>`select ${this.#selection.toSql()} from ${sql.table(table)} as r
      where (${sql.join(named, sql` or `)})${beyond} order by ${columnRef(key)} ${dialect.limit(sql.lit(pageSize))}`;
    return this.#database.read(query.compile(kysely), signal);
  }

  #conditions({ recordKey, identifiers }: Whose): Fragment[] {
    const { dialect } = this.#database;
    return this.#place.named.flatMap(({ column, by, within }): Fragment[] => {
      const stored = columnRef(column);
      if (by === "RECORD") return [sql`${stored} = ${recordKey}`];
      // An index on the bare column, or on its lower case, serves the one; nothing serves a search within a text.
      const text = within ? dialect.text(stored) : stored;
      const folded = by === "EMAIL" ? sql`lower(${text})` : text;
      const spellings = identifiers
        .filter(({ kind }) => kind === by)
        .flatMap(({ value }) => spellingsOf(by, value, true))
        .filter((value) => !value.includes("\0"));
      return spellings.map((value) =>
        within ? sql`${folded} like ${`%${escapeLike(value)}%`} escape '|'` : sql`${folded} = ${value}`,
      );
    });
  }

  #isTheirs(row: Stored, whose: Whose): boolean {
    const owner = this.#owner === null ? null : held(row[this.#owner]);
    if (owner !== null && String(owner) !== whose.recordKey) return false;
    return (
      this.#place.named.some((column) =>
        names(column, held(row[this.#selection.add(column.column)]), whose),
      ) && !(this.#overwriter?.isDone(row, String(row[this.#key])) ?? false)
    );
  }
}

function names({ by, within }: TraceColumn, stored: unknown, { recordKey, identifiers }: Whose): boolean {
  if (stored === null) return false;
  const text = String(stored);
  if (by === "RECORD") return text === recordKey;
  return identifiers
    .filter(({ kind }) => kind === by)
    .some((identifier) =>
      within ? mentions(text, identifier) : normaliseStored(by, text) === identifier.value,
    );
}

/** As a word of its own: an address that ends in another is another. */
function mentions(text: string, { kind, value }: Identifier): boolean {
  const folded = text.normalize("NFC").toLowerCase();
  return spellingsOf(kind, value, false)
    .map((each) => each.toLowerCase())
    .some((each) =>
      occurrences(folded, each).some(
        ([before, after]) => !partOfName.test(before) && !partOfName.test(after),
      ),
    );
}

const partOfName = /[\p{L}\p{N}_%+-]/u;

function occurrences(text: string, wanted: string): [string, string][] {
  const found: [string, string][] = [];
  for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + 1))
    found.push([text.charAt(at - 1), text.charAt(at + wanted.length)]);
  return found;
}
