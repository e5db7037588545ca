import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { at } from "../../src/connectors/rest/json.ts";
import type { RestErasures } from "../../src/connectors/rest/erasure-mapping.ts";
import { InvalidCursor, SourceFailure } from "../../src/sources/contract.ts";
import type { ErasableSource, Kept, OfRecord, Whose } from "../../src/sources/erasures.ts";
import {
  type Changes,
  byRow,
  erasesWith,
  ErasingApi,
  erasingSource,
  listing,
  wiping,
} from "./erasing-api.ts";
import { soon } from "./harness.ts";
import { restHarness, type RestSystem } from "./rest-harness.ts";
import type { BadManner } from "./rest-server.ts";
import { trying } from "./writing-conformance.ts";

const reason = (error: unknown) => (error instanceof SourceFailure ? error.reason : error);
const none: Kept = new Map();
const until = "2030-12-31";

let system: RestSystem;
let api: ErasingApi;
let source: ErasableSource;
const parts = new AsyncDisposableStack();
beforeAll(async () => {
  system = parts.use(await restHarness.make("integer"));
  api = await ErasingApi.make(system);
  source = withTypes();
});
afterAll(() => parts.disposeAsync());
afterEach(() => {
  system.server.manner = undefined;
  Object.assign(api.deleting, { batch: 1_000_000, soft: false, job: "done", wipes: true });
});

function withTypes(changes: Changes = {}): ErasableSource {
  const made = erasingSource(system.server.url, erasesWith(changes));
  parts.defer(() => made.close());
  return made;
}

let people = 0;
async function somebody(letters = 2): Promise<OfRecord> {
  const email = `somebody${++people}@example.com`;
  return { recordKey: await api.person(email, letters), identifiers: [{ kind: "EMAIL", value: email }] };
}
const nobody: OfRecord = {
  recordKey: "999999999",
  identifiers: [{ kind: "EMAIL", value: "nobody@example.com" }],
};

const erase = (whose: Whose, recordType: string, { kept = none, from = source, options = trying() } = {}) =>
  from.erase({ whose, recordType, kept }, options).then(({ state }) => state, reason);
const remains = (whose: Whose, { kept = none, from = source } = {}) =>
  from
    .remains(whose, kept, soon())
    .then((left) => left.map(({ recordType, place, count }) => [recordType, place, count]), reason);
const keys = ({ recordKey }: OfRecord) => system.store.letterKeys(recordKey);

/** Answers so to what changes something, which is not carried out, and politely to what is read. */
const toCalls =
  (status: number, body: string, headers: Record<string, string> = {}): BadManner =>
  (request, response) =>
    request.method === "GET" || response.writeHead(status, headers).end(body);

describe("an API that is made to forget", () => {
  it("says what it erases, in order", () => {
    expect(source.capabilities.erases).toEqual(
      ["letters", "tags", "traces", "record"].map((recordType) => ({ recordType, manner: "ERASE" })),
    );
  });

  it("forgets one record type after the other, of one person alone", async () => {
    const [whose, other] = [await somebody(), await somebody()];
    const before = await api.left(other.recordKey);
    expect(await erase(whose, "letters")).toBe("done");
    expect(await api.left(whose.recordKey)).toEqual({ person: 1, letter: 0, tag: 1, trace: 1 });
    for (const type of ["tags", "traces", "record"]) expect(await erase(whose, type)).toBe("done");
    expect(await api.left(whose.recordKey)).toEqual({ person: 0, letter: 0, tag: 0, trace: 0 });
    expect(await remains(whose)).toEqual([]);
    expect(await api.left(other.recordKey)).toEqual(before);
    for (const { recordType } of source.capabilities.erases)
      expect(await erase(whose, recordType)).toBe("absent");
  });

  it("changes nothing of somebody who never was, whatever it would say of them", async () => {
    const sent: unknown[] = [];
    system.server.manner = (request) => void (request.method !== "GET" && sent.push(request.url));
    for (const { recordType } of source.capabilities.erases)
      expect(await erase(nobody, recordType)).toBe("absent");
    expect(await remains(nobody)).toEqual([]);
    expect(sent).toEqual([]);
  });

  it("counts without reading: 20,000 letters are one number", async () => {
    const whose = await somebody(20_000);
    const before = system.calls();
    expect(Object.fromEntries(await source.tally(whose, soon()))).toEqual({
      letters: 20_000,
      tags: 1,
      traces: 1,
      record: 1,
    });
    expect(system.calls() - before).toBeLessThan(10);
    expect([...(await source.tally(nobody, soon())).values()]).toEqual([0, 0, 0, 0]);
  });

  it("takes what only goes in parts, each with a key of its own", async () => {
    const whose = await somebody(25);
    api.deleting.batch = 10;
    const sent: unknown[] = [];
    system.server.manner = (request) =>
      void (request.method === "DELETE" && sent.push(request.headers["idempotency-key"]));
    const options = trying();
    expect(await erase(whose, "letters", { options })).toBe("done");
    expect(sent).toEqual(["25", "15", "5"].map((left) => `${options.idempotencyKey}/letters/${left}`));
  });

  it("leaves the rest to the next call when there is more than one has time for", async () => {
    const whose = await somebody(30);
    api.deleting.batch = 10;
    system.server.manner = (request) =>
      request.method === "DELETE" && new Promise((resolve) => setTimeout(resolve, 1_600));
    const outcome = await source.erase({ whose, recordType: "letters", kept: none }, trying());
    expect(outcome.state === "retry" && outcome.at.getTime() - Date.now()).toBeLessThanOrEqual(0);
    system.server.manner = undefined;
    expect(await erase(whose, "letters")).toBe("done");
  });

  describe("where there is no record", () => {
    const unrecorded = (value: string): Whose => ({
      recordKey: null,
      identifiers: [{ kind: "EMAIL", value }],
    });

    it("asks by the address alone, and nothing of what needs a key", async () => {
      const asked: string[] = [];
      system.server.manner = ({ url }) => void asked.push(url ?? "");
      await source.tally(unrecorded("asked.for@example.com"), soon());
      await remains(unrecorded("asked.for@example.com"));
      expect(asked.filter((url) => url.includes("asked.for"))).toEqual([
        "/api/traces?email=asked.for%40example.com",
        "/api/traces?email=asked.for%40example.com",
      ]);
      // The rest is the canary's.
      expect(asked.filter((url) => /null|\{key\}|undefined/.test(url))).toEqual([]);
    });

    it("does not ask a place that answers nobody without a key", async () => {
      const [place] = erasesWith().types.find(({ recordType }) => recordType === "traces")?.places ?? [];
      const from = withTypes({ traces: { places: [{ ...(place ?? expect.fail()), needsKey: true }] } });
      await api.trace("", "needs.key@example.com");
      expect(await remains(unrecorded("needs.key@example.com"), { from })).toEqual([]);
      expect(await remains(unrecorded("needs.key@example.com"))).toEqual([["traces", "/traces opens", 1]]);
      expect(await erase(unrecorded("needs.key@example.com"), "traces")).toBe("done");
    });

    it("is not done with by a way that is about a record, and what is left is named", async () => {
      const { withoutRecord: _withoutRecord, ...byKey } = wiping;
      const [place] = erasesWith().types.find(({ recordType }) => recordType === "traces")?.places ?? [];
      const from = withTypes({ traces: { places: [{ ...(place ?? expect.fail()), by: byKey }] } });
      await api.trace("", "by.key@example.com");
      const started = api.jobs.length;
      expect(await erase(unrecorded("by.key@example.com"), "traces", { from })).toBe("refused");
      expect(api.jobs).toHaveLength(started);
      expect(await remains(unrecorded("by.key@example.com"), { from })).toEqual([
        ["traces", "/traces opens", 1],
      ]);
      expect(await erase(unrecorded("by.key@example.com"), "traces")).toBe("done");
    });

    it("does not believe that it was done", async () => {
      await api.trace("", "stays@example.com");
      api.deleting.wipes = false;
      expect(await erase(unrecorded("stays@example.com"), "traces")).toBe("FAILED");
      api.deleting.wipes = true;
      expect(await erase(unrecorded("stays@example.com"), "traces")).toBe("done");
    });
  });

  it("finds traces by what named the person when the record is long gone", async () => {
    await api.trace("gone", "Long.Gone@example.com");
    const whose: OfRecord = {
      recordKey: "888888",
      identifiers: [{ kind: "EMAIL", value: "long.gone@example.com" }],
    };
    expect(await remains(whose)).toEqual([["traces", "/traces opens", 1]]);
    expect((await source.tally(whose, soon())).get("traces")).toBe(1);
  });

  it("asks no place for everybody when there is nothing to ask by", async () => {
    const byAddress = withTypes({
      traces: { places: [{ path: "/traces", asks: { EMAIL: "email" }, counts: { opens: "data.count" } }] },
    });
    expect(await remains({ ...(await somebody()), identifiers: [] }, { from: byAddress })).not.toContainEqual(
      expect.arrayContaining(["traces"]),
    );
  });

  it("refuses where the mapping knows of nothing that does it, and there is something", async () => {
    const helpless = withTypes({ tags: { by: undefined } as Changes["tags"] & object });
    const whose = await somebody();
    expect(await erase(whose, "tags", { from: helpless })).toBe("refused");
    expect(await erase(whose, "nonsense", { from: helpless })).toBe("refused");
    await system.store.pool.query("delete from tag where person_id = $1", [whose.recordKey]);
    expect(await erase(whose, "tags", { from: helpless })).toBe("done");
  });
});

describe("what the law keeps", () => {
  const keeping = (...pairs: [string, readonly string[]][]): Kept =>
    new Map(pairs.map(([type, rows]) => [type, rows.map((key) => ({ key, until }))]));

  it("is spared where rows can be deleted one by one", async () => {
    const byOne = withTypes({ letters: { by: byRow } });
    const whose = await somebody(120);
    const [first = "", , , fourth = "", ...rest] = await keys(whose);
    const kept = keeping(["letters", [first, fourth, rest.at(-1) ?? ""]]);
    expect(await erase(whose, "letters", { kept, from: byOne })).toBe("done");
    expect(await keys(whose)).toEqual([first, fourth, rest.at(-1)]);
    expect(await remains(whose, { kept, from: byOne })).not.toContainEqual(
      expect.arrayContaining(["letters"]),
    );
    expect(await remains(whose, { from: byOne })).toContainEqual(["letters", "/people/{key}/letters", 3]);
    expect(await erase(whose, "letters", { from: byOne })).toBe("done");
    expect(await keys(whose)).toEqual([]);
  });

  it.each(["letters", "record"])(
    "is not touched by a call for %s that spares nothing",
    async (recordType) => {
      const whose = await somebody();
      const before = await api.left(whose.recordKey);
      const kept = keeping(["letters", (await keys(whose)).slice(0, 1)]);
      expect(await erase(whose, recordType, { kept })).toBe("refused");
      expect(await api.left(whose.recordKey)).toEqual(before);
    },
  );

  it("is done being kept where there is nothing, and refused where an API would have to mark it", async () => {
    const whose = await somebody();
    const kept = keeping(["letters", await keys(whose)]);
    const keep = (recordType: string) => source.keep({ whose, recordType, kept }, trying());
    expect(await keep("tags")).toEqual({ state: "done" });
    expect(await keep("letters")).toEqual({ state: "refused" });
  });

  it("is reduced, of the record, to what it needs", async () => {
    const whose = await somebody();
    const kept = keeping(["record", [whose.recordKey]]);
    expect(await erase(whose, "record", { kept })).toBe("refused");
    const reducing = withTypes({
      record: {
        reduced: {
          call: { method: "PATCH", path: "/people/{key}", body: () => ({ phone: "", email: "" }) },
          isReduced: (record) => at(record, "phone") === "",
        },
      },
    });
    expect(await erase(whose, "record", { kept, from: reducing })).toBe("done");
    expect(await system.store.stored(whose.recordKey)).toMatchObject({
      given: "Given",
      phone: "",
      email: "",
    });
    expect(await remains(whose, { kept, from: reducing })).not.toContainEqual(
      expect.arrayContaining(["record"]),
    );
    system.server.manner = toCalls(200, '{"data":true}');
    await system.store.pool.query("update person set phone = '1' where id = $1", [whose.recordKey]);
    expect(await erase(whose, "record", { kept, from: reducing })).toBe("FAILED");
  });
});

describe("an API that lies about what it has forgotten", () => {
  it.each<[number, string, string]>([
    [200, '{"data":true}', "FAILED"],
    [200, '{"error":"no rights"}', "FAILED"],
    [200, "false", "FAILED"],
    [204, "", "FAILED"],
    [200, "{", "MALFORMED_ANSWER"],
    [404, "{}", "FAILED"],
    [410, "{}", "FAILED"],
    [400, "{}", "refused"],
    [409, "{}", "refused"],
    [422, "{}", "refused"],
    [403, "{}", "FAILED"],
    [500, "{}", "FAILED"],
  ])("%i %s with nothing done is %s", async (status, body, expected) => {
    const whose = await somebody();
    system.server.manner = toCalls(status, body);
    for (const type of ["letters", "tags", "record"]) expect(await erase(whose, type), type).toBe(expected);
    expect(await erase(whose, "letters", { from: withTypes({ letters: { by: byRow } }) })).toBe(expected);
    expect(await remains(whose)).toHaveLength(4);
  });

  it.each([400, 404, 500])("%i after it was done is done at the next try", async (status) => {
    const whose = await somebody();
    system.server.manner = async (request, response, polite) => {
      if (request.method === "GET") return;
      await polite();
      response.writeHead(status).end("{}");
    };
    for (const type of ["letters", "tags", "record"]) {
      if (status === 500) expect(await erase(whose, type)).toBe("FAILED");
      expect(await erase(whose, type)).toMatch(/done|absent/);
    }
    expect(await api.left(whose.recordKey)).toMatchObject({ person: 0, letter: 0, tag: 0 });
  });

  it("stops half-way: not done, and what is left is named", async () => {
    const whose = await somebody(25);
    api.deleting.batch = 10;
    let calls = 0;
    system.server.manner = (request, response) =>
      request.method === "DELETE" && ++calls > 1 && response.end('{"data":true}');
    expect(await erase(whose, "letters")).toBe("FAILED");
    expect(await remains(whose)).toContainEqual(["letters", "/people/{key}/letters", 15]);
  });

  it("hides the record by its key and still finds it by the address", async () => {
    const whose = await somebody();
    system.server.manner = (request, response) =>
      request.method === "GET" &&
      request.url?.endsWith(`/people/${whose.recordKey}`) &&
      response.writeHead(404).end("{}");
    api.deleting.soft = true;
    expect(await erase(whose, "record")).toBe("FAILED");
    expect(await remains(whose)).toContainEqual(["record", "/people/{key}", 1]);
  });

  it("keeps an emptied record: erased when the mapping says that it is empty", async () => {
    const emptying = withTypes({
      record: {
        by: { call: { method: "PATCH", path: "/people/{key}", body: () => ({ given: "", phone: "" }) } },
        isErased: (record) => at(record, "phone") === "",
      },
    });
    const whose = await somebody();
    expect((await emptying.tally(whose, soon())).get("record")).toBe(1);
    expect(await erase(whose, "record", { from: emptying })).toBe("done");
    expect((await emptying.tally(whose, soon())).get("record")).toBe(0);
    expect(await remains(whose)).toContainEqual(["record", "/people/{key}", 1]);
  });

  it("sends the same key however often it is asked", async () => {
    const whose = await somebody();
    const sent: unknown[] = [];
    system.server.manner = (request, response) => {
      if (request.method === "GET") return;
      sent.push(request.headers["idempotency-key"]);
      response.writeHead(503, { "retry-after": "20" }).end();
    };
    const options = trying();
    const asked = Date.now();
    for (let n = 0; n < 2; n++) {
      const failure: unknown = await source
        .erase({ whose, recordType: "record", kept: none }, options)
        .catch((error: unknown) => error);
      expect(failure).toMatchObject({ reason: "FAILED" });
      const retryAt = failure instanceof SourceFailure ? failure.retryAt?.getTime() : 0;
      expect((retryAt ?? 0) - asked).toBeGreaterThanOrEqual(20_000);
    }
    expect(new Set(sent)).toEqual(new Set([`${options.idempotencyKey}/record/1`]));
  });
});

describe("an API that shows too little", () => {
  const everything = async () => [
    ...(await Promise.all(source.capabilities.erases.map(({ recordType }) => erase(nobody, recordType)))),
    await remains(nobody),
    await source.tally(nobody, soon()).catch(reason),
    await source
      .identified("", soon())
      .catch((error: unknown) => (error instanceof InvalidCursor ? "" : error)),
    await source.identified(null, soon()).catch(reason),
  ];

  it("does not say that anything is gone, when it shows nobody", async () => {
    await system.behave("blind");
    expect(new Set(await everything())).toEqual(new Set(["CANARY_NOT_FOUND", "MALFORMED_ANSWER", ""]));
  });

  it.each([
    ["letters", /\/letters\?/, '{"data":{"results":[],"total":0}}'],
    ["traces", /\/traces\?/, '{"data":{"count":0}}'],
    ["traces", /\/traces\?/, '{"data":{"count":[]}}'],
  ])("does not say that %s are gone, when it shows nobody's", async (type, path, body) => {
    const whose = await somebody();
    system.server.manner = (request, response) => path.test(request.url ?? "") && response.end(body);
    expect(await erase(whose, type)).toBe("CANARY_NOT_FOUND");
    expect(await remains(whose)).toBe("CANARY_NOT_FOUND");
    expect(await erase(whose, "tags")).toBe("done");
  });

  it.each(['{"data":{}}', '{"data":{"count":-1}}', '{"data":{"count":"some"}}', "{}"])(
    "%s is no count of what is left",
    async (body) => {
      system.server.manner = (request, response) =>
        /\/traces\?/.test(request.url ?? "") && response.end(body);
      expect(await remains(nobody)).toBe("MALFORMED_ANSWER");
    },
  );

  it("names no value of a person in a failure", async () => {
    const whose = await somebody();
    await system.server.stop();
    const errors: unknown[] = await Promise.all([
      source.remains(whose, none, soon()).catch((e: unknown) => e),
      source.erase({ whose, recordType: "record", kept: none }, trying()).catch((e: unknown) => e),
    ]);
    await system.server.listen();
    for (let error of errors) {
      expect(error).toBeInstanceOf(SourceFailure);
      for (; error instanceof Error; error = error.cause)
        expect(`${error.message} ${error.stack} ${JSON.stringify(error)}`).not.toContain("somebody");
    }
  });
});

describe("an erasure that is a job", () => {
  const jobsOf = ({ recordKey }: OfRecord) => api.jobs.filter(({ person }) => person === recordKey);

  it("is asked after when the system says, or the mapping", async () => {
    const whose = await somebody();
    api.deleting.job = "running";
    const wait = async () => {
      const outcome = await source.erase({ whose, recordType: "traces", kept: none }, trying());
      return outcome.state === "retry"
        ? Math.round((outcome.at.getTime() - Date.now()) / 1_000)
        : outcome.state;
    };
    expect(await wait()).toBe(7);
    system.server.manner = async (request, response, polite) => {
      if (!/erasures\/job/.test(request.url ?? "")) return;
      response.writeHead(200, { "retry-after": "3" }).end(JSON.stringify(await polite()));
    };
    expect(await wait()).toBe(3);
    system.server.manner = undefined;
    api.deleting.job = "done";
    expect(await erase(whose, "traces")).toBe("done");
    expect(jobsOf(whose)).toHaveLength(1);
  });

  it("is done when it is over and nothing is left, however many ask", async () => {
    const whose = await somebody();
    api.deleting.job = "running";
    const options = trying();
    for (let n = 0; n < 3; n++) expect(await erase(whose, "traces", { options })).toBe("retry");
    expect(jobsOf(whose)).toHaveLength(1);
    await system.store.pool.query("delete from trace where person_id = $1", [whose.recordKey]);
    expect(await erase(whose, "traces", { options })).toBe("done");
  });

  it("is found by whoever comes after one that was killed before it heard of the job", async () => {
    const whose = await somebody();
    api.deleting.job = "running";
    const options = trying();
    system.server.manner = async (request, _response, polite) => {
      if (request.method !== "POST") return;
      await polite();
      request.socket.destroy();
    };
    expect(await erase(whose, "traces", { options })).toBe("UNREACHABLE");
    system.server.manner = undefined;
    expect(await erase(whose, "traces", { options })).toBe("retry");
    expect(jobsOf(whose).map(({ reference }) => reference)).toEqual([`${options.idempotencyKey}/traces/1`]);
  });

  it("that somebody else started is waited for", async () => {
    const whose = await somebody();
    api.deleting.job = "running";
    api.jobs.unshift({ id: "theirs", state: "running", person: whose.recordKey, reference: null });
    expect(await erase(whose, "traces")).toBe("retry");
    expect(jobsOf(whose)).toHaveLength(1);
  });

  it("that ended long ago is no reason not to start another", async () => {
    const whose = await somebody();
    api.jobs.unshift({ id: "old", state: "done", person: whose.recordKey, reference: "another" });
    Object.assign(api.deleting, { wipes: true });
    system.server.manner = (request, response) =>
      request.url?.endsWith("/erasures/old") && response.end('{"data":{"state":"done"}}');
    expect(await erase(whose, "traces")).toBe("done");
    expect(jobsOf(whose)).toHaveLength(2);
  });

  it.each(["failed", "done"])(
    "that is %s without having done it fails, and another is started",
    async (state) => {
      const whose = await somebody();
      const options = trying();
      Object.assign(api.deleting, { job: state, wipes: false });
      for (let n = 1; n <= 3; n++) {
        expect(await erase(whose, "traces", { options })).toBe("FAILED");
        expect(jobsOf(whose)).toHaveLength(n);
      }
      expect(await remains(whose)).toContainEqual(["traces", "/traces opens", 1]);
      Object.assign(api.deleting, { job: "done", wipes: true });
      await erase(whose, "traces", { options });
      expect(await erase(whose, "traces", { options })).toBe("done");
    },
  );

  it.each([
    [
      "a state that the mapping does not know",
      /erasures\/job/,
      '{"data":{"state":"paused"}}',
      "MALFORMED_ANSWER",
    ],
    ["no state", /erasures\/job/, '{"data":{}}', "MALFORMED_ANSWER"],
    ["no key of the job", /erasures$/, '{"data":true}', "MALFORMED_ANSWER"],
    ["a failure", /erasures$/, '{"error":"busy"}', "FAILED"],
  ])("is not believed by %s", async (_what, path, body, expected) => {
    const whose = await somebody();
    system.server.manner = (request, response) => path.test(request.url ?? "") && response.end(body);
    expect(await erase(whose, "traces")).toBe(expected);
  });

  it("that the system does not take is refused", async () => {
    system.server.manner = toCalls(422, "{}");
    expect(await erase(await somebody(), "traces")).toBe("refused");
  });
});

describe("all records", () => {
  const all = async (from: ErasableSource, between?: () => Promise<unknown>) => {
    const seen: string[] = [];
    for (let after: string | null = null, page = 0; ; page++) {
      const answer = await from.identified(after, soon());
      seen.push(...answer.records.map(({ key }) => key));
      if (answer.next === null) return seen;
      if (page === 1) await between?.();
      after = answer.next;
    }
  };
  const ids = async () => {
    const { rows } = await system.store.pool.query<{ id: string }>("select id from person order by id");
    return rows.map(({ id }) => id);
  };
  const { after: _after, ...unplaced } = listing;
  const paged = () => {
    const erases: RestErasures<"letters" | "tags"> = {
      ...erasesWith(),
      listing: { ...unplaced, page: "page" },
    };
    const made = erasingSource(system.server.url, erases);
    parts.defer(() => made.close());
    return made;
  };

  it.each([
    ["by position", () => source],
    ["by number of page", paged],
  ])("come %s, and nobody is lost by deletions meanwhile", async (_what, make) => {
    for (let n = 0; n < 37; n++) await system.store.person({ email: `Listed${people++}@Example.com` });
    const from = make();
    const before = await ids();
    expect(await all(from)).toEqual(before);
    const first = before.slice(1, 8);
    const seen = await all(from, () =>
      system.store.pool.query("delete from person where id = any($1)", [first]),
    );
    expect([...new Set(seen)]).toEqual(before);
  });

  it("come with what names them, normalised", async () => {
    const key = await system.store.person({ email: '"Odd" <ODD@Example.com>', external: " E-1 " });
    const seen = new Map<string, unknown>();
    for (let after: string | null = null; ;) {
      const { records, next } = await source.identified(after, soon());
      for (const record of records) seen.set(record.key, record.identifiers);
      if (next === null) break;
      after = next;
    }
    expect(seen.get(key)).toEqual([
      { kind: "EMAIL", value: "odd@example.com" },
      { kind: "EXTERNAL_ID", value: "E-1" },
    ]);
  });

  it.each<[string, (records: object[]) => object]>([
    ["that begins anew each time", (records) => ({ results: records.slice(0, 10), total: records.length })],
    ["that sends more than it is asked for", (records) => ({ results: records, total: records.length })],
    ["that knows of more than it sends", (records) => ({ results: [], total: records.length })],
  ])("of an API %s are a malformed answer", async (_what, answer) => {
    const records = Array.from({ length: 12 }, (_, id) => ({ id: id + 1, email: "x@example.com" }));
    system.server.manner = (request, response) =>
      request.url?.includes("/everybody") && response.end(JSON.stringify({ data: answer(records) }));
    expect(await all(source).catch(reason)).toBe("MALFORMED_ANSWER");
  });

  it("are gone through from where they were left, and from nowhere else", async () => {
    for (const after of ["", "x", Buffer.from('["records"]').toString("base64url")])
      await expect(source.identified(after, soon())).rejects.toBeInstanceOf(InvalidCursor);
  });
});

describe("a mapping that contradicts itself in what it erases", () => {
  const good = erasesWith();
  const without = (name: string) => ({
    ...good,
    types: good.types.filter(({ recordType }) => recordType !== name),
  });
  const job = wiping.job;
  const withJob = (change: object) =>
    erasesWith({
      traces: {
        places: [
          {
            path: "/traces",
            asks: { key: "person" },
            counts: { n: "n" },
            by: { job: { ...job, ...change } },
          },
        ],
      },
    });
  const problems: [string, RestErasures<"letters" | "tags">][] = [
    ["say how tags is erased", without("tags")],
    ["say how record is erased", without("record")],
    ["list the record last", { ...good, types: good.types.toReversed() }],
    ["letters is listed twice", { ...good, types: [...good.types.slice(0, 1), ...good.types] }],
    ["traces: name the places", erasesWith({ traces: { places: [] } })],
    ["traces: they are nothing but places", erasesWith({ traces: { by: byRow } })],
    ["tags: `eachRow` needs rows with keys", erasesWith({ tags: { by: byRow } })],
    [
      "letters: put {row} into the path",
      erasesWith({ letters: { by: { eachRow: { method: "DELETE", path: "/letters" } } } }),
    ],
    [
      "record: alsoTakes: traces is not listed",
      {
        ...without("traces"),
        types: without("traces").types.map((type) =>
          type.recordType === "record"
            ? { ...type, by: { call: { method: "DELETE", path: "/x" }, alsoTakes: ["traces"] } }
            : type,
        ),
      },
    ],
    ["tags: `isErased` and `reduced` are of the record", erasesWith({ tags: { isErased: () => true } })],
    ["/all is asked for nobody", erasesWith({ traces: { places: [{ path: "/all", counts: { n: "n" } }] } })],
    [
      "/t has no counts",
      erasesWith({ traces: { places: [{ path: "/t", asks: { key: "p" }, counts: {} }] } }),
    ],
    [
      "record: `withoutRecord` is where there is no record",
      erasesWith({
        record: {
          by: {
            call: { method: "DELETE", path: "/people/{key}" },
            withoutRecord: { method: "DELETE", path: "/people/{key}/traces" },
          },
        },
      }),
    ],
    ["put {job} into the path", withJob({ status: { ...job.status, path: "/erasures" } })],
    ["say which states of the job", withJob({ status: { ...job.status, failed: [] } })],
    ["can mean one thing only", withJob({ status: { ...job.status, failed: ["done"] } })],
  ];
  it.each(problems)("stops the start: %s", (problem, erases) => {
    expect(() => erasingSource("http://unused.example", erases)).toThrow(
      expect.objectContaining({ name: "MappingError", message: expect.stringContaining(problem) }),
    );
  });
});
