import type { TableMetadata } from "kysely";
import { MappingError } from "../match.ts";
import { unerasable } from "./check-erasures.ts";
import { unreachable } from "./check-through.ts";
import { columnsOf, unwritable } from "./check-writes.ts";
import type { Join } from "./mapping.ts";
import type { AnySqlMapping } from "./plan.ts";

/** Everything that a mapping says of one table, under all the names it is read by. */
interface Mentioned {
  readonly columns: Set<string>;
  /** Tables of the person must be mapped whole; those that only lend a name need not. */
  whole: boolean;
}

/**
 * Compares the mapping with the tables as they are: `MappingError` names every column that is mapped and
 * missing, and every one that holds something and is neither mapped nor said to be not personal.
 */
export function checkMapping(source: string, mapping: AnySqlMapping, tables: readonly TableMetadata[]): void {
  const problems = [...mentioned(mapping)].flatMap(([name, said]) =>
    compare(name, said, findTable(tables, name)),
  );
  problems.push(
    ...nullableOrders(mapping, tables),
    ...askable(mapping),
    ...unreachable(mapping.collections),
    ...unwritable(mapping, findTable(tables, mapping.person.table)),
    ...unerasable(mapping, (name) => findTable(tables, name)),
  );
  if (problems.length > 0)
    throw new MappingError(`${source}: the mapping does not fit\n  ${problems.join("\n  ")}`);
}

function compare(name: string, { columns, whole }: Mentioned, table: TableMetadata | undefined): string[] {
  if (!table) return [`table ${name} is not there, or may not be read`];
  const actual = new Set(table.columns.map((column) => column.name));
  const missing = [...columns].filter((column) => !actual.has(column));
  const unmapped = whole ? [...actual].filter((column) => !columns.has(column)) : [];
  return [
    ...missing.map((column) => `${name}.${column} is mapped, but there is no such column`),
    ...unmapped.map((column) => `${name}.${column} is neither mapped, nor in other, nor in notPersonal`),
  ];
}

function mentioned({ person, collections }: AnySqlMapping): Map<string, Mentioned> {
  const said = new Map<string, Mentioned>();
  const at = (table: string) => {
    const found = said.get(table) ?? { columns: new Set<string>(), whole: false };
    said.set(table, found);
    return found;
  };
  const mention = (table: string, joins: readonly Join[] | undefined, columns: readonly string[]) => {
    at(table).whole = true;
    for (const join of joins ?? []) at(join.table).columns.add(join.on[1]);
    for (const column of [...columns, ...(joins ?? []).map((join) => join.on[0])]) {
      const [own, joined] = column.split(".", 2);
      const owner = joined === undefined ? table : joins?.find(({ alias }) => alias === own)?.table;
      at(owner ?? `${own}`).columns.add(joined ?? `${own}`);
    }
  };
  mention(person.table, person.joins, [
    person.key,
    ...person.identifiers.map(({ column }) => column),
    ...Object.values(person.fields).flatMap(columnsOf),
    ...(person.other ?? []).flatMap(({ column }) => columnsOf(column)),
    ...columnsOf(person.updatedAt ?? null),
    ...Object.keys(person.notPersonal ?? {}),
  ]);
  for (const table of Object.values(collections)) {
    const users = table.through && collections[table.through.collection];
    if (table.through && users) at(users.table).columns.add(table.through.column);
    mention(table.table, table.joins, [
      table.key,
      table.parent,
      ...(table.order ? [table.order.column] : []),
      ...Object.keys(table.where ?? {}),
      ...Object.values(table.fields).flatMap(columnsOf),
      ...Object.keys(table.notPersonal ?? {}),
    ]);
  }
  return said;
}

/** A null that the order does not reckon with would fall out between two pages. */
function nullableOrders({ collections }: AnySqlMapping, tables: readonly TableMetadata[]): string[] {
  return Object.entries(collections).flatMap(([name, { table, order }]) => {
    if (!order || order.nullable) return [];
    const column = findTable(tables, table)?.columns.find((c) => c.name === order.column);
    const nullable = order.column.includes(".") || column?.isNullable;
    return nullable
      ? [`${table}.${order.column} may be null: say so in the order of ${name} (nullable: true)`]
      : [];
  });
}

function askable({ canary, person }: AnySqlMapping): string[] {
  const has = person.identifiers.some(({ kind }) => kind === canary.kind);
  return has ? [] : [`the canary is a ${canary.kind}, but no identifier column is`];
}

/** A table by the name that a mapping has for it. */
export function findTable(tables: readonly TableMetadata[], name: string): TableMetadata | undefined {
  const [schema, table] = name.includes(".") ? name.split(".", 2) : [undefined, name];
  const named = tables.filter((t) => t.name === table && (schema === undefined || t.schema === schema));
  return named.find((t) => t.schema === "public") ?? named[0];
}
