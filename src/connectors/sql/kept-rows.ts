import { createHash } from "node:crypto";
import { SourceFailure } from "../../sources/contract.ts";
import type { Kept } from "../../sources/erasures.ts";
import { ownRecord } from "../../sources/writes.ts";
import { columnsOf } from "./check-writes.ts";
import type { Database, Run } from "./database.ts";
import type { AnySqlMapping } from "./plan.ts";
import { among, batches, batchSize, nextRows } from "./rows.ts";
import { columnRef, Selection } from "./selection.ts";

/** That what the law keeps would have gone, or changed, along with what goes. */
class KeptRowsTouched extends Error {
  override readonly name = "KeptRowsTouched";
}

export const isTouched = ({ cause }: SourceFailure): boolean => cause instanceof KeptRowsTouched;

interface Watched {
  readonly table: string;
  readonly key: string;
  /** Column that the keys of the kept rows are in. */
  readonly by: string;
  readonly columns: readonly string[];
  /** What is inside its rows. */
  readonly inside: readonly Watched[];
}

/** Sees to it that a deletion takes nothing along that is kept: a cascade, or a rule of the system's own. */
export class KeptRows {
  readonly #database: Database;
  readonly #watched: ReadonlyMap<string, Watched>;

  constructor(database: Database, mapping: AnySqlMapping) {
    this.#database = database;
    const tops = Object.keys(mapping.collections).filter((name) => !name.includes("."));
    this.#watched = new Map([
      ...tops.map((name) => [name, watchedOf(mapping, name, "key")] as const),
      [ownRecord, watchedRecord(mapping)] as const,
    ]);
  }

  /** Rejects, and undoes it all, where the kept rows say something else after the work. */
  async watch<T>(run: Run, kept: Kept, work: () => Promise<T>): Promise<T> {
    const before = await this.#digest(run, kept);
    const result = await work();
    if ((await this.#digest(run, kept)) !== before)
      throw new SourceFailure("FAILED", { cause: new KeptRowsTouched() });
    return result;
  }

  async #digest(run: Run, kept: Kept): Promise<string> {
    const hash = createHash("sha256");
    for (const [name, rows] of kept) {
      const watched = this.#watched.get(name);
      if (!watched) continue;
      for (const keys of batches(rows.map(({ key }) => key)))
        await this.#add(run, watched, keys, (row) => hash.update(row));
    }
    return hash.digest("hex");
  }

  async #add(
    run: Run,
    { table, key, by, columns, inside }: Watched,
    keys: readonly unknown[],
    add: (row: string) => unknown,
  ): Promise<void> {
    const selection = new Selection(this.#database.dialect);
    const alias = selection.add(key);
    for (const column of columns) selection.add(column);
    const conditions = [among(columnRef(by), keys)];
    for (let after: unknown = null; ;) {
      const batch = { table, key, selection, conditions, after, locked: false };
      const rows = await run(nextRows(this.#database, batch));
      for (const row of rows) add(JSON.stringify([table, row]));
      const own = rows.map((row) => row[alias]);
      if (own.length > 0) for (const each of inside) await this.#add(run, each, own, add);
      if (rows.length < batchSize) return;
      after = own.at(-1);
    }
  }
}

/** Its own columns: what a row refers to may go before it. */
function watchedOf(mapping: AnySqlMapping, name: string, by: "key" | "parent"): Watched {
  const { collections, erasures } = mapping;
  const table = collections[name];
  if (!table) return { table: name, key: "", by: "", columns: [], inside: [] };
  const inside = Object.keys(collections).filter((each) => isInside(each, name));
  const along = erasures?.collections[name]?.along ?? [];
  return {
    table: table.table,
    key: table.key,
    by: table[by],
    columns: [table.parent, ...Object.values(table.fields).flatMap(columnsOf)].filter(isOwn),
    inside: [
      ...inside.map((each) => watchedOf(mapping, each, "parent")),
      ...along.map((each) => ({ ...each, by: each.parent, columns: [], inside: [] })),
    ],
  };
}

/** Of a record that is kept, what is part of what is kept. */
function watchedRecord({ person, erasures }: AnySqlMapping): Watched {
  const keeps = Object.keys(erasures?.record.reduced?.keeps ?? {});
  const shown = Object.values(person.fields).flatMap(columnsOf);
  const columns = keeps.filter((column) => shown.includes(column));
  return { table: person.table, key: person.key, by: person.key, columns, inside: [] };
}

/** Directly: `orders.lines` in `orders`. */
export const isInside = (name: string, outer: string): boolean =>
  name.startsWith(`${outer}.`) && !name.slice(outer.length + 1).includes(".");

const isOwn = (column: string) => !column.includes(".");
