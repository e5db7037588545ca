import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { CollectionFields } from "../../src/connectors/mapping.ts";
import type {
  CollectionTable,
  Column,
  PersonTable,
  SharedColumn,
  SqlMapping,
} from "../../src/connectors/sql/mapping.ts";
import { canaryEmail } from "../../src/demo/people/fixed.ts";
import { fillSystems } from "../../src/demo/systems/fill.ts";
import { crmMapping } from "../../src/demo/systems/crm/mapping.ts";
import { eventsMapping } from "../../src/demo/systems/events/mapping.ts";
import { learningMapping } from "../../src/demo/systems/learning/mapping.ts";
import { websiteMapping } from "../../src/demo/systems/website/mapping.ts";
import { type TestDatabase, testDatabase } from "../setup/database.ts";

const today = new Date("2026-03-05T12:00:00Z");

const mappings = {
  crm: crmMapping,
  learning: learningMapping,
  events: eventsMapping,
  website: websiteMapping,
};

describe.each(["crm", "learning", "events", "website"] as const)("mapping of %s", (key) => {
  let database: TestDatabase;
  let client: pg.Client;
  beforeAll(async () => {
    database = await testDatabase();
    await fillSystems({ urls: { [key]: database.url }, persons: 20, today });
    client = new pg.Client({ connectionString: database.url });
    await client.connect();
  });
  afterAll(async () => {
    await client.end();
    await database[Symbol.asyncDispose]();
  });

  const mapping: SqlMapping<string, CollectionFields> = mappings[key]("postgresql://unused");
  const tables: (PersonTable<string> | CollectionTable<string>)[] = [
    mapping.person,
    ...Object.values(mapping.collections),
  ];

  test.each(tables.map((table) => [table.table, table] as const))(
    "accounts for every column of %s",
    async (name, table) => {
      const { rows } = await client.query<{ name: string }>(
        "SELECT column_name AS name FROM information_schema.columns WHERE table_name = $1",
        [name],
      );
      expect(new Set([...accounted(table)].toSorted())).toEqual(
        new Set(rows.map((row) => row.name).toSorted()),
      );
    },
  );

  test("the canary has every mapped column filled, and a row in every collection", async () => {
    const { person, collections } = mapping;
    const email = person.identifiers.find(({ kind }) => kind === "EMAIL")?.column ?? "";
    const keys = await filledKeys(client, person, email, [canaryEmail]);
    expect(keys).toHaveLength(1);
    for (const [name, collection] of Object.entries(collections)) {
      const parents = await parentsOf(client, mapping, name, keys);
      expect(await filledKeys(client, collection, collection.parent, parents), name).not.toHaveLength(0);
    }
  });
});

function accounted(table: PersonTable<string> | CollectionTable<string>): Set<string> {
  const columns = [table.key, ...Object.keys(table.notPersonal ?? {}), ...own(Object.values(table.fields))];
  if ("parent" in table) return new Set([...columns, table.parent]);
  const { other = [], updatedAt = null, identifiers } = table as PersonTable<string>;
  const more = own([...other.map(({ column }) => column), updatedAt]);
  return new Set([...columns, ...more, ...identifiers.map(({ column }) => column)]);
}

/** The columns of the table itself, not of a joined one. */
function own(columns: readonly (Column | SharedColumn | null)[]): string[] {
  const names = columns.flatMap((column) => {
    if (column === null) return [];
    if (typeof column === "string") return [column];
    if ("shared" in column) return [column.shared];
    return "columns" in column ? column.columns : [column.column];
  });
  return names.filter((name) => !name.includes("."));
}

/** Keys of the table's rows under these parents that hold something in every mapped column. */
async function filledKeys(
  client: pg.Client,
  table: PersonTable<string> | CollectionTable<string>,
  column: string,
  values: readonly string[],
): Promise<string[]> {
  const id = pg.escapeIdentifier;
  const filled = own(Object.values(table.fields)).map((name) => `${id(name)} IS NOT NULL`);
  const { rows } = await client.query<{ key: string }>(
    `SELECT ${id(table.key)}::text AS key FROM ${id(table.table)}
     WHERE ${id(column)}::text = ANY($1) AND ${filled.join(" AND ")}`,
    [values],
  );
  return rows.map(({ key }) => key);
}

/** What rows of the collection have in their parent's column. */
async function parentsOf(
  client: pg.Client,
  { collections }: SqlMapping<string, CollectionFields>,
  name: string,
  persons: readonly string[],
): Promise<readonly string[]> {
  const through = collections[name]?.through;
  const users = through && collections[through.collection];
  if (users) {
    const id = pg.escapeIdentifier;
    const { rows } = await client.query<{ thing: string }>(
      `SELECT ${id(through.column)}::text AS thing FROM ${id(users.table)} WHERE ${id(users.parent)}::text = ANY($1)`,
      [persons],
    );
    return rows.map(({ thing }) => thing);
  }
  const parent = name.includes(".") ? collections[name.slice(0, name.indexOf("."))] : undefined;
  return parent === undefined ? persons : filledKeys(client, parent, parent.parent, persons);
}
