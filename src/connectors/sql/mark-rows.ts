import type { KeptRow } from "../../sources/erasures.ts";
import type { Database } from "./database.ts";
import type { Fragment } from "./dialect.ts";
import type { KeptMark, Overwriting } from "./erasure-mapping.ts";
import { overwriter } from "./overwrite.ts";
import { among, batches, type KeyedTable, nextRows, overwriteRows } from "./rows.ts";
import { columnRef, Selection } from "./selection.ts";

export interface Markable extends KeyedTable {
  readonly mark: KeptMark;
  /** What says that a row is the person's. */
  readonly conditions: readonly Fragment[];
}

/** Says in the rows that the law keeps that they are kept, and until when; those that say so already are left alone. */
export async function markRows(
  database: Database,
  { table, key, mark, conditions }: Markable,
  kept: readonly KeptRow[],
  signal: AbortSignal,
): Promise<void> {
  for (const [until, keys] of byDay(kept)) {
    const selection = new Selection(database.dialect);
    const keyAlias = selection.add(key);
    const marking = overwriter(markOf(mark, until), selection, database.dialect);
    for (const some of batches(keys)) {
      const wanted = [...conditions, among(columnRef(key), some)];
      await database.write(async (run) => {
        const batch = { table, key, selection, conditions: wanted, after: null, locked: true };
        const rows = await run(nextRows(database, batch));
        const changing = rows.filter((row) => !marking.isDone(row, String(row[keyAlias])));
        if (changing.length > 0)
          await overwriteRows(
            run,
            database,
            { table, key, selection, overwriter: marking, keyAlias },
            changing,
          );
      }, signal);
    }
  }
}

function byDay(kept: readonly KeptRow[]): ReadonlyMap<string, readonly string[]> {
  const days = new Map<string, string[]>();
  for (const { key, until } of kept) {
    const keys = days.get(until);
    if (keys) keys.push(key);
    else days.set(until, [key]);
  }
  return days;
}

function markOf({ restriction, until: column }: KeptMark, until: string): Overwriting {
  return {
    ...(restriction && { [restriction.column]: restriction.on }),
    ...(column !== undefined && { [column]: until }),
  };
}
