import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { at } from "../../src/connectors/rest/json.ts";
import type { RestMapping } from "../../src/connectors/rest/mapping.ts";
import { createRestSource } from "../../src/connectors/rest/source.ts";
import { SourceFailure } from "../../src/sources/contract.ts";
import type { WritableSource } from "../../src/sources/writes.ts";
import { type Collections, type Fields, processor, soon } from "./harness.ts";
import { mappingFor, restHarness, type RestSystem } from "./rest-harness.ts";
import type { BadManner } from "./rest-server.ts";
import { trying, writingConformance } from "./writing-conformance.ts";

writingConformance(restHarness, "integer");
writingConformance(restHarness, "text");

type Mapping = RestMapping<Fields, Collections>;
const reason = (error: unknown) => (error instanceof SourceFailure ? error.reason : error);
const rename = (to: string, from = "Given Family") => ({ field: "name", from, to });

describe("an API that is written to", () => {
  let system: RestSystem;
  let source: WritableSource;
  beforeAll(async () => {
    system = await restHarness.make("integer");
    source = system.source;
  });
  afterAll(() => system[Symbol.asyncDispose]());
  afterEach(() => {
    system.server.manner = undefined;
  });

  const outcome = (key: string, correction = rename("New Name"), options = trying()) =>
    source.rectify(key, correction, options).then(({ state }) => state, reason);
  /** Answers so to writes, which are not carried out, and politely to what is read. */
  const toWrites =
    (status: number, body: string, headers: Record<string, string> = {}): BadManner =>
    (request, response) =>
      request.method === "GET" || response.writeHead(status, headers).end(body);

  it.each([
    [400, "refused"],
    [409, "refused"],
    [422, "refused"],
    [401, "FAILED"],
    [403, "FAILED"],
    [500, "FAILED"],
    [302, "FAILED"],
  ])("takes %i for %s, and sends the write once", async (status, expected) => {
    const key = await system.store.person({});
    let writes = 0;
    system.server.manner = (request, response) => {
      if (request.method === "GET") return;
      writes++;
      response.writeHead(status, { location: system.server.url }).end("{}");
    };
    expect([await outcome(key), writes]).toEqual([expected, 1]);
    expect(await system.store.stored(key)).toMatchObject({ given: "Given" });
  });

  it.each([
    ['{"error":"no rights"}', "FAILED"],
    ["false", "FAILED"],
    ["{}", "FAILED"],
    ["", "FAILED"],
    ["{", "MALFORMED_ANSWER"],
  ])("takes 200 %s with nothing done for %s", async (body, expected) => {
    const key = await system.store.person({});
    system.server.manner = toWrites(200, body);
    expect(await outcome(key)).toBe(expected);
  });

  it("is done by an answer without a body, when it reads so", async () => {
    const key = await system.store.person({});
    system.server.manner = async (request, response, polite) => {
      if (request.method === "GET") return;
      await polite();
      response.writeHead(204).end();
    };
    expect(await outcome(key)).toBe("done");
    expect(await system.store.stored(key)).toMatchObject({ given: "New" });
  });

  it.each<[string, string, BadManner]>([
    [
      "an error",
      "FAILED",
      async (_, response, polite) => {
        await polite();
        response.writeHead(500).end();
      },
    ],
    [
      "half an answer",
      "MALFORMED_ANSWER",
      async (_, response, polite) => {
        await polite();
        response.writeHead(200, { "content-length": "100" }).write("{");
        setTimeout(() => response.destroy(), 20);
      },
    ],
    [
      "no answer at all",
      "UNREACHABLE",
      async (request, _response, polite) => {
        await polite();
        request.socket.destroy();
      },
    ],
  ])("sends what was done and got %s once, and is done at the next try", async (_what, expected, manner) => {
    const key = await system.store.person({});
    let writes = 0;
    system.server.manner = async (request, response, polite) => {
      if (request.method === "GET") return;
      writes++;
      await manner(request, response, polite);
    };
    expect(await outcome(key)).toBe(expected);
    const after = await system.store.stored(key);
    expect(after).toMatchObject({ given: "New", family: "Name" });
    expect(await outcome(key)).toBe("done");
    expect(writes).toBe(1);
    expect(await system.store.stored(key)).toEqual(after);
  });

  it("says when a write may be tried again, and asks nothing before", async () => {
    await using own = await restHarness.make("integer");
    const key = await own.store.person({});
    own.server.manner = toWrites(429, "{}", { "retry-after": "1" });
    const asked = Date.now();
    const first: unknown = await own.source
      .rectify(key, rename("New Name"), trying())
      .catch((e: unknown) => e);
    const calls = own.calls();
    const second: unknown = await own.source.restrict(key, true, trying()).catch((e: unknown) => e);
    expect(own.calls()).toBe(calls);
    const retryAt = first instanceof SourceFailure ? first.retryAt : undefined;
    expect(second).toMatchObject({ reason: "RATE_LIMITED", retryAt });
    expect((retryAt?.getTime() ?? 0) - asked).toBeGreaterThanOrEqual(1_000);
    own.server.manner = undefined;
    await new Promise((resolve) => setTimeout(resolve, (retryAt?.getTime() ?? 0) - Date.now() + 10));
    expect(await own.source.rectify(key, rename("New Name"), trying())).toEqual({ state: "done" });
  });

  it("sends the idempotency key along, the same at every try", async () => {
    const key = await system.store.person({});
    const sent: unknown[] = [];
    system.server.manner = (request, response) => {
      if (request.method === "GET") return;
      sent.push(request.headers["idempotency-key"]);
      response.writeHead(503).end();
    };
    const options = trying();
    for (let n = 0; n < 2; n++) expect(await outcome(key, rename("New Name"), options)).toBe("FAILED");
    expect(sent).toEqual([options.idempotencyKey, options.idempotencyKey]);
  });

  describe("a record that is not shown", () => {
    it("is not said to be absent by an API that does not show the canary either", async () => {
      const key = await system.store.person({});
      system.server.manner = (request, response) =>
        request.url?.includes("/people/") && response.writeHead(404).end("{}");
      expect(await outcome(key)).toBe("CANARY_NOT_FOUND");
      expect(await source.restrict(key, true, trying()).catch(reason)).toBe("CANARY_NOT_FOUND");
    });

    it("is absent when it went away meanwhile", async () => {
      const key = await system.store.person({});
      system.server.manner = async (request) => {
        if (request.method !== "GET")
          await system.store.pool.query("delete from person where id = $1", [key]);
      };
      expect(await outcome(key)).toBe("absent");
    });

    it("is not written to in another's place", async () => {
      const [key, other] = [await system.store.person({}), await system.store.person({})];
      const before = await system.store.stored(other);
      system.server.manner = (request, response) =>
        request.url?.endsWith(`/people/${key}`) &&
        response.end(JSON.stringify({ data: { id: Number(other), name: "Given Family" } }));
      expect(await outcome(key)).toBe("MALFORMED_ANSWER");
      expect(await system.store.stored(other)).toEqual(before);
    });
  });
});

describe("withdrawals through an API", () => {
  let system: RestSystem;
  const parts = new AsyncDisposableStack();
  beforeAll(async () => {
    system = parts.use(await restHarness.make("integer"));
  });
  afterAll(() => parts.disposeAsync());
  afterEach(async () => {
    system.server.manner = undefined;
    await system.store.pool.query("delete from person where email <> 'canary@example.com'");
  });

  const stopping = { method: "PATCH", path: "/people/{key}" } as const;
  const telling = (limit = 200, since?: (quoted: string) => string): WritableSource => {
    const mapping = mappingFor(system.server.url);
    const source = createRestSource("test", processor, {
      ...mapping,
      find: { ...mapping.find, paging: { page: "page", size: "size", limit, total: "data.total" } },
      writes: {
        suppression: {
          isOn: (record) => at(record, "settings.stopped") === true,
          on: stopping,
          off: stopping,
        },
        withdrawals: {
          since: since ?? ((quoted) => `(settings->>'at')::timestamptz >= ${quoted}`),
          at: (record) => String(at(record, "settings.at")),
        },
      },
    });
    parts.defer(() => source.close());
    return source;
  };
  const stopped = (email: string, moment: string, is = true) =>
    system.store.person({ email, settings: { device: { name: "x" }, stopped: is, at: moment } });
  const told = async (source: WritableSource, since: string | null) => {
    const found = await source.withdrawals(since === null ? null : new Date(since), soon());
    return found.map(({ identifiers }) => identifiers[0]?.value);
  };

  it("are those at the moment or after it, oldest first, and nobody else", async () => {
    await stopped("late@example.com", "2024-05-02T00:00:00Z");
    await stopped("At.The.Moment@Example.com", "2024-05-01T14:00:00.000900+02:00");
    await stopped("before@example.com", "2024-05-01T11:59:59.999Z");
    await stopped("still@example.com", "2024-05-03T00:00:00Z", false);
    const source = telling();
    const since = "2024-05-01T12:00:00.000Z";
    expect(await told(source, since)).toEqual(["at.the.moment@example.com", "late@example.com"]);
    expect(await told(source, null)).toEqual([
      "before@example.com",
      "at.the.moment@example.com",
      "late@example.com",
    ]);
  });

  it("are compared again: a filter that finds too many adds nobody", async () => {
    await stopped("before@example.com", "2024-04-01T00:00:00Z");
    await stopped("still@example.com", "2024-05-03T00:00:00Z", false);
    expect(
      await told(
        telling(200, () => "settings ? 'at'"),
        "2024-05-01T00:00:00Z",
      ),
    ).toEqual([]);
  });

  it("are read to the last page", async () => {
    const addresses = Array.from({ length: 23 }, (_, n) => `page${n}@example.com`);
    for (const [n, address] of addresses.entries())
      await stopped(address, new Date(Date.UTC(2024, 5, 1, 0, n)).toISOString());
    expect(await told(telling(5), "2024-06-01T00:00:00Z")).toEqual(addresses);
  });

  it("are not told of at all when somebody moved to a page that was read", async () => {
    const keys: string[] = [];
    for (let n = 0; n < 12; n++) keys.push(await stopped(`move${n}@example.com`, "2024-06-01T00:00:00Z"));
    system.server.manner = async (request) => {
      if (request.url?.includes("page=2"))
        await system.store.pool.query("delete from person where id = $1", [keys[0]]);
    };
    expect(await told(telling(5), "2024-06-01T00:00:00Z").catch(reason)).toBe("FAILED");
  });

  it("are not said to be none by an API that does not show the canary", async () => {
    await system.behave("blind");
    expect(await told(telling(), null).catch(reason)).toBe("CANARY_NOT_FOUND");
    await system.behave("polite");
  });

  it.each(["no moment", ""])("of %j are a malformed answer", async (moment) => {
    await stopped("odd@example.com", moment);
    const answered = told(
      telling(200, () => "settings ? 'at'"),
      null,
    );
    expect(await answered.catch(reason)).toBe("MALFORMED_ANSWER");
  });

  it("are none where the mapping says nothing of them", async () => {
    const silent = createRestSource("test", processor, mappingFor(system.server.url));
    parts.defer(() => silent.close());
    await stopped("silent@example.com", "2024-05-02T00:00:00Z");
    expect(silent.capabilities.tellsWithdrawals).toBe(false);
    expect(await told(silent, null)).toEqual([]);
  });
});

describe("a mapping that contradicts itself in what it writes", () => {
  const polite = mappingFor("http://unused.example");
  const { record: _record, ...unread } = polite;
  const writing = polite.writes ?? {};
  const call = { method: "PATCH", path: "/people/{key}" } as const;
  const text = { kind: "TEXT", call } as const;
  const problems: [string, Mapping][] = [
    ["map the record endpoint", unread],
    ["unheld", { ...polite, writes: { fields: { unheld: text } } }],
    ["born is read by as, values or when", { ...polite, writes: { fields: { born: text } } }],
    ["email is found by as EMAIL", { ...polite, writes: { fields: { email: text } } }],
    [
      "unheld is no field",
      { ...polite, writes: { ...writing, snapshots: [{ collection: "tags", repeats: ["unheld"] }] } },
    ],
    [
      "withdrawals need a suppression",
      { ...polite, writes: { withdrawals: { since: () => "true", at: () => null } } },
    ],
  ];
  it.each(problems)("stops the start: %s", (problem, mapping) => {
    expect(() => createRestSource("test", processor, mapping)).toThrow(
      expect.objectContaining({ name: "MappingError", message: expect.stringContaining(problem) }),
    );
  });
});
