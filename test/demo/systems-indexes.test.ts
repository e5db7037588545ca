import pg from "pg";
import { afterAll, describe, expect, it } from "vitest";
import type { CollectionFields } from "../../src/connectors/mapping.ts";
import type { SqlMapping } from "../../src/connectors/sql/mapping.ts";
import { crmMapping } from "../../src/demo/systems/crm/mapping.ts";
import { eventsMapping } from "../../src/demo/systems/events/mapping.ts";
import { learningMapping } from "../../src/demo/systems/learning/mapping.ts";
import { websiteMapping } from "../../src/demo/systems/website/mapping.ts";
import { testDatabase } from "../setup/database.ts";

const mappings = {
  crm: crmMapping,
  learning: learningMapping,
  events: eventsMapping,
  website: websiteMapping,
};

/** Columns by which an erasure looks for rows, but for those within whose text it reads. */
function lookedUp({ person, collections, erasures }: SqlMapping<string, CollectionFields>): string[] {
  const tables = Object.entries(collections).flatMap(([name, { table, key, parent }]) => {
    const along = name.includes(".") ? [] : (erasures?.collections[name]?.along ?? []);
    return [
      [table, key],
      [table, parent],
      ...along.flatMap((each) => [
        [each.table, each.key],
        [each.table, each.parent],
      ]),
    ];
  });
  const traces = (erasures?.traces ?? []).flatMap(({ table, key, named, along = [] }) => [
    [table, key],
    ...along.flatMap((each) => [
      [each.table, each.key],
      [each.table, each.parent],
    ]),
    ...named.filter((how) => !("within" in how)).map(({ column }) => [table, column]),
  ]);
  return [[person.table, person.key], ...tables, ...traces].map(([table, column]) => `${table}.${column}`);
}

const leading = `select c.relname || '.' || a.attname as name from pg_index i
  join pg_class c on c.oid = i.indrelid
  join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
  where c.relnamespace = 'public'::regnamespace and i.indpred is null`;

/** Columns that the database itself looks up when a row of a table that is erased from goes. */
const referring = `select c.relname || '.' || a.attname as name, p.relname as parent from pg_constraint f
  join pg_class c on c.oid = f.conrelid
  join pg_class p on p.oid = f.confrelid
  join pg_attribute a on a.attrelid = f.conrelid and a.attnum = f.conkey[1]
  where f.contype = 'f'`;

describe.each(["crm", "learning", "events", "website"] as const)("an erasure from %s", (key) => {
  const parts = new AsyncDisposableStack();
  afterAll(() => parts.disposeAsync());

  it("finds its rows by an index, however long the tables are", async () => {
    const database = parts.use(await testDatabase(key));
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    parts.defer(() => client.end());
    const mapping: SqlMapping<string, CollectionFields> = mappings[key](database.url);
    const wanted = lookedUp(mapping);
    const indexed = new Set((await client.query<{ name: string }>(leading)).rows.map(({ name }) => name));
    expect(wanted.length).toBeGreaterThan(7);
    expect(wanted.filter((name) => !indexed.has(name))).toEqual([]);
    const erasedFrom = new Set(wanted.map((name) => name.split(".")[0]));
    const { rows } = await client.query<{ name: string; parent: string }>(referring);
    const unindexed = rows.filter(({ name, parent }) => erasedFrom.has(parent) && !indexed.has(name));
    expect(unindexed).toEqual([]);
  });
});
