import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type SystemKey, systemKeys as systems } from "../../src/demo/people/person.ts";
import { type Dumped, dump, idOf, places, saying } from "./databases.ts";
import { ended, erase } from "./erasing.ts";
import { kari, openWorld, type World } from "./world.ts";

/** Sent in under her name, or by a guest who has given her address in one way or another. */
const submissions = `select submission_key from web_submission where contact_key = $1 or contact_key is null
  and (lower(reply_to) = $2 or submission_key in (select submission_key from web_submission_field where lower(value) = $2))`;

/** Of every table with rows of persons, which are Kari's: $1 is the key of her record, $2 her address. */
const hers: Readonly<Record<SystemKey, Readonly<Record<string, string>>>> = {
  crm: {
    kontakt: "kontakt_id = $1",
    ordre: "kontakt_id = $1",
    ordrelinje: "ordre_id in (select ordre_id from ordre where kontakt_id = $1)",
    retur: "ordre_id in (select ordre_id from ordre where kontakt_id = $1)",
    ordre_levering: "ordre_id in (select ordre_id from ordre where kontakt_id = $1)",
    samtale: "kontakt_id = $1",
    berikelse: "kontakt_id = $1",
    kontakt_historikk: "kontakt_id = $1 or lower(epost) = $2",
    epost_logg: "kontakt_id = $1 or lower(mottaker) like '%<' || $2 || '>'",
  },
  learning: {
    mdl_user: "id = $1 or lower(username) like $2 || '.%'",
    mdl_course_completions: "userid = $1",
    mdl_feedback_value: "userid = $1",
    mdl_session_trace: "userid = $1",
    mdl_logstore_standard_log: `$1 in (userid, relateduserid) or lower(other) like '%"' || $2 || '"%'`,
  },
  events: {
    '"Attendee"': `"Id" = $1`,
    '"Registration"': `"AttendeeId" = $1 or "AttendeeId" is null and lower("Email") = $2`,
    '"CompetitionEntry"': `"AttendeeId" = $1`,
    '"AuditLog"': `"AttendeeId" = $1 or lower("Changes" ->> 'Email') = $2`,
  },
  mailing: {
    subscribers: "id = $1",
    subscriber_lists: "subscriber_id = $1",
    deliveries: "subscriber_id = $1",
    campaign_views: "subscriber_id = $1",
    link_clicks: "subscriber_id = $1",
    replies: "delivery_id in (select id from deliveries where subscriber_id = $1)",
    bounces: "subscriber_id = $1",
    subscriber_history: "subscriber_id = $1 or email = $2",
  },
  website: {
    web_contact: "contact_key = $1",
    web_contact_browser: "contact_key = $1",
    web_visit: "visitor_id in (select visitor_id from web_contact_browser where contact_key = $1)",
    web_submission: `submission_key in (${submissions})`,
    web_submission_field: `submission_key in (${submissions})`,
    web_mail_log:
      "contact_key = $1 or contact_key is null and lower(sent_to || body) like '%<' || $2 || '>%'",
    web_request_log:
      "contact_key = $1 or contact_key is null and lower(request) like '%=' || replace($2, '@', '_40')",
    web_contact_log: "contact_key = $1 or note = 'delete contact ' || $2",
  },
};

const keys: Readonly<Record<SystemKey, string>> = {
  crm: "select kontakt_id as key from kontakt where epost = $1",
  learning: "select id as key from mdl_user where email = $1",
  events: `select "Id" as key from "Attendee" where "Email" = $1`,
  mailing: "select id as key from subscribers where email = $1",
  website: "select contact_key as key from web_contact where email = $1",
};

/** Another of the same name. */
const namesake = "kari_nordmann@example.com";
const name = "kari nordmann";

/** A table that no mapping knows, with her name beside the network of somebody else. */
const unmapped = "website web_blocked";

/** What the law keeps of her: the one contact with who bought, and where the goods went. */
const buyer = ["crm kontakt", "crm ordre_levering"];

/** Columns of her rows that lead to her and to few others: the rest is checked by what became of the rows. */
const naming =
  /^(epost|mobil|kundenr|navn|adresse|username|email|phone1?|idnumber|ip|ip_address|recipient|uuid|subscriber_uuid|fullname|name|reply_to|visitor_id)$/i;

let world: World;
let keyIn: Record<SystemKey, string>;
let own: readonly Dumped[];
let before: readonly Dumped[];
let after: readonly Dumped[];
let identifiers: readonly string[];
/** The namesake's own: address, postal address, and keys of what she has sent in. */
let namesakes: readonly string[];
/** Order numbers that the law keeps. */
let kept: readonly string[];

async function rowsOf(system: SystemKey): Promise<readonly Dumped[]> {
  const rows: Dumped[] = [];
  for (const [table, condition] of Object.entries(hers[system])) {
    const values = condition.includes("$2") ? [keyIn[system], kari] : [keyIn[system]];
    const sql = `select to_jsonb(t)::text as line from ${table} t where ${condition}`;
    const found = await world.own<{ line: string }>(system, sql, values);
    rows.push(...found.map(({ line }) => ({ place: `${system} ${table}`, line })));
  }
  return rows;
}

/** No other row is of this network (set aside for documentation, RFC 5737): whatever says it is about her. */
const herNetwork = "192.0.2.77";

/** Whoever made up the demo's people has let others come from her networks. */
async function moveIn(system: SystemKey): Promise<void> {
  const found = await world.own<{ table: string; column: string }>(
    system,
    `select quote_ident(table_name) as table, quote_ident(column_name) as column from information_schema.columns
     where table_schema = 'public' and data_type = 'inet'`,
  );
  for (const { table, column } of found) {
    const condition = hers[system][table];
    if (condition === undefined) throw new Error(`${system} ${table} is not known`);
    const values = condition.includes("$2") ? [keyIn[system], kari] : [keyIn[system]];
    await world.own(system, `update ${table} set ${column} = '${herNetwork}' where ${condition}`, values);
  }
}

async function ownOfNamesake(): Promise<readonly string[]> {
  const contacts = await world.own<{ adresse: string }>(
    "crm",
    "select adresse from kontakt where epost = $1",
    [namesake],
  );
  const forms = await world.own<{ key: string }>(
    "website",
    `select submission_key as key from web_submission where lower(reply_to) = $1`,
    [namesake],
  );
  return [namesake, ...contacts.map(({ adresse }) => adresse.toLowerCase()), ...forms.map(({ key }) => key)];
}

/** Every value that names her somewhere. */
function namesIn(rows: readonly Dumped[]): readonly string[] {
  const found = new Set<string>();
  const add = (name: string, value: unknown) => {
    if (typeof value === "object" && value !== null)
      for (const [member, inside] of Object.entries(value)) add(member, inside);
    if (typeof value !== "string" || value.length < 4 || !naming.test(name)) return;
    found.add(value.normalize("NFC").toLowerCase());
  };
  for (const { line } of rows) add("", JSON.parse(line));
  return [...found];
}

/** Her record in a system, as it was. */
function recordBefore(system: SystemKey, table: string): Readonly<Record<string, string>> {
  const rows = own.filter(({ place }) => place === `${system} ${table}`);
  const parsed = rows.map(({ line }) => JSON.parse(line) as Readonly<Record<string, string>>);
  return parsed.find((row) => Object.values(row).some((value) => String(value) === keyIn[system])) ?? {};
}
/** A row that has nothing of Kari's but the name, and something that is the namesake's alone. */
const isNamesakes = (line: Dumped) =>
  saying([line], namesakes).length > 0 &&
  saying(
    [line],
    identifiers.filter((value) => value !== name),
  ).length === 0;
const others = (lines: readonly Dumped[]) => {
  const theirs = new Set(own.map(idOf));
  return lines.filter((line) => !theirs.has(idOf(line)));
};
const systemsOf = (lines: readonly Dumped[]) => lines.filter(({ place }) => !place.startsWith("gateway "));

beforeAll(async () => {
  world = await openWorld();
  keyIn = Object.fromEntries(
    await Promise.all(
      systems.map(async (system) => {
        const [row] = await world.own<{ key: string | number }>(system, keys[system], [kari]);
        return [system, String(row?.key)];
      }),
    ),
  ) as Record<SystemKey, string>;
  // The person is known to the gateway before the dump.
  await world.gateway.query("{ me { id crm { name } mailing { address } } }", {}, { as: kari });
  for (const system of systems) await moveIn(system);
  own = (await Promise.all(systems.map(rowsOf))).flat();
  identifiers = namesIn(own);
  namesakes = await ownOfNamesake();
  await world.own(
    "website",
    "create table web_blocked as select '198.51.100.9'::inet as ip, 'Kari Nordmann' as who",
  );
  before = await dump(world);
  const request = await erase(world, kari);
  await world.until(request.request.id, ...ended);
  after = await dump(world);
  kept = (
    await world.own<{ number: string }>("crm", "select ordrenr as number from ordre where kontakt_id = $1", [
      keyIn.crm,
    ])
  ).map(({ number }) => number);
});
afterAll(() => world[Symbol.asyncDispose]());

describe("a search of a database", () => {
  const address = Buffer.from(`{"email":"${kari}"}`);
  it.each([
    ["an address in capitals", kari.toUpperCase()],
    ["an address in a user name", `${kari}.1712345678`],
    ["an address in JSON within JSON", JSON.stringify({ other: JSON.stringify({ email: kari }) })],
    ["an address in escapes", kari.replaceAll("a", "\\\\u0061")],
    ["an address in bytes", `\\\\x${address.toString("hex")}`],
    ["an address in a signed statement", `eyJhbGciOiJFUzI1NiJ9.${address.toString("base64url")}.c2ln`],
  ])("finds %s", (_, line) => {
    expect(saying([{ place: "", line }], [kari])).toHaveLength(1);
  });

  it.each(["anne-kari.nordmann@example.com", "kari_nordmann@example.com", "xkari.nordmann@example.com"])(
    "takes %s for another's",
    (line) => {
      expect(saying([{ place: "", line }], [kari])).toEqual([]);
    },
  );

  it.each(["+47 912 34 567", "0047 91234567", "91234567"])("finds a phone number written as %s", (line) => {
    expect(saying([{ place: "", line }], ["+47 912 34 567"])).toHaveLength(1);
  });
});

describe("all databases after an erasure", () => {
  it("are searched for whatever named the person in any of them", () => {
    const [user, contact] = [recordBefore("learning", "mdl_user"), recordBefore("crm", "kontakt")];
    expect(identifiers).toEqual(
      expect.arrayContaining([
        kari,
        name,
        user["username"],
        user["phone1"],
        contact["mobil"],
        contact["kundenr"]?.toLowerCase(),
        contact["adresse"]?.toLowerCase(),
        "kari.nordmann.privat@example.com",
      ]),
    );
    for (const system of systems)
      for (const table of Object.keys(hers[system])) expect(places(own)).toContain(`${system} ${table}`);
    // Every one of them is found where it was.
    const where = places(saying(before, identifiers));
    for (const system of systems) expect(where.some((place) => place.startsWith(`${system} `))).toBe(true);
    expect(saying(own, identifiers).length).toBeGreaterThan(60);
  });

  it("answer to none of it but with the sales documents that the law keeps, and where no mapping looks", () => {
    const answering = saying(after, identifiers).filter((line) => !isNamesakes(line));
    expect(places(answering)).toEqual([...buyer, unmapped]);
    expect(answering.filter(({ place }) => place === "crm kontakt")).toHaveLength(1);
    expect(answering.filter(({ place }) => place === "crm ordre_levering")).toHaveLength(kept.length);
  });

  it("know her addresses, phones, user name and keys nowhere at all", () => {
    const { kundenr, navn, adresse } = recordBefore("crm", "kontakt");
    const onDocuments = [kundenr, navn, adresse].map((value) => value?.toLowerCase());
    const unique = identifiers.filter((value) => !onDocuments.includes(value) && !/^[\p{L} ]+$/u.test(value));
    expect(unique).toContain(herNetwork);
    expect(unique.length).toBeGreaterThan(6);
    expect(saying(after, [...unique, keyIn.events, keyIn.website])).toEqual([]);
  });

  it("have forgotten the orders that no law keeps", () => {
    const numbers = own
      .filter(({ place }) => place === "crm ordre")
      .map(({ line }) => (JSON.parse(line) as { ordrenr: string }).ordrenr);
    const gone = numbers.filter((number) => !kept.includes(number));
    expect(kept.length).toBeGreaterThan(0);
    expect(gone.length).toBeGreaterThan(0);
    expect(saying(after, gone)).toEqual([]);
  });

  it("keep what they keep as it was, but for the mark", async () => {
    // A conversation is kept though the order that it was about is not.
    const changes: Readonly<Record<string, readonly string[]>> = {
      "crm ordre": ["sperret", "oppbevares_til"],
      "crm samtale": ["sperret", "oppbevares_til", "ordre_id"],
      "crm ordrelinje": [],
      "crm retur": [],
      "crm ordre_levering": [],
    };
    const unchanged = ({ place, line }: Dumped) => {
      const members = Object.entries(JSON.parse(line) as object);
      return `${place} ${JSON.stringify(members.filter(([name]) => !changes[place]?.includes(name)))}`;
    };
    const were = new Set(own.map(unchanged));
    const documents = (await rowsOf("crm")).filter(({ place }) => place in changes);
    expect(places(documents)).toEqual(Object.keys(changes).toSorted());
    for (const each of documents) expect(were).toContain(unchanged(each));
    const [row] = await world.own(
      "crm",
      "select navn, kundenr, adresse, firma from kontakt where kontakt_id = $1",
      [keyIn.crm],
    );
    expect(recordBefore("crm", "kontakt")).toMatchObject(row ?? {});
  });

  it("are not excused by another of her name where a row says more than that", () => {
    const line = (member: string, value: string | undefined) =>
      JSON.stringify({ name: "Kari Nordmann", email: namesake, [member]: value });
    expect(isNamesakes({ place: "", line: line("note", "none") })).toBe(true);
    for (const value of [kari, herNetwork, recordBefore("crm", "kontakt")["mobil"]])
      expect(isNamesakes({ place: "", line: line("note", value) })).toBe(false);
    expect(isNamesakes({ place: "", line: '{"name": "Kari Nordmann"}' })).toBe(false);
  });

  it("have every row of everybody else as it was", () => {
    const now = new Set(systemsOf(after).map(idOf));
    const gone = others(systemsOf(before)).filter((line) => !now.has(idOf(line)));
    expect(gone).toEqual([]);
    const alike = saying(before, [namesake, "anne-kari.nordmann@example.com"]);
    expect(places(alike).length).toBeGreaterThan(8);
    for (const each of systemsOf(alike)) expect(now).toContain(idOf(each));
  });

  it("have no new row of anybody but those that lost their person", () => {
    const were = new Set(before.map(idOf));
    const fresh = systemsOf(after).filter((line) => !were.has(idOf(line)));
    expect(places(fresh)).toEqual(
      expect.arrayContaining([
        "crm kontakt",
        "crm ordre",
        "learning mdl_course_completions",
        "learning mdl_user",
      ]),
    );
    const allowed =
      /^(crm (kontakt|ordre|samtale)|learning mdl_(user|course_completions|feedback_value)|mailing privacy_erasures)$/;
    expect(places(fresh).filter((place) => !allowed.test(place))).toEqual([]);
  });

  it("are not the only ones: no line of the log names her either", () => {
    const lines = world.gateway.lines.map((line) => ({ place: "log", line }));
    expect(lines.length).toBeGreaterThan(0);
    expect(saying(lines, identifiers)).toEqual([]);
  });
});
