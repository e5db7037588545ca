import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { SqlMapping } from "../../src/connectors/sql/mapping.ts";
import { createSqlSource } from "../../src/connectors/sql/source.ts";
import type { CollectionFields } from "../../src/connectors/mapping.ts";
import { crmMapping } from "../../src/demo/systems/crm/mapping.ts";
import { eventsMapping } from "../../src/demo/systems/events/mapping.ts";
import { learningMapping } from "../../src/demo/systems/learning/mapping.ts";
import { websiteMapping } from "../../src/demo/systems/website/mapping.ts";
import type { WritableSource } from "../../src/sources/writes.ts";
import { testDatabase } from "../setup/database.ts";

const kari = "kari.nordmann@example.com";
const options = () => ({ signal: AbortSignal.timeout(10_000), idempotencyKey: crypto.randomUUID() });

const systems = {
  crm: {
    mapping: crmMapping,
    row: "select * from kontakt where kontakt_id = $1",
    age: "update kontakt set endret = '2020-01-01' where kontakt_id = $1",
    written: {
      name: { navn: "Kari Anne Berg" },
      email: { epost: "kari.berg@example.com" },
      phone: { mobil: "+47 911 22 333" },
      jobTitle: { stilling: "æøå-lærer" },
      organisation: { firma: "Berg & Sønn AS" },
      postalAddress: { adresse: "Gata 1, 0150 Oslo" },
    },
    touched: ["endret", "soketekst"],
  },
  learning: {
    mapping: learningMapping,
    row: "select * from mdl_user where id = $1",
    age: "update mdl_user set timemodified = 1577836800 where id = $1",
    written: {
      name: { firstname: "Kari Anne", lastname: "Berg" },
      email: { email: "kari.berg@example.com" },
      phone: { phone1: "91122333" },
      jobTitle: { title: "æøå-lærer" },
      organisation: { institution: "Berg & Sønn AS" },
    },
    touched: ["timemodified"],
  },
  events: {
    mapping: eventsMapping,
    row: 'select * from "Attendee" where "Id" = $1',
    age: `update "Attendee" set "UpdatedAt" = '2020-01-01' where "Id" = $1`,
    written: {
      name: { FullName: "Kari Anne Berg" },
      email: { Email: "kari.berg@example.com" },
      phone: { Phone: "004791122333" },
    },
    touched: ["UpdatedAt"],
  },
  website: {
    mapping: websiteMapping,
    row: "select * from web_contact where contact_key = $1",
    age: "update web_contact set updated_at = '2020-01-01' where contact_key = $1",
    written: { email: { email: "kari.berg@example.com" } },
    touched: ["updated_at"],
  },
} as const;

const values: Readonly<Record<string, string>> = {
  name: "Kari Anne Berg",
  email: "kari.berg@example.com",
  phone: "+4791122333",
  jobTitle: "æøå-lærer",
  organisation: "Berg & Sønn AS",
  postalAddress: "Gata 1, 0150 Oslo",
};

type Row = Readonly<Record<string, unknown>>;

describe.each(["crm", "learning", "events", "website"] as const)("%s of the demo, written to", (key) => {
  const { mapping, row, age, written, touched } = systems[key];
  const parts = new AsyncDisposableStack();
  let source: WritableSource;
  let client: pg.Client;

  beforeAll(async () => {
    const database = parts.use(await testDatabase(key));
    client = new pg.Client({ connectionString: database.url });
    await client.connect();
    parts.defer(() => client.end());
    const own: SqlMapping<string, CollectionFields> = mapping(database.url);
    source = await createSqlSource(key, { name: "Demo", country: "NO", agreement: "none" }, own);
    parts.defer(() => source.close());
  });
  afterAll(() => parts.disposeAsync());

  const record = async (value = kari) => {
    const identity = { identifiers: [{ kind: "EMAIL", value } as const] };
    const [finding] = await source.find([identity], options());
    if (finding?.state !== "HELD") throw new Error(finding?.state);
    return finding.record;
  };
  const stored = async (recordKey: string): Promise<Row> => {
    const { rows } = await client.query<Row>(row, [recordKey]);
    return rows[0] ?? {};
  };
  const rest = (full: Row, without: readonly string[]) =>
    Object.fromEntries(Object.entries(full).filter(([name]) => !without.includes(name)));

  test("promises the fields that it holds of those that can be corrected", () => {
    expect([...source.capabilities.rectifies].toSorted()).toEqual(Object.keys(written).toSorted());
    expect(source.capabilities.restricts).toBe(key === "crm");
  });

  test.each(Object.entries(written).toSorted(([a]) => (a === "email" ? 1 : -1)))(
    "writes %s in the system's own form, and touches nothing else",
    async (field, columns) => {
      const { key: recordKey, fields } = await record();
      await client.query(age, [recordKey]);
      const before = await stored(recordKey);
      const from = fields[field];
      const correction = { field, from: from === null ? null : String(from), to: values[field] ?? "" };
      expect(await source.rectify(recordKey, correction, options())).toEqual({ state: "done" });
      const after = await stored(recordKey);
      expect(after).toMatchObject(columns);
      const changed = [...Object.keys(columns), ...touched];
      expect(rest(after, changed)).toEqual(rest(before, changed));
      const now = await record(field === "email" ? values["email"] : kari);
      expect(Date.now() - Date.parse(String(now.updatedAt))).toBeLessThan(60_000);
    },
  );
});

describe("what belongs to one system", () => {
  const parts = new AsyncDisposableStack();
  afterAll(() => parts.disposeAsync());

  test("the CRM bars a contact, and lets it go again", async () => {
    const database = parts.use(await testDatabase("crm"));
    const processor = { name: "Demo", country: "NO", agreement: "none" };
    const source = await createSqlSource("crm", processor, crmMapping(database.url));
    parts.defer(() => source.close());
    const identity = { identifiers: [{ kind: "EMAIL", value: kari } as const] };
    const [finding] = await source.find([identity], options());
    if (finding?.state !== "HELD") throw new Error(finding?.state);
    const barred = async () => {
      const [now] = await source.find([identity], options());
      return now?.state === "HELD" && now.record.other.find(({ name }) => name === "Sperret")?.value;
    };
    expect(await source.restrict(finding.record.key, true, options())).toEqual({ state: "done" });
    expect(await barred()).toBe("true");
    expect(await source.restrict(finding.record.key, false, options())).toEqual({ state: "done" });
    expect(await barred()).toBe("false");
  });

  test("the event system keeps its registrations as they were, and says so", async () => {
    const database = parts.use(await testDatabase("events"));
    const processor = { name: "Demo", country: "NO", agreement: "none" };
    const source = await createSqlSource("events", processor, eventsMapping(database.url));
    parts.defer(() => source.close());
    const [finding] = await source.find([{ identifiers: [{ kind: "EMAIL", value: kari }] }], options());
    if (finding?.state !== "HELD") throw new Error(finding?.state);
    const { key: recordKey, fields } = finding.record;
    const registrations = async () => {
      const [page] = await source.page("registrations", [{ recordKey, first: 500 }], options());
      return page?.rows.map((each) => each.row);
    };
    const before = await registrations();
    expect(before?.length).toBeGreaterThan(0);
    const correction = { field: "name", from: String(fields["name"]), to: "Kari Anne Berg" };
    expect(await source.rectify(recordKey, correction, options())).toEqual({ state: "done" });
    expect(await registrations()).toEqual(before);
    expect(source.capabilities.snapshots).toEqual([
      { collection: "registrations", repeats: ["name", "email", "phone"] },
    ]);
  });
});
