import type { OtherDatum, Row, SourceRecord } from "../../sources/contract.ts";
import type { CollectionFields } from "../mapping.ts";
import { MappingError } from "../match.ts";
import type { Dialect } from "./dialect.ts";
import type { CollectionTable, SqlMapping } from "./mapping.ts";
import { columnRef, Selection } from "./selection.ts";
import type { Stored } from "./statement.ts";
import { soleUser, type Use, usedAs, useOf, type UseRows } from "./use.ts";

/** A mapping whose names the compiler no longer knows. */
export type AnySqlMapping = SqlMapping<string, CollectionFields>;

/** How rows of a collection are selected and read: worked out once. */
export interface CollectionPlan {
  readonly name: string;
  /** As it is read: where it has a `use`, `parent` is that of the user. */
  readonly table: CollectionTable<string> & { readonly use?: Use | undefined };
  readonly selection: Selection;
  /** Aliases in the answer. */
  readonly key: string;
  readonly parent: string;
  /** Where others go through it: its rows, as those that say who uses something. */
  readonly usedAs: UseRows | undefined;
  readonly read: (row: Stored) => Row;
}

export interface PersonPlan {
  readonly selection: Selection;
  readonly key: string;
  /** Aliases of the identifier columns, in the mapping's order. */
  readonly identifiers: readonly string[];
  readonly read: (row: Stored) => Omit<SourceRecord, "key" | "identifiers">;
  readonly whole: (row: Stored) => boolean;
}

export function planPerson({ person }: AnySqlMapping, dialect: Dialect): PersonPlan {
  const selection = new Selection(dialect);
  const key = selection.add(person.key);
  const identifiers = person.identifiers.map(({ column }) => selection.add(column));
  const fields = selection.row(person.fields);
  const other = (person.other ?? []).map((datum) => ({ ...datum, read: selection.field(datum.column) }));
  const updatedAt = person.updatedAt === undefined ? undefined : selection.field(person.updatedAt);
  const mapped = Object.entries(person.fields).flatMap(([name, column]) => (column === null ? [] : [name]));
  return {
    selection,
    key,
    identifiers,
    read: (row) => ({
      fields: fields(row),
      other: other.map(({ name, category, read }): OtherDatum => {
        const value = read(row);
        return { name, category, value: value === null ? null : String(value) };
      }),
      ...(updatedAt && { updatedAt: textOrNull(updatedAt(row)) }),
    }),
    whole: (row) => {
      const held = fields(row);
      return mapped.every((name) => held[name] !== null) && other.every(({ read }) => read(row) !== null);
    },
  };
}

export function planCollections(mapping: AnySqlMapping, dialect: Dialect): Map<string, CollectionPlan> {
  return new Map(
    Object.entries(mapping.collections).map(([name, mapped]) => {
      const use = useOf(mapping.collections, name);
      const table = use ? { ...mapped, parent: soleUser, use } : mapped;
      const selection = new Selection(dialect);
      const [key, parent] = [selection.add(table.key), selection.add(table.parent)];
      const read = selection.row(table.fields, mapped);
      return [name, { name, table, selection, key, parent, usedAs: usedAs(mapping.collections, name), read }];
    }),
  );
}

export function collectionOf(plans: ReadonlyMap<string, CollectionPlan>, name: string): CollectionPlan {
  const plan = plans.get(name);
  if (!plan) throw new MappingError(`no collection ${name} in the mapping`);
  return plan;
}

/** What belongs to the collection, of its table aliased `alias`. */
export function belongs(table: CollectionTable<string>, alias = "r") {
  return Object.entries(table.where ?? {}).map(([column, value]) => ({
    column: columnRef(column, alias),
    value,
  }));
}

const textOrNull = (value: unknown) => (value === null || value === undefined ? null : String(value));
