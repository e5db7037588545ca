import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { failureTexts } from "../../src/sources/failures.ts";
import { type SystemKey, sqlSystemKeys } from "../../src/demo/people/person.ts";
import { type Answer, type Gateway, startGateway } from "../setup/gateway.ts";

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway();
  // Warm: connections are open, as they are when a system fails on a working day.
  await gateway.query(document, {}, kari);
});
afterAll(() => gateway[Symbol.asyncDispose]());
afterEach(async () => {
  await gateway.manners(null);
  for (const system of sqlSystemKeys) await gateway.open(system, true);
});

const kari = { as: "kari.nordmann@example.com", headers: { "accept-language": "nb" } };
const document = `{ me {
  holdings { source state detail recordCount }
  crm { name orders { edges { node { number lines { product } } } } }
  learning { username courses { edges { node { course } } } }
  mailing { address deliveries { edges { node { campaign } } } }
  events { name registrations { edges { node { event } } } }
  website { email visits { edges { node { at } } } }
  profile { email { value agrees unavailable heldBy { source value } } }
} }`;

interface Connection {
  readonly edges: readonly unknown[];
}
interface Data {
  readonly me: {
    readonly holdings: readonly {
      source: string;
      state: string;
      detail: string | null;
      recordCount: number | null;
    }[];
    readonly crm: { readonly orders: Connection } | null;
    readonly learning: { readonly courses: Connection } | null;
    readonly mailing: { readonly deliveries: Connection } | null;
    readonly events: { readonly registrations: Connection } | null;
    readonly website: { readonly visits: Connection } | null;
    readonly profile: {
      readonly email: {
        readonly agrees: boolean;
        readonly unavailable: readonly string[];
        readonly heldBy: readonly { source: string }[];
      };
    };
  };
}
type System = SystemKey;
const all: readonly System[] = ["crm", "learning", "mailing", "events", "website"];

const rows = ({ crm, learning, mailing, events, website }: Data["me"]) => ({
  crm: crm?.orders.edges.length,
  learning: learning?.courses.edges.length,
  mailing: mailing?.deliveries.edges.length,
  events: events?.registrations.edges.length,
  website: website?.visits.edges.length,
});

function expectPartial(
  answer: Answer<Data>,
  failed: System,
  reason: keyof typeof failureTexts,
  whole: Answer<Data>,
): void {
  const me = answer.data?.me;
  if (!me || !whole.data) throw new Error(answer.text);
  expect(answer.status).toBe(200);
  expect(me[failed]).toBeNull();
  expect(answer.errors?.map(({ path, extensions }) => ({ path, extensions }))).toEqual([
    { path: ["me", failed], extensions: { code: "SOURCE_UNAVAILABLE", source: failed, reason } },
  ]);
  const others = all.filter((system) => system !== failed);
  expect(me.holdings.map(({ source }) => source)).toEqual([...all]);
  expect(me.holdings.find(({ source }) => source === failed)).toEqual({
    source: failed,
    state: "UNAVAILABLE",
    detail: failureTexts[reason].nb,
    recordCount: null,
  });
  expect(me.holdings.filter(({ source }) => source !== failed)).toEqual(
    whole.data.me.holdings.filter(({ source }) => source !== failed),
  );
  expect(rows(me)).toEqual({ ...rows(whole.data.me), [failed]: undefined });
  expect(me.profile.email).toMatchObject({ agrees: false, unavailable: [failed] });
  expect(me.profile.email.heldBy.map(({ source }) => source)).toEqual(others);
  expect(answer.milliseconds).toBeLessThan(2_500);
}

test("all answer in full", async () => {
  const { data, errors } = await gateway.query<Data>(document, {}, kari);
  expect(errors).toBeUndefined();
  expect(data?.me.holdings.map(({ state }) => state)).toEqual(all.map(() => "HELD"));
  for (const count of Object.values(rows(data?.me ?? expect.fail()))) expect(count).toBeGreaterThan(0);
});

describe("one system fails, the others answer in full and in time", () => {
  test.each(sqlSystemKeys)("the database of %s refuses connections", async (system) => {
    const whole = await gateway.query<Data>(document, {}, kari);
    await gateway.open(system, false);
    expectPartial(await gateway.query<Data>(document, {}, kari), system, "UNREACHABLE", whole);
    await gateway.open(system, true);
    const after = await gateway.query<Data>(document, {}, kari);
    expect(after.errors).toBeUndefined();
    expect(after.data).toEqual(whole.data);
  });

  test.each([
    ["is slow", "slow", "TIMED_OUT"],
    ["answers 500", "error-500", "FAILED"],
    ["answers malformed JSON", "malformed-json", "MALFORMED_ANSWER"],
    ["sends half a page", "half-page", "MALFORMED_ANSWER"],
    ["says 200 and means an error", "failure-in-200", "FAILED"],
    ["shows nothing, for lack of rights", "empty-for-lack-of-rights", "CANARY_NOT_FOUND"],
  ] as const)("the e-mail tool %s", async (_, manner, reason) => {
    const whole = await gateway.query<Data>(document, {}, kari);
    await gateway.manners(manner);
    expectPartial(await gateway.query<Data>(document, {}, kari), "mailing", reason, whole);
  });

  test("a table is locked: the CRM is out of time, and its lock does not outlive the answer", async () => {
    const whole = await gateway.query<Data>(document, {}, kari);
    const { default: pg } = await import("pg");
    const client = new pg.Client({ connectionString: gateway.systemUrls.crm });
    await client.connect();
    try {
      await client.query("begin; lock table kontakt in access exclusive mode");
      expectPartial(await gateway.query<Data>(document, {}, kari), "crm", "TIMED_OUT", whole);
    } finally {
      await client.query("rollback");
      await client.end();
    }
    expect((await gateway.query<Data>(document, {}, kari)).errors).toBeUndefined();
  });
});

test("two systems fail at once: each is named", async () => {
  await gateway.open("crm", false);
  await gateway.manners("error-500");
  const { data, errors } = await gateway.query<Data>(document, {}, kari);
  expect(errors?.map(({ path, extensions }) => [path, extensions["source"]]).sort()).toEqual([
    [["me", "crm"], "crm"],
    [["me", "mailing"], "mailing"],
  ]);
  expect(data?.me.holdings.map(({ state }) => state)).toEqual([
    "UNAVAILABLE",
    "HELD",
    "UNAVAILABLE",
    "HELD",
    "HELD",
  ]);
});

test("the e-mail tool takes no more questions: it is left alone for as long as it asks", async () => {
  const whole = await gateway.query<Data>(document, {}, kari);
  await gateway.manners("rate-limited", { retryAfter: 1 });
  expectPartial(await gateway.query<Data>(document, {}, kari), "mailing", "RATE_LIMITED", whole);
  await gateway.manners(null);
  await new Promise((resolve) => setTimeout(resolve, 1_200));
  expect((await gateway.query<Data>(document, {}, kari)).errors).toBeUndefined();
});

test("a look at what could be had is recorded all the same, and the log says which system failed", async () => {
  await gateway.manners("error-500");
  const [before] = await gateway.rows<{ n: number }>("select count(*)::int n from audit_entry");
  await gateway.query(document, {}, kari);
  const [after] = await gateway.rows<{ n: number }>("select count(*)::int n from audit_entry");
  expect(after?.n).toBe((before?.n ?? 0) + 1);
  expect(gateway.lines.join("")).not.toMatch(/kari|nordmann/i);
});
