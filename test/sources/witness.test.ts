import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Source } from "../../src/sources/contract.ts";
import { createSourceReader } from "../../src/sources/loader.ts";
import { createWitness } from "../../src/sources/witness.ts";
import { sqlHarness } from "../connectors/sql-harness.ts";
import type { System } from "../connectors/harness.ts";

describe("an empty collection", () => {
  let system: System;
  let person: string;
  beforeAll(async () => {
    system = await sqlHarness.make("integer");
    person = await system.store.person({ email: "empty@example.com" });
  });
  afterAll(() => system[Symbol.asyncDispose]());

  const reader = (witness = createWitness(0)) =>
    createSourceReader(new Map([["test", system.source]]), { witness });
  const show = (table: string, shown: boolean) =>
    system.store.pool.query(`alter table ${table} ${shown ? "disable" : "enable"} row level security`);

  it("is believed while the canary is shown its rows", async () => {
    expect((await reader().page("test", "letters", { recordKey: person, first: 5 })).rows).toEqual([]);
    expect(await reader().list("test", "tags", person)).toEqual([]);
  });

  it("is not believed when the credentials see none of the collection", async () => {
    await show("letter", false);
    const page = reader().page("test", "letters", { recordKey: person, first: 5 });
    await expect(page).rejects.toMatchObject({ source: "test", reason: "CANARY_NOT_FOUND" });
    expect(await reader().list("test", "tags", person)).toEqual([]);
    await show("letter", true);
    await show("tag", false);
    await expect(reader().list("test", "tags", person)).rejects.toMatchObject({ reason: "CANARY_NOT_FOUND" });
    await show("tag", true);
    expect(await reader().list("test", "tags", person)).toEqual([]);
  });

  it("costs one look at the canary for all requests of ten seconds", async () => {
    let time = 0;
    let looks = 0;
    const { source } = system;
    const counted: Source = {
      key: source.key,
      processor: source.processor,
      find: (identities, options) => source.find(identities, options),
      page: (collection, requests, options) => source.page(collection, requests, options),
      list: (collection, keys, options) => source.list(collection, keys, options),
      count: (keys, options) => source.count(keys, options),
      health: (options) => {
        looks += 1;
        return source.health(options);
      },
      close: () => source.close(),
    };
    const witness = createWitness(10_000, () => time);
    const look = () =>
      createSourceReader(new Map([["test", counted]]), { witness }).list("test", "tags", person);
    await Promise.all([look(), look()]);
    await look();
    expect(looks).toBe(1);
    time = 10_001;
    await look();
    expect(looks).toBe(2);
  });
});
