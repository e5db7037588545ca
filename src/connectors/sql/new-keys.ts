import { randomInt, randomUUID } from "node:crypto";
import { sql } from "kysely";
import type { Database, Run } from "./database.ts";
import type { NewKey } from "./erasure-mapping.ts";
import { among, type KeyedTable } from "./rows.ts";
import type { Stored } from "./statement.ts";

/** No sequence gives out what is below zero; four bytes are room enough for everybody's. */
const lowestNumber = -(2 ** 31);

const drawn: Readonly<Record<NewKey, () => string | number>> = {
  NEGATIVE: () => randomInt(lowestNumber, 0),
  UUID: () => randomUUID(),
};

/** Keys that no row of the table has, and that say nothing of when a row was made, or together with which. */
export async function newKeys(
  run: Run,
  { kysely }: Database,
  { table, key }: KeyedTable,
  { kind, count }: { readonly kind: NewKey; readonly count: number },
): Promise<readonly (string | number)[]> {
  const free = new Map<string, string | number>();
  while (free.size < count) {
    const candidates = Array.from({ length: count - free.size }, drawn[kind]);
    const query = sql<Stored>`select ${sql.id(key)} as k from ${sql.table(table)} where ${among(sql.id(key), candidates)}`;
    const taken = new Set((await run(query.compile(kysely))).map((row) => String(row["k"])));
    for (const each of candidates) if (!taken.has(String(each))) free.set(String(each), each);
  }
  return [...free.values()];
}
