import type { RecordType } from "./record-type.ts";

export const dataPath = (type: RecordType) => `data/${type.source}/${type.name}.json`;
export const schemaPath = (type: RecordType) => `schemas/${type.source}/${type.name}.schema.json`;

/** @param lists names of the lists that lead to the rows: `csv/crm/orders.lines.csv` */
export const csvPath = (type: RecordType, lists: readonly string[]) =>
  `csv/${type.source}/${[type.name, ...lists].join(".")}.csv`;

const safe = /^[A-Za-z][A-Za-z0-9_-]{0,99}$/;

/** @throws of a name that some file system cannot bear, or that would lead out of the archive's folder; of two that are the same on some. */
export function checkNames(types: readonly RecordType[]) {
  const seen = new Set<string>();
  for (const type of types) {
    for (const name of [type.source, type.name]) {
      if (!safe.test(name)) throw new Error(`${JSON.stringify(name)} cannot name a file of the archive`);
    }
    const path = dataPath(type).toLowerCase();
    if (seen.has(path)) throw new Error(`${type.source}.${type.name} is in the archive twice`);
    seen.add(path);
  }
}
