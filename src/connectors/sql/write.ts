import { type CompiledQuery, sql } from "kysely";
import { SourceFailure } from "../../sources/contract.ts";
import type { Capabilities, Correction, WriteOutcome } from "../../sources/writes.ts";
import { memberOf, says, writtenAs } from "../writing.ts";
import type { Database, Run } from "./database.ts";
import { erasableTypes } from "./erase.ts";
import { isDataException, isRefusal, toFailure } from "./failure.ts";
import type { PersonTable } from "./mapping.ts";
import { isOn, type Placing, placeMoment, placeText } from "./place.ts";
import type { AnySqlMapping } from "./plan.ts";
import { columnRef, Selection } from "./selection.ts";
import { Statement, Statements, type Stored } from "./statement.ts";

/** What is to become of one row. */
interface Change {
  /** Changes of one name read and set the same columns. */
  readonly name: string;
  readonly key: string;
  readonly selection: Selection;
  /** Whether the row is so already, however it came to be. */
  readonly done: (row: Stored) => boolean;
  readonly conflict: (row: Stored) => boolean;
  readonly set: Placing;
}

export function capabilitiesOf({ person: { writes }, erasures }: AnySqlMapping): Capabilities {
  return {
    rectifies: new Set(Object.keys(writes?.fields ?? {})),
    snapshots: writes?.snapshots ?? [],
    restricts: writes?.restriction !== undefined,
    suppresses: false,
    tellsWithdrawals: false,
    erases: erasableTypes(erasures),
  };
}

const refused: WriteOutcome = { state: "refused" };

/** Changes rows of the person's table, each in a transaction that locks, compares, writes and reads again. */
export class Writer {
  readonly #database: Database;
  readonly #person: PersonTable<string>;
  readonly #statements = new Statements();

  constructor(database: Database, person: PersonTable<string>) {
    this.#database = database;
    this.#person = person;
  }

  async rectify(key: string, { field, from, to }: Correction, signal: AbortSignal): Promise<WriteOutcome> {
    const { writes, fields } = this.#person;
    const [writing, column] = [memberOf(writes?.fields, field), memberOf(fields, field)];
    if (!writing || !column) return refused;
    const text = writtenAs(writing, to);
    const set = text === null ? null : placeText(column, text);
    if (set === null) return refused;
    const selection = new Selection(this.#database.dialect);
    const read = selection.field(column);
    const current = (row: Stored) => {
      const value = read(row);
      return value === null ? null : String(value);
    };
    const done = (row: Stored) => says(writing, current(row), to);
    const conflict = (row: Stored) => current(row) !== from;
    return this.#change({ name: `rectify ${field}`, key, selection, done, conflict, set }, signal);
  }

  async restrict(key: string, restricted: boolean, signal: AbortSignal): Promise<WriteOutcome> {
    const mark = this.#person.writes?.restriction;
    if (!mark) return refused;
    const selection = new Selection(this.#database.dialect);
    const alias = selection.add(mark.column);
    const done = (row: Stored) => isOn(mark, row[alias]) === restricted;
    const set = new Map([[mark.column, restricted ? mark.on : mark.off]]);
    return this.#change({ name: "restrict", key, selection, done, conflict: () => false, set }, signal);
  }

  async #change(change: Change, signal: AbortSignal): Promise<WriteOutcome> {
    let written = false;
    const work = async (run: Run): Promise<WriteOutcome> => {
      const row = await this.#row(run, change, true);
      if (!row) {
        // What may be read and not be changed is there all the same.
        if (await this.#row(run, change, false)) throw new SourceFailure("FAILED");
        return { state: "absent" };
      }
      if (change.done(row)) return { state: "done" };
      if (change.conflict(row)) return { state: "conflict" };
      written = true;
      await run(this.#update(change));
      const after = await this.#row(run, change, true);
      // A rule of the system's own had it otherwise.
      if (!after || !change.done(after)) throw new SourceFailure("FAILED");
      return { state: "done" };
    };
    try {
      return await this.#database.write(work, signal);
    } catch (error) {
      const failure = toFailure(error);
      if (written && isRefusal(failure)) return refused;
      // A key that is not of the column's type is nobody's.
      if (!written && isDataException(failure)) return { state: "absent" };
      throw failure;
    }
  }

  async #row(run: Run, { name, key, selection }: Change, locked: boolean): Promise<Stored | undefined> {
    const { kysely, dialect } = this.#database;
    const { table, key: column } = this.#person;
    const alias = selection.add(column);
    const [hint, end] = locked ? [dialect.lock.table, dialect.lock.end] : [sql``, sql``];
    const statement = this.#statements.get(`${locked ? "lock" : "look"} to ${name}`, () => {
      const columns = selection.toSql();
      return new Statement(
        kysely,
        (slot) =>
          sql`select ${columns} from ${sql.table(table)} as r${hint} where ${columnRef(column)} = ${slot()} ${end}`,
      );
    });
    const rows = await run(statement.bind([key]));
    // Some databases take '1x' for 1.
    return rows.find((row) => String(row[alias]) === key);
  }

  #update({ name, key, set }: Change): CompiledQuery<Stored> {
    const { kysely, dialect } = this.#database;
    const now = new Date();
    const touched = (this.#person.writes?.touched ?? []).map((column) => placeMoment(column, now, dialect));
    const all = new Map([set, ...touched].flatMap((placing) => [...placing]));
    const statement = this.#statements.get(name, () => {
      const { table, key: column } = this.#person;
      return new Statement(kysely, (slot) => {
        const assignments = [...all.keys()].map((each) => sql`${sql.id(each)} = ${slot()}`);
        return sql`update ${sql.table(table)} set ${sql.join(assignments)} where ${sql.id(column)} = ${slot()}`;
      });
    });
    return statement.bind([...all.values(), key]);
  }
}
