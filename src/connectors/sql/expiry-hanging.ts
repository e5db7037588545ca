import { sql, type TableMetadata } from "kysely";
import type { Expiring } from "../../sources/expiring.ts";
import type { RecordLabel } from "../../sources/module.ts";
import { findTable } from "./check.ts";
import type { Fragment } from "./dialect.ts";
import type { SqlErasures } from "./erasure-mapping.ts";
import { allOf, always, anyOf, isNot, owned, type PlanParts, restrictedRow } from "./expiry-conditions.ts";
import { type ExpiryTerms, expiryTerms } from "./expiry-terms.ts";
import type { CollectionTable, Column, Join, SharedColumn } from "./mapping.ts";
import { columnRef, fromTable } from "./selection.ts";
import { isShared, usedAs, type UseRows } from "./use.ts";

/** A name that no mapping has for a joined table. */
const used = "innsyn_used";

export interface Ruled {
  readonly labels: Expiring["labels"];
  readonly asOf: string;
}

/**
 * While there is something in what one person alone has used, it is known that they have: it would be taken for the next
 * user's otherwise. Of what others use as well, it stays known that several did.
 */
export function hangingOnUse(
  parts: PlanParts,
  name: string,
  { uses, ...ruled }: Ruled & { readonly uses: UseRows },
) {
  const unless = (isKept: boolean) =>
    anyOf([isShared(uses, "r"), isNot(inUse(parts, name, { ...ruled, alias: "r", isKept }))]);
  return { loose: unless(true), bare: unless(false) };
}

/** That something hangs on what a row says is used; with `isKept`, something that is kept. */
function inUse(
  parts: PlanParts,
  name: string,
  { labels, asOf, alias, isKept }: Ruled & { readonly alias: string; readonly isKept: boolean },
): Fragment {
  const { collections } = parts.mapping;
  const through = Object.entries(collections).filter(([, { through: way }]) => way?.collection === name);
  return anyOf(
    through.map(([child, table]) => {
      const own = sql`${columnRef(table.parent, used)} = ${columnRef(table.through?.column ?? "", alias)}`;
      const conditions = isKept ? [keptRow(parts, child, { labels, asOf, alias: used })] : [];
      return sql`exists (select 1 from ${fromTable(table, used)} where ${allOf([own, ...owned(table, used), ...conditions])})`;
    }),
  );
}

/** Of what hangs on something: whatever is not certainly over. */
export function keptRow(
  parts: PlanParts,
  name: string,
  { labels, asOf, alias }: Ruled & { readonly alias: string },
): Fragment {
  const { collections } = parts.mapping;
  const [table, label] = [collections[name], labels[name]];
  const how = (parts.erasures.collections as SqlErasures<string>["collections"])[name];
  const terms = table && label && how ? termsOf(parts, table, label, asOf, alias) : null;
  if (!terms) return always;
  const isOver = [terms.past, terms.free, isNot(anyOf(restrictedRow(how?.mark, alias)))];
  const uses = usedAs(collections, name);
  if (uses)
    isOver.push(
      anyOf([isShared(uses, alias), isNot(inUse(parts, name, { labels, asOf, alias, isKept: true }))]),
    );
  return isNot(allOf(isOver));
}

export function termsOf(
  { dialect, tables }: PlanParts,
  table: Pick<CollectionTable<string>, "table" | "joins" | "fields">,
  label: RecordLabel,
  asOf: string,
  alias: string,
): ExpiryTerms | null {
  const fields = Object.fromEntries(
    Object.entries(table.fields).map(([name, column]) => [name, ownColumn(column)]),
  );
  return expiryTerms({ fields, dialect, typeOf: typesIn(tables, table), alias }, label, asOf);
}

/** Whether something is shared is no date. */
const ownColumn = (column: Column | SharedColumn | null): Column | null =>
  column !== null && typeof column === "object" && "shared" in column ? null : column;

export function typesIn(
  tables: readonly TableMetadata[],
  { table, joins = [] }: { readonly table: string; readonly joins?: readonly Join[] },
): (column: string) => string | null {
  return (column) => {
    const [own = "", joined] = column.split(".", 2);
    const name = joined === undefined ? table : joins.find(({ alias }) => alias === own)?.table;
    const columns = name === undefined ? [] : (findTable(tables, name)?.columns ?? []);
    return columns.find((each) => each.name === (joined ?? own))?.dataType ?? null;
  };
}
