import { sql, type TableMetadata } from "kysely";
import type { Dialect, Fragment } from "./dialect.ts";
import type { KeptMark, SqlErasures } from "./erasure-mapping.ts";
import type { CollectionTable } from "./mapping.ts";
import { type AnySqlMapping, belongs } from "./plan.ts";
import { columnRef } from "./selection.ts";

export interface PlanParts {
  readonly mapping: AnySqlMapping;
  readonly erasures: SqlErasures;
  readonly dialect: Dialect;
  readonly tables: readonly TableMetadata[];
  readonly canary: string;
}

export const owned = (table: CollectionTable<string>, alias: string): Fragment[] =>
  belongs(table, alias).map(({ column, value }) => sql`${column} = ${value}`);

/** GDPR Art. 18, as the system itself has it. */
export function restrictedRecord(
  { person, erasures }: Pick<AnySqlMapping, "person" | "erasures">,
  alias: string,
): Fragment[] {
  const marks = [person.writes?.restriction, erasures?.record.mark?.restriction];
  return marks.flatMap((mark) => (mark ? [sql`${columnRef(mark.column, alias)} = ${mark.on}`] : []));
}

/** One that is marked without a day is kept until somebody says otherwise. */
export function restrictedRow(mark: KeptMark | undefined, alias: string): Fragment[] {
  if (!mark?.restriction) return [];
  const { column, on } = mark.restriction;
  const open = mark.until === undefined ? sql`` : sql` and ${columnRef(mark.until, alias)} is null`;
  return [sql`(${columnRef(column, alias)} = ${on}${open})`];
}

export const always: Fragment = sql`1 = 1`;
export const never: Fragment = sql`1 = 0`;
export const allOf = (terms: readonly Fragment[]): Fragment =>
  terms.length === 0 ? always : sql`(${sql.join(terms, sql` and `)})`;
export const anyOf = (terms: readonly Fragment[]): Fragment =>
  terms.length === 0 ? never : sql`(${sql.join(terms, sql` or `)})`;
/** True also where the term is null. */
export const isNot = (term: Fragment): Fragment => sql`case when ${term} then 0 else 1 end = 1`;
