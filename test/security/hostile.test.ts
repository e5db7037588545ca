import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { until } from "../http/server-fixture.ts";
import { type Answer, type Gateway, type Json, startGateway } from "../setup/gateway.ts";
import { hostileDocuments } from "./documents.ts";

let gateway: Gateway;
const kari = { as: "kari.nordmann@example.com" };

beforeAll(async () => {
  gateway = await startGateway();
  // Warm: what is measured is a server that has been running.
  for (let i = 0; i < 5; i++) {
    await gateway.query(`query Warm${i} { me { id crm { name orders { edges { cursor } } } } }`, {}, kari);
    for (const { document, variables } of hostileDocuments.slice(0, 20))
      await gateway.query(`${document} #${i}`, variables, kari);
  }
});
afterAll(() => gateway[Symbol.asyncDispose]());

const looks = async () => (await gateway.rows("select from audit_entry")).length;
const json = { "content-type": "application/json" };

function expectRefused({ status, text, data, errors = [] }: Answer<Json>, codes: readonly string[]): void {
  expect(status, text).toBeGreaterThanOrEqual(400);
  expect(status).toBeLessThan(500);
  expect(data ?? null).toBeNull();
  expect(errors.length).toBeGreaterThan(0);
  for (const { extensions } of errors) expect(codes).toContain(extensions.code);
  expect(text).not.toMatch(/did you mean|stacktrace|node_modules|\.ts:\d|\.js:\d/i);
}

/** The server's own measure of the last request. */
async function lastMilliseconds(before: number): Promise<number> {
  await until(() => gateway.lines.length > before);
  return (JSON.parse(gateway.lines.at(-1) ?? "") as { ms: number }).ms;
}

describe("a hostile document is refused before anything is read, in under 50 ms", () => {
  test.each(hostileDocuments)("$name", async ({ document, variables, limit }) => {
    const before = await looks();
    const times: number[] = [];
    // The document differs each time, so nothing kept from the last time helps; the best of three is what it costs.
    for (let i = 0; i < 3; i++) {
      const lines = gateway.lines.length;
      const answer = await gateway.query(`${document} # ${i} ${Math.random()}`, variables, kari);
      times.push(await lastMilliseconds(lines));
      expectRefused(answer, limit === undefined ? ["BAD_USER_INPUT", "LIMIT_EXCEEDED"] : ["LIMIT_EXCEEDED"]);
      if (limit !== undefined)
        expect(answer.errors?.map(({ extensions }) => extensions["limit"])).toEqual([limit]);
    }
    expect(Math.min(...times)).toBeLessThan(50);
    expect(await looks()).toBe(before);
  });
});

describe("a request of another shape", () => {
  const post = (body: string, headers: Record<string, string> = json) =>
    gateway.send({ method: "POST", headers, body });
  const nested = (levels: number) => `${"[".repeat(levels)}${"]".repeat(levels)}`;

  test.each<[string, () => Promise<Answer<Json>>, string]>([
    [
      "a batch",
      () => post('[{"query":"{ controller { name } }"},{"query":"{ controller { name } }"}]'),
      "BAD_USER_INPUT",
    ],
    ["an empty batch", () => post("[]"), "BAD_USER_INPUT"],
    ["an empty body", () => post(""), "BAD_USER_INPUT"],
    ["no JSON", () => post('{"query": kari.nordmann@example.com'), "BAD_USER_INPUT"],
    ["null", () => post("null"), "BAD_USER_INPUT"],
    ["a prototype", () => post('{"query":"{ __typename }","__proto__":{"x":1}}'), "BAD_USER_INPUT"],
    ["variables as a list", () => post('{"query":"{ __typename }","variables":[1]}'), "BAD_USER_INPUT"],
    [
      "variables as a text",
      () => post('{"query":"{ __typename }","variables":"kari.nordmann@example.com"}'),
      "BAD_USER_INPUT",
    ],
    ["a query that is no text", () => post('{"query":90000001}'), "BAD_USER_INPUT"],
    [
      "text/plain, which a browser sends anywhere",
      () => post('{"query":"{ __typename }"}', { "content-type": "text/plain" }),
      "BAD_USER_INPUT",
    ],
    [
      "a form",
      () => post("query=%7B__typename%7D", { "content-type": "application/x-www-form-urlencoded" }),
      "BAD_USER_INPUT",
    ],
    [
      "a multipart form",
      () => post("--x--", { "content-type": "multipart/form-data; boundary=x" }),
      "BAD_USER_INPUT",
    ],
    ["XML", () => post("<query/>", { "content-type": "application/xml" }), "BAD_USER_INPUT"],
    [
      "a body over the limit",
      () => post(JSON.stringify({ query: "{ __typename }", variables: { x: "x".repeat(150_000) } })),
      "LIMIT_EXCEEDED",
    ],
    [
      "a GET that any page can cause",
      () => gateway.send({ path: "?query=%7B__typename%7D" }),
      "BAD_USER_INPUT",
    ],
    [
      "a mutation by GET",
      () => gateway.send({ path: "?query=mutation%7Bx%7D", headers: { "apollo-require-preflight": "1" } }),
      "BAD_USER_INPUT",
    ],
    [
      "PUT",
      () => gateway.send({ method: "PUT", headers: json, body: '{"query":"{ __typename }"}' }),
      "NOT_FOUND",
    ],
  ])("is refused: %s", async (_, send, code) => {
    const answer = await send();
    expectRefused(answer, [code]);
    expect(answer.text).not.toContain("kari");
  });

  test("large variables that are in the limit, and deep ones, are read and left alone", async () => {
    const deep = await post(`{"query":"{ controller { name } }","variables":{"x":${nested(40_000)}}}`);
    expect(deep.status).toBe(200);
    const deepInput = await post(
      `{"query":"query ($n: Int) { me { mailing { deliveries(first: $n) { edges { cursor } } } } }","variables":{"n":${nested(40_000)}}}`,
    );
    expectRefused(deepInput, ["UNAUTHENTICATED"]);
    const own = await gateway.query(
      "query ($n: Int) { me { mailing { deliveries(first: $n) { edges { cursor } } } } }",
      { n: JSON.parse(nested(3_000)) as unknown },
      kari,
    );
    expectRefused(own, ["BAD_USER_INPUT"]);
  });

  test("a persisted query is not a thing: nothing is kept for whoever sends a hash", async () => {
    const extensions = { persistedQuery: { version: 1, sha256Hash: "0".repeat(64) } };
    const answer = await post(JSON.stringify({ extensions }));
    expect(answer.errors?.[0]?.extensions.code).toBe("BAD_USER_INPUT");
  });
});

describe("values that the caller sent in the wrong place", () => {
  const values = [
    "kari.nordmann@example.com",
    "x; kari.nordmann@example.com",
    'a "quoted" kari.nordmann@example.com',
    "+47 900 00 001",
    4_790_000_001,
    90_000_001.5,
    ["90000001"],
    { kari: "nordmann" },
    "kari_nordmann",
  ];
  const echoes = /kari|nordmann|900 ?00 ?001|4790000001|90000001/i;

  test.each(values.map((value) => [JSON.stringify(value), value]))(
    "%s in a variable is not repeated",
    async (_, value) => {
      const documents = [
        "query ($x: Int) { me { mailing { deliveries(first: $x) { edges { cursor } } } } }",
        "query ($x: Boolean!) { me { id @include(if: $x) } }",
      ];
      for (const document of documents) {
        const { text, errors } = await gateway.query(document, { x: value }, kari);
        expect(errors?.length).toBeGreaterThan(0);
        expect(text).not.toMatch(echoes);
      }
    },
  );

  test.each([
    '{ me { mailing { deliveries(first: "kari.nordmann@example.com; 90000001") { edges { cursor } } } } }',
    '{ me { mailing { deliveries(first: """block kari.nordmann@example.com""") { edges { cursor } } } } }',
    "{ me { mailing { deliveries(first: 4790000001) { edges { cursor } } } } }",
    "{ me { mailing { deliveries(first: 90000001.5) { edges { cursor } } } } }",
    "{ me { mailing { deliveries(first: kari_nordmann) { edges { cursor } } } } }",
    '{ me { mailing { deliveries(first: {name: "kari"}) { edges { cursor } } } } }',
    '{ me { mailing { deliveries(first: ["kari", 90000001]) { edges { cursor } } } } }',
    "{ me { mailing { deliveries(after: 90000001) { edges { cursor } } } } }",
    '{ me { mailing { deliveries(after: "kari.nordmann@example.com") { edges { cursor } } } } }',
    'query ($x: Int = "kari.nordmann@example.com") { me { mailing { deliveries(first: $x) { edges { cursor } } } } }',
    "query ($x: Boolean! = 90000001) { me { id @include(if: $x) } }",
    '{ privacyPolicy(version: "kari.nordmann@example.com") { text } }',
    '{ privacyPolicy(version: {kari: "nordmann"}) { text } }',
    "{ me { id } } 90000001",
    "{ me { id } } kari.nordmann@example.com",
    '{ me { id(x: "kari.nordmann@example.com" 90000001 } }',
    '{ me { id @include(if: "kari.nordmann@example.com") } }',
    '"kari.nordmann@example.com',
  ])("%s: nothing of it comes back", async (document) => {
    const { text, errors } = await gateway.query(document, {}, kari);
    expect(errors?.length).toBeGreaterThan(0);
    expect(text).not.toMatch(echoes);
  });

  test("nor does any of it stand in the log", () => {
    expect(gateway.lines.length).toBeGreaterThan(50);
    expect(gateway.lines.join("")).not.toMatch(echoes);
  });
});

test("no field is suggested to anybody", async () => {
  for (const asked of [{}, kari, { as: "auditor@intech.example" }]) {
    const { text } = await gateway.query(
      "{ me { i crn { nam } profil { name } } contoller { name } }",
      {},
      asked,
    );
    expect(text).not.toMatch(/did you mean/i);
    expect(text).not.toMatch(/\bcrm\b|\bprofile\b|\bcontroller\b/);
  }
});
