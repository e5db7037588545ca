import type { AnySqlMapping } from "./plan.ts";

/** Collections that hang on the person by what others may use, in a way that cannot be followed. */
export function unreachable(collections: AnySqlMapping["collections"]): string[] {
  return Object.entries(collections).flatMap(([name, { through }]) => {
    if (!through) return [];
    const users = collections[through.collection];
    const isTop = !name.includes(".") && !through.collection.includes(".");
    return [
      ...(users && isTop && !users.through && !users.parent.includes(".")
        ? []
        : [`${name} goes through ${through.collection}, which is no collection by the person's own key`]),
      // A row that does not count would still say that somebody uses it.
      ...(users?.where
        ? [`${name} goes through ${through.collection}, of which all rows have to count`]
        : []),
    ];
  });
}
