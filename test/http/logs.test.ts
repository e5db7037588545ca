import { connect } from "node:net";
import { GraphQLError } from "graphql";
import { expect, test } from "vitest";
import { createLogger } from "../../src/http/logger.ts";
import { safeError } from "../../src/http/safe-error.ts";
import { start, until } from "./server-fixture.ts";

const values = ["kari.nordmann", "nordmann", "example.com", "90000000", "Storgata", "secret-token"];
const person = "kari.nordmann@example.com +4790000000 Storgata 1 secret-token";

test("a run full of personal values in every place leaves none in the log", async () => {
  await using gateway = await start({ logLevel: "trace" });
  const escaped = encodeURIComponent(person);
  const json = { "content-type": "application/json" };
  const headers = {
    ...json,
    authorization: "Bearer secret-token",
    "x-request-id": "nordmann-90000000",
    "user-agent": person,
    cookie: `u=${escaped}`,
  };
  const post = (body: string, path = "/graphql") =>
    fetch(`${gateway.url}${path}`, { method: "POST", headers, body });
  await post(JSON.stringify({ query: `query Nordmann { nothing(email: "${person}") }` }));
  await post(JSON.stringify({ query: "query A($t: String) { echo(text: $t) }", variables: { t: person } }));
  await post(JSON.stringify({ query: "{ broken }" }));
  await post(JSON.stringify({ query: "query X { hello }", operationName: person }));
  await post(
    JSON.stringify({
      query: "{ hello }",
      extensions: { persistedQuery: { version: 1, sha256Hash: person } },
    }),
  );
  await post(`{"query": "${person}`);
  await post(person.repeat(3_000));
  await post("{}", `/graphql/${escaped}?email=${escaped}`);
  await fetch(`${gateway.url}/graphql?query=${encodeURIComponent(`{ echo(text: "${person}") }`)}`, {
    headers,
  });
  await fetch(`${gateway.url}/${escaped}`, { headers });
  await fetch(`${gateway.url}/health/ready?email=${escaped}`, { headers });
  for (const bytes of [
    `GET /%E0%A4%A${person.split(" ")[0]} HTTP/1.1\r\nHost: x\r\n\r\n`,
    `KARI nordmann@example.com\r\n\r\n`,
    `POST /graphql HTTP/1.1\r\nHost: ${person}\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}`,
  ]) {
    await new Promise<void>((resolve) => {
      const socket = connect(Number(new URL(gateway.url).port), "127.0.0.1", () => socket.end(bytes));
      socket.on("close", () => resolve()).resume();
    });
  }
  await until(() => gateway.lines.length >= 13);
  const all = gateway.lines.join("");
  for (const value of values) expect(all.toLowerCase()).not.toContain(value.toLowerCase());
  expect(all).not.toContain("127.0.0.1");
});

test("one line per request, with what is needed to find it again", async () => {
  await using gateway = await start();
  const answer = await gateway.post("query Greeting { hello }");
  await gateway.post("query Denied { nothing }");
  await until(() => gateway.lines.length === 2);
  expect(JSON.parse(gateway.lines[0]!)).toEqual({
    level: "info",
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    requestId: answer.headers.get("x-request-id"),
    method: "POST",
    route: "/graphql",
    status: 200,
    ms: expect.any(Number),
    operation: "Greeting",
    msg: "request",
  });
  expect(JSON.parse(gateway.lines[1]!)).toMatchObject({
    operation: "invalid",
    codes: ["GRAPHQL_VALIDATION_FAILED"],
  });
});

test("requests at the same time keep their names apart", async () => {
  await using gateway = await start();
  const slow = gateway.post("query Slow { slow }");
  await Promise.all(["First", "Second", "Third"].map((name) => gateway.post(`query ${name} { hello }`)));
  gateway.release();
  await slow;
  await until(() => gateway.lines.length === 4);
  const names = gateway.lines.map((line) => (JSON.parse(line) as { operation: string }).operation);
  expect(names.slice(0, 3).sort()).toEqual(["First", "Second", "Third"]);
  expect(names[3]).toBe("Slow");
});

test("an error is told by type, code, reason and place, never by its message", () => {
  const driver = Object.assign(
    new Error(`Key (email)=(${person}) exists\n    at ${person} (/kari.nordmann/x.js:1:1)`),
    { code: "23505", detail: person },
  );
  const wrapped = new GraphQLError(person, { originalError: new AggregateError([driver], person) });
  const told = safeError(wrapped);
  expect(told).toMatchObject({
    type: "GraphQLError",
    cause: { type: "AggregateError", errors: [{ type: "Error", code: "23505" }] },
  });
  expect(told.cause?.stack?.[0]).toMatch(/logs\.test\.ts:\d+:\d+/);
  for (const value of values) expect(JSON.stringify(told)).not.toContain(value);
  expect(safeError(person)).toEqual({ type: "string" });
  expect(safeError(Object.assign(new Error(""), { name: person, code: "NORDMANN 90000000" }))).toMatchObject({
    type: "Error",
  });
});

test("however an error is handed to the log, its message stays out", () => {
  const lines: string[] = [];
  const log = createLogger({ logLevel: "info" }, { write: (line) => void lines.push(line) });
  log.error(new Error(person));
  log.error({ err: new Error(person) });
  log.error({ err: new Error(person) }, "while reading");
  log.error({ error: new Error(person) }, "again");
  log.child({ part: "crm" }).warn(new Error(person), "child");
  expect(lines).toHaveLength(5);
  for (const value of values) expect(lines.join("")).not.toContain(value);
  expect(JSON.parse(lines[0]!)).toMatchObject({ level: "error", err: { type: "Error" }, msg: "error" });
});
