import { expect, test } from "vitest";

import { connected } from "../../src/demo/postgres/administration.ts";
import { testDatabase } from "../setup/database.ts";

test("text is UTF-8, and Norwegian letters have a case", async () => {
  await using database = await testDatabase();
  const found = await connected(database.url, (client) => client.query("select lower('BJØRN ÆÅ') as lower"));
  expect(found.rows).toEqual([{ lower: "bjørn æå" }]);
});
