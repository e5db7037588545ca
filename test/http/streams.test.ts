import { setTimeout as pause } from "node:timers/promises";
import { createClient } from "graphql-sse";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { dpo, kari, openWorld, rectify, type World } from "../requests/world.ts";
import type { Gateway } from "../setup/gateway.ts";
import {
  eventually,
  follow,
  type Followed,
  followed,
  happen,
  metric,
  quietRequest,
  tokenFor,
} from "./followed.ts";

let world: World;
let gateway: Gateway;
beforeAll(async () => {
  world = await openWorld({
    replicas: 2,
    config: (config) => ({ ...config, identity: { ...config.identity, clockToleranceSeconds: 0 } }),
  });
  gateway = world.gateway;
});
afterAll(() => world[Symbol.asyncDispose]());

const ola = "ola.nordmann@example.com";
const complete = { name: "complete", data: null };
const open = () => metric(gateway, "innsyn_subscriptions_open");

describe("a correction while a system is down", () => {
  it("is made through one replica and seen through the other: pending, and then done", async () => {
    await gateway.open("mailing", false);
    const { request } = await rectify(world, [{ field: "PHONE", value: "40000021" }], {
      as: kari,
      replica: 1,
    });
    const stream = await followed(gateway, request.id);
    expect(stream.response.status).toBe(200);
    expect(stream.response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
    const first = await stream.next();
    expect(first?.name).toBe("next");
    const mailing = (event: typeof first | undefined) =>
      event?.data?.data?.requestProgress.steps.find(({ source }) => source === "mailing");
    expect(mailing(first)).toMatchObject({ state: "PENDING", lastError: expect.stringMatching(/\w/) });
    await gateway.open("mailing", true);
    const rest = await stream.rest();
    expect(rest.at(-1)).toEqual(complete);
    const last = rest.at(-2);
    expect(last?.data?.data?.requestProgress).toMatchObject({ id: request.id, status: "COMPLETED" });
    expect(mailing(last)).toMatchObject({ state: "DONE", lastError: null });
    const told = [first, ...rest.slice(0, -1)].map((event) => JSON.stringify(event));
    expect(new Set(told).size).toBe(told.length);
  });
});

describe("each event", () => {
  it("is recorded as a look of its own, under the request that opened the stream", async () => {
    const id = await quietRequest(gateway);
    // An id is the same in whichever letters it is written.
    const stream = await followed(gateway, id.toUpperCase());
    await stream.next();
    await happen(gateway, id, "SEEN");
    await stream.next();
    const looks = await gateway.rows<{ event: string; coordinates: string[]; actor_role: string }>(
      "select event, coordinates, actor_role from audit_entry where request_id = $1 order by sequence",
      [stream.response.headers.get("x-request-id")],
    );
    stream.leave();
    expect(looks).toHaveLength(2);
    for (const look of looks) {
      expect(look).toMatchObject({ event: "READ", actor_role: "SUBJECT" });
      expect(look.coordinates).toContain("SubscriptionRoot.requestProgress");
      expect(look.coordinates).toContain("RequestStep.state");
    }
  });

  it("shows the person to whoever may read that, by the rules of a query", async () => {
    const id = await quietRequest(gateway);
    const query = "subscription($id: ID!) { requestProgress(id: $id) { subject { crm { email } } status } }";
    const own = await followed(gateway, id, { body: { query, variables: { id } } });
    expect((await own.next())?.data?.data).toMatchObject({
      requestProgress: { subject: { crm: { email: kari } } },
    });
    own.leave();
    const support = await followed(gateway, id, {
      as: "support@intech.example",
      body: { query, variables: { id } },
    });
    const [refused, end] = await support.rest();
    expect(refused?.data?.errors?.[0]?.extensions).toMatchObject({
      code: "FORBIDDEN",
      coordinates: expect.arrayContaining(["SubscriptionRoot.requestProgress"]),
    });
    expect(end).toEqual(complete);
  });

  it("shows the DPO anybody's request, which the person can see in the access log", async () => {
    const id = await quietRequest(gateway, ola);
    const stream = await followed(gateway, id, { as: dpo, replica: 1 });
    expect((await stream.next())?.data?.data?.requestProgress.status).toBe("AWAITING_DECISION");
    stream.leave();
    const { data } = await gateway.query<{ me: { accessLog: { edges: { node: { requestId: string } }[] } } }>(
      "{ me { accessLog { edges { node { requestId role } } } } }",
      {},
      { as: ola },
    );
    const requestId = stream.response.headers.get("x-request-id");
    expect(data?.me.accessLog.edges.map(({ node }) => node)).toContainEqual({ requestId, role: "DPO" });
  });

  it("comes when something has changed, a burst of changes as one, and otherwise not", async () => {
    const id = await quietRequest(gateway);
    const stream = await followed(gateway, id);
    await stream.next();
    const before = performance.now();
    for (let i = 0; i < 100; i++) await happen(gateway, id, `CHANGE_${i}`);
    let events = 0;
    for (let seen = 0; seen < 101; events++) {
      const timeline = (await stream.next())?.data?.data?.requestProgress.timeline;
      seen = (timeline?.length ?? expect.fail("no event")) + 1;
    }
    expect(events).toBeLessThanOrEqual((performance.now() - before) / 250 + 1);
    // Told of, and yet nothing has changed.
    await gateway.rows("select pg_notify('innsyn_request', $1)", [id]);
    const next = stream.next();
    expect(await Promise.race([next, pause(1_000, "nothing")])).toBe("nothing");
    stream.leave();
    await expect(next).rejects.toThrow();
  });

  it("of a request that is done already is the only one", async () => {
    const { request } = await rectify(world, [{ field: "PHONE", value: "40000022" }]);
    await world.until(request.id, "COMPLETED");
    const events = await (await followed(gateway, request.id, { replica: 1 })).rest();
    expect(events).toEqual([expect.objectContaining({ name: "next" }), complete]);
  });

  it("is not missed where the database has cut the connection that tells of changes", async () => {
    const id = await quietRequest(gateway);
    const stream = await followed(gateway, id);
    await stream.next();
    await gateway.rows(
      "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'innsyn progress'",
    );
    await happen(gateway, id, "UNHEARD");
    const event = await Promise.race([stream.next(), pause(5_000, null)]);
    expect(event?.data?.data?.requestProgress.timeline).toMatchObject([{ event: "UNHEARD" }]);
    stream.leave();
  });
});

describe("a stream ends", () => {
  let id: string;
  beforeEach(async () => void (id = await quietRequest(gateway)));

  it("when the token does, with an error that says so", async () => {
    const token = await tokenFor(gateway, kari, 2);
    const stream = await followed(gateway, id, { as: null, headers: { authorization: `Bearer ${token}` } });
    expect((await stream.next())?.data?.data?.requestProgress.status).toBe("AWAITING_DECISION");
    expect(await stream.rest()).toEqual([
      {
        name: "next",
        data: {
          errors: [
            {
              message: expect.stringContaining("Sign in"),
              extensions: { code: "UNAUTHENTICATED" },
            },
          ],
        },
      },
      complete,
    ]);
  });

  it("when the caller may not see the request any more, with the error of a query", async () => {
    const stream = await followed(gateway, id, { headers: { "accept-language": "nn" } });
    await stream.next();
    await gateway.rows(
      `update request set subject_id = (select id from subject where id <> subject_id limit 1) where id = $1`,
      [id],
    );
    await gateway.rows("select pg_notify('innsyn_request', $1)", [id]);
    const [refused, ...more] = await stream.rest();
    expect(refused?.data?.data).toBeNull();
    expect(refused?.data?.errors).toMatchObject([
      { message: "Det finst ikkje, eller du kan ikkje sjå det.", extensions: { code: "NOT_FOUND" } },
    ]);
    expect(more).toEqual([complete]);
  });

  it("when a look cannot be recorded, and shows nothing then", async () => {
    const stream = await followed(gateway, id);
    await stream.next();
    await gateway.rows("alter table audit_entry rename to audit_entry_gone");
    try {
      await happen(gateway, id, "UNSEEN");
      const [failed, ...more] = await stream.rest();
      expect(failed?.data).toEqual({
        errors: [
          expect.objectContaining({ extensions: { code: "INTERNAL", reference: expect.any(String) } }),
        ],
      });
      expect(more).toEqual([complete]);
    } finally {
      await gateway.rows("alter table audit_entry_gone rename to audit_entry");
    }
  });

  it("when the client is gone, and leaves nothing behind", async () => {
    await eventually(async () => (await open()) === 0);
    const timers = () => process.getActiveResourcesInfo().filter((each) => each === "Timeout").length;
    const before = timers();
    const lines = gateway.lines.length;
    const streams = await Promise.all(Array.from({ length: 15 }, () => followed(gateway, id)));
    for (const stream of streams) await stream.next();
    expect(await open()).toBe(15);
    // Each waits for a change, and keeps its connection alive.
    expect(timers()).toBeGreaterThanOrEqual(before + 30);
    for (const stream of streams) stream.leave();
    await eventually(async () => (await open()) === 0);
    await eventually(() => timers() < before + 10);
    const logged = gateway.lines.slice(lines).filter((line) => line.includes("/graphql/stream"));
    expect(logged.map((line) => JSON.parse(line))).toEqual(
      streams.map(() =>
        expect.objectContaining({
          method: "POST",
          route: "/graphql/stream",
          status: 200,
          operation: "Follow",
        }),
      ),
    );
    expect(gateway.lines.join()).not.toContain(id);
  });
});

it("a comment keeps a silent connection alive", async () => {
  const stream = await followed(gateway, await quietRequest(gateway));
  await stream.next();
  const waiting = stream.next();
  const came = stream.text().length;
  await eventually(() => stream.text().length > came, 14_000);
  expect(stream.text().slice(came)).toBe(":\n\n");
  stream.leave();
  await expect(waiting).rejects.toThrow();
});

it("a gateway that goes down ends its streams at once, and a client that knows the protocol goes on with another", async () => {
  const id = await quietRequest(gateway);
  const connections: string[] = [];
  const token = await gateway.token(kari);
  const client = createClient({
    url: () => {
      const url = gateway.urls[connections.length === 0 ? 1 : 0] ?? "";
      connections.push(url);
      return `${url}/graphql/stream`;
    },
    headers: { authorization: `Bearer ${token}` },
    retry: () => pause(10),
  });
  const events = client.iterate<Followed>({ query: follow, variables: { id } });
  expect((await events.next()).value?.data?.requestProgress.status).toBe("AWAITING_DECISION");
  const before = performance.now();
  await gateway.closeReplica(1);
  expect(performance.now() - before).toBeLessThan(3_000);
  expect((await events.next()).value?.data?.requestProgress.status).toBe("AWAITING_DECISION");
  expect(connections).toEqual([gateway.urls[1], gateway.urls[0]]);
  await gateway.rows("update request set status = 'CANCELLED' where id = $1", [id]);
  await happen(gateway, id, "CANCELLED");
  expect((await events.next()).value?.data?.requestProgress.status).toBe("CANCELLED");
  expect((await events.next()).done).toBe(true);
  client.dispose();
});
