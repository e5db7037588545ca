import { sql } from "kysely";
import { InvalidCursor, type Page, type PageRequest, SourceFailure } from "../../sources/contract.ts";
import { decodeCursor, encodeCursor, type Position } from "../../sources/cursor.ts";
import type { Database } from "./database.ts";
import type { Dialect, Fragment } from "./dialect.ts";
import { isDataException } from "./failure.ts";
import { belongs, type CollectionPlan } from "./plan.ts";
import { columnRef, fromTable } from "./selection.ts";
import { Statement, Statements, type Stored } from "./statement.ts";

/** A request, and where its page begins: after a value, after a row without one, or at the start. */
interface Asked extends PageRequest {
  readonly position: Position | null;
}

/** Pages by keyset: every page costs the same, and rows that come and go shift nothing. */
export class Pager {
  readonly #statements = new Statements();

  async page(
    database: Database,
    plan: CollectionPlan,
    requests: readonly PageRequest[],
    signal: AbortSignal,
  ): Promise<Page[]> {
    const asked = requests.map((request) => ({ ...request, position: positionOf(plan, request) }));
    const shape = `${plan.name} ${asked.map(kindOf).join("")}`;
    const statement = this.#statements.get(shape, () => write(database, plan, asked));
    const values = asked.flatMap((ask) => valuesOf(plan, ask));
    const rows = await database.rows(statement, values, signal).catch((failure: unknown) => {
      // Of our own making but for the cursor: a position that the column's type cannot be compared with.
      const tampered = asked.some(({ position }) => position) && failure instanceof SourceFailure;
      throw tampered && isDataException(failure) ? new InvalidCursor(undefined, { cause: failure }) : failure;
    });
    return split(rows, asked.length).map((own, at) => toPage(plan, own, asked[at]?.first ?? 0));
  }
}

function positionOf({ name, table }: CollectionPlan, { after }: PageRequest): Position | null {
  if (after === undefined) return null;
  const position = decodeCursor(name, after, table.order ? 2 : 1);
  if (position.at(-1) === null) throw new InvalidCursor();
  if (position[0] === null && !table.order?.nullable) throw new InvalidCursor();
  return position;
}

const kindOf = ({ position }: Asked) => (position === null ? "s" : position[0] === null ? "n" : "v");

/** In the order in which `subquery` asks for slots. */
function valuesOf({ table: { order } }: CollectionPlan, ask: Asked): unknown[] {
  const { recordKey, position, first } = ask;
  const limit = first + 1;
  if (position === null) return [recordKey, limit];
  if (!order) return [recordKey, position[0], limit];
  const [value, key] = position;
  if (value === null) return [recordKey, key, limit];
  const valued = [recordKey, value, value, key, limit];
  return order.nullable ? [...valued, recordKey, limit, limit] : valued;
}

function write({ kysely, dialect }: Database, plan: CollectionPlan, asked: readonly Asked[]): Statement {
  return new Statement(kysely, (slot) => {
    const [only] = asked;
    if (only && asked.length === 1) return subquery(dialect, plan, kindOf(only), null, slot);
    const parts = asked.map((ask, at) => subquery(dialect, plan, kindOf(ask), at, slot));
    const each = parts.map((part, at) => sql`select * from (${part}) as ${sql.id(`q${at}`)}`);
    const ordering = orderBy(dialect, plan, { sort: sql.id("o"), key: sql.id("k") });
    return sql`select * from (${sql.join(each, sql` union all `)}) as pages order by n, ${ordering}`;
  });
}

function subquery(
  dialect: Dialect,
  plan: CollectionPlan,
  kind: string,
  at: number | null,
  slot: () => unknown,
): Fragment {
  const { order } = plan.table;
  const twoWalks = kind === "v" && order?.nullable === true;
  const part = (conditions: Fragment[]) =>
    selectRows(dialect, plan, at ?? (twoWalks ? 0 : null), slot, conditions);
  const beyond = order?.direction === "desc" ? sql`<` : sql`>`;
  const { sort, key } = termsOf(plan);
  if (kind === "s") return part([belongsTo(plan, slot)]);
  if (!order) return part([belongsTo(plan, slot), sql`${key} > ${slot()}`]);
  if (kind === "n")
    return part([belongsTo(plan, slot), sql`${sort} is null`, sql`${key} ${beyond} ${slot()}`]);
  // `a <= x and (a < x or k < y)` rather than `a < x or (a = x and k < y)`: an index on `a` serves it.
  const next = () =>
    sql`${sort} ${beyond}= ${slot()} and (${sort} ${beyond} ${slot()} or ${key} ${beyond} ${slot()})`;
  const valued = part([belongsTo(plan, slot), next()]);
  if (!twoWalks) return valued;
  // Two walks along the index; `or a is null` would make it one past all the rows before the position.
  const rest = part([belongsTo(plan, slot), sql`${sort} is null`]);
  const ordering = orderBy(dialect, plan, { sort: sql.id("o"), key: sql.id("k") });
  return sql`select * from (select * from (${valued}) as v union all select * from (${rest}) as w) as b
    order by ${ordering} ${dialect.limit(slot())}`;
}

interface Terms {
  readonly sort: Fragment;
  readonly key: Fragment;
}

const termsOf = ({ table }: CollectionPlan): Terms => ({
  key: columnRef(table.key),
  sort: columnRef(table.order?.column ?? table.key),
});

function belongsTo({ table }: CollectionPlan, slot: () => unknown): Fragment {
  const own = belongs(table).map(({ column, value }) => sql`${column} = ${value}`);
  return sql.join([sql`${columnRef(table.parent)} = ${slot()}`, ...own], sql` and `);
}

/** `at`: which part of a larger statement this is; null where it is the whole, and need not be put in order again. */
function selectRows(
  dialect: Dialect,
  plan: CollectionPlan,
  at: number | null,
  slot: () => unknown,
  conditions: readonly Fragment[],
): Fragment {
  const { sort, key } = termsOf(plan);
  const marks = at === null ? sql`` : sql`${sql.lit(at)} as n, ${sort} as o, ${key} as k, `;
  return sql`select ${marks}${dialect.text(sort)} as s, ${plan.selection.toSql()} from ${fromTable(plan.table)} where ${sql.join(conditions, sql` and `)}
    order by ${orderBy(dialect, plan, { sort, key })} ${dialect.limit(slot())}`;
}

function orderBy(dialect: Dialect, { table: { order } }: CollectionPlan, { sort, key }: Terms): Fragment {
  if (!order) return sql`${key}`;
  const direction = sql.raw(order.direction);
  const sorted = order.nullable ? dialect.nullsLast(sort, order.direction) : sql`${sort} ${direction}`;
  return sql`${sorted}, ${key} ${direction}`;
}

function split(rows: readonly Stored[], parts: number): Stored[][] {
  if (parts === 1) return [[...rows]];
  const split = Array.from({ length: parts }, (): Stored[] => []);
  for (const row of rows) split[Number(row["n"])]?.push(row);
  return split;
}

function toPage({ name, table, key, read }: CollectionPlan, rows: readonly Stored[], first: number): Page {
  return {
    rows: rows.slice(0, first).map((row) => {
      const rowKey = String(row[key]);
      const sort = typeof row["s"] === "string" ? row["s"] : null;
      return {
        // Most callers read the last row's alone.
        get cursor() {
          return encodeCursor(name, table.order ? [sort, rowKey] : [rowKey]);
        },
        key: rowKey,
        row: read(row),
      };
    }),
    hasNextPage: rows.length > first,
  };
}
