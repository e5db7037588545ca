import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createRestSource } from "../../src/connectors/rest/source.ts";
import { at } from "../../src/connectors/rest/json.ts";
import { createSqlSource } from "../../src/connectors/sql/source.ts";
import { crmMapping } from "../../src/demo/systems/crm/mapping.ts";
import { eventsMapping } from "../../src/demo/systems/events/mapping.ts";
import { fillSystems } from "../../src/demo/systems/fill.ts";
import { learningMapping } from "../../src/demo/systems/learning/mapping.ts";
import { mailingMapping } from "../../src/demo/systems/mailing/mapping.ts";
import { writeTestData } from "../../src/operator/write-testdata.ts";
import type { Row } from "../../src/sources/contract.ts";
import type { ErasableSource } from "../../src/sources/erasures.ts";
import type { Copied } from "../../src/testdata/copy.ts";
import { credentials, startMailing, type TestMailing, today } from "../demo/mailing-process.ts";
import { testDatabase } from "../setup/database.ts";
import { connected } from "../../src/demo/postgres/administration.ts";
import { insertRequest } from "../setup/requests.ts";
import { object, restrict } from "../setup/standing.ts";
import { email, openRegister, type Register } from "../subjects/world.ts";

const among = 5;
const parts = new AsyncDisposableStack();
let register: Register;
let sources: ReadonlyMap<string, ErasableSource>;
let crmUrl: string;
let mailing: TestMailing;
let folder: string;
let copied: readonly Copied[];
let rows: ReadonlyMap<string, readonly Row[]>;

beforeAll(async () => {
  register = parts.use(await openRegister());
  const databases = await Promise.all([testDatabase(), testDatabase(), testDatabase()]);
  for (const database of databases) parts.use(database);
  const [crm, learning, events] = databases.map(({ url }) => url) as [string, string, string];
  crmUrl = crm;
  await fillSystems({ urls: { crm, learning, events }, persons: 200, today });
  // What one person alone has, who could be told by it.
  await inCrm(
    "update kontakt set stilling = 'Fyrvokter' where kontakt_id = (select min(kontakt_id) from kontakt)",
  );
  await inCrm(
    "update berikelse set verdi = 'Seilflyging' where berikelse_id = (select min(berikelse_id) from berikelse)",
  );
  mailing = parts.use(await startMailing());
  const all = [
    await createSqlSource("crm", processor, crmMapping(crm)),
    await createSqlSource("learning", processor, learningMapping(learning)),
    createRestSource("mailing", processor, mailingMapping(access())),
    await createSqlSource("events", processor, eventsMapping(events)),
  ];
  for (const source of all) parts.defer(() => source.close());
  sources = new Map(all.map((source) => [source.key, source]));
  folder = await mkdtemp(join(tmpdir(), "innsyn-testdata-"));
  parts.defer(() => rm(folder, { recursive: true }));
  copied = await copyTo(folder);
  rows = await rowsIn(folder);
}, 120_000);
afterAll(() => parts.disposeAsync());

const processor = { name: "Demo", country: "NO", agreement: "none" };
const access = () => ({ url: mailing.url, user: credentials.user, token: credentials.token });

const copyTo = (to: string, from = sources) =>
  writeTestData({
    ...register.parts,
    sources: from,
    folder: to,
    among,
  });

const onlyOf = (key: string) => new Map([[key, sources.get(key) ?? expect.fail(key)]]);

async function rowsIn(of: string): Promise<ReadonlyMap<string, readonly Row[]>> {
  const found = new Map<string, readonly Row[]>();
  for (const path of await readdir(of, { recursive: true })) {
    if (!path.endsWith(".jsonl")) continue;
    const lines = (await readFile(join(of, path), "utf8")).trim().split("\n");
    found.set(
      path.slice(0, -".jsonl".length),
      lines.filter(Boolean).map((line) => JSON.parse(line) as Row),
    );
  }
  return found;
}

const of = (type: string) => rows.get(type) ?? expect.fail(type);
const textsOf = (value: unknown): readonly string[] => {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(textsOf);
};

it("as many records of every system, and what was done in the manifest", async () => {
  expect(copied.map(({ source, failure }) => [source, failure])).toEqual([
    ["crm", null],
    ["learning", null],
    ["mailing", null],
    ["events", null],
  ]);
  for (const { source, records } of copied) expect(of(`${source}/record`)).toHaveLength(records);
  const manifest = JSON.parse(await readFile(join(folder, "manifest.json"), "utf8")) as object;
  expect(manifest).toEqual({ among, systems: copied });
});

/** Of a source's rows in their own database, as its own people would count them. */
const inCrm = async (statement: string) =>
  connected(crmUrl, async (client) => (await client.query<Record<string, unknown>>(statement)).rows);

async function identifiersHeld(): Promise<readonly string[]> {
  const held: string[] = [];
  for (const source of sources.values()) {
    let after: string | null = null;
    do {
      const { records, next } = await source.identified(after, { signal: AbortSignal.timeout(60_000) });
      held.push(...records.flatMap(({ identifiers }) => identifiers.map(({ value }) => value.toLowerCase())));
      after = next;
    } while (after !== null);
  }
  return held;
}

describe("what is written", () => {
  it("names nobody, and has no word of what persons have written", async () => {
    const said = new Set(
      [...rows.values()]
        .flat()
        .flatMap(textsOf)
        .map((text) => text.toLowerCase()),
    );
    expect(said.size).toBeGreaterThan(1_000);
    const held = await identifiersHeld();
    expect(held.length).toBeGreaterThan(400);
    expect(held.filter((value) => said.has(value))).toEqual([]);
    const written = (await inCrm(`select tekst as body from samtale where tekst is not null`)).map(
      ({ body }) => String(body).toLowerCase(),
    );
    expect(written.length).toBeGreaterThan(100);
    expect(written.filter((text) => said.has(text))).toEqual([]);
    expect([...said].filter((text) => text.startsWith("$2y$"))).toEqual([]);
  });

  it.each([
    [
      "crm/record",
      "jobTitle",
      "select stilling v, count(*)::int n from kontakt where stilling is not null group by 1",
    ],
    [
      "crm/record",
      "organisation",
      "select firma v, count(*)::int n from kontakt where firma is not null group by 1",
    ],
    [
      "crm/record",
      "postalAddress",
      "select adresse v, count(*)::int n from kontakt where adresse is not null group by 1",
    ],
    [
      "crm/enrichments",
      "value",
      "select verdi v, count(distinct kontakt_id)::int n from berikelse where verdi is not null group by 1",
    ],
    [
      "crm/conversations",
      "handledBy",
      "select saksbehandler v, 0 n from samtale where saksbehandler is not null group by 1",
    ],
  ])("has nothing that fewer persons than asked for have: %s.%s", async (type, field, statement) => {
    const held = await inCrm(statement);
    const few = held.filter(({ n }) => Number(n) < among).map(({ v }) => v);
    expect(few.length).toBeGreaterThan(0);
    const said = of(type).map((row) => row[field]);
    expect(said.some((value) => value !== null)).toBe(true);
    expect(few.filter((value) => said.includes(value as string))).toEqual([]);
  });

  it("has what many have about as often", async () => {
    const held = await inCrm(
      "select status v, count(*)::float / sum(count(*)) over () n from ordre where not sperret group by 1",
    );
    const orders = of("crm/orders");
    for (const { v, n } of held) {
      const share = orders.filter(({ status }) => status === v).length / orders.length;
      expect(Math.abs(share - Number(n)), String(v)).toBeLessThan(0.1);
    }
    const [mean] = await inCrm("select avg(belop)::float v from ordre where not sperret");
    const totals = orders.map(({ total }) => Number(total));
    const ratio = totals.reduce((sum, total) => sum + total, 0) / totals.length / Number(mean?.["v"]);
    expect(ratio).toBeGreaterThan(0.7);
    expect(ratio).toBeLessThan(1.3);
  });

  it("is written as it is in the systems", () => {
    for (const { email: address } of of("learning/record"))
      if (address !== null) expect(String(address)).toMatch(/\.example|\.EXAMPLE|^[^@]+$/);
    for (const { orderedAt, total } of of("crm/orders")) {
      expect(String(orderedAt)).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
      expect(String(total)).toMatch(/^\d+\.\d\d$/);
    }
  });
});

it("no dietary or access needs: they are left out, and the manifest says so", () => {
  const needs = of("events/registrations").flatMap((row) =>
    Object.keys(row).filter((key) => key.endsWith("Needs")),
  );
  expect(needs).toEqual([]);
  const events = copied.find(({ source }) => source === "events");
  expect(events?.fieldsLeftOut).toEqual(["registrations.dietaryNeeds", "registrations.accessNeeds"]);
});

describe("whom a system has itself marked as restricted", () => {
  type Mapping = ReturnType<typeof crmMapping>;
  const withoutWrites = ({ person: { writes: _writes, ...person }, ...mapping }: Mapping): Mapping => ({
    ...mapping,
    person,
  });
  const withoutErasures = ({ erasures: _erasures, ...mapping }: Mapping): Mapping => mapping;

  it.each<[string, (mapping: Mapping) => Mapping]>([
    ["as the gateway would", withoutErasures],
    ["as records are that the law keeps", withoutWrites],
  ])("is left out of what is looked at and of what is written: %s", async (_how, marked) => {
    await using own = new AsyncDisposableStack();
    const source = await createSqlSource("crm", processor, marked(crmMapping(crmUrl)));
    own.defer(() => source.close());
    const unmarked = (await inCrm("select kontakt_id id, stilling from kontakt where not sperret")).slice(
      0,
      60,
    );
    const ids = unmarked.map(({ id }) => String(id)).join(", ");
    await inCrm(
      `update kontakt set sperret = true, stilling = 'Sperret stilling' where kontakt_id in (${ids})`,
    );
    const to = await mkdtemp(join(tmpdir(), "innsyn-testdata-"));
    try {
      const [before] = copied;
      const [again] = await copyTo(to, new Map([["crm", source]]));
      const { leftOut = 0, records = 0 } = before ?? {};
      expect(again).toMatchObject({ leftOut: leftOut + 60, records: records - 60 });
      const written = (await rowsIn(to)).get("crm/record") ?? [];
      expect(written).toHaveLength(records - 60);
      expect(written.filter(({ jobTitle }) => jobTitle === "Sperret stilling")).toEqual([]);
    } finally {
      await rm(to, { recursive: true });
      for (const { id, stilling } of unmarked)
        await inCrm(
          `update kontakt set sperret = false, stilling = ${stilling === null ? "null" : `'${String(stilling)}'`} where kontakt_id = ${String(id)}`,
        );
    }
  });

  it("is left out of a system behind an API, too", async () => {
    const mapping = mailingMapping(access());
    const suppression = mapping.writes?.suppression ?? expect.fail();
    const restriction = { ...suppression, isOn: (record: unknown) => at(record, "status") === "blocklisted" };
    const marking = createRestSource("mailing", processor, {
      ...mapping,
      writes: { ...mapping.writes, restriction },
    });
    const to = await mkdtemp(join(tmpdir(), "innsyn-testdata-"));
    try {
      const { total } = await mailing.search("subscribers.status = 'blocklisted'");
      expect(total).toBeGreaterThan(0);
      const [all] = await copyTo(to, onlyOf("mailing"));
      await rm(join(to, "mailing"), { recursive: true });
      const [some] = await copyTo(to, new Map([["mailing", marking]]));
      expect(all?.leftOut).toBe(0);
      expect(some).toMatchObject({ leftOut: total, records: (all?.records ?? 0) - total, failure: null });
    } finally {
      await Promise.all([rm(to, { recursive: true }), marking.close()]);
    }
  });
});

it("whoever objects to it, or is restricted, is left out of what is looked at and of what is written", async () => {
  const kari = await register.people.enrolFound(email("kari.nordmann@example.com"));
  const ola = await register.people.enrolFound(email("ola.nordmann@example.com"));
  const id = await insertRequest(register.parts, kari.id, { kind: "OBJECTION", status: "COMPLETED" });
  await object(register.parts, kari.id, id, "TESTING");
  await restrict(register.parts, ola.id, { sources: [], reason: "Bestridt", since: new Date(0) });
  const to = await mkdtemp(join(tmpdir(), "innsyn-testdata-"));
  try {
    const again = await copyTo(to);
    const more = again.map(({ leftOut: n }, at) => n - (copied[at]?.leftOut ?? 0));
    const leftOut = again.map(({ source }, at) => [source, more[at]]);
    expect(leftOut).toEqual([
      ["crm", 1],
      ["learning", 2],
      ["mailing", 1],
      ["events", 2],
    ]);
    for (const [at, { records }] of again.entries())
      expect(records).toBe((copied[at]?.records ?? 0) - (more[at] ?? 0));
  } finally {
    await rm(to, { recursive: true });
  }
});

it("a system that cannot be asked is named, and the others are written", async () => {
  const crm = sources.get("crm") ?? expect.fail();
  const closed = await createSqlSource("crm", crm.processor, crmMapping(crmUrl));
  await closed.close();
  const to = await mkdtemp(join(tmpdir(), "innsyn-testdata-"));
  try {
    const some = await copyTo(to, new Map([...sources, ["crm", closed]]));
    expect(some.map(({ source, failure }) => [source, failure])).toEqual([
      ["crm", "FAILED"],
      ["learning", null],
      ["mailing", null],
      ["events", null],
    ]);
    expect((await readdir(to)).sort()).toEqual(["events", "learning", "mailing", "manifest.json"]);
  } finally {
    await rm(to, { recursive: true });
  }
});

/** Goes down for good while the records are gone through for the second time, when some are written. */
function failingLater(source: ErasableSource, page: number): ErasableSource {
  let [passes, pages] = [0, 0];
  const identified: ErasableSource["identified"] = async (after, options) => {
    if (after === null) [passes, pages] = [passes + 1, 0];
    if (passes === 2 && ++pages === page) await source.close();
    return source.identified(after, options);
  };
  return new Proxy(source, {
    get(target, name) {
      const value: unknown = name === "identified" ? identified : Reflect.get(target, name);
      return typeof value === "function" ? (value.bind(target) as unknown) : value;
    },
  });
}

it("of a system that fails while it is written nothing is left", async () => {
  await using database = await testDatabase();
  await fillSystems({ urls: { events: database.url }, persons: 20, today });
  // More than are kept back to be shuffled; without a name, so that they are not looked at one by one.
  await connected(database.url, (client) =>
    client.query(`insert into "Attendee" ("Id", "FullName", "Email", "CreatedAt", "UpdatedAt")
      select gen_random_uuid(), '', '', now(), now() from generate_series(1, 3000)`),
  );
  const events = failingLater(await createSqlSource("events", processor, eventsMapping(database.url)), 6);
  const to = await mkdtemp(join(tmpdir(), "innsyn-testdata-"));
  try {
    const some = await copyTo(to, new Map([["events", events], ...onlyOf("learning")]));
    expect(some.map(({ source, records, failure }) => [source, records > 0, failure])).toEqual([
      ["events", false, "FAILED"],
      ["learning", true, null],
    ]);
    expect((await readdir(to)).sort()).toEqual(["learning", "manifest.json"]);
  } finally {
    await Promise.all([rm(to, { recursive: true }), events.close()]);
  }
});
