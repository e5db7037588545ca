import pg from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { createRestSource } from "../../src/connectors/rest/source.ts";
import { mailingMapping } from "../../src/demo/systems/mailing/mapping.ts";
import { SourceFailure } from "../../src/sources/contract.ts";
import type { ErasableSource, Kept, OfRecord, Whose } from "../../src/sources/erasures.ts";
import type { WriteOutcome } from "../../src/sources/writes.ts";
import { credentials, startAgain, startMailing, type TestMailing } from "./mailing-process.ts";

const options = () => ({ signal: AbortSignal.timeout(20_000), idempotencyKey: crypto.randomUUID() });
const reason = (error: unknown) => (error instanceof SourceFailure ? error.reason : error);
const kari = "kari.nordmann@example.com";
const none: Kept = new Map();

let mailing: TestMailing;
let source: ErasableSource;
let pool: pg.Pool;
beforeAll(async () => {
  mailing = await startMailing();
  pool = new pg.Pool({ connectionString: mailing.databaseUrl });
  source = createRestSource(
    "mailing",
    { name: "Test", country: "NO", agreement: "none" },
    mailingMapping({ ...credentials, url: mailing.url }),
  );
});
afterAll(async () => {
  await source.close();
  await pool.end();
  await mailing[Symbol.asyncDispose]();
});
afterEach(() => mailing.admin("DELETE"));

const behave = async (manner: string, more: object = {}) =>
  expect((await mailing.admin("POST", { manner, ...more })).status).toBe(200);

async function whoseIs(email: string): Promise<OfRecord> {
  const [found] = await source.find([{ identifiers: [{ kind: "EMAIL", value: email }] }], options());
  if (found?.state !== "HELD") throw new Error("not held");
  return { recordKey: found.record.key, identifiers: found.record.identifiers };
}

/** As a durable step does: asks again when told to. @returns what became of each record type */
async function eraseAll(whose: OfRecord, given = options()): Promise<Record<string, WriteOutcome["state"]>> {
  const states: Record<string, WriteOutcome["state"]> = {};
  for (const { recordType } of source.capabilities.erases) {
    states[recordType] = await eraseType(whose, recordType, given);
  }
  return states;
}

async function eraseType(whose: Whose, recordType: string, given = options()) {
  for (;;) {
    const outcome = await source.erase({ whose, recordType, kept: none }, given);
    if (outcome.state !== "retry") return outcome.state;
    await new Promise((resolve) => setTimeout(resolve, outcome.at.getTime() - Date.now()));
  }
}

/** Everything that a new person needs to have traces everywhere. */
async function newcomer(name: string): Promise<OfRecord> {
  const email = `${name}@example.com`;
  const { rows } = await pool.query<{ id: number }>(
    `WITH s AS (INSERT INTO subscribers (email, name) VALUES ($1, $2) RETURNING id, uuid),
       d AS (INSERT INTO deliveries (id, subscriber_id, campaign_id, sent_at)
         SELECT (SELECT max(id) FROM deliveries) + n, s.id, 1, now() FROM s, generate_series(1, 3) n RETURNING id),
       l AS (INSERT INTO subscriber_lists (subscriber_id, list_id) SELECT id, 1 FROM s),
       v AS (INSERT INTO campaign_views (id, campaign_id, subscriber_id, subscriber_uuid, recipient, ip_address)
         SELECT (SELECT max(id) FROM campaign_views) + 1, 1, id, uuid, $1, '203.0.113.9' FROM s),
       b AS (INSERT INTO bounces (id, subscriber_id, type, source) SELECT (SELECT max(id) FROM bounces) + 1, id, 'hard', 'smtp' FROM s)
     SELECT id FROM s`,
    [email, `Ny ${name}`],
  );
  return { recordKey: String(rows[0]?.id), identifiers: [{ kind: "EMAIL", value: email }] };
}

/** Every row of the tool's database that says one of these, as `table: row`; in any case, and not within another word. */
async function searchAll(words: readonly string[]): Promise<string[]> {
  const { rows: tables } = await pool.query<{ name: string }>(
    "SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')",
  );
  expect(tables.length).toBeGreaterThan(10);
  const literal = (word: string) => word.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const pattern = new RegExp(`(?<![\\p{L}\\d_.-])(${words.map(literal).join("|")})(?![\\p{L}\\d_])`, "iu");
  const found: string[] = [];
  for (const { name } of tables) {
    const { rows } = await pool.query<{ line: string }>(`SELECT t::text AS line FROM ${name} t`);
    found.push(...rows.filter(({ line }) => pattern.test(line)).map(({ line }) => `${name}: ${line}`));
  }
  return found;
}

/** Another person of the same name. */
const namesake = "kari_nordmann@example.com";
const notOf = (email: string) => (line: string) => !line.includes(email);

test("says what it erases, and in which order", () => {
  expect(source.capabilities.erases.map(({ recordType }) => recordType)).toEqual([
    "deliveries",
    "bounces",
    "subscriptions",
    "traces",
    "record",
  ]);
});

describe("an erasure", () => {
  test("leaves nothing of Kari in any table, and everybody else as they were", async () => {
    const whose = await whoseIs(kari);
    const { rows } = await pool.query<{ uuid: string; phone: string; ip: string; former: string }>(
      `SELECT s.uuid, s.attribs->>'phone' AS phone, h.email AS former,
         (SELECT host(ip_address) FROM campaign_views v WHERE v.subscriber_id = s.id LIMIT 1) AS ip
       FROM subscribers s JOIN subscriber_history h ON h.subscriber_id = s.id WHERE s.id = $1`,
      [whose.recordKey],
    );
    const [held] = rows;
    if (!held) throw new Error("no history");
    const words = [
      kari,
      "Kari Nordmann",
      held.uuid,
      held.phone,
      held.phone.replaceAll(/\D/g, ""),
      held.ip,
      held.former,
    ];
    expect(held.ip).toMatch(/^198\.18\./);
    expect(held.former).not.toBe(kari);
    expect((await searchAll(words)).length).toBeGreaterThan(20);
    const others = async () => {
      const { rows: counted } = await pool.query(
        `SELECT (SELECT count(*) FROM subscribers WHERE id <> $1) AS subscribers,
           (SELECT count(*) FROM deliveries WHERE subscriber_id <> $1) AS deliveries,
           (SELECT count(*) FROM campaign_views WHERE subscriber_uuid <> $2) AS views,
           (SELECT count(*) FROM link_clicks WHERE subscriber_uuid <> $2) AS clicks,
           (SELECT count(*) FROM bounces WHERE subscriber_id <> $1) AS bounces,
           (SELECT count(*) FROM subscriber_history WHERE subscriber_id <> $1 AND email <> $3) AS history`,
        [whose.recordKey, held.uuid, kari],
      );
      return counted[0] as object;
    };
    const [before, tally] = [await others(), await source.tally(whose, options())];
    expect(Object.fromEntries(tally)).toMatchObject({ record: 1, subscriptions: 3, deliveries: 15 });
    expect(tally.get("traces")).toBeGreaterThan(10);

    expect(await eraseAll(whose)).toEqual({
      deliveries: "done",
      bounces: "done",
      subscriptions: "done",
      traces: "done",
      record: expect.stringMatching(/done|absent/),
    });
    expect(await source.remains(whose, none, options())).toEqual([]);
    expect((await searchAll(words)).filter(notOf(namesake))).toEqual([]);
    expect((await searchAll([namesake])).length).toBeGreaterThan(1);
    expect(await others()).toEqual(before);
    expect([...(await source.tally(whose, options())).values()]).toEqual([0, 0, 0, 0, 0]);
    expect(Object.values(await eraseAll(whose))).toEqual(Array(5).fill("absent"));
  });

  test("of somebody with 20,000 deliveries takes seconds", async () => {
    const whose = await whoseIs("stor.leser@example.com");
    expect((await source.tally(whose, options())).get("deliveries")).toBe(20_000);
    const [started, memory] = [performance.now(), process.memoryUsage().heapUsed];
    await eraseAll(whose);
    expect(performance.now() - started).toBeLessThan(15_000);
    expect(process.memoryUsage().heapUsed - memory).toBeLessThan(64 * 1024 * 1024);
    expect(await source.remains(whose, none, options())).toEqual([]);
    expect(await searchAll(["stor.leser@example.com", "Stor Leser"])).toEqual([]);
  });

  test("goes by what the record was known by when it was captured, in any case", async () => {
    const whose = await newcomer("storbokstav");
    await pool.query("UPDATE campaign_views SET recipient = upper(recipient) WHERE subscriber_id = $1", [
      whose.recordKey,
    ]);
    await mailing.api(`/subscribers/${whose.recordKey}`, { method: "DELETE" });
    await pool.query("DELETE FROM subscriber_history WHERE subscriber_id = $1", [whose.recordKey]);
    const left = { recordType: "traces", place: "/api/privacy/remains campaign_views", count: 1 };
    expect(await source.remains(whose, none, options())).toEqual([left]);
    await eraseAll(whose);
    expect(await source.remains(whose, none, options())).toEqual([]);
  });

  test("spares the history of somebody who has the address now", async () => {
    const [whose, other] = [await newcomer("forrige"), await newcomer("overtok")];
    await pool.query(
      `INSERT INTO subscriber_history (subscriber_id, subscriber_uuid, event, email, name)
       SELECT id, uuid, 'address-changed', 'forrige@example.com', name FROM subscribers WHERE id = $1`,
      [other.recordKey],
    );
    await eraseAll(whose);
    const { rowCount } = await pool.query("SELECT FROM subscriber_history WHERE subscriber_id = $1", [
      other.recordKey,
    ]);
    expect(rowCount).toBe(1);
    await eraseAll(other);
  });

  test("of somebody who is no subscriber goes by the address, and spares whoever is one", async () => {
    const [gone, other] = [await newcomer("sluttet"), await newcomer("ble.igjen")];
    await mailing.api(`/subscribers/${gone.recordKey}`, { method: "DELETE" });
    // Somebody else has had the address before, and uses it for what is sent on.
    await pool.query(
      `INSERT INTO subscriber_history (subscriber_id, subscriber_uuid, event, email, name)
       SELECT id, uuid, 'address-changed', 'sluttet@example.com', name FROM subscribers WHERE id = $1`,
      [other.recordKey],
    );
    await pool.query("UPDATE campaign_views SET recipient = 'sluttet@example.com' WHERE subscriber_id = $1", [
      other.recordKey,
    ]);
    const theirs = await searchAll(["sluttet@example.com"]);
    const whose: Whose = { ...gone, recordKey: null };
    expect(await source.remains(whose, none, options())).toEqual([
      { recordType: "traces", place: "/api/privacy/remains campaign_views", count: 1 },
      { recordType: "record", place: "/api/privacy/remains deletion_notes", count: 1 },
    ]);
    expect(Object.fromEntries(await source.tally(whose, options()))).toMatchObject({ traces: 1, record: 1 });
    await behave("forgets-nothing");
    expect(await eraseType(whose, "traces").catch(reason)).toBe("FAILED");
    await mailing.admin("DELETE");
    expect(await eraseType(whose, "traces")).toBe("done");
    expect(await eraseType(whose, "record")).toBe("absent");
    expect(await source.remains(whose, none, options())).toEqual([]);
    expect(await searchAll(["sluttet@example.com"])).toHaveLength(theirs.length - 2);
    const { rows } = await pool.query(
      `SELECT (SELECT count(*)::int FROM campaign_views WHERE subscriber_id = $1) AS views,
         (SELECT count(*)::int FROM subscriber_history WHERE subscriber_id = $1) AS notes`,
      [other.recordKey],
    );
    expect(rows).toEqual([{ views: 1, notes: 1 }]);
    await eraseAll(other);
  });

  test("that the tool's own deletion does alone leaves traces, which are named", async () => {
    const whose = await newcomer("naiv");
    await mailing.api(`/subscribers/${whose.recordKey}`, { method: "DELETE" });
    expect(await source.remains(whose, none, options())).toEqual([
      { recordType: "traces", place: "/api/privacy/remains campaign_views", count: 1 },
      { recordType: "record", place: "/api/privacy/remains deletion_notes", count: 1 },
    ]);
  });

  test("goes on where another replica left it: a job that runs is found, not started twice", async () => {
    const whose = await newcomer("avbrutt");
    await behave("slow-erasure", { ms: 1_500 });
    const traces = { whose, recordType: "traces", kept: none };
    const given = options();
    const told = await Promise.all([source.erase(traces, given), source.erase(traces, given)]);
    expect(told.map(({ state }) => state)).toEqual(["retry", "retry"]);
    expect((await source.erase(traces, options())).state).toBe("retry");
    const jobs = "SELECT state FROM privacy_erasures WHERE subscriber_id = $1";
    expect((await pool.query(jobs, [whose.recordKey])).rows).toEqual([{ state: "running" }]);
    expect(await eraseType(whose, "traces")).toBe("done");
    expect((await pool.query(jobs, [whose.recordKey])).rows).toEqual([{ state: "done" }]);
  });
});

describe("the tool's own erasure", () => {
  const start = (subscriber: string) =>
    mailing.api("/privacy/erasures", {
      method: "POST",
      headers: { "content-type": "application/json", "idempotency-key": `own ${subscriber}` },
      body: JSON.stringify({ subscriber_id: Number(subscriber), emails: [] }),
    });

  test("is taken on with a key to ask by and when, for API users alone", async () => {
    const { recordKey } = await newcomer("selv");
    const answer = await start(recordKey);
    expect([answer.status, answer.headers.get("retry-after")]).toEqual([202, "1"]);
    const { data } = (await answer.json()) as { data: { id: string; state: string } };
    expect(data.state).toBe("running");
    expect(await (await start(recordKey)).json()).toMatchObject({ data: { id: data.id } });
    await expect
      .poll(async () => (await mailing.api(`/privacy/erasures/${data.id}`)).json())
      .toMatchObject({ data: { state: "done" } });
    for (const path of ["erasures", "remains"]) {
      const url = `${mailing.url}/api/privacy/${path}?subscriber_id=${recordKey}`;
      expect((await fetch(url)).status).toBe(403);
    }
    expect((await fetch(`${mailing.url}/api/privacy/addresses/wipe`, { method: "POST" })).status).toBe(403);
    expect((await mailing.api("/privacy/remains")).status).toBe(400);
    expect((await start("2000000000")).status).toBe(400);
    expect((await mailing.api(`/privacy/erasures/${crypto.randomUUID()}`)).status).toBe(404);
  });

  test("is carried out by the tool that comes after one that was killed, and its addresses are forgotten", async () => {
    const { recordKey } = await newcomer("drept");
    await pool.query(
      `INSERT INTO privacy_erasures (subscriber_id, emails, due_at) VALUES ($1, '{drept@example.com}', now() + interval '300 ms')`,
      [recordKey],
    );
    await using again = await startAgain(mailing.databaseUrl);
    expect(again.url).not.toBe(mailing.url);
    const views = async () =>
      (await pool.query("SELECT FROM campaign_views WHERE recipient = 'drept@example.com'")).rowCount;
    expect(await views()).toBe(1);
    await expect.poll(views).toBe(0);
    const { rows } = await pool.query("SELECT state, emails FROM privacy_erasures WHERE subscriber_id = $1", [
      recordKey,
    ]);
    expect(rows).toEqual([{ state: "done", emails: [] }]);
  });

  test("forgets addresses that were changed through the API", async () => {
    const whose = await newcomer("byttet");
    const correction = { field: "address", from: "byttet@example.com", to: "nytt@example.com" };
    expect(await source.rectify(whose.recordKey, correction, options())).toEqual({ state: "done" });
    expect((await searchAll(["byttet@example.com"])).map((line) => line.split(":")[0])).toEqual(
      expect.arrayContaining(["public.subscriber_history", "public.campaign_views"]),
    );
    await eraseAll({ ...whose, identifiers: [{ kind: "EMAIL", value: "nytt@example.com" }] });
    expect(await searchAll(["byttet@example.com", "nytt@example.com"])).toEqual([]);
  });
});

describe("a tool that behaves badly", () => {
  test("forgets-nothing: found out for each record type, and what is left is named", async () => {
    const whose = await newcomer("intet");
    await behave("forgets-nothing");
    for (const recordType of ["deliveries", "bounces", "record"]) {
      expect(await eraseType(whose, recordType).catch(reason)).toBe("FAILED");
    }
    expect(await failures(whose, "traces", 3)).toEqual(["FAILED", "FAILED", "FAILED"]);
    const places = (await source.remains(whose, none, options())).map(({ recordType }) => recordType);
    expect(places).toEqual(["deliveries", "bounces", "subscriptions", "traces", "record"]);
    await behaveWell();
    await eraseAll(whose);
    expect(await source.remains(whose, none, options())).toEqual([]);
  });

  test("erasure-fails-once: the next try starts another", async () => {
    const whose = await newcomer("feilet");
    await behave("erasure-fails-once");
    expect(await failures(whose, "traces", 2)).toEqual(["FAILED", "done"]);
    expect(await source.remains(whose, none, options())).not.toContainEqual(
      expect.objectContaining({ recordType: "traces" }),
    );
  });

  test("erasure-leaves-opens: never done, and what is left is named", async () => {
    const whose = await newcomer("visning");
    await behave("erasure-leaves-opens");
    expect(await failures(whose, "traces", 3)).toEqual(["FAILED", "FAILED", "FAILED"]);
    expect(await source.remains(whose, none, options())).toContainEqual({
      recordType: "traces",
      place: "/api/privacy/remains campaign_views",
      count: 1,
    });
  });

  test("write-500-once: what was done is not done twice", async () => {
    const whose = await newcomer("femhundre");
    for (const { recordType } of source.capabilities.erases) {
      await behave("write-500-once");
      expect(await failures(whose, recordType, 2)).toEqual(["FAILED", expect.stringMatching(/done|absent/)]);
    }
    expect(await source.remains(whose, none, options())).toEqual([]);
  });

  test("ignore-writes: never done", async () => {
    const whose = await newcomer("ignorert");
    await behave("ignore-writes");
    for (const { recordType } of source.capabilities.erases)
      expect(await eraseType(whose, recordType).catch(reason)).toMatch(/FAILED|MALFORMED_ANSWER/);
    expect(await source.remains(whose, none, options())).toHaveLength(5);
  });

  test("erases-nobody: somebody who never was is absent, not erased", async () => {
    await behave("erases-nobody");
    const whose = { recordKey: "2000000000", identifiers: [] };
    expect(Object.values(await eraseAll(whose))).toEqual(Array(5).fill("absent"));
    expect((await pool.query("SELECT FROM privacy_erasures WHERE subscriber_id = 2000000000")).rowCount).toBe(
      0,
    );
  });

  test.each([
    ["slow", { ms: 3_000 }, "TIMED_OUT"],
    ["error-500", {}, "FAILED"],
    ["empty-for-lack-of-rights", {}, "CANARY_NOT_FOUND"],
    ["failure-in-200", { body: "false" }, "FAILED"],
    ["malformed-json", {}, "MALFORMED_ANSWER"],
    ["half-page", {}, "MALFORMED_ANSWER"],
  ])("%s: nothing is said to be gone", async (manner, more, expected) => {
    const nobody = { recordKey: "2000000000", identifiers: [] };
    await behave(manner, more);
    const given = { ...options(), signal: AbortSignal.timeout(1_500) };
    expect(await source.remains(nobody, none, given).catch(reason)).toBe(expected);
    const erasure = { whose: nobody, recordType: "record", kept: none };
    expect(await source.erase(erasure, given).catch(reason)).toBe(expected);
  });

  test("rate-limited: says when it may be asked again", async () => {
    await behave("rate-limited", { retryAfter: 1 });
    const failure: unknown = await source
      .erase({ whose: await newcomer("travel"), recordType: "record", kept: none }, options())
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({ reason: "RATE_LIMITED", retryAt: expect.any(Date) });
    await new Promise((resolve) => setTimeout(resolve, 1_100));
  });

  const behaveWell = () => mailing.admin("DELETE");

  /** What each of so many tries of one step comes to. */
  async function failures(whose: Whose, recordType: string, tries: number): Promise<unknown[]> {
    const given = options();
    const came: unknown[] = [];
    for (let n = 0; n < tries; n++) {
      came.push(await eraseType(whose, recordType, given).catch(reason));
    }
    return came;
  }
});

describe("all subscribers", () => {
  const all = async (between?: (page: number) => Promise<unknown>) => {
    const keys: string[] = [];
    let page = 0;
    for (let after: string | null = null; ;) {
      const answer = await source.identified(after, options());
      keys.push(...answer.records.map(({ key }) => key));
      if (answer.next === null) return keys;
      after = answer.next;
      await between?.(++page);
    }
  };

  test("come page by page with what names them, and a deletion meanwhile loses nobody", async () => {
    await pool.query(
      "INSERT INTO subscribers (email, name) SELECT 'Alle' || n || '@Example.com', 'Alle' FROM generate_series(1, 1200) n",
    );
    const ids = async () =>
      (await pool.query<{ id: number }>("SELECT id FROM subscribers ORDER BY id")).rows.map(({ id }) =>
        String(id),
      );
    const before = await ids();
    const first = before.slice(0, 20).filter((key) => key !== before.at(-1));
    const canary = (await whoseIs("kanarifugl@example.com")).recordKey;
    const keys = await all(async (page) => {
      if (page === 1)
        await pool.query("DELETE FROM subscribers WHERE id = ANY($1) AND id <> $2", [first, canary]);
    });
    expect(keys).toEqual(before);
    const { records } = await source.identified(null, options());
    expect(records).toHaveLength(500);
    const last = await pool.query<{ id: number }>("SELECT max(id) AS id FROM subscribers");
    expect(await all()).toContain(String(last.rows[0]?.id));
    expect(
      records.every(({ identifiers }) => identifiers.every(({ value }) => value === value.toLowerCase())),
    ).toBe(true);
    await pool.query("DELETE FROM subscribers WHERE name = 'Alle'");
  });

  test("are not said to be none by a tool that shows too little", async () => {
    await behave("empty-for-lack-of-rights");
    expect(await source.identified(null, options()).catch(reason)).toBe("CANARY_NOT_FOUND");
  });
});
