import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { CollectionFields } from "../../src/connectors/mapping.ts";
import type { SqlMapping } from "../../src/connectors/sql/mapping.ts";
import { createSqlSource } from "../../src/connectors/sql/source.ts";
import { crmMapping } from "../../src/demo/systems/crm/mapping.ts";
import { eventsMapping } from "../../src/demo/systems/events/mapping.ts";
import { learningMapping } from "../../src/demo/systems/learning/mapping.ts";
import { websiteMapping } from "../../src/demo/systems/website/mapping.ts";
import type { ErasableSource, Kept, OfRecord } from "../../src/sources/erasures.ts";
import { ownRecord } from "../../src/sources/writes.ts";
import { testDatabase } from "../setup/database.ts";

type Key = "crm" | "learning" | "events" | "website";
const mappings = {
  crm: crmMapping,
  learning: learningMapping,
  events: eventsMapping,
  website: websiteMapping,
};
const options = () => ({ signal: AbortSignal.timeout(20_000), idempotencyKey: crypto.randomUUID() });
const kari = "kari.nordmann@example.com";
const none: Kept = new Map();

/** One of the demo's systems, and what a test asks of its database behind the connector's back. */
class Demo implements AsyncDisposable {
  readonly source: ErasableSource;
  readonly client: pg.Client;
  readonly #parts: AsyncDisposableStack;

  private constructor(source: ErasableSource, client: pg.Client, parts: AsyncDisposableStack) {
    this.source = source;
    this.client = client;
    this.#parts = parts;
  }

  static async make(key: Key): Promise<Demo> {
    const parts = new AsyncDisposableStack();
    const database = parts.use(await testDatabase(key));
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    parts.defer(() => client.end());
    const mapping: SqlMapping<string, CollectionFields> = mappings[key](database.url);
    const source = await createSqlSource(key, { name: "Demo", country: "NO", agreement: "none" }, mapping);
    parts.defer(() => source.close());
    return new Demo(source, client, parts);
  }

  async rows<R extends object>(text: string, values: unknown[] = []): Promise<R[]> {
    return (await this.client.query<R>(text, values)).rows;
  }

  async whose(value = kari): Promise<OfRecord> {
    const identities = [{ identifiers: [{ kind: "EMAIL", value } as const] }];
    const [found] = await this.source.find(identities, options());
    if (found?.state !== "HELD") throw new Error(found?.state);
    return { recordKey: found.record.key, identifiers: found.record.identifiers };
  }

  /** As a request does: what is kept is marked, all else goes, in the order that the source gives. */
  async erase(whose: OfRecord, kept: Kept = none): Promise<void> {
    const types = this.source.capabilities.erases.map(({ recordType }) => recordType);
    for (const recordType of types.filter((type) => kept.has(type)))
      expect(await this.source.keep({ whose, recordType, kept }, options())).toEqual({ state: "done" });
    for (const recordType of types)
      expect(await this.source.erase({ whose, recordType, kept }, options()), recordType).toEqual({
        state: "done",
      });
  }

  /** Every row of every table, as text, after its table's name. */
  async dump(): Promise<string[]> {
    const tables = await this.rows<{ name: string }>(
      "SELECT quote_ident(tablename) AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY 1",
    );
    const lines: string[] = [];
    for (const { name } of tables) {
      const rows = await this.rows<{ line: string }>(`SELECT t::text AS line FROM ${name} t ORDER BY 1`);
      lines.push(...rows.map(({ line }) => `${name}: ${line}`));
    }
    return lines;
  }

  [Symbol.asyncDispose]() {
    return this.#parts.disposeAsync();
  }
}

const demos = new Map<Key, Demo>();
const demo = (key: Key) => demos.get(key)!;
beforeAll(async () => {
  for (const key of ["crm", "learning", "events", "website"] as const) demos.set(key, await Demo.make(key));
});
afterAll(async () => {
  for (const each of demos.values()) await each[Symbol.asyncDispose]();
});

/** Rows that say one of the words, in any case, in JSON's escapes or in none, and not within another word. */
function saying(lines: readonly string[], words: readonly string[]): string[] {
  const any = words.map((word) => word.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|");
  const pattern = new RegExp(`(?<![\\p{L}\\d_.-])(${any})(?![\\p{L}\\d_])`, "iu");
  return lines.filter((line) => pattern.test(line.normalize("NFC")));
}

const without = (lines: readonly string[], other: string) =>
  lines.filter((line) => !line.toLowerCase().includes(other));
const tablesOf = (lines: readonly string[]) =>
  [...new Set(lines.map((line) => line.split(":")[0]))].toSorted();
/** Another person of the same name. */
const namesake = "kari_nordmann@example.com";
const others = (lines: readonly string[]) => without(without(lines, namesake), "anne-kari");

describe("the CRM", () => {
  test("keeps the orders that the law keeps, with their buyer's name and address, and nothing else", async () => {
    const crm = demo("crm");
    const whose = await crm.whose();
    const [contact] = await crm.rows<Record<string, string>>(
      "SELECT kundenr, mobil, stilling, adresse, firma, merknad, fodselsdato::text FROM kontakt WHERE kontakt_id = $1",
      [whose.recordKey],
    );
    const phone = contact?.["mobil"] ?? "";
    const words = [kari, "Kari Nordmann", phone, phone.replaceAll(/\D/g, ""), contact?.["kundenr"] ?? ""];
    const before = saying(await crm.dump(), words);
    expect(tablesOf(before)).toEqual(["epost_logg", "kontakt", "kontakt_historikk", "ordre_levering"]);
    const keys = async (table: string, column: string, condition: string) =>
      (
        await crm.rows<{ key: string }>(
          `SELECT ${column}::text AS key FROM ${table} WHERE kontakt_id = $1 AND ${condition}`,
          [whose.recordKey],
        )
      ).map(({ key }) => ({ key, until: "2031-12-31" }));
    const kept = new Map([
      ["orders", await keys("ordre", "ordre_id", "ordredato > now() - interval '5 years'")],
      ["conversations", await keys("samtale", "samtale_id", "ordre_id IS NOT NULL")],
      [ownRecord, [{ key: whose.recordKey, until: "2031-12-31" }]],
    ]);
    const selectOrders = `SELECT ordre_id, belop, garanti_til FROM ordre
      WHERE kontakt_id = $1 AND ordredato > now() - interval '5 years' ORDER BY 1`;
    const orders = await crm.rows(selectOrders, [whose.recordKey]);

    await crm.erase(whose, kept);

    expect(await crm.source.remains(whose, kept, options())).toEqual([]);
    expect(await crm.rows(selectOrders, [whose.recordKey])).toEqual(orders);
    expect((await crm.source.tally(whose, options())).get("orders")).toBe(orders.length);
    const after = await crm.dump();
    const left = others(saying(after, words));
    expect(tablesOf(left)).toEqual(["kontakt", "ordre_levering"]);
    expect(left.filter((line) => line.startsWith("kontakt:"))).toHaveLength(1);
    const [deliveries] = await crm.rows<{ n: number }>(
      `SELECT count(*)::int AS n FROM ordre_levering JOIN ordre USING (ordre_id)
       WHERE kontakt_id = $1 OR kontakt_id IN (SELECT kontakt_id FROM kontakt WHERE epost = $2)`,
      [whose.recordKey, namesake],
    );
    expect(left.filter((line) => line.startsWith("ordre_levering:"))).toHaveLength(deliveries?.n ?? 0);
    expect(saying(after, [kari, phone, phone.replaceAll(/\D/g, "")])).toEqual([]);
    const [reduced] = await crm.rows<Record<string, unknown>>(
      "SELECT *, kunde_siden::text AS since FROM kontakt WHERE kontakt_id = $1",
      [whose.recordKey],
    );
    expect(reduced).toMatchObject({
      navn: "Kari Nordmann",
      kundenr: contact?.["kundenr"],
      adresse: contact?.["adresse"],
      firma: contact?.["firma"],
      epost: null,
      mobil: null,
      stilling: null,
      fodselsdato: null,
      merknad: null,
      sperret: true,
      soketekst: `${contact?.["kundenr"]} kari nordmann  `.toLowerCase(),
    });
    expect(reduced?.["since"]).toMatch(/-01-01$/);
    const marks = await crm.rows(
      `SELECT count(*)::int AS n FROM (SELECT sperret, oppbevares_til FROM ordre WHERE kontakt_id = $1
       UNION ALL SELECT sperret, oppbevares_til FROM samtale WHERE kontakt_id = $1) t
       WHERE sperret AND oppbevares_til = '2031-12-31'`,
      [whose.recordKey],
    );
    expect(marks).toEqual([{ n: orders.length + 4 }]);
    // The one about an order that had to go before it is kept all the same.
    expect(
      await crm.rows("SELECT count(*)::int AS n FROM samtale WHERE kontakt_id = $1 AND ordre_id IS NULL", [
        whose.recordKey,
      ]),
    ).toEqual([{ n: 2 }]);
  });

  test("keeps nothing when the day has come", async () => {
    const crm = demo("crm");
    const [contact] = await crm.rows<{ key: string; kundenr: string }>(
      "SELECT kontakt_id::text AS key, kundenr FROM kontakt WHERE navn = 'Kari Nordmann' AND epost IS NULL",
    );
    const whose: OfRecord = { recordKey: contact?.key ?? "", identifiers: [{ kind: "EMAIL", value: kari }] };
    await crm.erase(whose);
    expect(await crm.source.remains(whose, none, options())).toEqual([]);
    const left = others(saying(await crm.dump(), [kari, "Kari Nordmann", contact?.kundenr ?? ""]));
    // Another of the same name has been sent something.
    const [namesakes] = await crm.rows<{ n: number }>(
      `SELECT count(*)::int AS n FROM ordre_levering JOIN ordre USING (ordre_id) JOIN kontakt USING (kontakt_id)
       WHERE epost = $1`,
      [namesake],
    );
    expect(left.filter((line) => !line.startsWith("ordre_levering:"))).toEqual([]);
    expect(left).toHaveLength(namesakes?.n ?? 0);
    for (const { recordType } of crm.source.capabilities.erases)
      expect(await crm.source.erase({ whose, recordType, kept: none }, options())).toEqual({
        state: "absent",
      });
  });
});

describe("the learning platform", () => {
  test("keeps its statistics, and nothing that leads back to anybody", async () => {
    const learning = demo("learning");
    const whose = await learning.whose();
    const [user] = await learning.rows<Record<string, string>>("SELECT * FROM mdl_user WHERE id = $1", [
      whose.recordKey,
    ]);
    const words = [kari, user?.["username"] ?? "", user?.["phone1"] ?? "", user?.["idnumber"] ?? ""];
    const all = await learning.dump();
    expect(tablesOf(saying(all, words))).toEqual(["mdl_logstore_standard_log", "mdl_user"]);

    await learning.erase(whose);

    expect(await learning.source.remains(whose, none, options())).toEqual([]);
    const after = await learning.dump();
    expect(others(saying(after, words))).toEqual([]);
    expect(
      saying(
        after.filter((line) => !line.startsWith("mdl_user:")),
        [whose.recordKey],
      ),
    ).toEqual([]);
    const [row] = await learning.rows("SELECT * FROM mdl_user WHERE id = $1", [whose.recordKey]);
    expect(row).toMatchObject({ firstname: "", lastname: "", email: "", phone1: null, deleted: 1 });
  });

  test("has been asked to delete by somebody else: the address is still found, and then it is gone", async () => {
    const learning = demo("learning");
    const address = "bjørn.østby@example.com";
    const whose = await learning.whose(address);
    await learning.client.query("DELETE FROM mdl_user WHERE id = $1", [whose.recordKey]);
    const [row] = await learning.rows<{ username: string }>("SELECT username FROM mdl_user WHERE id = $1", [
      whose.recordKey,
    ]);
    expect(row?.username).toMatch(new RegExp(`^${address.replaceAll(".", "\\.")}\\.\\d+$`, "i"));
    await learning.erase(whose);
    expect(await learning.source.remains(whose, none, options())).toEqual([]);
    expect(saying(await learning.dump(), [address, "bj\\u00f8rn.\\u00d8stby@example.com"])).toEqual([]);
  });
});

describe("the event system", () => {
  test("forgets registrations of attendees and of guests, and what it wrote down of their deletion", async () => {
    const events = demo("events");
    const whose = await events.whose();
    const [attendee] = await events.rows<{ phone: string }>(
      'SELECT "Phone" AS phone FROM "Attendee" WHERE "Id" = $1',
      [whose.recordKey],
    );
    const words = [kari, "Kari Nordmann", attendee?.phone ?? "", whose.recordKey];
    const before = await events.dump();
    expect(tablesOf(saying(before, words))).toEqual([
      '"Attendee"',
      '"AuditLog"',
      '"CompetitionEntry"',
      '"Registration"',
    ]);
    const guests =
      'SELECT count(*)::int AS n FROM "Registration" WHERE "AttendeeId" IS NULL AND "Email" = $1';
    expect(await events.rows(guests, ["Kari.nordmann@example.com"])).toEqual([{ n: 1 }]);
    const theirs = new Set(saying(before, [kari, whose.recordKey]));

    await events.erase(whose);

    expect(await events.source.remains(whose, none, options())).toEqual([]);
    const after = await events.dump();
    expect(others(saying(after, words))).toEqual([]);
    expect(saying(after, [kari, whose.recordKey])).toEqual([]);
    expect(after).toEqual(before.filter((line) => !theirs.has(line)));
  });

  test("finds guests in every spelling, and leaves what another attendee registered under the same address", async () => {
    const events = demo("events");
    const address = "åse.håland@example.com";
    const whose = await events.whose(address);
    const register = `INSERT INTO "Registration" ("Id", "AttendeeId", "EventId", "RegisteredAt", "Status", "Name", "Email")
      SELECT gen_random_uuid(), $1, "Id", now(), 'Confirmed', 'Noen', $2 FROM "Event" ORDER BY "Id" LIMIT 1`;
    const guests = [
      address.toUpperCase(),
      address.normalize("NFD"),
      address.normalize("NFD").toUpperCase(),
      `"Åse Håland" <${address}>`,
    ];
    for (const each of guests) await events.rows(register, [null, each]);
    const other = await events.whose(namesake);
    await events.rows(register, [other.recordKey, address]);
    const theirs = () =>
      events.rows('SELECT * FROM "Registration" WHERE "AttendeeId" = $1 ORDER BY "Id"', [other.recordKey]);
    const before = await theirs();

    await events.erase(whose);

    expect(await theirs()).toEqual(before);
    // What becomes of it, staff are to settle.
    expect(await events.source.remains(whose, none, options())).toEqual([
      { recordType: "registrations", place: "Registration", count: 1, ofOthers: true },
    ]);
    const left = saying(await events.dump(), [address, whose.recordKey]);
    expect(left).toHaveLength(1);
    expect(left[0]).toContain(other.recordKey);
  });
});

describe("the website", () => {
  const answered = async (email: string) => {
    const website = demo("website");
    const { recordKey } = await website.whose(email);
    const request = { recordKey, first: 100 };
    const [visits] = await website.source.page("visits", [request], options());
    const [browsers] = await website.source.page("browsers", [request], options());
    return {
      visits: visits?.rows.map(({ key }) => key) ?? [],
      browsers: browsers?.rows.map(({ row }) => row) ?? [],
    };
  };
  const family = ["anne.berg@example.com", "per.berg@example.com"] as const;
  const visitsIn = (visitor: string) =>
    demo("website").rows<{ key: string }>(
      "SELECT visit_key AS key FROM web_visit WHERE visitor_id = $1 ORDER BY 1",
      [visitor],
    );

  test("gives what was visited in a family's browser to neither of them, and says so", async () => {
    const website = demo("website");
    const shared = (await visitsIn("bergs-family-browser")).map(({ key }) => key);
    // So that there is something that could be given.
    await website.rows(
      `INSERT INTO web_visit (visit_key, visitor_id, started_at) VALUES ('t_family', 'bergs-family-browser', now())`,
    );
    for (const email of family) {
      const { visits, browsers } = await answered(email);
      expect(visits.filter((key) => [...shared, "t_family"].includes(key))).toEqual([]);
      expect(browsers.filter((row) => row["shared"]).map((row) => row["visitorId"])).toEqual([
        "bergs-family-browser",
      ]);
      expect(browsers.length).toBeGreaterThan(1);
    }
  });

  test("forgets what was sent in, visited and written down, also of a deletion and before it knew whose it was", async () => {
    const website = demo("website");
    const whose = await website.whose();
    const before = await website.dump();
    const words = [kari, "kari.nordmann%40example.com", whose.recordKey];
    expect(tablesOf(saying(before, words))).toEqual([
      "web_contact",
      "web_contact_browser",
      "web_contact_log",
      "web_mail_log",
      "web_request_log",
      "web_submission",
      "web_submission_field",
    ]);
    const { visits, browsers } = await answered(kari);
    const cookies = browsers.map((row) => String(row["visitorId"]));
    const forms = await website.rows<{ key: string }>(
      "SELECT DISTINCT submission_key AS key FROM web_submission_field WHERE lower(value) = $1",
      [kari],
    );
    const isGuestsWithout = "SELECT 1 FROM web_submission WHERE contact_key IS NULL AND reply_to IS NULL";
    expect(await website.rows(isGuestsWithout)).toHaveLength(1);
    expect([visits.length, cookies.length]).toEqual([12, 3]);
    // What somebody else has sent in may name her: it is theirs.
    const other = await website.whose(namesake);
    await website.rows("INSERT INTO web_submission VALUES ('s_other', $1, 'form_1', $2, now())", [
      other.recordKey,
      namesake,
    ]);
    await website.rows("INSERT INTO web_submission_field VALUES ('f_other', 's_other', 0, 'Melding', $1)", [
      `Send svaret til ${kari}, er du snill`,
    ]);
    await website.rows("INSERT INTO web_mail_log VALUES ('m_other', $1, now(), 'post@intech.example', $2)", [
      other.recordKey,
      `Ny henvendelse fra <${namesake}>: Send svaret til ${kari}`,
    ]);

    await website.erase(whose);

    expect(await website.source.remains(whose, none, options())).toEqual([]);
    const after = await website.dump();
    const left = saying(after, [...words, ...cookies, ...visits]);
    expect(left.filter((line) => !/[fm]_other/.test(line))).toEqual([]);
    expect(left).toHaveLength(2);
    const now = new Set(after);
    const theirs = new Set(saying(before, [...words, ...cookies, ...forms.map(({ key }) => key)]));
    expect(before.filter((line) => !now.has(line) && !theirs.has(line))).toEqual([]);
    expect(await website.rows(isGuestsWithout)).toEqual([]);
  });

  test("does not give one of a family what the other visited once that one is erased", async () => {
    const website = demo("website");
    const [anne, per] = family;
    const whose = await website.whose(anne);
    const before = await answered(per);
    const shared = await visitsIn("bergs-family-browser");
    await website.erase(whose);
    expect(await website.source.remains(whose, none, options())).toEqual([]);
    expect(await answered(per)).toEqual(before);
    expect(await visitsIn("bergs-family-browser")).toEqual(shared);
    const links = await website.rows<{ contact_key: string | null; recognised_at: Date | null }>(
      "SELECT contact_key, recognised_at, recognised_by FROM web_contact_browser WHERE visitor_id = 'bergs-family-browser' ORDER BY 1 NULLS FIRST",
    );
    expect(links[0]).toEqual({ contact_key: null, recognised_at: null, recognised_by: null });
    expect(links).toHaveLength(2);
    expect(saying(await website.dump(), [anne, whose.recordKey])).toEqual([]);
  });

  test("takes two contacts of one address for nobody's until staff say whose they are", async () => {
    const website = demo("website");
    await website.rows(
      `INSERT INTO web_contact VALUES ('c_second', 'Stor.Leser@Example.com', NULL, NULL, now(), now(), now())`,
    );
    const identifiers = [{ kind: "EMAIL", value: "stor.leser@example.com" } as const];
    const [found] = await website.source.find([{ identifiers }], options());
    expect(found?.state).toBe("NEEDS_REVIEW");
  });
});
