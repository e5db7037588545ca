import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { createRestSource } from "../../src/connectors/rest/source.ts";
import { type Source, SourceFailure } from "../../src/sources/contract.ts";
import { conformance } from "./conformance.ts";
import { email, processor, soon } from "./harness.ts";
import { mappingFor, restHarness, type RestSystem } from "./rest-harness.ts";
import type { BadManner } from "./rest-server.ts";
import { canaryAddress } from "./system.ts";

conformance(restHarness, "integer");

describe("an API with bad manners", () => {
  let system: RestSystem;
  beforeAll(async () => {
    system = await restHarness.make("integer");
  });
  afterAll(() => system[Symbol.asyncDispose]());
  afterEach(async () => {
    system.server.manner = undefined;
    expect(await system.source.health(soon())).toMatchObject({ ok: true });
  });

  const find = (source = system.source, address = "nobody@example.com") =>
    source
      .find([email(address)], soon())
      .catch((error: unknown) => (error instanceof SourceFailure ? error.reason : error));

  const answering =
    (status: number, body: string, headers: Record<string, string> = {}): BadManner =>
    (_, response) =>
      response.writeHead(status, headers).end(body);

  const answers = [
    "{",
    "",
    "<html>",
    '{"data":{}}',
    '{"data":{"results":false,"total":0}}',
    '{"data":{"results":[],"total":3}}',
  ];

  it.each(answers)("takes %j for a malformed answer", async (body) => {
    system.server.manner = answering(200, body);
    expect(await find()).toBe("MALFORMED_ANSWER");
  });

  it.each([
    [200, '{"error":"invalid token"}'],
    [200, "false"],
    [200, "null"],
    [201, '{"error":true,"data":{"results":[],"total":0}}'],
    [500, '{"data":{"results":[],"total":0}}'],
    [503, ""],
    [401, "{}"],
    [404, "{}"],
    [400, "{}"],
  ])("takes %i %s for a failure", async (status, body) => {
    system.server.manner = answering(status, body);
    expect(await find()).toBe("FAILED");
  });

  it("follows no redirect", async () => {
    system.server.manner = answering(302, "", { location: system.server.url });
    const before = system.calls();
    expect(await find()).toBe("FAILED");
    expect(system.calls() - before).toBe(1);
  });

  it("takes a body that is cut short for half an answer", async () => {
    system.server.manner = async (_, response, polite) => {
      const text = JSON.stringify(await polite());
      response.writeHead(200, { "content-length": String(text.length) });
      response.write(text.slice(0, 20));
      setTimeout(() => response.destroy(), 20);
    };
    expect(await find()).toBe("MALFORMED_ANSWER");
  });

  it("stops reading an answer that has no end", async () => {
    system.server.manner = (request, response) => {
      response.writeHead(200);
      const more = () => {
        while (!response.destroyed && response.write(Buffer.alloc(1024 * 1024, " ")));
      };
      request.socket.on("drain", more);
      response.on("drain", more);
      more();
    };
    expect(await find()).toBe("MALFORMED_ANSWER");
  });

  it("asks a system that has had enough no more before the time that it names", async () => {
    system.server.manner = answering(429, "{}", { "retry-after": "1" });
    const before = system.calls();
    expect(await find()).toBe("RATE_LIMITED");
    system.server.manner = undefined;
    expect(await find()).toBe("RATE_LIMITED");
    expect(system.calls() - before).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 1_050));
    expect(await find()).toEqual([{ state: "NOT_HELD" }]);
  });

  it("gives an empty list for the status that means it, and only where the mapping says so", async () => {
    const key = await system.store.person({ email: "empty@example.com" });
    const manner: BadManner = (request, response) =>
      request.url?.includes("/letters") && response.writeHead(404).end("{}");
    system.server.manner = manner;
    const page = (source: Source) => source.page("letters", [{ recordKey: key, first: 5 }], soon());
    await expect(page(system.source)).rejects.toMatchObject({ reason: "FAILED" });
    const lenient = createRestSource("test", processor, {
      ...mappingFor(system.server.url),
      emptyStatuses: [404],
    });
    expect(await page(lenient)).toEqual([{ rows: [], hasNextPage: false }]);
    system.server.manner = answering(404, "{}");
    expect(await find(lenient)).toBe("CANARY_NOT_FOUND");
    await lenient.close();
  });

  const changing =
    (change: (record: Record<string, unknown>) => object): BadManner =>
    async (_, response, polite) => {
      const text = JSON.stringify(await polite(), (name, value: unknown) =>
        name === "results" && Array.isArray(value)
          ? value.map((record: Record<string, unknown>) => change(record))
          : value,
      );
      response.end(text);
    };

  it("reads null that is sent as false, where the mapping says so", async () => {
    await system.store.person({ email: "falsy@example.com", born: null });
    system.server.manner = changing((record) =>
      record["born"] === null ? { ...record, born: false } : record,
    );
    const mapping = { ...mappingFor(system.server.url), nullAs: [false] as const };
    const source = createRestSource("test", processor, mapping);
    expect(await find(source, "falsy@example.com")).toMatchObject([{ record: { fields: { born: null } } }]);
    expect(await find(system.source, "falsy@example.com")).toMatchObject([
      { record: { fields: { born: "false" } } },
    ]);
    await source.close();
  });

  it("says that the canary was not found whole when a member or its value is missing", async () => {
    system.server.manner = changing((record) => ({ ...record, born: undefined }));
    expect(await find()).toBe("CANARY_NOT_FOUND");
    system.server.manner = changing((record) => ({ ...record, born: null }));
    expect(await find()).toBe("CANARY_NOT_FOUND");
  });

  it("does not show a record that lacks a member", async () => {
    await system.store.person({ email: "lacking@example.com" });
    system.server.manner = changing((record) => {
      return record["email"] === canaryAddress ? record : { ...record, born: undefined };
    });
    expect(await find(system.source, "lacking@example.com")).toBe("MALFORMED_ANSWER");
  });

  it("believes no filter: strangers that come along are not shown", async () => {
    await system.store.person({ email: "stranger@example.com" });
    system.server.manner = async (_, response) => {
      const { rows } = await system.store.pool.query("select * from person");
      const results = rows.map((row: Record<string, unknown>) => ({
        ...row,
        external: row["external_id"],
        name: "x",
        tags: [{ label: "a", since: 1 }],
        password: false,
      }));
      response.end(JSON.stringify({ data: { results, total: results.length } }));
    };
    expect(await find()).toEqual([{ state: "NOT_HELD" }]);
  });

  it("reads further pages of a look-up", async () => {
    const addresses = Array.from({ length: 25 }, (_, n) => `many${n}@example.com`);
    for (const address of addresses) await system.store.person({ email: address });
    const mapping = mappingFor(system.server.url);
    const paging = { page: "page", size: "size", limit: 10, total: "data.total" };
    const source = createRestSource("test", processor, { ...mapping, find: { ...mapping.find, paging } });
    const before = system.calls();
    const found = await source.find(addresses.map(email), soon());
    expect(found.every(({ state }) => state === "HELD")).toBe(true);
    expect(system.calls() - before).toBe(3);
    await source.close();
  });

  it("splits a batch whose address would be too long for servers", async () => {
    const addresses = Array.from({ length: 600 }, (_, n) => `long${n}@example.com`);
    await system.store.person({ email: "long599@example.com" });
    const found = await system.source.find(addresses.map(email), soon());
    expect(found.map(({ state }) => state).filter((state) => state === "HELD")).toHaveLength(1);
    expect(found[599]?.state).toBe("HELD");
  });

  it("keeps ids that no number can hold, and reads lists inside rows", async () => {
    const key = await system.store.person({ email: "lists@example.com" });
    await system.store.letters(key, ["2024-01-01T00:00:00Z"]);
    const [letter] = await system.store.letterKeys(key);
    await system.store.click(letter ?? "", "https://example.com");
    system.server.manner = async (request, response, polite) => {
      const text = JSON.stringify(await polite());
      if (request.url?.includes("/letters"))
        response.end(text.replace(/"id":\d+/, '"id":98765432109876543210'));
    };
    const [page] = await system.source.page("letters", [{ recordKey: key, first: 1 }], soon());
    expect(page?.rows).toMatchObject([
      { key: "98765432109876543210", row: { clicks: [{ url: "https://example.com" }] } },
    ]);
  });

  it("names members that the mapping says nothing of", async () => {
    system.server.manner = changing((record) => ({ ...record, nickname: "x" }));
    expect(await system.source.health(soon())).toEqual({
      ok: false,
      unseen: [],
      detail: "neither mapped, nor in other, nor in notPersonal: nickname",
    });
  });

  it("does not take the canary for whole without its lists", async () => {
    system.server.manner = changing((record) => ({ ...record, tags: [] }));
    expect(await find()).toBe("CANARY_NOT_FOUND");
  });
});

describe("ids that need escaping in a path", () => {
  it("reaches the record by them", async () => {
    await using system = await restHarness.make("text");
    const key = await system.store.person({ email: "slash@example.com" });
    await system.store.tag(key, "a");
    expect(key).toContain("/");
    expect(await system.source.find([email("slash@example.com")], soon())).toMatchObject([
      { record: { key } },
    ]);
    expect(await system.source.list("tags", [key], soon())).toMatchObject([[{ label: "a" }]]);
  });
});
