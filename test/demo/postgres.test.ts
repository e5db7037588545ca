import { expect, test } from "vitest";

import { connected } from "../../src/demo/postgres/administration.ts";
import { systemKeys } from "../../src/demo/people/person.ts";
import { type Template } from "../setup/templates.ts";
import { testDatabase } from "../setup/database.ts";

test("text is UTF-8, and Norwegian letters have a case", async () => {
  await using database = await testDatabase();
  const found = await connected(database.url, (client) => client.query("select lower('BJØRN ÆÅ') as lower"));
  expect(found.rows).toEqual([{ lower: "bjørn æå" }]);
});

test.each<Template>(["gateway", ...systemKeys])("a copy of %s has tables", async (template) => {
  await using database = await testDatabase(template);
  const found = await connected(database.url, (client) =>
    client.query("select count(*)::int as tables from pg_tables where schemaname = 'public'"),
  );
  expect(found.rows[0]).not.toEqual({ tables: 0 });
});

test("a database is gone once it is disposed of", async () => {
  const database = await testDatabase();
  await database[Symbol.asyncDispose]();
  await expect(connected(database.url, async () => undefined)).rejects.toThrow("does not exist");
});
