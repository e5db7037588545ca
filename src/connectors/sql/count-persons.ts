import { sql } from "kysely";
import {
  type CountedGroup,
  type CountRequest,
  SourceFailure,
  type WhomToCount,
} from "../../sources/contract.ts";
import { held } from "../read-value.ts";
import type { Database } from "./database.ts";
import type { Fragment } from "./dialect.ts";
import type { Column, Mark } from "./mapping.ts";
import { type AnySqlMapping, belongs, type CollectionPlan } from "./plan.ts";
import { columnRef, fromTable, Selection } from "./selection.ts";
import { among } from "./rows.ts";
import type { Stored } from "./statement.ts";

/** More groups than any list of events or countries has: they are not groups, but persons. */
const mostGroups = 10_000;
/** Keys in one statement; SQL Server takes 2,100 parameters. */
const mostKeys = 1_000;

/** A group as the system tells it from others: two of its words may be one of ours. */
interface StoredGroup extends CountedGroup {
  readonly id: string;
}

/** Counts the persons of each group of a collection: in one statement, unless many are left out or some named. */
export class PersonCounter {
  readonly #mapping: AnySqlMapping;

  constructor(mapping: AnySqlMapping) {
    this.#mapping = mapping;
  }

  /** `canary`: its record's key. Rejects with `SourceFailure`. */
  async count(
    database: Database,
    plan: CollectionPlan,
    request: CountRequest,
    canary: string,
    signal: AbortSignal,
  ): Promise<readonly CountedGroup[]> {
    if (columnOf(plan, request.name) === null) throw new SourceFailure("NOT_COUNTABLE");
    const { whom } = request;
    // Rows that have outlived their persons are given to one record for all of them.
    const anonymous = this.#mapping.erasures?.collections[plan.name]?.anonymise?.parent;
    const nobody = [canary, ...(anonymous === undefined ? [] : [String(anonymous)])];
    const count = (counted: WhomToCount) =>
      this.#groups(database, plan, { ...request, whom: counted }, nobody, signal);
    const isShort = "except" in whom && whom.except.length <= mostKeys;
    const all = await count(isShort ? whom : "only" in whom ? { only: [] } : { except: [] });
    const parts: StoredGroup[] = [];
    for (const keys of isShort ? [] : inParts("only" in whom ? whom.only : whom.except))
      parts.push(...(await count({ only: keys })));
    return combined(all, parts, "only" in whom ? 1 : -1);
  }

  /** Of some alone without the groups that none of them is in, unless there are none. */
  async #groups(
    database: Database,
    plan: CollectionPlan,
    { name, at, whom }: CountRequest,
    nobody: readonly string[],
    signal: AbortSignal,
  ): Promise<readonly StoredGroup[]> {
    const { kysely, dialect } = database;
    const { table } = plan;
    const { person } = this.#mapping;
    const selection = new Selection(dialect);
    const readName = selection.field(columnOf(plan, name));
    const readAt = selection.field(at === undefined ? null : columnOf(plan, at));
    const only = "only" in whom ? whom.only : [];
    const rows = [
      ...belongs(table).map(({ column, value }) => sql`${column} = ${value}`),
      ...(only.length === 0 ? [] : [among(columnRef(table.parent), only)]),
    ];
    const where = rows.length === 0 ? sql`` : sql` where ${sql.join(rows, sql` and `)}`;
    const counted = sql.join([isMeant(whom, nobody), ...notMarked(this.#marks())], sql` and `);
    const aliases = selection.aliases();
    const groups = sql.join(aliases.map((alias) => sql`${sql.id("g", alias)}`));
    const query = sql<Stored>`select ${groups},
        count(distinct case when ${counted} then ${columnRef(person.key, "p")} else null end) as persons
      from (select ${selection.toSql()}, ${columnRef(table.parent)} as k from ${fromTable(table)}${where}) as g
      join ${sql.table(person.table)} as p on ${columnRef(person.key, "p")} = ${sql.id("g", "k")}
      group by ${groups} order by ${groups} ${dialect.limit(sql.lit(mostGroups + 1))}`;
    const found = await database.read(query.compile(kysely), signal);
    if (found.length > mostGroups) throw new SourceFailure("NOT_COUNTABLE");
    return found.map((row) => ({
      id: JSON.stringify(aliases.map((alias) => held(row[alias]))),
      name: textOf(readName(row)),
      at: textOf(readAt(row)),
      persons: Number(row["persons"]),
    }));
  }

  /** What the system itself marks records with that are for nobody's work (GDPR Art. 18). */
  #marks(): readonly Pick<Mark, "column" | "on">[] {
    const { person, erasures } = this.#mapping;
    const marks = [person.writes?.restriction, erasures?.record.mark?.restriction].flatMap((m) => m ?? []);
    return [...new Map(marks.map((mark) => [mark.column, mark])).values()];
  }
}

/** Null: there is none, or it says nothing that persons could be counted by. */
function columnOf({ table }: CollectionPlan, field: string): Column | null {
  const column = table.fields[field] ?? null;
  return column !== null && typeof column === "object" && "shared" in column ? null : column;
}

function isMeant(whom: WhomToCount, nobody: readonly string[]): Fragment {
  if ("only" in whom && whom.only.length === 0) return sql`1 = 0`;
  const left = "only" in whom ? nobody : [...nobody, ...whom.except];
  return sql`not ${among(sql`${sql.id("g", "k")}`, left)}`;
}

/** What is neither on nor off is not marked. */
const notMarked = (marks: readonly Pick<Mark, "column" | "on">[]): readonly Fragment[] =>
  marks.map(({ column, on }) => {
    const mark = columnRef(column, "p");
    return sql`(${mark} is null or ${mark} <> ${on})`;
  });

const inParts = (keys: readonly string[]) => {
  const distinct = [...new Set(keys)];
  return Array.from({ length: Math.ceil(distinct.length / mostKeys) }, (_, n) =>
    distinct.slice(n * mostKeys, (n + 1) * mostKeys),
  );
};

/** Nobody is in two of the parts. */
function combined(
  all: readonly StoredGroup[],
  parts: readonly StoredGroup[],
  sign: 1 | -1,
): readonly CountedGroup[] {
  const counts = new Map<string, number>();
  for (const { id, persons } of parts) counts.set(id, (counts.get(id) ?? 0) + persons);
  return all.map(({ id, name, at, persons: before }) => {
    const persons = before + sign * (counts.get(id) ?? 0);
    if (persons < 0) throw new SourceFailure("MALFORMED_ANSWER");
    return { name, at, persons };
  });
}

const textOf = (value: unknown) => (value === null || value === undefined ? null : String(value));
