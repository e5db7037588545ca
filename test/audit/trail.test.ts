import { setTimeout as after } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { AuditEvent } from "../../src/audit/entry.ts";
import type { Seal } from "../../src/audit/seal.ts";
import type { AuditTrail, AuditTrailOptions } from "../../src/audit/trail.ts";
import { createAuditTrail } from "../../src/audit/trail.ts";
import { openStore } from "../../src/store/store.ts";
import { entry, openTrails, type Trails } from "./harness.ts";

let trails: Trails;
const opened: AuditTrail[] = [];
beforeAll(async () => {
  trails = await openTrails();
});
afterAll(() => trails[Symbol.asyncDispose]());
beforeEach(() => trails.empty());
afterEach(async () => {
  for (const trail of opened.splice(0)) await trail.close();
});

const open = (options?: Partial<AuditTrailOptions>) => {
  const trail = trails.open(options);
  opened.push(trail);
  return trail;
};
const count = async () => (await trails.sql<{ n: number }>("select count(*)::int n from audit_entry"))[0]?.n;

test("an entry is durable when `record` resolves, as it was given", async () => {
  const at = new Date("2026-01-02T03:04:05.678Z");
  await open({ now: () => at }).record(entry("r1"));
  const [row] = await trails.sql<Record<string, unknown>>("select * from audit_entry");
  expect(row).toMatchObject({
    at,
    event: "READ",
    actor_role: "SUPPORT",
    actor_ref: "5e1f",
    sealed_actor_name: Buffer.from("sealed name"),
    subject_ref: "0b6f",
    purpose: "CUSTOMER_SUPPORT",
    request_id: "r1",
    coordinates: ["CustomerRecord.email", "CustomerRecord.name"],
    categories: ["CONTACT"],
    sources: ["crm"],
    detail: "1",
  });
  expect(row?.["mac"]).toHaveLength(32);
});

test("whatever may be null or empty may be, and odd texts stay as they are", async () => {
  const trail = open();
  const nothing = { actorRole: null, actorRef: null, actorName: null, subjectRef: null, purpose: null };
  await trail.record(entry("r1", { ...nothing, coordinates: [], categories: [], sources: [], detail: null }));
  await trail.record(
    entry('"\\\n\t\u0007\u2028 æøå 𝄞 {a,b} NULL', { detail: "", sources: ["", "NULL", '"'] }),
  );
  await expect.poll(() => trail.unsealed()).toBe(0);
  expect(await trails.verify()).toMatchObject({ intact: true, entries: 2, unsealed: 0 });
});

test("a thousand at once are a thousand entries, in few transactions, in the order they came", async () => {
  const trail = open();
  await Promise.all(Array.from({ length: 1_000 }, (_, i) => trail.record(entry(`r${i}`))));
  const rows = await trails.sql<{ request_id: string; xmin: string }>(
    "select request_id, xmin::text from audit_entry order by sequence",
  );
  expect(rows.map(({ request_id }) => request_id)).toEqual(Array.from({ length: 1_000 }, (_, i) => `r${i}`));
  expect(new Set(rows.map(({ xmin }) => xmin)).size).toBeLessThan(10);
});

test("many replicas write side by side: none is lost, all are sealed, the chain is one", async () => {
  const replicas = await Promise.all(Array.from({ length: 4 }, () => openStore({ url: trails.url })));
  const sealed: Seal[] = [];
  const writers = replicas.map((store) =>
    createAuditTrail(store, { key: trails.key, sealAfter: 2, onSealed: (seal) => sealed.push(seal) }),
  );
  try {
    const ids = writers.flatMap((_, w) => Array.from({ length: 500 }, (_, i) => `r${w}-${i}`));
    await Promise.all(
      writers.map(async (trail, w) => {
        for (let i = 0; i < 500; i += 10)
          await Promise.all(ids.slice(w * 500 + i, w * 500 + i + 10).map((id) => trail.record(entry(id))));
      }),
    );
    await Promise.all(writers.map((trail) => trail.close()));
    const rows = await trails.sql<{ request_id: string }>("select request_id from audit_entry");
    expect(rows.map(({ request_id }) => request_id).sort()).toEqual(ids.sort());
    expect(await trails.verify()).toMatchObject({ intact: true, entries: 2_000, unsealed: 0 });
    expect(sealed.reduce((sum, { entries }) => sum + entries, 0)).toBe(2_000);
    expect(new Set(sealed.map(({ number }) => number)).size).toBe(sealed.length);
  } finally {
    await Promise.all(replicas.map((store) => store.close(true)));
  }
});

test("tells what it does: each event written, each seal with its head, what waits", async () => {
  const events: AuditEvent[] = [];
  const seals: Seal[] = [];
  const trail = open({ onRecorded: (event) => events.push(event), onSealed: (seal) => seals.push(seal) });
  await trail.record(entry("r1", { event: "REFUSED" }));
  await expect.poll(() => seals.length).toBe(1);
  expect(events).toEqual(["REFUSED"]);
  expect(seals).toEqual([
    { number: "1", entries: 1, head: (await trails.verify()).head, seconds: expect.any(Number) },
  ]);
  expect(await trail.unsealed()).toBe(0);
});

describe("an entry that cannot be written", () => {
  test("is told to whoever recorded it, and the next one is written again", async () => {
    const trail = open();
    await trails.sql("alter table audit_entry rename to gone");
    try {
      const outcomes = await Promise.allSettled([trail.record(entry("a")), trail.record(entry("b"))]);
      expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    } finally {
      await trails.sql("alter table gone rename to audit_entry");
    }
    await trail.record(entry("c"));
    expect(await trails.sql("select request_id from audit_entry")).toEqual([{ request_id: "c" }]);
  });

  test("is refused where a hanging database does not take it in time", async () => {
    const blocker = trails.store.em.fork();
    await blocker.begin();
    await blocker.execute("lock table audit_entry in access exclusive mode");
    const before = performance.now();
    await expect(open({ timeLimit: 200 }).record(entry("late"))).rejects.toThrow("in time");
    expect(performance.now() - before).toBeLessThan(1_000);
    await blocker.rollback();
  });
});

describe("sealing", () => {
  test("holds no writer up, however long another replica is at it; then it catches up", async () => {
    const trail = open();
    const slow = trails.store.em.fork();
    await slow.begin();
    await slow.execute("select pg_advisory_xact_lock(hashtext('innsyn-audit-seal'))");
    await Promise.all(Array.from({ length: 50 }, (_, i) => trail.record(entry(`r${i}`))));
    // Long enough for a seal, if it were not held.
    await after(100);
    expect(await trail.unsealed()).toBe(50);
    expect(await trails.verify()).toMatchObject({ intact: true, entries: 50, unsealed: 50, seals: 0 });
    await slow.rollback();
    await expect.poll(() => trail.unsealed()).toBe(0);
    expect(await trails.verify()).toMatchObject({ intact: true, entries: 50, unsealed: 0 });
  });

  test("is done by another replica for one that was killed between entry and seal", async () => {
    await trails.writeUnsealed("r1", "r2");
    expect(await count()).toBe(2);
    const other = open();
    await expect.poll(() => other.unsealed()).toBe(0);
    expect(await trails.verify()).toMatchObject({ intact: true, entries: 2, unsealed: 0 });
  });

  test("is done regularly for one that was killed while the others had nothing to do", async () => {
    const idle = open({ sealEvery: 20 });
    await trails.writeUnsealed("r1");
    await expect.poll(() => idle.unsealed()).toBe(0);
  });

  test("takes an entry that commits late into a later seal", async () => {
    await trails.sql(`create function hold_up() returns trigger language plpgsql as $$
      begin perform pg_advisory_xact_lock(42); return null; end $$`);
    await trails.sql(`create trigger hold_up after insert on audit_entry for each row
      when (new.request_id = 'late') execute function hold_up()`);
    const gate = trails.store.em.fork();
    await gate.begin();
    await gate.execute("select pg_advisory_xact_lock(42)");
    const late = open().record(entry("late"));
    const isWaiting = "select count(*)::int n from pg_locks where locktype = 'advisory' and not granted";
    await expect.poll(() => trails.sql(isWaiting)).toEqual([{ n: 1 }]);
    await trails.write("early");
    await gate.rollback();
    await late;
    await trails.sql("drop function hold_up cascade");
    await trails.write("after");
    expect(await trails.verify()).toMatchObject({ intact: true, entries: 3, unsealed: 0 });
    const ordered = await trails.sql<{ request_id: string }>(`select request_id from audit_seal,
      unnest(sequences) with ordinality as sealed (sequence, place) join audit_entry using (sequence)
      order by number, place`);
    expect(ordered.map(({ request_id }) => request_id)).toEqual(["early", "late", "after"]);
    expect(await trails.sql("select request_id from audit_entry order by sequence limit 1")).toEqual([
      { request_id: "late" },
    ]);
  });

  test("goes on in several seals where more wait than one has room for", async () => {
    await trails.writeUnsealed(...Array.from({ length: 30 }, (_, i) => `r${i}`));
    const writer = open();
    await Promise.all(Array.from({ length: 2_500 }, (_, i) => writer.record(entry(`r${i}`))));
    await writer.close();
    expect(await trails.verify()).toMatchObject({ intact: true, entries: 2_530, unsealed: 0 });
  });

  test("that fails is told and tried again, and no entry suffers", async () => {
    const failures: unknown[] = [];
    await trails.sql("alter table audit_seal rename to gone");
    const trail = open({ sealEvery: 20, onSealFailed: (error) => failures.push(error) });
    try {
      await trail.record(entry("r1"));
      await expect.poll(() => failures.length).toBeGreaterThan(0);
    } finally {
      await trails.sql("alter table gone rename to audit_seal");
    }
    await expect.poll(() => trail.unsealed()).toBe(0);
    expect(await trails.verify()).toMatchObject({ intact: true, entries: 1, unsealed: 0 });
  });

  test("is finished by `close`, and nothing is touched afterwards", async () => {
    const trail = trails.open({ sealAfter: 10_000 });
    await trail.record(entry("r1"));
    await trail.close();
    expect(await trail.unsealed()).toBe(0);
    await trails.writeUnsealed("r2");
    await after(50);
    expect(await trail.unsealed()).toBe(1);
  });
});

test.each(["audit_entry", "audit_seal"])("%s is only ever added to", async (table) => {
  await trails.write("r1");
  for (const statement of [
    `update ${table} set ${table === "audit_entry" ? "detail = 'x'" : "number = 7"}`,
    `delete from ${table}`,
    `truncate ${table}`,
  ])
    await expect(trails.sql(statement)).rejects.toThrow(`${table} is only ever added to`);
  expect(await trails.verify()).toMatchObject({ intact: true, entries: 1 });
});
