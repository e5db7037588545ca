import { afterAll, beforeAll, expect, test } from "vitest";
import { dbOf, inTransaction } from "../../src/store/tables.ts";
import { entry, openTrails, type Trails } from "../audit/harness.ts";

let trails: Trails;
beforeAll(async () => void (trails = await openTrails()));
afterAll(() => trails[Symbol.asyncDispose]());

test("what is recorded while a transaction is open is durable though that is rolled back", async () => {
  const trail = trails.open({ sealAfter: 20 });
  const rolledBack = inTransaction(trails.store, async () => {
    // Two at once: they are written together, and one has nothing to do with the transaction.
    await Promise.all([trail.record(entry("within")), trail.record(entry("beside"))]);
    throw new Error("rolled back");
  });
  await expect(rolledBack).rejects.toThrow("rolled back");
  expect(await trails.sql("select request_id from audit_entry order by request_id")).toEqual([
    { request_id: "beside" },
    { request_id: "within" },
  ]);
  // And sealed, although the seal's timer was set in the transaction.
  await expect.poll(() => trail.unsealed()).toBe(0);
  await trail.close();
});

test("what reads outside of a transaction does not see what that has not committed", async () => {
  await inTransaction(trails.store, async (db) => {
    await db.insertInto("withdrawals_seen").values({ source: "crm", until: new Date() }).execute();
    const seen = (from: typeof db) => from.selectFrom("withdrawals_seen").select("source").execute();
    expect(await seen(db)).toHaveLength(1);
    expect(await seen(dbOf(trails.store))).toEqual([]);
  });
});
