import type { Database, Run } from "./database.ts";
import type { Fragment } from "./dialect.ts";
import { among, deleteRows, nextRows } from "./rows.ts";
import { columnRef, Selection } from "./selection.ts";

/** Rows that go before the row that they hang on. */
export interface Dependants {
  readonly table: string;
  readonly key: string;
  readonly parent: string;
  readonly conditions: readonly Fragment[];
  readonly inside: readonly Dependants[];
}

/** What is inside a row goes first: not every system lets it go along. */
export async function deleteInside(
  run: Run,
  database: Database,
  inside: readonly Dependants[],
  parents: readonly unknown[],
): Promise<void> {
  for (const { table, key, parent, conditions, inside: deeper } of inside) {
    const selection = new Selection(database.dialect);
    const alias = selection.add(key);
    const all = [among(columnRef(parent), parents), ...conditions];
    for (let keys: unknown[] = [null]; keys.length > 0;) {
      const batch = { table, key, selection, conditions: all, after: null, locked: true };
      keys = (await run(nextRows(database, batch))).map((row) => row[alias]);
      if (keys.length === 0) break;
      await deleteInside(run, database, deeper, keys);
      await deleteRows(run, database, { table, key }, keys);
    }
  }
}
