import { sql } from "kysely";
import type { Database } from "./database.ts";
import type { Fragment } from "./dialect.ts";
import { type AnySqlMapping, belongs, type CollectionPlan } from "./plan.ts";
import { columnRef, inList } from "./selection.ts";
import { padded, Statement, Statements } from "./statement.ts";
import { soleUsers } from "./use.ts";

/** Counts the rows of records over all collections, nested ones included, in one query. */
export class Counter {
  readonly #mapping: AnySqlMapping;
  readonly #plans: ReadonlyMap<string, CollectionPlan>;
  readonly #statements = new Statements();

  constructor(mapping: AnySqlMapping, plans: ReadonlyMap<string, CollectionPlan>) {
    this.#mapping = mapping;
    this.#plans = plans;
  }

  async count(database: Database, recordKeys: readonly string[], signal: AbortSignal): Promise<number[]> {
    const keys = padded([...new Set(recordKeys)]);
    if (keys.length === 0) return [];
    const statement = this.#statements.get(`${keys.length}`, () => this.#write(database, keys.length));
    const places = this.#plans.size + 1;
    const rows = await database.rows(statement, Array.from({ length: places }, () => keys).flat(), signal);
    const totals = new Map<string, number>();
    for (const { k, found } of rows) totals.set(String(k), (totals.get(String(k)) ?? 0) + Number(found));
    return recordKeys.map((key) => totals.get(key) ?? 0);
  }

  #write({ kysely, dialect }: Database, keys: number): Statement {
    const { table, key } = this.#mapping.person;
    return new Statement(kysely, (slot) => {
      const counted = (owner: Fragment, from: Fragment, own: readonly Fragment[]) => {
        const conditions = [inList(owner, slot, keys), ...own];
        return sql`select ${dialect.text(owner)} as k, count(*) as found from ${from}
          where ${sql.join(conditions, sql` and `)} group by ${owner}`;
      };
      const person = counted(columnRef(key), sql`${sql.table(table)} as r`, []);
      const collections = [...this.#plans.keys()].map((name) => {
        const { owner, from, own } = this.#ancestry(name);
        return counted(owner, from, own);
      });
      return sql.join([person, ...collections], sql` union all `);
    });
  }

  /** The collection's table joined to those of the collections it is nested in, up to the person's key. */
  #ancestry(name: string): { owner: Fragment; from: Fragment; own: Fragment[] } {
    const chain = ancestors(name)
      .map((ancestor) => this.#plans.get(ancestor)?.table)
      .filter((t) => t !== undefined);
    const aliases = chain.map((_, depth) => `t${depth}`);
    const from = chain.map((table, depth) => {
      const named = sql`${sql.table(table.table)} as ${sql.id(`t${depth}`)}`;
      if (depth === 0) return named;
      const [child, alias] = [chain[depth - 1], aliases[depth - 1]];
      return sql` join ${named} on ${columnRef(child?.parent ?? "", alias)} = ${columnRef(table.key, `t${depth}`)}`;
    });
    const top = chain.at(-1);
    const users = top?.use ? soleUsers(top.use, aliases.at(-1)) : sql``;
    return {
      owner: columnRef(top?.parent ?? "", aliases.at(-1)),
      from: sql`${sql.join(from, sql``)}${users}`,
      own: chain.flatMap((table, depth) =>
        belongs(table, aliases[depth]).map(({ column, value }) => sql`${column} = ${value}`),
      ),
    };
  }
}

/** `orders.lines` → `orders.lines`, `orders`. */
function ancestors(name: string): string[] {
  const dot = name.lastIndexOf(".");
  return dot < 0 ? [name] : [name, ...ancestors(name.slice(0, dot))];
}
