import { sql } from "kysely";
import { type Row, SourceFailure } from "../../sources/contract.ts";
import type { Database } from "./database.ts";
import { belongs, type CollectionPlan } from "./plan.ts";
import { columnRef, fromTable, inList } from "./selection.ts";
import { padded, Statement, Statements } from "./statement.ts";

/** Rows of all lists of a batch at most. A list that can outgrow this is a collection to page. */
const rowBound = 20_000;

/** Reads whole short lists, one query per batch. */
export class Lister {
  readonly #statements = new Statements();

  async list(
    database: Database,
    plan: CollectionPlan,
    parentKeys: readonly string[],
    signal: AbortSignal,
  ): Promise<Row[][]> {
    const keys = padded([...new Set(parentKeys)]);
    if (keys.length === 0) return [];
    const statement = this.#statements.get(`${plan.name} ${keys.length}`, () =>
      write(database, plan, keys.length),
    );
    const rows = await database.rows(statement, keys, signal);
    if (rows.length > rowBound) throw new SourceFailure("FAILED");
    const byParent = new Map<string, Row[]>(keys.map((key) => [key, []]));
    for (const row of rows) byParent.get(String(row[plan.parent]))?.push(plan.read(row));
    return parentKeys.map((key) => byParent.get(key) ?? []);
  }
}

// The bound is written out: with a parameter in its place PostgreSQL plans for few rows, and walks the whole table by key.
function write({ kysely, dialect }: Database, { table, selection }: CollectionPlan, keys: number): Statement {
  const direction = sql.raw(table.order?.direction ?? "asc");
  const key = sql`${columnRef(table.key)} ${direction}`;
  const sort = table.order && dialect.nullsLast(columnRef(table.order.column), table.order.direction);
  const own = belongs(table).map(({ column, value }) => sql`${column} = ${value}`);
  return new Statement(kysely, (slot) => {
    const conditions = [inList(columnRef(table.parent), slot, keys), ...own];
    return sql`select ${selection.toSql()} from ${fromTable(table)} where ${sql.join(conditions, sql` and `)}
      order by ${sort ? sql`${sort}, ${key}` : key} ${dialect.limit(sql.lit(rowBound + 1))}`;
  });
}
