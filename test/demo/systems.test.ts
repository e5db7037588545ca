import { createHash } from "node:crypto";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bystanders, canaryEmail, fixedPeople } from "../../src/demo/people/fixed.ts";
import { generatePeople } from "../../src/demo/people/generate.ts";
import { type SystemKey, systemKeys } from "../../src/demo/people/person.ts";
import { fillSystems } from "../../src/demo/systems/fill.ts";
import { type TestDatabase, testDatabase } from "../setup/database.ts";

const today = new Date("2026-03-05T12:00:00Z");
const persons = 120;
const databases: TestDatabase[] = [];
let systems: Record<SystemKey, pg.Client>;

async function filled(): Promise<Record<SystemKey, pg.Client>> {
  const urls: Partial<Record<SystemKey, string>> = {};
  const clients: Partial<Record<SystemKey, pg.Client>> = {};
  for (const key of systemKeys) {
    const database = await testDatabase();
    databases.push(database);
    urls[key] = database.url;
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    clients[key] = client;
  }
  await fillSystems({ urls, persons, today });
  return clients as Record<SystemKey, pg.Client>;
}

async function rows(key: SystemKey, sql: string, values: unknown[] = []): Promise<Record<string, unknown>[]> {
  return (await systems[key].query<Record<string, unknown>>(sql, values)).rows;
}
async function count(key: SystemKey, sql: string, values: unknown[] = []): Promise<number> {
  const [row] = await rows(key, `SELECT count(*)::int AS n FROM ${sql}`, values);
  return Number(row?.["n"]);
}

beforeAll(async () => {
  systems = await filled();
});
afterAll(async () => {
  await Promise.all(Object.values(systems).map((client) => client.end()));
  await Promise.all(databases.map((database) => database[Symbol.asyncDispose]()));
});

describe("people", () => {
  test("are the same for the same count, and live in domains set aside (RFC 2606)", () => {
    const all = [...generatePeople(persons)];
    expect(all).toHaveLength(persons);
    expect([...generatePeople(persons)]).toEqual(all);
    expect([...generatePeople(60)]).toEqual(all.slice(0, 60));
    const addresses = all.flatMap(({ held }) => Object.values(held).map(({ email }) => email.toLowerCase()));
    for (const address of addresses) expect(address).toMatch(/( at example|example\.(com|org|net))$/);
  });

  test("known ones have an address each, and only families share one", () => {
    const known = [...fixedPeople, ...bystanders];
    expect(new Set(known.map(({ email }) => email)).size).toBe(known.length);
    for (const { email, emails } of known) expect(emails[0]).toBe(email);
    const shared = fixedPeople.filter(({ emails }) => emails.includes("familien.berg@example.com"));
    expect(shared.map(({ name }) => name)).toEqual(["Anne Berg", "Per Berg"]);
  });
});

describe("fixed persons", () => {
  test("Kari: a full record in every system, orders under and past the retention period", async () => {
    const kari = "kari.nordmann@example.com";
    const contact = "(SELECT kontakt_id FROM kontakt WHERE epost = $1)";
    const orders = await rows("crm", `SELECT ordredato FROM ordre WHERE kontakt_id = ${contact}`, [kari]);
    const years = orders.map(({ ordredato }) => (ordredato as Date).getUTCFullYear());
    expect(years).toHaveLength(12);
    expect(years.filter((year) => year === 2026)).toHaveLength(4);
    expect(years.filter((year) => year + 5 < 2026)).toHaveLength(3);
    expect(Math.max(...orders.map(({ ordredato }) => (ordredato as Date).getTime()))).toBeLessThanOrEqual(
      today.getTime(),
    );
    expect(
      await count("crm", `retur JOIN ordre USING (ordre_id) WHERE kontakt_id = ${contact}`, [kari]),
    ).toBe(2);
    expect(await count("crm", `samtale WHERE kontakt_id = ${contact}`, [kari])).toBe(10);
    expect(
      await count("crm", `samtale WHERE kontakt_id = ${contact} AND tekst LIKE '%Per Berg%'`, [kari]),
    ).toBe(1);
    expect(await count("crm", `berikelse WHERE kontakt_id = ${contact}`, [kari])).toBe(3);
    for (const table of ["mdl_course_completions", "mdl_feedback_value", "mdl_session_trace"]) {
      expect(
        await count("learning", `${table} WHERE userid = (SELECT id FROM mdl_user WHERE email = $1)`, [kari]),
      ).toBe(10);
    }
    const attendee = `(SELECT "Id" FROM "Attendee" WHERE "Email" = $1)`;
    expect(await count("events", `"Registration" WHERE "AttendeeId" = ${attendee}`, [kari])).toBe(8);
    expect(
      await count(
        "events",
        `"Registration" WHERE "AccessNeeds" <> '' AND "DietaryNeeds" <> '' AND "AttendeeId" = ${attendee}`,
        [kari],
      ),
    ).toBeGreaterThan(1);
    expect(await count("events", `"CompetitionEntry" WHERE "AttendeeId" = ${attendee}`, [kari])).toBe(2);
    const subscriber = "subscriber_id = (SELECT id FROM subscribers WHERE email = $1)";
    expect(await count("mailing", `deliveries WHERE ${subscriber}`, [kari])).toBe(15);
    expect(await count("mailing", `subscriber_lists WHERE ${subscriber}`, [kari])).toBe(3);
    expect(await count("mailing", `link_clicks WHERE ${subscriber}`, [kari])).toBeGreaterThan(2);
    const visitor = "contact_key = (SELECT contact_key FROM web_contact WHERE email = $1)";
    expect(await count("website", `web_submission WHERE ${visitor}`, [kari])).toBe(4);
    expect(await count("website", `web_contact_browser WHERE ${visitor}`, [kari])).toBe(3);
    expect(
      await count("website", `web_visit JOIN web_contact_browser USING (visitor_id) WHERE ${visitor}`, [
        kari,
      ]),
    ).toBe(12);
    const field = `web_submission_field JOIN web_submission USING (submission_key) WHERE ${visitor}`;
    expect(await count("website", `${field} AND value LIKE '%Per Berg%'`, [kari])).toBe(1);
  });

  test("Anne and Per are both known in one browser, and many visits are nobody's", async () => {
    const shared = `web_contact_browser b JOIN web_contact c USING (contact_key)
      WHERE visitor_id = 'bergs-family-browser' AND email = ANY($1)`;
    expect(await count("website", shared, [["anne.berg@example.com", "per.berg@example.com"]])).toBe(2);
    const anonymous = "web_visit WHERE visitor_id NOT IN (SELECT visitor_id FROM web_contact_browser)";
    expect(await count("website", anonymous)).toBeGreaterThan(40);
  });

  test("Kari: what the law keeps and what it does not, of every kind", async () => {
    const contact = "(SELECT kontakt_id FROM kontakt WHERE epost = 'kari.nordmann@example.com')";
    const day = today.toISOString().slice(0, 10);
    const warranty = `ordre WHERE kontakt_id = ${contact} AND ordredato < '2021-01-01' AND garanti_til > $1`;
    expect(await count("crm", warranty, [day])).toBe(1);
    const recent = "date_trunc('year', tidspunkt) + interval '4 years 6 months' > $1";
    const conversations = `samtale LEFT JOIN ordre USING (ordre_id) WHERE samtale.kontakt_id = ${contact}`;
    for (const [about, expected] of [
      ["ordre_id IS NOT NULL AND " + recent, 3],
      ["ordre_id IS NOT NULL AND NOT " + recent, 1],
      ["ordre_id IS NULL AND NOT " + recent, 1],
      // Kept, while the order that it is about is not.
      [`ordredato < '2021-01-01' AND ${recent}`, 1],
    ] as const)
      expect(await count("crm", `${conversations} AND ${about}`, [day]), about).toBe(expected);
    expect(await count("crm", `${conversations} AND ordre_id IS NULL AND ${recent}`, [day])).toBeGreaterThan(
      1,
    );
  });

  test("Kari is in every place beside her records", async () => {
    const kari = "kari.nordmann@example.com";
    const places: [SystemKey, string][] = [
      ["crm", "kontakt_historikk WHERE lower(epost) = $1"],
      ["crm", "epost_logg WHERE kontakt_id IS NULL AND lower(mottaker) LIKE '%<' || $1 || '>'"],
      ["crm", "ordre_levering JOIN ordre USING (ordre_id) JOIN kontakt USING (kontakt_id) WHERE epost = $1"],
      ["learning", "mdl_logstore_standard_log WHERE userid = 0 AND lower(other) LIKE '%' || $1 || '%'"],
      ["learning", "mdl_logstore_standard_log l JOIN mdl_user u ON u.id = l.relateduserid WHERE email = $1"],
      ["events", `"Registration" WHERE "AttendeeId" IS NULL AND lower("Email") = $1`],
      ["events", `"AuditLog" WHERE lower("Changes"->>'Email') = $1`],
      ["website", "web_submission WHERE contact_key IS NULL AND lower(reply_to) = $1"],
      ["website", "web_mail_log WHERE contact_key IS NULL AND lower(body) LIKE '%<' || $1 || '>%'"],
      [
        "website",
        "web_request_log WHERE contact_key IS NULL AND lower(request) LIKE '%=' || replace($1, '@', '_40')",
      ],
      ["website", "web_contact_log WHERE lower(note) LIKE '% ' || $1"],
    ];
    for (const [key, place] of places) expect(await count(key, place, [kari]), place).toBeGreaterThan(0);
  });

  const people: Record<SystemKey, string> = {
    crm: "kontakt WHERE lower(epost) = $1",
    learning: "mdl_user WHERE lower(email) = $1",
    events: `"Attendee" WHERE lower("Email") = $1`,
    mailing: "subscribers WHERE lower(email) = $1",
    website: "web_contact WHERE lower(email) = $1",
  };
  const held = async (email: string) =>
    Object.fromEntries(
      await Promise.all(systemKeys.map(async (key) => [key, await count(key, people[key], [email])])),
    );

  test.each([
    ["kari.nordmann@example.com", { crm: 1, learning: 1, events: 1, mailing: 1, website: 1 }],
    ["ola.nordmann@example.com", { crm: 0, learning: 1, events: 1, mailing: 0, website: 0 }],
    ["anne.berg@example.com", { crm: 0, learning: 1, events: 1, mailing: 1, website: 1 }],
    ["familien.berg@example.com", { crm: 2, learning: 0, events: 0, mailing: 0, website: 0 }],
    ["ingrid.aas@example.com", { crm: 1, learning: 1, events: 1, mailing: 0, website: 0 }],
    ["ingrid.lie@example.com", { crm: 0, learning: 0, events: 0, mailing: 1, website: 0 }],
    ["bjørn.østby@example.com", { crm: 1, learning: 1, events: 1, mailing: 1, website: 1 }],
    ["åse.håland@example.com", { crm: 1, learning: 0, events: 1, mailing: 0, website: 0 }],
    ["åse.håland@example.com".normalize("NFD"), { crm: 0, learning: 1, events: 0, mailing: 0, website: 1 }],
    ["eva.enebo@example.com", { crm: 0, learning: 0, events: 0, mailing: 1, website: 0 }],
    ["ola at example", { crm: 1, learning: 0, events: 0, mailing: 0, website: 1 }],
  ])("%s is where it should be, whatever the letter case", async (email, expected) => {
    expect(await held(email)).toEqual(expected);
  });

  test("spellings and names differ between systems as said", async () => {
    expect(await count("crm", "kontakt WHERE epost = 'Bjørn.ØSTBY@Example.com'")).toBe(1);
    const [bjorn] = await rows(
      "learning",
      "SELECT firstname FROM mdl_user WHERE email = 'bjørn.østby@example.com'",
    );
    expect(bjorn?.["firstname"]).toBe("Bjørn André".normalize("NFD"));
    const [inCrm] = await rows("crm", "SELECT navn FROM kontakt WHERE epost = 'ingrid.aas@example.com'");
    const [inMailing] = await rows(
      "mailing",
      "SELECT name FROM subscribers WHERE email = 'ingrid.lie@example.com'",
    );
    expect([inCrm?.["navn"], inMailing?.["name"]]).toEqual(["Ingrid Aas", "Ingrid Lie"]);
    const typed = `"Registration" WHERE "Email" = 'ola at example' AND "Name" = 'Ola Nordmann'`;
    expect(await count("events", typed)).toBe(1);
  });

  test("a restricted person is so in every system that can say it", async () => {
    const [contact] = await rows(
      "crm",
      "SELECT kontakt_id, sperret FROM kontakt WHERE epost = 'siv.stille@example.com'",
    );
    expect(contact?.["sperret"]).toBe(true);
    const open = "ordre WHERE kontakt_id = $1 AND NOT (sperret AND oppbevares_til IS NOT NULL)";
    expect(await count("crm", open, [contact?.["kontakt_id"]])).toBe(0);
    const [subscriber] = await rows(
      "mailing",
      "SELECT status FROM subscribers WHERE email = 'siv.stille@example.com'",
    );
    expect(subscriber?.["status"]).toBe("blocklisted");
  });

  test("the great reader has 20,000 deliveries, some at the same moment", async () => {
    const of = "deliveries JOIN subscribers s ON s.id = subscriber_id WHERE email = 'stor.leser@example.com'";
    expect(await count("mailing", of)).toBe(20_000);
    const moments = await rows("mailing", `SELECT count(DISTINCT sent_at)::int AS n FROM ${of}`);
    expect(moments[0]?.["n"]).toBeLessThan(7_000);
  });

  test("the canary is in every system once", async () => {
    expect(await held(canaryEmail)).toEqual({
      crm: 1,
      learning: 1,
      events: 1,
      mailing: 1,
      website: 1,
    });
  });
});

describe("filling", () => {
  const dump = async (client: pg.Client): Promise<string> => {
    const tables = await client.query<{ name: string }>(
      "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY 1",
    );
    const hash = createHash("sha256");
    for (const { name } of tables.rows) {
      const { rows: found } = await client.query<{ row: string }>(
        `SELECT t::text AS row FROM ${pg.escapeIdentifier(name)} t ORDER BY 1`,
      );
      hash.update(name);
      for (const { row } of found) hash.update(row);
    }
    return hash.digest("hex");
  };

  test("twice gives the same, row for row; a filled system is left as it is", async () => {
    const again = await filled();
    for (const key of systemKeys) expect(await dump(again[key])).toBe(await dump(systems[key]));
    await Promise.all(Object.values(again).map((client) => client.end()));

    const url = databases[0]?.url ?? "";
    const before = await dump(systems.crm);
    await systems.crm.query("DELETE FROM berikelse");
    await fillSystems({ urls: { crm: url }, persons, today });
    expect(await dump(systems.crm)).not.toBe(before);
    expect(await count("crm", "berikelse")).toBe(0);
  });
});
