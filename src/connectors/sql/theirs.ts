import { sql } from "kysely";
import type { OfRecord } from "../../sources/erasures.ts";
import type { Fragment } from "./dialect.ts";
import { belongs, type CollectionPlan } from "./plan.ts";
import { among, batches } from "./rows.ts";
import { columnRef } from "./selection.ts";
import { usedByNobody, usedOnlyBy } from "./use.ts";

/** That a row is one of the collection. */
export const conditionsOf = ({ table }: CollectionPlan): Fragment[] =>
  belongs(table).map(({ column, value }) => sql`${column} = ${value}`);

/**
 * What says that rows are the person's: each row meets the conditions of one of these ways, and of no other. What hung on
 * what they alone used is theirs also once nothing says who used it, as long as nobody else is known to.
 */
export function theirs(
  plan: CollectionPlan,
  { recordKey, things = {} }: OfRecord,
): readonly (readonly Fragment[])[] {
  const { use, parent } = plan.table;
  const own = conditionsOf(plan);
  if (!use) return [[sql`${columnRef(parent)} = ${recordKey}`, ...own]];
  return [
    [usedOnlyBy(use, recordKey), ...own],
    ...[...batches(things[plan.name] ?? [])].map((some) => [
      among(columnRef(use.by), some),
      usedByNobody(use, null),
      ...own,
    ]),
  ];
}
