import { parse } from "graphql";
import { expect, test } from "vitest";
import { start } from "./server-fixture.ts";

const graphiql = { issuer: "https://sign-in.example/realm" };
const scripts = [
  "graphiql.js",
  "editor.worker.js",
  "json.worker.js",
  "graphql.worker.js",
  "graphql-sse.js",
  "page.js",
];

test("off, nothing of it is there", async () => {
  await using gateway = await start();
  for (const path of ["", "/", "/page.js", "/graphiql.js", "/settings.json"]) {
    expect((await fetch(`${gateway.url}/graphiql${path}`)).status).toBe(404);
  }
});

test("the page loads from this host alone, and the browser is told so", async () => {
  await using gateway = await start({ graphiql });
  const answer = await fetch(`${gateway.url}/graphiql`);
  const html = await answer.text();
  const addresses = [...html.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, address]) => address!);
  expect(addresses.length).toBeGreaterThan(2);
  for (const address of addresses) expect(address).toMatch(/^\/graphiql\/|^data:,$/);
  expect(html).not.toMatch(/<script(?![^>]*src=)|\son\w+=/);
  const policy = answer.headers.get("content-security-policy")!;
  expect(policy).toContain("connect-src 'self' https://sign-in.example;");
  expect(policy).toContain("script-src 'self';");
  expect(policy).not.toMatch(/unsafe-eval|\*|script-src[^;]*unsafe/);
});

test("every part of the page that its script speaks of is there, the strong sign-in too", async () => {
  await using gateway = await start({ graphiql });
  const read = async (path: string) => (await fetch(`${gateway.url}/graphiql${path}`)).text();
  const named = [...(await read("/page.js")).matchAll(/\b(?:button|element)\("([\w-]+)"\)/g)].map(
    ([, id]) => id,
  );
  expect(named).toContain("sign-in-strongly");
  const there = [...(await read("")).matchAll(/ id="([\w-]+)"/g)].map(([, id]) => id);
  expect(there).toEqual(expect.arrayContaining(named));
});

test("every file the page needs is served with its type, and again only when it changed", async () => {
  await using gateway = await start({ graphiql });
  for (const name of [...scripts, "graphiql.css", "page.css"]) {
    const answer = await fetch(`${gateway.url}/graphiql/${name}`);
    expect(answer.status).toBe(200);
    expect(answer.headers.get("content-type")).toBe(
      name.endsWith("css") ? "text/css; charset=utf-8" : "text/javascript; charset=utf-8",
    );
    const text = await answer.text();
    expect(text.length).toBeGreaterThan(100);
    expect(text).not.toMatch(/@import\s+url\(|url\(["']?https?:|importScripts\(["']https?:/);
    const again = await fetch(`${gateway.url}/graphiql/${name}`, {
      headers: { "if-none-match": answer.headers.get("etag")! },
    });
    expect(again.status).toBe(304);
  }
});

test("the page is told whom to sign in at and what to offer; the examples are GraphQL, one operation each", async () => {
  const stepUp = { acrValues: ["urn:demo:mfa", "urn:demo:eid"], maxAgeSeconds: 300 };
  await using gateway = await start({ graphiql: { ...graphiql, resource: "urn:innsyn:gateway", stepUp } });
  const { examples, ...client } = (await (await fetch(`${gateway.url}/graphiql/settings.json`)).json()) as {
    examples: string[];
  };
  expect(client).toEqual({
    issuer: graphiql.issuer,
    clientId: "innsyn-graphiql",
    scope: "openid",
    resource: "urn:innsyn:gateway",
    stepUp,
  });
  const names = examples.map((text) =>
    parse(text).definitions.flatMap((definition) =>
      definition.kind === "OperationDefinition" ? [definition.name?.value] : [],
    ),
  );
  expect(names.flat()).toEqual(expect.arrayContaining(["Access", "MatchReviews", "Public"]));
  for (const operations of names) expect(operations).toEqual([expect.stringMatching(/^[A-Z]\w+$/)]);
});
