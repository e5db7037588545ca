import type { RawBuilder } from "kysely";
import { among, batches } from "./rows.ts";
import type { Stored } from "./statement.ts";
import { thingsOf, type UseRows, usersOf } from "./use.ts";

export type Asking = (query: RawBuilder<Stored>) => Promise<readonly Stored[]>;

/** Of each thing, the records of those who have used it. */
export async function usersOfEach(
  use: UseRows,
  things: readonly string[],
  ask: Asking,
): Promise<(thing: string) => readonly string[]> {
  const users = new Map<string, string[]>(things.map((thing) => [thing, []]));
  for (const some of batches([...users.keys()]))
    for (const row of await ask(usersOf(use, (thing) => among(thing, some))))
      users.get(String(row["thing"]))?.push(String(row["user_key"]));
  return (thing) => users.get(thing) ?? [];
}

/** What any of these records have used, once each. */
export async function usedBy(
  use: UseRows,
  recordKeys: readonly string[],
  ask: Asking,
): Promise<readonly string[]> {
  const things = new Set<string>();
  for (const some of batches(recordKeys))
    for (const row of await ask(thingsOf(use, (user) => among(user, some)))) things.add(String(row["thing"]));
  return [...things];
}
