import type { TableMetadata } from "kysely";
import type { Column, SharedColumn } from "./mapping.ts";
import type { AnySqlMapping } from "./plan.ts";

/** What a mapping says of writing that cannot be, or that contradicts what it says of reading. */
export function unwritable(
  { person, collections }: AnySqlMapping,
  table: TableMetadata | undefined,
): string[] {
  const { fields = {}, touched = [], restriction, snapshots = [] } = person.writes ?? {};
  const mapped = (field: string) =>
    Object.hasOwn(person.fields, field) ? (person.fields[field] ?? null) : null;
  const written = Object.keys(fields).flatMap((field) => columnsOf(mapped(field)));
  const ofSystem = [...touched, ...(restriction ? [restriction] : [])].map(({ column }) => column);
  const twice = [...written, ...ofSystem].filter((column, at, all) => all.indexOf(column) !== at);
  const key = [...written, ...ofSystem].filter((column) => column === person.key);
  const missing = ofSystem.filter((column) => !table?.columns.some(({ name }) => name === column));
  return [
    ...Object.keys(fields).flatMap((field) => unwritableField(field, mapped(field))),
    ...Object.entries(fields).flatMap(([field, writing]) =>
      person.identifiers
        .filter(({ kind }) => kind === "EMAIL" || kind === "PHONE")
        .filter(({ kind, column }) => kind !== writing?.kind && columnsOf(mapped(field)).includes(column))
        .map(({ kind }) => `${field} is an identifier (${kind}), and has to be written as one`),
    ),
    ...[...new Set(twice)].map((column) => `${person.table}.${column} is written in two ways`),
    ...key.map((column) => `${person.table}.${column} is the key, and cannot be written`),
    ...missing.map((column) => `${person.table}.${column} is written, but there is no such column`),
    ...(restriction && restriction.on === restriction.off
      ? ["a restriction is off by what it is on by"]
      : []),
    ...snapshots.flatMap(({ collection, repeats }) => [
      ...(collection in collections ? [] : [`snapshots in ${collection}, which is no collection`]),
      ...repeats
        .filter((field) => mapped(field) === null)
        .map((field) => `${collection} repeats ${field}, which is not mapped`),
    ]),
  ];
}

function unwritableField(field: string, column: Column | null): string[] {
  if (column === null) return [`${field} is written, but not mapped`];
  if (columnsOf(column).some((name) => name.includes(".")))
    return [`${field} is in a joined table, and cannot be written`];
  if (typeof column === "string") return [];
  if ("columns" in column) {
    const whole = column.columns.length > 1 && column.separator !== "";
    return whole ? [] : [`${field} cannot be divided into its columns`];
  }
  const plain = (column.as ?? "text") === "text" && !column.member && !column.values;
  return plain ? [] : [`${field} is read by as, member or values, and cannot be written`];
}

export function columnsOf(column: Column | SharedColumn | null): readonly string[] {
  if (column === null) return [];
  if (typeof column === "string") return [column];
  if ("shared" in column) return [column.shared];
  return "columns" in column ? column.columns : [column.column];
}
