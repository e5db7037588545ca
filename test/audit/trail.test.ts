import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type AuditEntry, createAuditTrail } from "../../src/audit/trail.ts";
import { openStore, type Store } from "../../src/store/store.ts";
import { type TestDatabase, testDatabase } from "../setup/database.ts";

let database: TestDatabase;
let store: Store;
beforeAll(async () => {
  database = await testDatabase("gateway");
  store = await openStore({ url: database.url });
});
afterAll(async () => {
  await store.close(true);
  await database[Symbol.asyncDispose]();
});
beforeEach(() => sql("truncate audit_entry"));

const sql = <Row>(text: string) => store.em.fork().execute<Row[]>(text);
const count = async () => (await sql<{ n: number }>("select count(*)::int n from audit_entry"))[0]?.n;

const entry = (requestId: string): AuditEntry => ({
  event: "READ",
  actorRole: "SUBJECT",
  subjectRef: "0b6f",
  purpose: "DATA_SUBJECT_RIGHTS",
  requestId,
  coordinates: ["CustomerRecord.email"],
  categories: ["CONTACT"],
  sources: ["crm"],
});

test("an entry is durable when `record` resolves, as it was given", async () => {
  const at = new Date("2026-01-02T03:04:05.678Z");
  await createAuditTrail(store, { now: () => at }).record(entry("r1"));
  const [row] = await sql<Record<string, unknown>>("select * from audit_entry");
  expect(row).toMatchObject({
    at: "2026-01-02 03:04:05.678+00",
    event: "READ",
    actor_role: "SUBJECT",
    subject_ref: "0b6f",
    purpose: "DATA_SUBJECT_RIGHTS",
    request_id: "r1",
    coordinates: ["CustomerRecord.email"],
    categories: ["CONTACT"],
    sources: ["crm"],
  });
});

test("a thousand at once are a thousand entries, in few transactions, in the order they came", async () => {
  const trail = createAuditTrail(store);
  await Promise.all(Array.from({ length: 1_000 }, (_, i) => trail.record(entry(`r${i}`))));
  const rows = await sql<{ request_id: string; xmin: string }>(
    "select request_id, xmin::text from audit_entry order by sequence",
  );
  expect(rows.map(({ request_id }) => request_id)).toEqual(Array.from({ length: 1_000 }, (_, i) => `r${i}`));
  expect(new Set(rows.map(({ xmin }) => xmin)).size).toBeLessThan(10);
});

test("two replicas write side by side without loss", async () => {
  const replica = await openStore({ url: database.url });
  try {
    const trails = [createAuditTrail(store), createAuditTrail(replica)] as const;
    await Promise.all(
      Array.from({ length: 400 }, (_, i) => trails[i % 2 === 0 ? 0 : 1].record(entry(`r${i}`))),
    );
    expect(await count()).toBe(400);
  } finally {
    await replica.close(true);
  }
});

describe("an entry that cannot be written", () => {
  test("is told to whoever recorded it, and the next one is written again", async () => {
    const trail = createAuditTrail(store);
    await sql("alter table audit_entry rename to gone");
    try {
      const outcomes = await Promise.allSettled([trail.record(entry("a")), trail.record(entry("b"))]);
      expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    } finally {
      await sql("alter table gone rename to audit_entry");
    }
    await trail.record(entry("c"));
    expect(await sql("select request_id from audit_entry")).toEqual([{ request_id: "c" }]);
  });
});

test("an entry that a hanging database does not take in time is refused", async () => {
  const blocker = store.em.fork();
  await blocker.begin();
  await blocker.execute("lock table audit_entry in access exclusive mode");
  const before = performance.now();
  await expect(createAuditTrail(store, { timeLimit: 200 }).record(entry("late"))).rejects.toThrow("in time");
  expect(performance.now() - before).toBeLessThan(1_000);
  await blocker.rollback();
});
