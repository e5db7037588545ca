import { sql, type TableMetadata } from "kysely";
import type { Expiring } from "../../sources/expiring.ts";
import type { RecordLabel } from "../../sources/module.ts";
import { ownRecord } from "../../sources/writes.ts";
import { findTable } from "./check.ts";
import type { Dialect, Fragment } from "./dialect.ts";
import type { KeptMark, SqlErasures } from "./erasure-mapping.ts";
import { type ExpiryTerms, expiryTerms, pastTerms } from "./expiry-terms.ts";
import type { CollectionTable, Column, Join, SharedColumn } from "./mapping.ts";
import { type AnySqlMapping, belongs } from "./plan.ts";
import { columnRef, fromTable } from "./selection.ts";
import { usedAs } from "./use.ts";

/** Which rows of a table are meant, as parts of statements; their own table goes under the alias `r`. */
export interface ExpiryPlan {
  readonly table: string;
  readonly key: string;
  /** The column with the key of the record that a row is of. */
  readonly owner: Fragment;
  readonly from: Fragment;
  /** What is looked at at all: nobody's rows and the canary's are left out. */
  readonly within: Fragment;
  readonly terms: ExpiryTerms;
  /** Over, but not to be touched. */
  readonly left: Fragment;
  /** Nothing that hangs on it is kept; of rows that nothing hangs on, true. */
  readonly loose: Fragment;
  /** Nothing hangs on it at all. */
  readonly bare: Fragment;
  /** Columns that are emptied; null: the whole row goes. */
  readonly emptied: readonly string[] | null;
}

export interface PlanParts {
  readonly mapping: AnySqlMapping;
  readonly erasures: SqlErasures;
  readonly dialect: Dialect;
  readonly tables: readonly TableMetadata[];
  readonly canary: string;
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
  // Whose a row is that others may use as well is not known row by row.
  if (table.through || usedAs(mapping.collections, recordType)) return null;
  const terms = termsOf(parts, table, label, asOf, "r");
  const columns = shorter ? emptiable(parts, table, shorter.fields) : null;
  if (!terms || (shorter && !columns)) return null;
  const { person } = mapping;
  const owner = columnRef(table.parent);
  return {
    table: table.table,
    key: table.key,
    owner,
    from: sql`${fromTable(table)} left join ${sql.table(person.table)} as ${sql.id(record)}
      on ${sql.id(record, person.key)} = ${owner}`,
    within: sql.join(
      [
        sql`(${owner} is null or ${owner} not in (${nobodies(parts)}))`,
        ...owned(table, "r"),
        ...(columns ? [saysAny(columns)] : []),
      ],
      sql` and `,
    ),
    terms,
    left: anyOf([
      sql`${sql.id(record, person.key)} is null`,
      ...restrictedRecord(parts, record),
      ...restrictedRow(how.mark, "r"),
    ]),
    loose: always,
    bare: always,
    emptied: columns,
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
    from: fromTable(person),
    within: sql`${columnRef(person.key)} not in (${nobodies(parts)}) and ${isNot(emptied(parts))}`,
    terms,
    left: anyOf(restrictedRecord(parts, "r")),
    loose: allOf(tops.map(([name, table]) => without(parts, table, kept(parts, name, labels[name], asOf)))),
    bare: allOf(tops.map(([, table]) => without(parts, table, always))),
    emptied: null,
  };
}

/** Collections whose rows have the record's key. What goes through one of them is there only while that is. */
export const ownedDirectly = <Table extends Pick<CollectionTable<string>, "through">>(
  collections: Readonly<Record<string, Table>>,
): readonly (readonly [string, Table])[] =>
  Object.entries(collections).filter(([name, { through }]) => !name.includes(".") && !through);

/** A record that is dated by what hangs on it alone is as old as the last change to it, once nothing hangs on it any more. */
function byLastChange({ mapping: { person }, ...parts }: PlanParts, label: RecordLabel, asOf: string) {
  if (Object.hasOwn(person.fields, label.retention.after) || person.updatedAt === undefined) return null;
  const own = { fields: person.fields, dialect: parts.dialect, alias: "r" };
  const past = pastTerms({ ...own, typeOf: typesIn(parts.tables, person) }, person.updatedAt, label, asOf);
  return past && { ...past, free: always };
}

function termsOf(
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

/** Of a dependant: whatever is not certainly over. */
function kept(parts: PlanParts, name: string, label: RecordLabel | undefined, asOf: string): Fragment {
  const table = parts.mapping.collections[name];
  const how = (parts.erasures.collections as SqlErasures<string>["collections"])[name];
  const terms = table && label && how ? termsOf(parts, table, label, asOf, dependant) : null;
  if (!terms) return always;
  return isNot(allOf([terms.past, terms.free, isNot(anyOf(restrictedRow(how?.mark, dependant)))]));
}

function without({ mapping }: PlanParts, table: CollectionTable<string>, condition: Fragment): Fragment {
  const own = sql`${columnRef(table.parent, dependant)} = ${columnRef(mapping.person.key)}`;
  return sql`not exists (select 1 from ${fromTable(table, dependant)} where ${allOf([own, ...owned(table, dependant), condition])})`;
}

const owned = (table: CollectionTable<string>, alias: string): Fragment[] =>
  belongs(table, alias).map(({ column, value }) => sql`${column} = ${value}`);

/** GDPR Art. 18, as the system itself has it. */
function restrictedRecord({ mapping: { person }, erasures }: PlanParts, alias: string): Fragment[] {
  const marks = [person.writes?.restriction, erasures.record.mark?.restriction];
  return marks.flatMap((mark) => (mark ? [sql`${columnRef(mark.column, alias)} = ${mark.on}`] : []));
}

/** One that is marked without a day is kept until somebody says otherwise. */
function restrictedRow(mark: KeptMark | undefined, alias: string): Fragment[] {
  if (!mark?.restriction) return [];
  const { column, on } = mark.restriction;
  const open = mark.until === undefined ? sql`` : sql` and ${columnRef(mark.until, alias)} is null`;
  return [sql`(${columnRef(column, alias)} = ${on}${open})`];
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

function typesIn(
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

const always: Fragment = sql`1 = 1`;
const never: Fragment = sql`1 = 0`;
const allOf = (terms: readonly Fragment[]): Fragment =>
  terms.length === 0 ? always : sql`(${sql.join(terms, sql` and `)})`;
const anyOf = (terms: readonly Fragment[]): Fragment =>
  terms.length === 0 ? never : sql`(${sql.join(terms, sql` or `)})`;
/** True also where the term is null. */
export const isNot = (term: Fragment): Fragment => sql`case when ${term} then 0 else 1 end = 1`;
