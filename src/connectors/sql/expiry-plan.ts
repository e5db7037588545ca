import { sql } from "kysely";
import { dayHolds } from "../../access/expiry.ts";
import type { Expiring } from "../../sources/expiring.ts";
import type { RecordLabel } from "../../sources/module.ts";
import { ownRecord } from "../../sources/writes.ts";
import { findTable } from "./check.ts";
import type { Fragment } from "./dialect.ts";
import type { SqlErasures } from "./erasure-mapping.ts";
import {
  allOf,
  always,
  anyOf,
  isNot,
  never,
  owned,
  type PlanParts,
  restrictedRecord,
  restrictedRow,
} from "./expiry-conditions.ts";
import { hangingOnUse, keptRow, termsOf, typesIn } from "./expiry-hanging.ts";
import { type ExpiryTerms, pastTerms } from "./expiry-terms.ts";
import type { CollectionTable } from "./mapping.ts";
import { columnRef, fromTable } from "./selection.ts";
import { type Use, usedAs, usedByAny, useOf } from "./use.ts";

/** Which rows of a table are meant, as parts of statements; their own table goes under the alias `r`. */
export interface ExpiryPlan {
  readonly table: string;
  readonly key: string;
  /** The column with the key of the record that a row is of; where there is a `use`, of what it hangs on. */
  readonly owner: Fragment;
  readonly use: Use | undefined;
  readonly from: Fragment;
  /** What is looked at at all: nobody's rows and the canary's are left out. */
  readonly within: Fragment;
  readonly terms: ExpiryTerms;
  /** Over, but not to be touched. */
  readonly left: Fragment;
  /** Of rows that others hang on: that nothing of these is kept, and that there is nothing of them at all. */
  readonly hanging: { readonly loose: Fragment; readonly bare: Fragment } | null;
  /** Columns that are emptied; null: the whole row goes. */
  readonly emptied: readonly string[] | null;
}

/** Names that no mapping has for a joined table. */
const record = "innsyn_record";
const dependant = "innsyn_dependant";

/** Null: the system does not date such rows so that it can be asked, or does not erase them. */
export function planExpiry(parts: PlanParts, expiring: Expiring): ExpiryPlan | null {
  return expiring.recordType === ownRecord ? planRecord(parts, expiring) : planRows(parts, expiring);
}

function planRows(parts: PlanParts, expiring: Expiring): ExpiryPlan | null {
  const { recordType, labels, asOf, shorter } = expiring;
  const { mapping, erasures } = parts;
  const [table, label] = [mapping.collections[recordType], shorter?.label ?? labels[recordType]];
  const how = (erasures.collections as SqlErasures<string>["collections"])[recordType];
  if (!table || !label || !how) return null;
  const terms = termsOf(parts, table, label, asOf, "r");
  const columns = shorter ? emptiable(parts, table, shorter.fields) : null;
  if (!terms || (shorter && !columns)) return null;
  const use = useOf(mapping.collections, recordType);
  const uses = usedAs(mapping.collections, recordType);
  const whose = use ? usedRows(parts, use) : recordRows(parts, table, uses !== undefined);
  return {
    table: table.table,
    key: table.key,
    owner: columnRef(table.parent),
    use,
    from: whose.from(fromTable(table)),
    within: allOf([...whose.within, ...owned(table, "r"), ...(columns ? [saysAny(columns)] : [])]),
    terms,
    left: anyOf([...whose.left, ...restrictedRow(how.mark, "r")]),
    hanging: shorter || !uses ? null : hangingOnUse(parts, recordType, { uses, labels, asOf }),
    emptied: columns,
  };
}

/** Whose rows are looked at, and whose are left alone. */
interface Whose {
  readonly from: (table: Fragment) => Fragment;
  readonly within: readonly Fragment[];
  readonly left: readonly Fragment[];
}

function recordRows(parts: PlanParts, { parent }: { readonly parent: string }, isUse: boolean): Whose {
  const { person } = parts.mapping;
  const owner = columnRef(parent);
  const isSomebodys = sql`${owner} not in (${nobodies(parts)})`;
  return {
    from: (table) => sql`${table} left join ${sql.table(person.table)} as ${sql.id(record)}
      on ${sql.id(record, person.key)} = ${owner}`,
    // Of who was erased it says no more than that others have used it, too.
    within: [isUse ? isSomebodys : sql`(${owner} is null or ${isSomebodys})`],
    left: [sql`${sql.id(record, person.key)} is null`, ...restrictedRecord(parts.mapping, record)],
  };
}

/** Whose they are cannot be told, but who may be concerned. What nobody is known to have used is looked at as well. */
function usedRows(parts: PlanParts, use: Use): Whose {
  const { person } = parts.mapping;
  const nobody = usedByAny(use, (user) => sql`${user} in (${nobodies(parts)})`);
  const restricted = restrictedRecord(parts.mapping, record);
  const isRestricted = (user: Fragment) => sql`exists (select 1 from ${fromTable(person, record)}
    where ${sql.id(record, person.key)} = ${user} and ${anyOf(restricted)})`;
  return {
    from: (table) => table,
    within: [sql`not ${nobody}`],
    left: restricted.length === 0 ? [] : [usedByAny(use, isRestricted)],
  };
}

const saysAny = (columns: readonly string[]): Fragment =>
  anyOf(columns.map((column) => sql`${columnRef(column)} is not null`));

/** Null: they are not columns of the rows' own that may be empty. */
function emptiable(
  { tables }: PlanParts,
  { table, fields }: Pick<CollectionTable<string>, "table" | "fields">,
  names: readonly string[],
): readonly string[] | null {
  const known = findTable(tables, table)?.columns ?? [];
  const columns = names.flatMap((name) => {
    const column = fields[name] ?? null;
    return column === null ? [] : [typeof column === "object" && "column" in column ? column.column : column];
  });
  const own = columns.flatMap((column) =>
    typeof column === "string" && known.some(({ name, isNullable }) => name === column && isNullable)
      ? [column]
      : [],
  );
  return own.length === columns.length && own.length > 0 ? own : null;
}

function planRecord(parts: PlanParts, { labels, asOf }: Expiring): ExpiryPlan | null {
  const { person, collections } = parts.mapping;
  const label = labels[ownRecord];
  if (!label) return null;
  const terms = termsOf(parts, person, label, asOf, "r") ?? byLastChange(parts, label, asOf);
  if (!terms) return null;
  const tops = ownedDirectly(collections);
  return {
    table: person.table,
    key: person.key,
    owner: columnRef(person.key),
    use: undefined,
    from: fromTable(person),
    within: sql`${columnRef(person.key)} not in (${nobodies(parts)}) and ${isNot(emptied(parts))}`,
    terms,
    left: anyOf(restrictedRecord(parts.mapping, "r")),
    hanging: {
      loose: allOf(
        tops.map(([name, table]) =>
          without(parts, table, keptRow(parts, name, { labels, asOf, alias: dependant })),
        ),
      ),
      bare: allOf(tops.map(([, table]) => without(parts, table, always))),
    },
    emptied: null,
  };
}

/** Collections whose rows have the record's key. What goes through one of them is there only while that is. */
export const ownedDirectly = <Table extends Pick<CollectionTable<string>, "through">>(
  collections: Readonly<Record<string, Table>>,
): readonly (readonly [string, Table])[] =>
  Object.entries(collections).filter(([name, { through }]) => !name.includes(".") && !through);

/**
 * Of tables that name people and are a collection as well: which rows are over by the collection's own rule. What the rule
 * cannot tell by the table alone stays.
 */
export function overByOwnRule(parts: PlanParts, { labels, asOf }: Expiring): ReadonlyMap<string, Fragment> {
  const places = new Set((parts.erasures.traces ?? []).map(({ table }) => table));
  return new Map(
    Object.entries(parts.mapping.collections).flatMap(([name, table]) => {
      const label = labels[name];
      if (!label || !places.has(table.table)) return [];
      const terms = table.joins
        ? ownTerms(parts, table, label, asOf)
        : termsOf(parts, table, label, asOf, "r");
      return [[table.table, terms ? allOf([terms.past, terms.free]) : never] as const];
    }),
  );
}

/** Null: a day is in a table that is joined. */
function ownTerms(parts: PlanParts, table: CollectionTable<string>, label: RecordLabel, asOf: string) {
  const days = [label.retention.after, ...dayHolds(label).map(({ until }) => until)];
  const isElsewhere = days.some((name) => JSON.stringify(table.fields[name] ?? null).includes("."));
  return isElsewhere ? null : termsOf(parts, table, label, asOf, "r");
}

/** A record that is dated by what hangs on it alone is as old as the last change to it, once nothing hangs on it any more. */
function byLastChange({ mapping: { person }, ...parts }: PlanParts, label: RecordLabel, asOf: string) {
  if (Object.hasOwn(person.fields, label.retention.after) || person.updatedAt === undefined) return null;
  const own = { fields: person.fields, dialect: parts.dialect, alias: "r" };
  const past = pastTerms({ ...own, typeOf: typesIn(parts.tables, person) }, person.updatedAt, label, asOf);
  return past && { ...past, free: always };
}

function without({ mapping }: PlanParts, table: CollectionTable<string>, condition: Fragment): Fragment {
  const own = sql`${columnRef(table.parent, dependant)} = ${columnRef(mapping.person.key)}`;
  return sql`not exists (select 1 from ${fromTable(table, dependant)} where ${allOf([own, ...owned(table, dependant), condition])})`;
}

/** Keys of no person: the canary, whom anonymised rows are given to, and the system's own accounts. */
function nobodies({ erasures, canary }: PlanParts): Fragment {
  const parents = Object.values(erasures.collections).flatMap(({ anonymise }) => anonymise?.parent ?? []);
  const others = (erasures.traces ?? []).flatMap(({ nobody }) => nobody ?? []);
  return sql.join([...new Set([canary, ...[...parents, ...others].map(String)])].map((key) => sql`${key}`));
}

/** Of a record that stays: it says nothing any more. */
function emptied({ erasures, mapping: { person }, dialect }: PlanParts): Fragment {
  const constant = Object.entries(erasures.record.stays?.overwrite ?? {}).flatMap(([column, value]) => {
    if (value === null) return [sql`${columnRef(column)} is null`];
    if (typeof value === "object") return [];
    const own = dialect.text(columnRef(person.key));
    const said =
      typeof value === "string" && value.includes("{key}")
        ? sql`replace(${value}, '{key}', ${own})`
        : sql`${value}`;
    return [sql`${columnRef(column)} = ${said}`];
  });
  return constant.length === 0 ? never : allOf(constant);
}
