import { type RawBuilder, sql } from "kysely";
import type { SqlMapping } from "./mapping.ts";

export type DialectName = SqlMapping<string, Record<string, string>>["dialect"];
export type Fragment = RawBuilder<unknown>;

/** Where the dialects differ in the little SQL that reading and writing take. */
export interface Dialect {
  /** The MikroORM driver. */
  readonly package: string;
  readonly text: (value: Fragment) => Fragment;
  readonly integer: (value: unknown) => Fragment;
  readonly member: (column: Fragment, path: readonly string[]) => Fragment;
  readonly limit: (rows: unknown) => Fragment;
  /** Order terms that put nulls last. */
  readonly nullsLast: (column: Fragment, direction: "asc" | "desc") => Fragment;
  /** Keeps others from the rows that are read until the transaction is over: after the table, and at the end. */
  readonly lock: { readonly table: Fragment; readonly end: Fragment };
  /** Statements that give the rest of a transaction so many milliseconds for each of its own. */
  readonly patient: (milliseconds: number) => readonly Fragment[];
  /** A moment in UTC as columns of moments take it. */
  readonly moment: (at: Date) => string;
  /** False: what is called a moment is a text, in whichever form. */
  readonly comparesMoments: boolean;
}

const nothing = sql``;
const forUpdate: Dialect["lock"] = { table: nothing, end: sql`for update` };
/** Nothing of ours has it give up. */
const isPatient: Dialect["patient"] = () => [];
const isoMoment = (at: Date) => at.toISOString();

const limit: Dialect["limit"] = (rows) => sql`limit ${rows}`;
const isNullFirst: Dialect["nullsLast"] = (column, direction) =>
  sql`case when ${column} is null then 1 else 0 end, ${column} ${sql.raw(direction)}`;
const jsonPath = (path: readonly string[]) => `$${path.map((name) => `.${JSON.stringify(name)}`).join("")}`;

const mysql = {
  text: (value) => sql`cast(${value} as char)`,
  integer: (value) => sql`cast(${value} as signed)`,
  member: (column, path) => sql`json_unquote(json_extract(${column}, ${jsonPath(path)}))`,
  limit,
  nullsLast: isNullFirst,
  lock: forUpdate,
  patient: isPatient,
  // MySQL takes no Z.
  moment: (at: Date) => at.toISOString().slice(0, -1).replace("T", " "),
  comparesMoments: true,
} satisfies Partial<Dialect>;

export const dialects: Readonly<Record<DialectName, Dialect>> = {
  postgresql: {
    package: "@mikro-orm/postgresql",
    text: (value) => sql`cast(${value} as text)`,
    integer: (value) => sql`cast(${value} as bigint)`,
    member: (column, path) => sql`jsonb_extract_path_text(cast(${column} as jsonb), ${sql.join(path)})`,
    limit,
    nullsLast: (column, direction) => sql`${column} ${sql.raw(direction)} nulls last`,
    lock: forUpdate,
    patient: (milliseconds) => [sql`set local statement_timeout = ${sql.lit(milliseconds)}`],
    moment: isoMoment,
    comparesMoments: true,
  },
  mysql: { package: "@mikro-orm/mysql", ...mysql },
  mariadb: { package: "@mikro-orm/mariadb", ...mysql },
  sqlite: {
    package: "@mikro-orm/sqlite",
    text: (value) => sql`cast(${value} as text)`,
    integer: (value) => sql`cast(${value} as integer)`,
    member: (column, path) => sql`${column} ->> ${jsonPath(path)}`,
    limit,
    nullsLast: isNullFirst,
    // One writer at a time: a second is refused when its turn comes, having read what is no longer so.
    lock: { table: nothing, end: nothing },
    patient: isPatient,
    moment: isoMoment,
    comparesMoments: false,
  },
  mssql: {
    package: "@mikro-orm/mssql",
    text: (value) => sql`convert(nvarchar(max), ${value}, 126)`,
    integer: (value) => sql`cast(${value} as bigint)`,
    member: (column, path) => sql`json_value(${column}, ${jsonPath(path)})`,
    limit: (rows) => sql`offset 0 rows fetch next ${rows} rows only`,
    nullsLast: isNullFirst,
    lock: { table: sql` with (updlock, rowlock)`, end: nothing },
    patient: isPatient,
    moment: isoMoment,
    comparesMoments: true,
  },
};
