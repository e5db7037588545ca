import { globSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildSchema, parse, validate } from "graphql";
import { describe, expect, test } from "vitest";
import { printGatewaySchema } from "../../src/graphql/print.ts";
import { type Asked, type Gateway, startGateway } from "../setup/gateway.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const schema = buildSchema(printGatewaySchema());
const pages = await Promise.all(
  globSync(["*.md", "docs/**/*.md"], { cwd: root }).map(async (page) => ({
    page,
    text: await readFile(join(root, page), "utf8"),
  })),
);

/** GraphQL documents of a page: in a fence of their own, or in the body of what curl sends. */
function documentsIn(text: string): readonly string[] {
  const fenced = [...text.matchAll(/^ *```graphql\n([^]*?)^ *```$/gm)].map(([, document = ""]) => document);
  const sent = [...text.matchAll(/"query":\s*("(?:[^"\\]|\\.)*")/g)].map(
    ([, json = ""]) => JSON.parse(json) as string,
  );
  return [...fenced, ...sent];
}

describe("every document that a page prints is one for the schema", () => {
  const printed = pages.flatMap(({ page, text }) =>
    documentsIn(text).map((document) => ({ page, document })),
  );

  test.each(printed)("$page: $document", ({ document }) => {
    expect(validate(schema, parse(document))).toEqual([]);
  });

  test("and there are some", () => {
    expect(new Set(printed.map(({ page }) => page)).size).toBeGreaterThan(4);
  });
});

describe("what a page has the reader send is answered, and not refused", () => {
  /** Who sends what, in the order of the page. */
  const requestsIn = (name: string, pattern: RegExp) => {
    const { text } = pages.find(({ page }) => page === name) ?? expect.fail(`no ${name}`);
    return [...text.matchAll(pattern)].map((match) => match.groups ?? {});
  };
  const send = async (gateway: Gateway, as: string, body: string, more: Pick<Asked, "strongly"> = {}) => {
    const { query } = JSON.parse(body) as { query: string };
    const { status, errors, text } = await gateway.query(query, {}, { as, ...more });
    expect(errors, text).toBeUndefined();
    expect(status).toBe(200);
    // A refusal answers with these and nothing else.
    expect(text).not.toMatch(/"rule":"/);
    return text;
  };

  test("README.md", async () => {
    const bodies = requestsIn("README.md", /-d '(?<body>\{"query".*\})'$/gm);
    expect(bodies.length).toBeGreaterThan(1);
    await using gateway = await startGateway();
    for (const { body = "" } of bodies) await send(gateway, "kari.nordmann@example.com", body);
  });

  test("docs/person.md", async () => {
    const asked = requestsIn(
      "docs/person.md",
      /\bask (?<as>\S+@\S+) '(?<body>\{"query".*\})'(?<mfa> --mfa)?/g,
    );
    expect(asked.length).toBeGreaterThan(7);
    expect(asked.filter(({ mfa }) => mfa)).toHaveLength(1);
    await using gateway = await startGateway();
    let planHash = "";
    for (const { as = "", body = "", mfa } of asked) {
      const filledIn = body.replace("'$HASH'", planHash);
      const text = await send(gateway, as, filledIn, mfa ? { strongly: true } : {});
      planHash = /"hash":"(\w+)"/.exec(text)?.[1] ?? planHash;
    }
  });
});
