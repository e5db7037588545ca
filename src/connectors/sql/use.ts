import { sql } from "kysely";
import type { Fragment } from "./dialect.ts";
import type { CollectionTable } from "./mapping.ts";
import type { Stored } from "./statement.ts";

type Collections = Readonly<Record<string, CollectionTable<string>>>;

/** Rows that say who uses something. */
export interface UseRows {
  readonly table: string;
  /** Columns with what is used, and with the key of who uses it. */
  readonly thing: string;
  readonly user: string;
}

/** What rows of a collection hang on, and who uses it. */
export interface Use extends UseRows {
  /** Column of the collection's own table that says what it hangs on. */
  readonly by: string;
}

/** Column with the key of the only user, in a statement with `soleUsers`. */
export const soleUser = "sole.user_key";

/** How a collection hangs on the person; undefined: by their key. */
export function useOf(collections: Collections, name: string): Use | undefined {
  const own = collections[name];
  const users = own?.through && collections[own.through.collection];
  if (!own?.through || !users) return undefined;
  return { table: users.table, thing: own.through.column, user: users.parent, by: own.parent };
}

/** Of a collection that others go through: its rows; undefined: none does. */
export function usedAs(collections: Collections, name: string): UseRows | undefined {
  const users = collections[name];
  const through = Object.values(collections).find(({ through: way }) => way?.collection === name)?.through;
  return users && through && { table: users.table, thing: through.column, user: users.parent };
}

/** Whether somebody else uses what a row says is used: another person, or one who was erased. */
export function isShared({ table, thing, user }: UseRows, row: string): Fragment {
  return sql`exists (select 1 from ${sql.table(table)} as other where ${sql.id("other", thing)} = ${sql.id(row, thing)}
    and (${sql.id("other", user)} is null or ${sql.id("other", user)} <> ${sql.id(row, user)}))`;
}

/** A join that leaves the rows that hang on what one person alone uses, each once. */
export function soleUsers(use: Use, alias = "r"): Fragment {
  const { table, thing, user, by } = use;
  return sql` join (select distinct ${sql.id("u", thing)} as thing, ${sql.id("u", user)} as user_key
    from ${sql.table(table)} as u where ${sql.id("u", user)} is not null and not ${isShared(use, "u")}) as sole
    on ${sql.id(alias, by)} = ${sql.id("sole", "thing")}`;
}

/** That a row hangs on what the person alone uses. */
export function usedOnlyBy(use: Use, recordKey: string): Fragment {
  const { table, thing, user, by } = use;
  return sql`${sql.id("r", by)} in (select ${sql.id("u", thing)} from ${sql.table(table)} as u
    where ${sql.id("u", user)} = ${recordKey} and not ${isShared(use, "u")})`;
}

/** Asks what the person alone uses, as `thing`. */
export function thingsOnlyOf(use: UseRows, recordKey: string) {
  const { table, thing, user } = use;
  return sql<Stored>`select distinct ${sql.id("u", thing)} as thing from ${sql.table(table)} as u
    where ${sql.id("u", user)} = ${recordKey} and not ${isShared(use, "u")} order by thing`;
}

/** That of what a row hangs on nothing says who uses it, but for one person (null: nobody). */
export function usedByNobody({ table, thing, user, by }: Use, but: string | null): Fragment {
  const other =
    but === null ? sql`` : sql` and (${sql.id("u", user)} is null or ${sql.id("u", user)} <> ${but})`;
  return sql`not exists (select 1 from ${sql.table(table)} as u where ${sql.id("u", thing)} = ${sql.id("r", by)}${other})`;
}

/** That a row hangs on what somebody uses of whom the condition holds; who uses it goes under the alias `u`. */
export function usedByAny(
  { table, thing, user, by }: Use,
  condition: (user: Fragment) => Fragment,
): Fragment {
  return sql`exists (select 1 from ${sql.table(table)} as u where ${sql.id("u", thing)} = ${sql.id("r", by)}
    and ${condition(sql.id("u", user))})`;
}

/** Asks who has used which of some things, as `thing` and `user_key`. */
export function usersOf({ table, thing, user }: UseRows, isOne: (thing: Fragment) => Fragment) {
  return sql<Stored>`select distinct ${sql.id("u", thing)} as thing, ${sql.id("u", user)} as user_key
    from ${sql.table(table)} as u where ${sql.id("u", user)} is not null and ${isOne(sql.id("u", thing))}`;
}

/** Asks what some persons have used, as `thing`. */
export function thingsOf({ table, thing, user }: UseRows, isOne: (user: Fragment) => Fragment) {
  return sql<Stored>`select distinct ${sql.id("u", thing)} as thing from ${sql.table(table)} as u
    where ${isOne(sql.id("u", user))}`;
}
