import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createEntries, type Entries, type WantedEntries } from "../../src/audit/entries.ts";
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

describe("whoever audits pages through the whole trail", () => {
  const day = 86_400_000;
  const noon = Date.UTC(2026, 5, 1, 12);
  let entries: Entries;
  beforeAll(async () => {
    entries = createEntries(store);
    // One every minute, of a year before and after; the last has the lowest sequence of all.
    await store.em.fork().execute(
      `insert into audit_entry (id, at, event, actor_role, subject_ref, request_id, coordinates, categories, sources, mac)
      select gen_random_uuid(), ?::timestamptz + n * interval '1 minute', case when n % 5000 = 0 then 'REFUSED' else 'SEARCHED' end,
        'SUPPORT', ?, n, '{}', '{}', '{}', '\\x00' from generate_series(-100000, 100000) as n`,
      [new Date(noon), randomUUID()],
    );
    await store.em.fork().execute("analyze audit_entry");
  }, 60_000);

  test.each<[string, WantedEntries, number]>([
    ["all of it", {}, 51],
    ["from the middle of it on backwards", { until: new Date(noon) }, 51],
    ["an hour of it", { since: new Date(noon), until: new Date(noon + day / 24) }, 51],
    ["a rare event", { events: ["REFUSED"] }, 41],
    ["a rare event and a frequent one", { events: ["REFUSED", "SEARCHED"] }, 51],
    ["an event that never was", { events: ["KEYS_ROTATED"] }, 0],
    ["a rare event in a rare time", { events: ["REFUSED"], until: new Date(noon - 60 * day) }, 3],
    ["somebody whom few have looked at", { subjectRef: seldom, events: ["SEARCHED"] }, 0],
    ["somebody whom many have looked at", { subjectRef: watched }, 51],
    ["nobody", { subjectRef: randomUUID() }, 0],
  ])("%s, as quickly as a page of a short one", async (_, wanted, found) => {
    const first = await entries.page(wanted, null, 51);
    expect(first).toHaveLength(found);
    expect(await quickest(() => entries.page(wanted, null, 51))).toBeLessThan(
      wanted.subjectRef === seldom ? 150 : 10,
    );
    const last = first?.at(-1);
    if (!last) return;
    expect((await entries.page(wanted, last.sequence, 51))?.[0]?.sequence).not.toBe(last.sequence);
    expect(await quickest(() => entries.page(wanted, last.sequence, 51))).toBeLessThan(10);
  });

  test("in the order of time, though an entry may be written before one that is sealed before it", async () => {
    const page = await entries.page({ since: new Date(noon), until: new Date(noon + 3 * 60_000) }, null, 10);
    expect(page?.map(({ at }) => at.slice(11, 19))).toEqual(["12:02:00", "12:01:00", "12:00:00"]);
  });
});
