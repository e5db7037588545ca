import { type RawBuilder, sql } from "kysely";
import {
  type CountedGroup,
  type CountRequest,
  SourceFailure,
  type WhomToCount,
} from "../../sources/contract.ts";
import type { Database } from "./database.ts";
import type { Fragment } from "./dialect.ts";
import type { Mark } from "./mapping.ts";
import { type AnySqlMapping, belongs, type CollectionPlan } from "./plan.ts";
import { columnRef, fromTable, inList, Selection } from "./selection.ts";
import type { Stored } from "./statement.ts";

/** More groups than any list of events or countries has: they are not groups, but persons. */
const mostGroups = 10_000;

/** Counts the persons of each group of a collection in one statement. */
export class PersonCounter {
  readonly #mapping: AnySqlMapping;

  constructor(mapping: AnySqlMapping) {
    this.#mapping = mapping;
  }

  /** `canary`: its record's key. Rejects with `SourceFailure`. */
  async count(
    database: Database,
    { table, name: collection }: CollectionPlan,
    { name, at, whom }: CountRequest,
    canary: string,
    signal: AbortSignal,
  ): Promise<readonly CountedGroup[]> {
    if ((table.fields[name] ?? null) === null) throw new SourceFailure("NOT_COUNTABLE");
    const { person, erasures } = this.#mapping;
    const selection = new Selection(database.dialect);
    const readName = selection.field(table.fields[name] ?? null);
    const readAt = selection.field(at === undefined ? null : (table.fields[at] ?? null));
    const own = belongs(table).map(({ column, value }) => sql`${column} = ${value}`);
    const where = own.length === 0 ? sql`` : sql` where ${sql.join(own, sql` and `)}`;
    // Rows that have outlived their persons are given to one record for all of them.
    const anonymous = erasures?.collections[collection]?.anonymise?.parent;
    const nobody = [canary, ...(anonymous === undefined ? [] : [String(anonymous)])];
    const counted = sql.join([isMeant(whom, nobody), ...notMarked(this.#marks())], sql` and `);
    const groups = sql.join(selection.aliases().map((alias) => sql`${sql.id("g", alias)}`));
    const query = sql<Stored>`select ${groups},
        count(distinct case when ${counted} then ${columnRef(person.key, "p")} else null end) as persons
      from (select ${selection.toSql()}, ${columnRef(table.parent)} as k from ${fromTable(table)}${where}) as g
      join ${sql.table(person.table)} as p on ${columnRef(person.key, "p")} = ${sql.id("g", "k")}
      group by ${groups} order by ${groups} ${database.dialect.limit(sql.lit(mostGroups + 1))}`;
    const rows = await database.read(query.compile(database.kysely), signal);
    if (rows.length > mostGroups) throw new SourceFailure("NOT_COUNTABLE");
    return rows.map((row) => ({
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

function isMeant(whom: WhomToCount, nobody: readonly string[]): RawBuilder<unknown> {
  const key = sql.id("g", "k");
  const among = (keys: readonly string[]) => {
    const left = [...keys];
    return inList(key, () => left.shift(), keys.length);
  };
  const isSomebody = sql`not ${among(nobody)}`;
  if ("only" in whom) return whom.only.length === 0 ? sql`1 = 0` : sql`${isSomebody} and ${among(whom.only)}`;
  return sql`not ${among([...nobody, ...whom.except])}`;
}

const notMarked = (marks: readonly Pick<Mark, "column" | "on">[]): readonly Fragment[] =>
  marks.map(({ column, on }) => {
    const mark = columnRef(column, "p");
    return sql`(${mark} is null or ${mark} <> ${on})`;
  });

const textOf = (value: unknown) => (value === null || value === undefined ? null : String(value));
