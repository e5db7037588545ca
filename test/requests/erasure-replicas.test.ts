import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connected } from "../../src/demo/postgres/administration.ts";
import { type TestDatabase, testDatabase } from "../setup/database.ts";
import type { ReplicaSettings } from "./children/replica.ts";
import { openFleet } from "./fleet.ts";
import { guestBook, openGuestBook, processor } from "./guest-book.ts";
import { queueErasures } from "./many-erasures.ts";
import { impatient, openWorld, type World } from "./world.ts";

const few = 200;
const many = 2_000;
/** Of one erasure. */
const stepsEach = 5;
/** Milliseconds from when all replicas are there to the next kill. */
const betweenKills = 4_000;
/** Erasures that may be open when nobody is killed any more: what the last one held up is waited for. */
const nearTheEnd = 50;

let world: World;
let system: TestDatabase;
let settings: ReplicaSettings;
beforeAll(async () => {
  world = await openWorld({ replicas: 0 });
  system = await testDatabase();
  await openGuestBook(system.url);
  const { addresses, databaseUrl, masterKey } = world.gateway;
  const undisturbed = { retentionSeconds: 86_400, withdrawalsSeconds: 86_400 };
  settings = {
    addresses,
    databaseUrl,
    masterKey,
    requests: { ...impatient, ...undisturbed, stepSeconds: 5 },
    sources: { events: { processor, mapping: guestBook(system.url) } },
  };
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
  await system[Symbol.asyncDispose]();
});

const rowsOf = async (sql: string) => (await connected(system.url, (client) => client.query(sql))).rows;

async function openErasures(): Promise<number> {
  const [row] = await world.gateway.rows<{ n: number }>(
    "select count(*)::int as n from request where status <> 'COMPLETED'",
  );
  return row?.n ?? 0;
}

async function untilOpen(most: number): Promise<void> {
  for (const end = Date.now() + 480_000; (await openErasures()) > most;) {
    if (Date.now() > end) throw new Error(`${await openErasures()} erasures are open after eight minutes`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** From the end of the first step until nine of ten are done: the rest waits for what the last kill has held up. */
async function perSecond(ids: readonly string[]): Promise<number> {
  const [row] = await world.gateway.rows<{ seconds: number }>(
    `select extract(epoch from (select percentile_disc(0.9) within group (order by completed_at) from request where id = any($1))
       - (select min(finished_at) from request_step where request_id = any($1)))::float8 as seconds`,
    [ids],
  );
  return (0.9 * ids.length) / (row?.seconds ?? 0);
}

async function oneReplica(): Promise<number> {
  const ids = await queueErasures(world, system.url, 0, few);
  const fleet = await openFleet(1, settings);
  try {
    await untilOpen(0);
  } finally {
    await fleet[Symbol.asyncDispose]();
  }
  return perSecond(ids);
}

async function threeReplicas(): Promise<{ readonly rate: number; readonly kills: number }> {
  const ids = await queueErasures(world, system.url, few, few + many);
  await using fleet = await openFleet(3, settings);
  let kills = 0;
  while ((await openErasures()) > nearTheEnd) {
    await new Promise((resolve) => setTimeout(resolve, betweenKills));
    await fleet.replace(kills++ % 3);
  }
  await untilOpen(0);
  return { rate: await perSecond(ids), kills };
}

describe("2,000 erasures at once, carried out by three replicas, of which one is killed every few seconds", () => {
  let kills: number;
  beforeAll(async () => {
    const one = await oneReplica();
    const three = await threeReplicas();
    ({ kills } = three);
    process.stdout.write(
      `Erasures/s: ${one.toFixed(1)} of one replica (${few}), ${three.rate.toFixed(1)} of three (${many}, ${kills} kills)\n`,
    );
  }, 600_000);

  it("are all done", async () => {
    expect(kills).toBeGreaterThanOrEqual(3);
    expect(
      await world.gateway.rows(
        `select status, receipt is not null as receipt, count(*)::int from request group by 1, 2`,
      ),
    ).toEqual([{ status: "COMPLETED", receipt: true, count: few + many }]);
    // The canary.
    expect(await rowsOf("select count(*)::int from guest")).toEqual([{ count: 1 }]);
  });

  it("take effect once each", async () => {
    expect(await rowsOf("select count(*)::int, count(distinct guest_id)::int as guests from effect")).toEqual(
      [{ count: few + many, guests: few + many }],
    );
    expect(
      await world.gateway.rows("select count(*)::int from subject where forgotten_at is not null"),
    ).toEqual([{ count: few + many }]);
  });

  it("are told of, each step once in the timeline, and in the trail twice only where a kill came between", async () => {
    const told = await world.gateway.rows<{ event: string; source: string | null; count: number }>(
      `select event, detail as source, count(*)::int, count(distinct request_id)::int as requests from request_event
       where event <> 'RECEIVED' group by 1, 2 order by 1, 2`,
    );
    const of = (event: string, source: string | null) => ({
      event,
      source,
      count: few + many,
      requests: few + many,
    });
    expect(told).toEqual([
      of("COMPLETED", null),
      of("ERASE_DONE", "events"),
      of("ERASE_DONE", "gateway"),
      of("READ_DONE", "events"),
      of("SUPPRESS_ABSENT", "gateway"),
      of("VERIFY_DONE", "events"),
    ]);
    const [trail] = await world.gateway.rows<{ entries: number; requests: number }>(
      `select count(*)::int as entries, count(distinct request_id)::int as requests from audit_entry where event = 'STEP_ENDED'`,
    );
    const steps = stepsEach * (few + many);
    expect(trail?.requests).toBe(few + many);
    expect(trail?.entries).toBeGreaterThanOrEqual(steps);
    // One replica ends one step at a time.
    expect(trail?.entries).toBeLessThanOrEqual(steps + kills);
  });
});
