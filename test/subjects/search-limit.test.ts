import { afterAll, beforeAll, expect, test } from "vitest";
import { openStore, migrate, type Store } from "../../src/store/store.ts";
import { dbOf } from "../../src/store/tables.ts";
import { createSearchLimit, TooManySearches } from "../../src/subjects/search-limit.ts";
import { sql } from "kysely";
import { type TestDatabase, testDatabase } from "../setup/database.ts";

let database: TestDatabase;
let replicas: readonly Store[];
beforeAll(async () => {
  database = await testDatabase("gateway");
  replicas = await Promise.all([1, 2, 3].map(() => openStore({ url: database.url, poolSize: 4 })));
  for (const store of replicas) await migrate(store);
});
afterAll(async () => {
  await Promise.all(replicas.map((store) => store.close(true)));
  await database[Symbol.asyncDispose]();
});

const limits = (allowed: { perMinute: number; perDay: number }) =>
  replicas.map((store) => createSearchLimit(store, allowed));
const outcome = (search: Promise<void>) =>
  search.then(
    () => "counted" as const,
    (error: unknown) => {
      if (error instanceof TooManySearches) return error;
      throw error;
    },
  );
/** Moves an actor's spans into the past, as the clock would. */
const pass = (actor: string, interval: string) =>
  sql`update search_count set began_at = began_at - ${interval}::interval where actor = ${actor}`.execute(
    dbOf(replicas[0] ?? expect.fail()),
  );
const rows = async (actor: string) =>
  (
    await sql<{ span: string; searches: number }>`
      select span, searches from search_count where actor = ${actor} order by span`.execute(
      dbOf(replicas[0] ?? expect.fail()),
    )
  ).rows;

test("counts exactly, however many replicas are asked at once", async () => {
  const counts = limits({ perMinute: 40, perDay: 1_000 });
  const answers = await Promise.all(
    Array.from({ length: 120 }, (_, i) => outcome(counts[i % 3]?.("busy") ?? expect.fail())),
  );
  expect(answers.filter((answer) => answer === "counted")).toHaveLength(40);
  for (const answer of answers) {
    if (answer === "counted") continue;
    expect(answer.retryAfterSeconds).toBeGreaterThan(0);
    expect(answer.retryAfterSeconds).toBeLessThanOrEqual(60);
  }
});

test("one member of staff does not use up another's", async () => {
  const [count = expect.fail()] = limits({ perMinute: 1, perDay: 10 });
  await count("one");
  await count("other");
  await expect(count("one")).rejects.toThrow(TooManySearches);
});

test("a minute later there is room again, and not before", async () => {
  const [count = expect.fail(), elsewhere = expect.fail()] = limits({ perMinute: 2, perDay: 10 });
  await count("minute");
  await elsewhere("minute");
  expect(await outcome(count("minute"))).toMatchObject({ retryAfterSeconds: 60 });
  await pass("minute", "55 seconds");
  expect(await outcome(elsewhere("minute"))).toMatchObject({ retryAfterSeconds: 5 });
  await pass("minute", "6 seconds");
  expect(await outcome(count("minute"))).toBe("counted");
  expect(await outcome(elsewhere("minute"))).toBe("counted");
  expect(await outcome(count("minute"))).toBeInstanceOf(TooManySearches);
});

test("the day is a limit of its own; what the minute refuses does not count against it", async () => {
  const [count = expect.fail()] = limits({ perMinute: 2, perDay: 3 });
  await count("day");
  await count("day");
  for (let i = 0; i < 20; i++) expect(await outcome(count("day"))).toBeInstanceOf(TooManySearches);
  await pass("day", "61 seconds");
  expect(await outcome(count("day"))).toBe("counted");
  const refused = await outcome(count("day"));
  expect(refused).toBeInstanceOf(TooManySearches);
  expect(refused).toMatchObject({ retryAfterSeconds: 86_400 - 61 });
  await pass("day", "1 day");
  expect(await outcome(count("day"))).toBe("counted");
});

test("counts of those who have left are cleared away when somebody begins a day", async () => {
  const [count = expect.fail()] = limits({ perMinute: 5, perDay: 5 });
  await count("left");
  await count("here yesterday");
  await pass("left", "3 days");
  await pass("here yesterday", "1 day");
  expect(await rows("left")).toHaveLength(2);
  await count("newcomer");
  expect(await rows("left")).toEqual([]);
  expect(await rows("here yesterday")).toHaveLength(2);
});

test("many who begin a day at once neither wait for each other nor lose a count", async () => {
  const counts = limits({ perMinute: 50, perDay: 50 });
  for (let round = 0; round < 5; round++) {
    const actors = Array.from({ length: 20 }, (_, i) => `crowd ${i}`);
    for (const actor of actors) await pass(actor, "3 days");
    await Promise.all(actors.flatMap((actor) => counts.map((count) => count(actor))));
    for (const actor of actors)
      expect(await rows(actor)).toEqual([
        { span: "day", searches: 3 },
        { span: "minute", searches: 3 },
      ]);
  }
});
