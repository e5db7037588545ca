import { sql } from "kysely";
import type { Row } from "../../sources/contract.ts";
import { held, readerOf, type Scalar } from "../read-value.ts";
import type { Dialect, Fragment } from "./dialect.ts";
import type { Column, Join, SharedColumn } from "./mapping.ts";
import type { Stored } from "./statement.ts";
import { isShared, soleUsers, type Use, type UseRows } from "./use.ts";

export type ReadField = (row: Stored) => Scalar;

/** The columns that a statement selects, each once, and how fields are read from them. */
export class Selection {
  readonly #dialect: Dialect;
  readonly #columns = new Map<string, Fragment>();
  readonly #aliases = new Map<string, string>();

  constructor(dialect: Dialect) {
    this.#dialect = dialect;
  }

  /** The alias under which the column's value comes. */
  add(column: string, member?: readonly string[]): string {
    const name = JSON.stringify([column, member]);
    let alias = this.#aliases.get(name);
    if (alias === undefined) {
      alias = `c${this.#aliases.size}`;
      this.#aliases.set(name, alias);
      const reference = columnRef(column);
      this.#columns.set(alias, member ? this.#dialect.member(reference, member) : reference);
    }
    return alias;
  }

  /** Of the table that is selected from: whether others use what a row says is used. */
  addShared(rows: UseRows): string {
    const name = JSON.stringify(rows);
    const alias = this.#aliases.get(name) ?? `c${this.#aliases.size}`;
    this.#aliases.set(name, alias);
    this.#columns.set(alias, sql`case when ${isShared(rows, "r")} then 1 else 0 end`);
    return alias;
  }

  field(column: Column | null): ReadField {
    if (column === null) return () => null;
    if (typeof column === "string") return this.field({ column });
    if ("columns" in column) return this.#joined(column.columns, column.separator);
    const alias = this.add(column.column, column.member);
    const read = readerOf(column);
    return (row) => read(row[alias]);
  }

  #shared({ table, parent }: { readonly table: string; readonly parent: string }, thing: string): ReadField {
    const alias = this.addShared({ table, thing, user: parent });
    return (row) => Number(row[alias]) === 1;
  }

  #joined(columns: readonly string[], separator: string): ReadField {
    const aliases = columns.map((column) => this.add(column));
    return (row) => {
      const parts = aliases.map((alias) => held(row[alias])).filter((part) => part !== null && part !== "");
      return parts.length === 0 ? null : parts.join(separator);
    };
  }

  /** @param of the table whose rows they are, and its column with the parent's key */
  row(
    fields: Readonly<Record<string, Column | SharedColumn | null>>,
    of?: { readonly table: string; readonly parent: string },
  ): (row: Stored) => Row {
    const readers = Object.entries(fields).map(([name, column]) => {
      const isOfUse = of && column !== null && typeof column === "object" && "shared" in column;
      return [name, isOfUse ? this.#shared(of, column.shared) : this.field(column as Column)] as const;
    });
    return (stored) => {
      const row: Record<string, Scalar> = {};
      for (const [name, read] of readers) row[name] = read(stored);
      return row;
    };
  }

  /** Under which all that is selected comes. */
  aliases(): readonly string[] {
    return [...this.#columns.keys()];
  }

  toSql(): Fragment {
    return sql.join([...this.#columns].map(([alias, column]) => sql`${column} as ${sql.id(alias)}`));
  }
}

/** `column` of the mapped table, or `alias.column` of a joined one. */
export function columnRef(column: string, table = "r"): Fragment {
  const dot = column.indexOf(".");
  return dot < 0
    ? sql`${sql.id(table, column)}`
    : sql`${sql.id(column.slice(0, dot), column.slice(dot + 1))}`;
}

/** The mapped table, under the alias `r` unless said otherwise, with the tables that its rows lead to, and who uses what they hang on. */
export function fromTable(
  mapped: {
    readonly table: string;
    readonly joins?: readonly Join[];
    readonly use?: Use | undefined;
  },
  as = "r",
): Fragment {
  const joins = (mapped.joins ?? []).map(
    ({ table, alias, on: [own, other] }) =>
      sql` left join ${sql.table(table)} as ${sql.id(alias)} on ${columnRef(own, as)} = ${sql.id(alias, other)}`,
  );
  const users = mapped.use ? soleUsers(mapped.use, as) : sql``;
  return sql`${sql.table(mapped.table)} as ${sql.id(as)}${users}${sql.join(joins, sql``)}`;
}

export function inList(value: Fragment, slot: () => unknown, length: number): Fragment {
  return sql`${value} in (${sql.join(Array.from({ length }, () => slot()))})`;
}
