import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { dpo, kari, openWorld, type World } from "../requests/world.ts";
import type { Gateway, GraphqlError, Json } from "../setup/gateway.ts";
import { eventually, follow, followed, type Following, metric, quietRequest } from "./followed.ts";

const portal = "https://min-side.example";
let world: World;
let gateway: Gateway;
let id: string;
beforeAll(async () => {
  world = await openWorld({ http: { streams: { perCaller: 3, inAll: 5 }, corsOrigins: [portal] } });
  gateway = world.gateway;
  id = await quietRequest(gateway);
});
afterAll(() => world[Symbol.asyncDispose]());

const json = { accept: "text/event-stream, application/json" };

/** The answer to a client that also takes JSON. */
async function refusal(following: Following) {
  const { response } = await followed(gateway, id, {
    ...following,
    headers: { ...json, ...following.headers },
  });
  const { data, errors } = (await response.json()) as { data?: Json; errors?: readonly GraphqlError[] };
  return { status: response.status, headers: response.headers, data: data ?? null, errors };
}

const operation = (query: string, variables: object = {}) => ({ body: { query, variables } });
const asked = (more: object) => ({ body: { query: follow, variables: { id }, ...more } });

describe("who may not follow a request", () => {
  it.each<[string, () => Following, number, string]>([
    ["nobody", () => ({ as: null }), 401, "UNAUTHENTICATED"],
    [
      "a token that is none",
      () => ({ as: null, headers: { authorization: "Bearer x.y.z" } }),
      401,
      "UNAUTHENTICATED",
    ],
    ["an employee without the right", () => ({ as: "support@intech.example" }), 403, "FORBIDDEN"],
    ["an auditor", () => ({ as: "auditor@intech.example" }), 403, "FORBIDDEN"],
    ["another person", () => ({ as: "ola.nordmann@example.com" }), 404, "NOT_FOUND"],
    [
      "who asks for one that is not there",
      () => asked({ variables: { id: randomUUID() } }),
      404,
      "NOT_FOUND",
    ],
    ["who asks for what is no id", () => asked({ variables: { id: "1' or '1'='1" } }), 404, "NOT_FOUND"],
    [
      "the DPO who asks for one that is not there",
      () => ({ as: dpo, ...asked({ variables: { id: randomUUID() } }) }),
      404,
      "NOT_FOUND",
    ],
  ])("%s is refused as by a query", async (_, following, status, code) => {
    const refused = await refusal(following());
    expect(refused).toMatchObject({ status, data: null, errors: [{ extensions: { code } }] });
    expect(refused.headers.get("content-type")).toBe("application/json; charset=utf-8");
    if (status === 401) expect(refused.headers.get("www-authenticate")).toMatch(/^Bearer/);
    const query = follow.replace("subscription", "query").replace("requestProgress", "request");
    const { as = kari, headers, body } = following();
    const { variables } = (body ?? { variables: { id } }) as { variables: object };
    const answer = await gateway.query(query, variables, { as, ...(headers && { headers }) });
    const bare = (errors: readonly GraphqlError[] = []) =>
      errors.map(({ message, extensions: { code } }) => ({ message, code }));
    expect(bare(refused.errors)).toEqual(bare(answer.errors));
  });

  it("is told by an event, in the language asked for, where nothing but events is taken", async () => {
    const stream = await followed(gateway, id, { as: null, headers: { "accept-language": "nb" } });
    expect(stream.response.status).toBe(200);
    expect(await stream.rest()).toEqual([
      {
        name: "next",
        data: {
          errors: [
            {
              message: "Logg inn først: forespørselen mangler et gyldig adgangstoken.",
              extensions: { code: "UNAUTHENTICATED" },
            },
          ],
        },
      },
      { name: "complete", data: null },
    ]);
  });

  it("is recorded where a role was refused, and nothing is read", async () => {
    const { headers } = await refusal({ as: "support@intech.example" });
    const entries = await gateway.rows("select event from audit_entry where request_id = $1", [
      headers.get("x-request-id"),
    ]);
    expect(entries).toEqual([{ event: "REFUSED" }]);
  });
});

describe("what is asked in the wrong place", () => {
  it.each([
    ["a query", "{ me { id } }", "query"],
    [
      "a mutation",
      "mutation { setConsent(input: { purpose: NEWSLETTER, given: false }) { __typename } }",
      "mutation",
    ],
  ])("%s, at the address of streams, is told where to go and not carried out", async (_, query, kind) => {
    const before = await gateway.rows("select count(*) from request");
    expect(await refusal(operation(query))).toMatchObject({
      status: 400,
      errors: [{ extensions: { code: "BAD_USER_INPUT", operation: kind, endpoint: "/graphql" } }],
    });
    expect(await gateway.rows("select count(*) from request")).toEqual(before);
  });

  it("a subscription, at the address of queries, is told where to go", async () => {
    const answer = await gateway.query(follow, { id }, { as: kari });
    expect(answer).toMatchObject({
      status: 400,
      errors: [{ extensions: { code: "BAD_USER_INPUT", endpoint: "/graphql/stream" } }],
    });
    const search = new URLSearchParams({ query: follow, variables: JSON.stringify({ id }) });
    const byGet = await gateway.send({ path: `?${search}`, headers: { "apollo-require-preflight": "1" } });
    expect(byGet.status).toBe(405);
  });
});

describe("what cannot be read", () => {
  it.each<[string, Following, number, string]>([
    ["a document that is none", operation("subscription {"), 400, "BAD_USER_INPUT"],
    ["a field that is not there", operation("subscription { me { id } }"), 400, "BAD_USER_INPUT"],
    [
      "two at once",
      operation(
        "subscription($id: ID!) { a: requestProgress(id: $id) { id } b: requestProgress(id: $id) { id } }",
      ),
      400,
      "BAD_USER_INPUT",
    ],
    ["an id left out", operation(follow), 400, "BAD_USER_INPUT"],
    ["an id that is none", operation(follow, { id: { is: "this" } }), 400, "BAD_USER_INPUT"],
    [
      "an operation that is not in it",
      { body: { query: follow, operationName: "Other" } },
      400,
      "BAD_USER_INPUT",
    ],
    ["variables in text", { body: { query: follow, variables: "{}" } }, 400, "BAD_USER_INPUT"],
    ["no operation", { body: {} }, 400, "BAD_USER_INPUT"],
    ["several operations", { body: [{ query: follow }] }, 400, "BAD_USER_INPUT"],
    ["broken JSON", { body: "{" }, 400, "BAD_USER_INPUT"],
    [
      "a document that is too deep",
      operation(
        `subscription { requestProgress(id: "x") ${"{ subject { requests { edges { node ".repeat(5)}{ id }${"} } } }".repeat(5)} }`,
      ),
      400,
      "LIMIT_EXCEEDED",
    ],
    [
      "a page that is too large",
      operation(
        `subscription { requestProgress(id: "x") { subject { requests(first: 501) { totalCount } } } }`,
      ),
      400,
      "LIMIT_EXCEEDED",
    ],
    ["a body that is too large", { body: { query: "#".repeat(100_001) } }, 413, "LIMIT_EXCEEDED"],
    ["plain text", { headers: { "content-type": "text/plain" } }, 415, "BAD_USER_INPUT"],
    ["a form", { headers: { "content-type": "application/x-www-form-urlencoded" } }, 415, "BAD_USER_INPUT"],
    ["a client that takes no events", { headers: { accept: "application/json" } }, 406, "BAD_USER_INPUT"],
    ["a reservation", { method: "PUT", body: null }, 404, "NOT_FOUND"],
    ["an end to a reservation", { method: "DELETE", body: null, path: "?operationId=1" }, 404, "NOT_FOUND"],
  ])("%s is refused in GraphQL's shape", async (_, following, status, code) => {
    expect(await refusal(following)).toMatchObject({
      status,
      data: null,
      errors: [{ extensions: { code } }],
    });
  });

  it.each([
    ["its field", "requestProgress(id: $id) @skip(if: $no) { id }"],
    ["a fragment around it", "... @include(if: $no) { requestProgress(id: $id) { id } }"],
    ["a fragment in a fragment", "...F"],
  ])("a subscription with a condition on %s is refused, wherever it is sent", async (_, selection) => {
    const fragment =
      "fragment F on SubscriptionRoot { ... { requestProgress(id: $id) @include(if: $no) { id } } }";
    const query = `subscription($id: ID!, $no: Boolean!) { ${selection} }${selection === "...F" ? fragment : ""}`;
    const variables = { id, no: true };
    const errors = [{ extensions: { code: "LIMIT_EXCEEDED", limit: "rootConditions", allowed: 0 } }];
    expect(await refusal(operation(query, variables))).toMatchObject({ status: 400, errors });
    expect(await gateway.query(query, variables)).toMatchObject({ status: 400, errors });
  });
});

describe("by GET", () => {
  const path = (more: Readonly<Record<string, string>> = {}) =>
    `?${new URLSearchParams({ query: follow, variables: JSON.stringify({ id }), operationName: "Follow", ...more })}`;
  const get = { method: "GET", body: null };

  it("a request is followed, and its id is not logged", async () => {
    const headers = { "apollo-require-preflight": "1" };
    const stream = await followed(gateway, id, { ...get, path: path(), headers });
    expect((await stream.next())?.data?.data?.requestProgress.id).toBe(id);
    stream.leave();
    await eventually(async () => (await metric(gateway, "innsyn_subscriptions_open")) === 0);
    expect(
      gateway.lines.some((line) => line.includes('"method":"GET"') && line.includes("/graphql/stream")),
    ).toBe(true);
    expect(gateway.lines.join()).not.toContain(id);
  });

  it("a page of another site cannot open one", async () => {
    expect((await refusal({ ...get, path: path() })).status).toBe(400);
  });

  it("what is no JSON is refused, and so is HEAD", async () => {
    const headers = { "apollo-require-preflight": "1" };
    expect(await refusal({ ...get, headers, path: path({ variables: "{id" }) })).toMatchObject({
      status: 400,
      errors: [{ extensions: { code: "BAD_USER_INPUT" } }],
    });
    const { response } = await followed(gateway, id, { ...get, method: "HEAD", headers, path: path() });
    expect(response.status).toBe(404);
  });
});

it("scripts of the configured sites may open a stream, and others may not", async () => {
  const preflight = (origin: string) =>
    fetch(`${gateway.url}/graphql/stream`, {
      method: "OPTIONS",
      headers: {
        origin,
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization,content-type",
      },
    });
  expect((await preflight(portal)).headers.get("access-control-allow-origin")).toBe(portal);
  expect((await preflight("https://evil.example")).headers.get("access-control-allow-origin")).toBeNull();
  const stream = await followed(gateway, id, { headers: { origin: portal } });
  expect(stream.response.headers.get("access-control-allow-origin")).toBe(portal);
  stream.leave();
});

describe("streams that are open at once", () => {
  const open = () => metric(gateway, "innsyn_subscriptions_open");

  it("are counted per caller and in all, and may be opened again when others have ended", async () => {
    await eventually(async () => (await open()) === 0);
    const own = await Promise.all([1, 2, 3].map(() => followed(gateway, id)));
    for (const { response } of own) expect(response.status).toBe(200);
    const fourth = await refusal({ headers: { accept: "text/event-stream", "accept-language": "nn" } });
    expect(fourth).toMatchObject({
      status: 429,
      errors: [
        {
          message: "For mange førespurnader. Vent litt.",
          extensions: { code: "RATE_LIMITED", limit: "streams", allowed: 3, retryAfterSeconds: 10 },
        },
      ],
    });
    expect(fourth.headers.get("retry-after")).toBe("10");
    const others = await Promise.all([1, 2].map(() => followed(gateway, id, { as: dpo })));
    for (const { response } of others) expect(response.status).toBe(200);
    expect(await open()).toBe(5);
    const sixth = await refusal({ as: dpo });
    expect(sixth).toMatchObject({ status: 503, errors: [{ extensions: { code: "RATE_LIMITED" } }] });
    // A refusal holds no place.
    expect(await open()).toBe(5);
    own[0]?.leave();
    await eventually(async () => (await open()) === 4);
    const again = await followed(gateway, id);
    expect((await again.next())?.data?.data?.requestProgress.id).toBe(id);
    for (const stream of [...own, ...others, again]) stream.leave();
    await eventually(async () => (await open()) === 0);
  });

  it("are not held by those who were refused", async () => {
    for (let i = 0; i < 6; i++) expect((await refusal({ as: "ola.nordmann@example.com" })).status).toBe(404);
    await eventually(async () => (await open()) === 0);
  });
});
