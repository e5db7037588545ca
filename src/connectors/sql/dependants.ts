import type { Dependants } from "./inside-rows.ts";
import { isInside } from "./kept-rows.ts";
import type { CollectionPlan } from "./plan.ts";
import { conditionsOf } from "./theirs.ts";

/** What is inside the rows of a collection, as the mapping nests them. */
export function insideOf(name: string, plans: ReadonlyMap<string, CollectionPlan>): Dependants[] {
  return [...plans.values()]
    .filter((plan) => isInside(plan.name, name))
    .map((plan) => ({
      table: plan.table.table,
      key: plan.table.key,
      parent: plan.table.parent,
      conditions: conditionsOf(plan),
      inside: insideOf(plan.name, plans),
    }));
}
