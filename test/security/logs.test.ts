import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import pg from "pg";
import { fixedPeople } from "../../src/demo/people/fixed.ts";
import { staff } from "../../src/demo/people/staff.ts";
import { type Gateway, startGateway } from "../setup/gateway.ts";
import { hostileDocuments } from "./documents.ts";

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway({ http: { logLevel: "trace" } });
});
afterAll(() => gateway[Symbol.asyncDispose]());

const examples = async () =>
  Promise.all(
    ["access", "holdings", "notice", "profile"].map((name) =>
      readFile(new URL(`../../docs/examples/${name}.graphql`, import.meta.url), "utf8"),
    ),
  );

/** What the systems hold of the fixed persons: every text of every row that stands under one of their addresses. */
async function heldValues(): Promise<ReadonlySet<string>> {
  const addresses = fixedPeople.flatMap(({ emails }) => emails);
  const found = new Set<string>(addresses);
  for (const { name, held } of fixedPeople) {
    for (const text of [name, ...Object.values(held).flatMap((each) => [each.name, each.email])])
      if (text) found.add(text);
  }
  const tables: readonly (readonly [keyof Gateway["systemUrls"], string, string])[] = [
    ["crm", "kontakt", "epost"],
    ["learning", "mdl_user", "email"],
    ["events", '"Attendee"', '"Email"'],
    ["mailing", "subscribers", "email"],
    ["website", "web_contact", "email"],
  ];
  for (const [system, table, column] of tables) {
    const client = new pg.Client({ connectionString: gateway.systemUrls[system] });
    await client.connect();
    const { rows } = await client.query<Record<string, unknown>>(
      `select * from ${table} where lower(${column}) = any($1)`,
      [addresses],
    );
    await client.end();
    for (const value of rows.flatMap((row) => Object.values(row))) {
      // Shorter ones, flags and dates are in any log.
      if (typeof value === "string" && value.length >= 8 && !/^\d{4}-\d\d/.test(value)) found.add(value);
    }
  }
  return found;
}

test("no line of a whole run has any value of the fixed persons", async () => {
  const values = await heldValues();
  expect(values.size).toBeGreaterThan(60);
  const documents = await examples();
  const callers = [...fixedPeople.map(({ email }) => email), ...staff.map(({ email }) => email)];

  for (const as of callers) for (const document of documents) await gateway.query(document, {}, { as });
  for (const { document, variables } of hostileDocuments)
    await gateway.query(document, variables, { as: callers[0] ?? null });
  for (const value of [...values].slice(0, 40)) {
    await gateway.query(
      `query Q($x: Int) { me { mailing { deliveries(first: $x) { edges { cursor } } } } }`,
      { x: value },
      { as: callers[0] ?? null },
    );
    await gateway.query(
      `{ me { crm { name(x: ${JSON.stringify(value)}) } } }`,
      {},
      { as: callers[0] ?? null },
    );
    await gateway.query(
      `query ($after: String) { me { mailing { deliveries(after: $after) { edges { cursor } } } } }`,
      { after: value },
      { as: callers[0] ?? null },
    );
    await gateway.query(
      "{ me { id } }",
      {},
      { headers: { authorization: `Bearer ${encodeURIComponent(value)}` } },
    );
    await gateway.query(
      "{ me { id } }",
      {},
      {
        headers: { "user-agent": encodeURIComponent(value), "x-request-id": encodeURIComponent(value) },
        operationName: value,
      },
    );
    await gateway.send({ path: `?query=${encodeURIComponent(`{ me(email: "${value}") { id } }`)}` });
  }
  for (const manner of [
    "error-500",
    "malformed-json",
    "half-page",
    "failure-in-200",
    "two-members",
    "null-as-false",
    "missing-field",
  ]) {
    await gateway.manners(manner);
    for (const document of documents) await gateway.query(document, {}, { as: callers[0] ?? null });
    await gateway.manners(null);
  }
  await gateway.open("crm", false);
  for (const document of documents) await gateway.query(document, {}, { as: callers[0] ?? null });
  await gateway.open("crm", true);
  await gateway.rows("alter table audit_entry rename to gone");
  await gateway.query(documents[0] ?? "", {}, { as: callers[0] ?? null });
  await gateway.rows("alter table gone rename to audit_entry");

  const log = gateway.lines.join("");
  expect(gateway.lines.length).toBeGreaterThan(300);
  expect(log).toContain('"level":"error"');
  const lowered = log.toLowerCase().normalize("NFC");
  const leaked = [...values].filter((value) =>
    [value, encodeURIComponent(value), JSON.stringify(value).slice(1, -1)].some((spelling) =>
      lowered.includes(spelling.toLowerCase().normalize("NFC")),
    ),
  );
  expect(leaked).toEqual([]);
  const metrics = await (await fetch(`${gateway.url}/metrics`)).text();
  expect([...values].filter((value) => metrics.includes(value))).toEqual([]);
  const trail = JSON.stringify(await gateway.rows("select * from audit_entry"));
  expect([...values].filter((value) => trail.includes(value))).toEqual([]);
}, 60_000);
