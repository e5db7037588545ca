import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { byEmail, startMailing, type Subscriber, type TestMailing } from "./mailing-process.ts";

let mailing: TestMailing;
beforeAll(async () => {
  mailing = await startMailing();
});
afterAll(() => mailing[Symbol.asyncDispose]());

const json = async <T>(answer: Promise<Response>): Promise<T> => (await (await answer).json()) as T;
const send = (method: string, body: object): RequestInit => ({
  method,
  headers: { "content-type": "application/json" },
  body: JSON.stringify(body),
});
async function idOf(email: string): Promise<number> {
  const { results } = await mailing.search(byEmail(email));
  return results[0]?.id ?? 0;
}

describe("authentication", () => {
  test("takes listmonk's two schemes and nothing else", async () => {
    const ask = (authorization: string) => fetch(`${mailing.url}/api/lists`, { headers: { authorization } });
    expect((await ask("token gateway:s3cret")).status).toBe(200);
    expect((await ask("token gateway:wrong")).status).toBe(403);
    expect((await ask("Bearer gateway:s3cret")).status).toBe(403);
    expect((await fetch(`${mailing.url}/api/health`)).status).toBe(403);
    expect((await mailing.api("/health")).status).toBe(200);
    expect((await fetch(`${mailing.url}/admin/manners`)).status).toBe(401);
  });
});

describe("search", () => {
  test("finds one subscriber with lists and moments in listmonk's manner", async () => {
    const { results, total } = await mailing.search(byEmail("kari.nordmann@example.com"));
    expect(total).toBe(1);
    expect(results[0]).toMatchObject({
      email: "kari.nordmann@example.com",
      name: "Kari Nordmann",
      status: "enabled",
      attribs: { phone: expect.any(String) },
    });
    expect(results[0]?.["lists"]).toHaveLength(3);
    expect(results[0]?.["created_at"]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{1,6}\+0[12]:00$/);
  });

  test("pages through everyone without doubles", async () => {
    const { total } = await mailing.search("");
    const seen: number[] = [];
    for (let page = 1; seen.length < total; page++) {
      const found = await mailing.search("", {
        page: String(page),
        per_page: "7",
        order_by: "name",
        order: "asc",
      });
      expect(found.results.length).toBeGreaterThan(0);
      seen.push(...found.results.map(({ id }) => id));
    }
    expect(new Set(seen).size).toBe(total);
    expect((await mailing.search("", { per_page: "all" })).results).toHaveLength(total);
  });

  test("narrows by list, subscription status and text", async () => {
    const onList = await mailing.search("", {
      list_id: "3",
      subscription_status: "unsubscribed",
      per_page: "all",
    });
    expect(onList.results.map(({ email }) => email)).toContain("kari.nordmann@example.com");
    expect(onList.total).toBeLessThan((await mailing.search("")).total);
    const named = await mailing.search("", { search: "ingrid" });
    expect(named.results.map(({ email }) => email)).toContain("ingrid.lie@example.com");
  });

  test("a quote in the value breaks out, as it does in the real one", async () => {
    const { total } = await mailing.search("");
    expect((await mailing.search(byEmail("nobody@example.com"))).total).toBe(0);
    expect((await mailing.search(byEmail("nobody@example.com') OR ('1'='1"))).total).toBe(total);
  });

  test.each([
    ["a write", "(SELECT count(*) FROM (SELECT nextval('subscribers_id_seq')) n) > 0"],
    ["another statement", "true); DELETE FROM subscribers; --"],
    ["a table that is not for filters", "EXISTS (SELECT FROM bounces)"],
    ["a file of the server", "pg_read_file('/etc/hostname') <> ''"],
  ])("the client's SQL cannot reach %s", async (_what, query) => {
    const { total } = await mailing.search("");
    const answer = await mailing.api(`/subscribers?${new URLSearchParams({ query })}`);
    expect(answer.status).toBe(400);
    expect((await mailing.search("")).total).toBe(total);
  });

  test("the client's SQL is given up after two seconds", async () => {
    const answer = await mailing.api(
      `/subscribers?${new URLSearchParams({ query: "pg_sleep(30) IS NULL" })}`,
    );
    expect(answer.status).toBe(400);
  });
});

describe("one subscriber", () => {
  test("by id; an unknown id is a 400", async () => {
    const id = await idOf("stor.leser@example.com");
    const { data } = await json<{ data: Subscriber }>(mailing.api(`/subscribers/${id}`));
    expect(data.email).toBe("stor.leser@example.com");
    expect((await mailing.api("/subscribers/999999")).status).toBe(400);
  });

  test("the export has exactly listmonk's four parts", async () => {
    const id = await idOf("kari.nordmann@example.com");
    const document = await json<Record<string, { views?: number; clicks?: number }[]>>(
      mailing.api(`/subscribers/${id}/export`),
    );
    expect(Object.keys(document)).toEqual(["profile", "subscriptions", "campaign_views", "link_clicks"]);
    expect(document["subscriptions"]).toHaveLength(3);
    expect(document["campaign_views"]?.[0]?.views).toBeGreaterThan(0);
    expect(document["link_clicks"]?.[0]?.clicks).toBeGreaterThan(0);
  });

  test("20,000 deliveries come page by page, newest first, complete and without doubles", async () => {
    const id = await idOf("stor.leser@example.com");
    type Row = {
      id: number;
      sent_at: string;
      position: string;
      opened_at: string | null;
      clicks: object[];
    };
    const rows: Row[] = [];
    let after = "";
    for (;;) {
      const { data } = await json<{ data: { results: Row[]; total?: number } }>(
        mailing.api(`/subscribers/${id}/deliveries?per_page=997${after}`),
      );
      if (after === "") expect(data.total).toBe(20_000);
      rows.push(...data.results);
      if (data.results.length < 997) break;
      after = `&after=${data.results.at(-1)?.position}`;
    }
    expect(rows).toHaveLength(20_000);
    expect(new Set(rows.map((row) => row.id)).size).toBe(20_000);
    const moments = rows.map((row) => Date.parse(row.sent_at));
    expect(moments).toEqual(moments.toSorted((a, b) => b - a));
    const opened = rows.filter((row) => row.opened_at !== null).length;
    expect(opened).toBeGreaterThan(500);
    expect(opened).toBeLessThan(2_000);
    expect(rows.some((row) => row.clicks.length > 0)).toBe(true);
  });

  test("a position that was never given out is refused", async () => {
    const id = await idOf("kari.nordmann@example.com");
    for (const after of ["x", Buffer.from("2026-13-45T99:99:99+01:00 1").toString("base64url")]) {
      expect((await mailing.api(`/subscribers/${id}/deliveries?after=${after}`)).status).toBe(400);
    }
  });
});

describe("changes", () => {
  test("a subscriber is made, changed, blocklisted and deleted", async () => {
    const made = await json<{ data: Subscriber }>(
      mailing.api(
        "/subscribers",
        send("POST", {
          email: "Ny@example.com",
          name: "Ny",
          status: "enabled",
          lists: [1, 2],
        }),
      ),
    );
    expect(made.data).toMatchObject({
      email: "ny@example.com",
      lists: [{ id: 1 }, { id: 2 }],
    });
    const path = `/subscribers/${made.data.id}`;
    expect(
      (
        await mailing.api(
          "/subscribers",
          send("POST", {
            email: "NY@example.com",
            name: "x",
            status: "enabled",
          }),
        )
      ).status,
    ).toBe(409);

    const patched = await json<{ data: Subscriber }>(
      mailing.api(path, send("PATCH", { attribs: { phone: "1" } })),
    );
    expect(patched.data).toMatchObject({
      name: "Ny",
      attribs: { phone: "1" },
      lists: [{ id: 1 }, { id: 2 }],
    });
    const put = await json<{ data: Subscriber }>(
      mailing.api(
        path,
        send("PUT", {
          email: "ny@example.com",
          name: "Nyere",
          status: "enabled",
        }),
      ),
    );
    expect(put.data).toMatchObject({ name: "Nyere", attribs: {}, lists: [] });

    await mailing.api(
      "/subscribers/lists",
      send("PUT", {
        ids: [made.data.id],
        action: "add",
        target_list_ids: [3],
        status: "confirmed",
      }),
    );
    await mailing.api("/subscribers/blocklist", send("PUT", { ids: [made.data.id] }));
    const blocked = await json<{ data: Subscriber }>(mailing.api(path));
    expect(blocked.data).toMatchObject({
      status: "blocklisted",
      lists: [{ id: 3, subscription_status: "unsubscribed" }],
    });

    expect(await json(mailing.api(path, { method: "DELETE" }))).toEqual({
      data: true,
    });
    expect((await mailing.api(path)).status).toBe(400);
    expect(await json(mailing.api(path, { method: "DELETE" }))).toEqual({
      data: true,
    });
  });

  test("views and clicks outlive a deleted subscriber, without its name", async () => {
    const client = new pg.Client({ connectionString: mailing.databaseUrl });
    await client.connect();
    const traces = async () =>
      (
        await client.query(
          "SELECT count(*)::int AS n, count(subscriber_id)::int AS named FROM campaign_views",
        )
      ).rows[0] as {
        n: number;
        named: number;
      };
    const before = await traces();
    const id = await idOf("kanarifugl@example.com");
    await mailing.api(`/subscribers?id=${id}`, { method: "DELETE" });
    const after = await traces();
    await client.end();
    expect(after).toEqual({ n: before.n, named: before.named - 2 });
  });
});

test("lists are counted", async () => {
  const { data } = await json<{ data: { results: object[]; total: number } }>(mailing.api("/lists"));
  expect(data.total).toBe(4);
  expect(data.results[0]).toMatchObject({
    name: "Nyhetsbrev",
    optin: "double",
    subscriber_count: expect.any(Number),
  });
});
