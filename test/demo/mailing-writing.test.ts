import pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createRestSource } from "../../src/connectors/rest/source.ts";
import { mailingMapping } from "../../src/demo/systems/mailing/mapping.ts";
import { SourceFailure } from "../../src/sources/contract.ts";
import type { WritableSource } from "../../src/sources/writes.ts";
import { credentials, startMailing, type TestMailing } from "./mailing-process.ts";

const options = () => ({ signal: AbortSignal.timeout(10_000), idempotencyKey: crypto.randomUUID() });
const kari = "kari.nordmann@example.com";

let mailing: TestMailing;
let source: WritableSource;
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
beforeEach(() => mailing.admin("DELETE"));

interface Row {
  readonly id: number;
  readonly uuid: string;
  readonly email: string;
  readonly name: string;
  readonly attribs: { readonly phone?: string };
  readonly status: string;
  readonly updated_at: Date;
  readonly lists: readonly string[];
}

async function stored(email: string): Promise<Row> {
  const { rows } = await pool.query<Row>(
    `select s.*, array(select l.status::text from subscriber_lists l where l.subscriber_id = s.id order by list_id) as lists
     from subscribers s where lower(email) = $1`,
    [email],
  );
  const [row] = rows;
  if (!row) throw new Error(`no subscriber ${email}`);
  return row;
}
const keyOf = async (email: string) => String((await stored(email)).id);
const reason = (error: unknown) => (error instanceof SourceFailure ? error.reason : error);
const everybody = "update subscriber_lists set status = 'confirmed'";

describe("corrections", () => {
  test("are written to the subscriber and to nothing else", async () => {
    const [key, before] = [await keyOf(kari), await stored(kari)];
    const from = before.attribs.phone ?? null;
    const done = { state: "done" };
    expect(await source.rectify(key, { field: "phone", from, to: "+4740000001" }, options())).toEqual(done);
    expect(
      await source.rectify(key, { field: "name", from: before.name, to: "Kari Berg" }, options()),
    ).toEqual(done);
    const after = await stored(kari);
    expect(after).toEqual({
      ...before,
      name: "Kari Berg",
      attribs: { ...before.attribs, phone: "400 00 001" },
      updated_at: after.updated_at,
    });
    expect(
      await source.rectify(key, { field: "address", from: kari, to: "kari.berg@example.com" }, options()),
    ).toEqual(done);
    const back = { field: "address", from: "kari.berg@example.com", to: kari };
    expect(await source.rectify(key, back, options())).toEqual(done);
  });

  test("an address that another subscriber has is refused", async () => {
    const taken = { field: "address", from: kari, to: "stor.leser@example.com" };
    expect(await source.rectify(await keyOf(kari), taken, options())).toEqual({ state: "refused" });
    expect((await stored(kari)).email).toBe(kari);
  });

  test("a tool that says yes and does nothing is found out", async () => {
    const [key, before] = [await keyOf(kari), await stored(kari)];
    await mailing.admin("POST", { manner: "ignore-writes" });
    const correction = { field: "name", from: before.name, to: "Somebody" };
    expect(await source.rectify(key, correction, options()).catch(reason)).toBe("FAILED");
    expect(await source.suppress(key, true, options()).catch(reason)).toBe("FAILED");
    expect(await stored(kari)).toEqual(before);
  });

  test("what was done and answered with an error is done at the next try, once", async () => {
    const [key, before] = [await keyOf(kari), await stored(kari)];
    await mailing.admin("POST", { manner: "write-500-once" });
    const correction = { field: "name", from: before.name, to: "Kari Once" };
    expect(await source.rectify(key, correction, options()).catch(reason)).toBe("FAILED");
    const after = await stored(kari);
    expect(after.name).toBe("Kari Once");
    expect(await source.rectify(key, correction, options())).toEqual({ state: "done" });
    expect(await stored(kari)).toEqual(after);
  });

  test("a busy tool says when it may be asked again", async () => {
    await mailing.admin("POST", { manner: "rate-limited", retryAfter: 1 });
    const asked = Date.now();
    const failure: unknown = await source
      .rectify(await keyOf(kari), { field: "name", from: "x", to: "y" }, options())
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({ reason: "RATE_LIMITED" });
    const wait = (failure as SourceFailure).retryAt?.getTime() ?? 0;
    expect(wait - asked).toBeGreaterThanOrEqual(1_000);
    expect(wait - asked).toBeLessThan(3_000);
    await new Promise((resolve) => setTimeout(resolve, wait - Date.now() + 10));
  });
});

describe("suppression", () => {
  test("takes the person off every list, and puts them back on those", async () => {
    await pool.query(everybody);
    const key = await keyOf(kari);
    const others = await pool.query(
      "select * from subscriber_lists where subscriber_id <> $1 order by 1, 2",
      [key],
    );
    const before = await stored(kari);
    expect(before.lists.length).toBeGreaterThan(0);
    expect(await source.suppress(key, true, options())).toEqual({ state: "done" });
    expect((await stored(kari)).lists).toEqual(before.lists.map(() => "unsubscribed"));
    const again = await stored(kari);
    expect(await source.suppress(key, true, options())).toEqual({ state: "done" });
    expect(await stored(kari)).toEqual(again);
    expect(await source.suppress(key, false, options())).toEqual({ state: "done" });
    expect((await stored(kari)).lists).toEqual(before.lists);
    const now = await pool.query("select * from subscriber_lists where subscriber_id <> $1 order by 1, 2", [
      key,
    ]);
    expect(now.rows).toEqual(others.rows);
  });

  test.each(["disabled", "blocklisted"])("somebody %s in the tool itself is left so", async (status) => {
    await pool.query("update subscribers set status = $1::subscriber_status where lower(email) = $2", [
      status,
      kari,
    ]);
    const key = await keyOf(kari);
    expect(await source.suppress(key, true, options())).toEqual({ state: "done" });
    expect(await source.suppress(key, false, options())).toEqual({ state: "refused" });
    expect((await stored(kari)).status).toBe(status);
    await pool.query("update subscribers set status = 'enabled' where lower(email) = $1", [kari]);
  });

  test("does not put the person back on a list that they had left before", async () => {
    await pool.query(everybody);
    const key = await keyOf(kari);
    await pool.query(
      `update subscriber_lists set status = 'unsubscribed', updated_at = '2024-01-01'
       where subscriber_id = $1 and list_id = 3`,
      [key],
    );
    expect(await source.suppress(key, true, options())).toEqual({ state: "done" });
    expect((await stored(kari)).lists).toEqual(["unsubscribed", "unsubscribed", "unsubscribed"]);
    expect(await source.suppress(key, false, options())).toEqual({ state: "done" });
    expect((await stored(kari)).lists).toEqual(["confirmed", "confirmed", "unsubscribed"]);
    const { rows } = await pool.query<{ year: number }>(
      `select extract(year from updated_at at time zone 'UTC')::int as year from subscriber_lists
       where subscriber_id = $1 and list_id = 3`,
      [key],
    );
    expect(rows).toEqual([{ year: 2024 }]);
  });

  test("of nobody is absent", async () => {
    expect(await source.suppress("2000000000", true, options())).toEqual({ state: "absent" });
  });
});

describe("withdrawals", () => {
  test("are told of whoever followed the link, and of nobody else", async () => {
    await pool.query(everybody);
    const since = new Date(Date.now() - 1_000);
    await pool.query("update subscriber_lists set updated_at = $1", [new Date(since.getTime() - 60_000)]);
    expect(await source.withdrawals(since, options())).toEqual([]);
    const { uuid } = await stored(kari);
    const followed = await fetch(`${mailing.url}/subscription/unsubscribe/${uuid}`, { method: "POST" });
    expect(followed.status).toBe(200);
    const [told, ...more] = await source.withdrawals(since, options());
    expect(more).toEqual([]);
    expect(told?.identifiers).toEqual([{ kind: "EMAIL", value: kari }]);
    const at = told?.at ?? new Date(0);
    expect(Math.abs(Date.now() - at.getTime())).toBeLessThan(10_000);
    expect(await source.withdrawals(at, options())).toHaveLength(1);
    expect(await source.withdrawals(new Date(at.getTime() + 1_000), options())).toEqual([]);
  });

  test("are told once of whoever follows the link again, or by one click in an e-mail program", async () => {
    await pool.query(everybody);
    const { uuid } = await stored(kari);
    const follow = async (init: RequestInit = {}) =>
      (await fetch(`${mailing.url}/subscription/unsubscribe/${uuid}`, { method: "POST", ...init })).status;
    expect(await follow({ body: new URLSearchParams({ "List-Unsubscribe": "One-Click" }) })).toBe(200);
    const left = "select * from subscriber_lists where subscriber_id = $1 order by list_id";
    const [key, since] = [await keyOf(kari), new Date(Date.now() - 10_000)];
    const before = await pool.query(left, [key]);
    const told = await source.withdrawals(since, options());
    expect(await follow()).toBe(200);
    expect((await pool.query(left, [key])).rows).toEqual(before.rows);
    expect(await source.withdrawals(since, options())).toEqual(told);
    expect(told.flatMap(({ identifiers }) => identifiers.map(({ value }) => value))).toContain(kari);
  });

  test("one list of several is no withdrawal", async () => {
    await pool.query(everybody);
    const key = await keyOf(kari);
    await pool.query(
      `insert into subscriber_lists (subscriber_id, list_id, status) select $1, id, 'confirmed' from lists on conflict do nothing`,
      [key],
    );
    await pool.query(
      `update subscriber_lists set status = 'unsubscribed', updated_at = now()
       where subscriber_id = $1 and list_id = (select min(list_id) from subscriber_lists where subscriber_id = $1)`,
      [key],
    );
    const told = await source.withdrawals(new Date(Date.now() - 5_000), options());
    expect(told.flatMap(({ identifiers }) => identifiers.map(({ value }) => value))).not.toContain(kari);
  });

  test("are told of all, over as many pages as it takes, oldest first", async () => {
    await pool.query(
      `insert into subscribers (email, name, status, updated_at)
       select 'many' || n || '@example.com', 'Many', 'disabled', '2030-01-01'::timestamptz + (1000 - n) * interval '1 second'
       from generate_series(1, 250) n`,
    );
    const told = await source.withdrawals(new Date("2030-01-01T00:00:00Z"), options());
    expect(told).toHaveLength(250);
    const times = told.map(({ at }) => at.getTime());
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    await pool.query("delete from subscribers where name = 'Many'");
  });

  test("nobody unsubscribes a stranger", async () => {
    const url = `${mailing.url}/subscription/unsubscribe`;
    expect((await fetch(`${url}/${crypto.randomUUID()}`, { method: "POST" })).status).toBe(400);
    expect((await fetch(`${url}/1`, { method: "POST" })).status).toBe(400);
  });
});
