import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createLooks, type Looks } from "../../src/audit/looks.ts";
import { openStore, type Store } from "../../src/store/store.ts";
import { type TestDatabase, testDatabase } from "../setup/database.ts";

const many = 100_000;
const [watched, seldom] = [randomUUID(), randomUUID()];
let database: TestDatabase;
let store: Store;
let looks: Looks;

const fill = (subjectRef: string, role: string, entries: number) =>
  store.em.fork().execute(
    `insert into audit_entry (id, at, event, actor_role, subject_ref, purpose, request_id, coordinates, categories,
      sources, mac)
    select gen_random_uuid(), now(), 'READ', ?, ?, 'CUSTOMER_SUPPORT', n, '{}', '{IDENTITY}', '{crm}', '\\x00'
    from generate_series(1, ?::int) as n`,
    [role, subjectRef, entries],
  );

beforeAll(async () => {
  database = await testDatabase("gateway");
  store = await openStore({ url: database.url });
  looks = createLooks(store);
  await fill(seldom, "SUPPORT", 5);
  await fill(watched, "SUPPORT", many);
  await fill(seldom, "SUBJECT", many);
  await store.em.fork().execute("vacuum analyze audit_entry");
}, 60_000);
afterAll(async () => {
  await store.close(true);
  await database[Symbol.asyncDispose]();
});

/** Milliseconds of the quickest of several, so that what else the machine does is left out. */
async function quickest(work: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let n = 0; n < 20; n++) {
    const started = performance.now();
    await work();
    times.push(performance.now() - started);
  }
  return Math.min(...times);
}

test("a page of a hundred thousand looks takes as long as one of five, wherever it is", async () => {
  const middle = String(many / 2);
  expect((await looks.page([watched], middle, 501)).map(({ sequence }) => Number(sequence))).toEqual(
    Array.from({ length: 501 }, (_, n) => many / 2 - 1 - n),
  );
  expect(await looks.page([seldom], null, 501)).toHaveLength(5);
  for (const [ref, before] of [
    [watched, null],
    [watched, middle],
    [watched, "1"],
    [seldom, null],
  ] as const)
    expect(await quickest(() => looks.page([ref], before, 21)), `${ref} ${before}`).toBeLessThan(5);
  expect(await quickest(() => looks.page([watched], middle, 501))).toBeLessThan(20);
});

test("several names are one log, in order, and each look counts once", async () => {
  const both = await looks.page([seldom, watched], "8", 20);
  expect(both.map(({ sequence, subjectRef }) => [sequence, subjectRef === seldom])).toEqual(
    [7, 6, 5, 4, 3, 2, 1].map((n) => [String(n), n <= 5]),
  );
  expect(await looks.count([watched])).toBe(many);
  expect(await looks.count([seldom, watched])).toBe(many + 5);
  expect(await looks.count([])).toBe(0);
  expect(await quickest(() => looks.count([watched]))).toBeLessThan(100);
});
