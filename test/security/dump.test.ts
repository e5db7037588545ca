import { readFile } from "node:fs/promises";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Purpose } from "../../src/access/vocabulary.ts";
import { fixedPeople } from "../../src/demo/people/fixed.ts";
import { staff } from "../../src/demo/people/staff.ts";
import { normalise } from "../../src/subjects/identifiers.ts";
import { recordConsent, restrict } from "../setup/standing.ts";
import { type Gateway, startGateway } from "../setup/gateway.ts";
import { openRegister } from "../setup/register.ts";
import { orderOf, said, useRequests } from "./said.ts";

const tora = { emails: ["tora.telefon@example.com"] as const, name: "Tora Telefon", phone: "+4741234567" };
let gateway: Gateway;
let held: readonly Held[];
beforeAll(async () => {
  gateway = await startGateway({
    accounts: [{ ...tora, roles: [] }],
    config: (config) => ({
      ...config,
      accessLog: { employeeNames: true },
      // Persons are told by hand, which staff confirm.
      messages: undefined,
      searches: { perMinute: 10_000, perDay: 10_000 },
    }),
  });
  held = await heldOfFixedPeople();
  orderNumber = await orderOf(gateway, "kari.nordmann@example.com");
  await useEverything();
});
afterAll(() => gateway[Symbol.asyncDispose]());

/** What one system holds of a fixed person, as it is stored there. */
interface Held {
  readonly name: string;
  readonly email: string;
  readonly phone: string | null;
  readonly number: string | null;
  readonly username: string | null;
}

async function heldOfFixedPeople(): Promise<readonly Held[]> {
  const emails = fixedPeople.flatMap((person) => [
    ...person.emails,
    ...Object.values(person.held).flatMap(({ email }) => email ?? []),
  ]);
  const statements: Readonly<Record<keyof Gateway["systemUrls"], string>> = {
    crm: `select navn as name, epost as email, mobil as phone, kundenr as number from kontakt where epost = any($1)`,
    learning: `select concat_ws(' ', firstname, lastname) as name, email, phone1 as phone, idnumber as number, username
      from mdl_user where email = any($1)`,
    events: `select "FullName" as name, "Email" as email, "Phone" as phone from "Attendee" where "Email" = any($1)`,
    mailing: `select name, email, attribs->>'phone' as phone from subscribers where email = any($1)`,
    website: `select f.value as name, c.email, p.value as phone from web_contact c join web_submission using (contact_key)
      join web_submission_field f using (submission_key) join web_submission_field p using (submission_key)
      where c.email = any($1) and f.label = 'Navn' and p.label = 'Telefon'`,
  };
  const found: Held[] = [];
  for (const [system, sql] of Object.entries(statements)) {
    const client = new pg.Client({ connectionString: gateway.systemUrls[system as "crm"] });
    await client.connect();
    found.push(...(await client.query<Held>(sql, [emails])).rows);
    await client.end();
  }
  return found;
}

const unique = (values: readonly (string | null | undefined)[]) => [
  ...new Set(values.flatMap((value) => value ?? [])),
];
const phones = () => unique([...held.map(({ phone }) => phone), tora.phone]);

/** Everything that names one of them, however it may be written. */
function needles(): readonly string[] {
  const names = [...fixedPeople, ...held, ...staff, tora].map(({ name }) => name);
  const partsOfNames = fixedPeople.flatMap(({ name }) => name.split(" ")).filter((part) => part.length > 4);
  const emails = unique([
    ...fixedPeople.flatMap((person) => person.emails),
    ...held.map(({ email }) => email),
    ...tora.emails,
  ]);
  const numbers = phones().flatMap((phone) => {
    const digits = (normalise("PHONE", phone) ?? phone).replace("+", "");
    return [phone, digits, digits.slice(2), digits.slice(2).replace(/(...)(..)(...)/, "$1 $2 $3")];
  });
  return unique([
    ...names,
    ...partsOfNames,
    ...emails,
    ...emails.map((email) => normalise("EMAIL", email)),
    ...emails.map((email) => email.split("@")[0]),
    ...staff.map(({ email }) => email),
    ...Object.values(said),
    "91919191",
    "919 19 191",
    orderNumber,
    ...numbers,
    ...held.flatMap(({ number, username }) => [number, username]),
  ]);
}

const ask = (as: string, document: string, variables: object = {}) =>
  gateway.query(document, variables, { as });

/** The number of one of the person's orders. */
let orderNumber: string;
const dpo = "dpo@intech.example";
const because = (name: string) => `${name} viste legitimasjon; ringte fra ${phones()[0]}`;

/** All that writes to the gateway's database. */
async function useEverything(): Promise<void> {
  const documents = await Promise.all(
    ["access", "holdings", "notice", "profile"].map((name) =>
      readFile(new URL(`../../docs/examples/${name}.graphql`, import.meta.url), "utf8"),
    ),
  );
  await search();
  const ids = new Map<string, string>();
  for (const { email, name } of [...fixedPeople, { email: tora.emails[0], name: tora.name }]) {
    for (const document of documents) await ask(email, document);
    const { data } = await gateway.query<{ me: { id: string } }>("{ me { id } }", {}, { as: email });
    ids.set(name, data?.me.id ?? "");
  }
  await search();
  const register = await openRegister(gateway);
  try {
    for (const [name, id] of ids) {
      const at = new Date();
      await recordConsent(register, id, {
        purpose: "NEWSLETTER",
        status: "GIVEN",
        at,
        byRole: "SUBJECT",
        channel: "PORTAL",
        policyVersion: "2018-05-30",
      });
      await restrict(register, id, { sources: ["events"], reason: because(name), since: at });
    }
  } finally {
    await register[Symbol.asyncDispose]();
  }
  for (const { email, role } of staff) {
    const wanted = [...ids.values(), fixedPeople[0]?.email];
    await Promise.all(wanted.map((id) => ask(email, look, { id, purpose: purposes[role] })));
  }
  const link = `mutation ($input: LinkIdentityInput!) { linkIdentity(input: $input) { __typename } }`;
  const unlink = `mutation ($input: UnlinkIdentityInput!) { unlinkIdentity(input: $input) { __typename } }`;
  for (const { name, number, username, email } of held) {
    const subjectId = ids.get(name.normalize("NFC"));
    // Per's match waits for review.
    if (!subjectId || name === "Per Berg") continue;
    const linked = (source: string, kind: string, value: string | null) =>
      ask(dpo, link, { input: { subjectId, source, identifier: { kind, value }, because: because(name) } });
    await linked("crm", "CUSTOMER_NUMBER", number ?? "K-0");
    await linked("learning", "USERNAME", username ?? "nobody");
    await linked("mailing", "EMAIL", email);
    await ask(dpo, unlink, { input: { subjectId, source: "events", because: because(name) } });
  }
  // Something waits as well.
  await gateway.open("mailing", false);
  await useRequests(gateway, ids.get("Kari Nordmann") ?? "", orderNumber);
  for (const document of documents) for (const { email } of fixedPeople) await ask(email, document);
  await ask(dpo, `{ matchReviews(purpose: DATA_SUBJECT_RIGHTS) { totalCount } }`);
}

const purposes: Readonly<Record<string, Purpose>> = {
  SUPPORT: "CUSTOMER_SUPPORT",
  MARKETING: "NEWSLETTER",
  TRAINING: "TRAINING_DELIVERY",
  EVENTS: "EVENT_ADMINISTRATION",
  ACCOUNTING: "BOOKKEEPING",
  DPO: "DATA_SUBJECT_RIGHTS",
  AUDITOR: "AUDIT",
};
const look = `query ($id: ID!, $purpose: Purpose!) { dataSubject(id: $id, purpose: $purpose) {
  id crm { name } learning { name } mailing { address } events { name } } }`;

/** By every kind, in every spelling, and by what is none. */
async function search(): Promise<void> {
  const find = `query ($identifier: IdentifierInput!, $purpose: Purpose!) {
    findDataSubjects(identifier: $identifier, purpose: $purpose) { subject { id } sources } }`;
  const wanted = held.flatMap(({ name, email, phone, number, username }) => [
    { kind: "EMAIL", value: email },
    { kind: "EMAIL", value: name },
    { kind: "PHONE", value: phone ?? tora.phone },
    { kind: "CUSTOMER_NUMBER", value: number ?? email },
    { kind: "USERNAME", value: username ?? name },
    { kind: "EXTERNAL_ID", value: email },
  ]);
  const different = [...new Map(wanted.map((each) => [JSON.stringify(each), each])).values()];
  await Promise.all(
    different.flatMap((identifier) => [
      ask(dpo, find, { identifier, purpose: "DATA_SUBJECT_RIGHTS" }),
      ask("support@intech.example", find, { identifier, purpose: "CUSTOMER_SUPPORT" }),
    ]),
  );
}

/** Every row of every table, and what its bytes would say as text. */
async function dump(): Promise<string> {
  const tables = await gateway.rows<{ name: string }>(
    `select quote_ident(table_schema) || '.' || quote_ident(table_name) as name from information_schema.tables
     where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')`,
  );
  const parts: string[] = [];
  for (const { name } of tables) {
    for (const { row } of await gateway.rows<{ row: string }>(
      // What is published is of nobody, and has words in it that are names as well.
      `select (to_jsonb(t) ${name === "public.privacy_policy" ? "- 'text'" : ""})::text as row from ${name} t`,
    )) {
      parts.push(row);
      for (const [, hex = ""] of row.matchAll(/\\\\x((?:[\da-f]{2})+)/g)) {
        const bytes = Buffer.from(hex, "hex");
        parts.push(bytes.toString("latin1"), bytes.toString("utf8"));
      }
    }
  }
  return parts.join("\n").normalize("NFC").toLowerCase();
}

function spellings(value: string): readonly string[] {
  const bytes = [value, value.toLowerCase(), value.toUpperCase()].map((each) => Buffer.from(each));
  return unique([
    value,
    encodeURIComponent(value),
    JSON.stringify(value).slice(1, -1),
    ...bytes.map((each) => each.toString("hex")),
    ...bytes.map((each) => each.toString("base64").replace(/.?=*$/, "")),
  ]).map((each) => each.normalize("NFC").toLowerCase());
}

/** Digits alone may stand in any hash: they count where none stand around them. */
const stands = (text: string, spelling: string) =>
  /^[\da-f]+$/.test(spelling)
    ? new RegExp(`(?<![\\da-f])${spelling}(?![\\da-f])`).test(text)
    : text.includes(spelling);

async function leaked(): Promise<readonly string[]> {
  const text = await dump();
  return needles().filter((value) => spellings(value).some((spelling) => stands(text, spelling)));
}

test("no row of the gateway's database names any of the fixed persons or the staff", async () => {
  const counts = await gateway.rows<{ name: string; n: number }>(
    `select origin as name, count(*)::int as n from identifier group by 1
     union all select decision, count(*)::int from match_decision group by 1
     union all select event, count(*)::int from audit_entry group by 1
     union all select 'restriction', count(*)::int from restriction
     union all select 'consent', count(*)::int from consent_event
     union all select 'review', count(*)::int from match_review
     union all select 'statement', count(*)::int from statement
     union all select 'objection', count(*)::int from objection
     union all select 'note', count(sealed_note)::int from request_event
     union all select 'turned down', count(sealed_refusal)::int from request
     union all select 'work', count(sealed_work)::int from request_step where state = 'PENDING'
     union all select 'confirmed', count(*)::int from request_event where event = 'CONFIRMED'
     union all select 'disclosure', count(*)::int from disclosure
     union all select 'search', count(*)::int from search_count`,
  );
  // All of it has been used, so that there is something to be found.
  const used = new Set(counts.filter(({ n }) => n > 0).map(({ name }) => name));
  for (const what of [
    "VERIFIED",
    "LINKED",
    "UNLINKED",
    "READ",
    "SEARCHED",
    "review",
    "disclosure",
    "DISCLOSED",
    "READ_IN_SECRECY",
    "restriction",
    "consent",
    "search",
    "REQUESTED",
    "STEP_ENDED",
    "CORRECTED",
    "statement",
    "objection",
    "note",
    "turned down",
    "work",
    "confirmed",
  ])
    expect(used).toContain(what);
  expect(needles().length).toBeGreaterThan(100);
  expect(await leaked()).toEqual([]);
});

test.each([
  ["an address as text", "EMAIL", (value: string) => ["match_review", "reason", value]],
  [
    "an address in capitals within a text",
    "EMAIL",
    (value: string) => ["match_review", "reason", `Om ${value.toUpperCase()}.`],
  ],
  ["a number in a list", "PHONE", (value: string) => ["match_decision", "record_hashes", [value]]],
  [
    "a name as bytes",
    "NAME",
    (value: string) => ["restriction", "sealed_reason", Buffer.from(`Om ${value}`)],
  ],
  [
    "a name as bytes of Latin-1",
    "NAME",
    (value: string) => ["identifier", "sealed_value", Buffer.from(value, "latin1")],
  ],
  [
    "an address in hexadecimal",
    "EMAIL",
    (value: string) => ["match_decision", "decided_by", Buffer.from(value).toString("hex")],
  ],
  [
    "an address in Base64",
    "EMAIL",
    (value: string) => ["consent_event", "channel", Buffer.from(value).toString("base64")],
  ],
] as const)("%s would be noticed", async (_, kind, plant) => {
  const bjørn = held.find(({ name }) => name.normalize("NFC") === "Bjørn André Østby");
  const value = { EMAIL: bjørn?.email, PHONE: phones()[1], NAME: "Bjørn André Østby" }[kind] ?? "";
  const [table, column, written] = plant(value);
  const client = new pg.Client({ connectionString: gateway.databaseUrl });
  await client.connect();
  // What is only ever added to may be planted in, too: the tests' own user is a superuser.
  await client.query("set session_replication_role = replica");
  try {
    const { rows } = await client.query(
      `select ctid::text as ctid, ${column} as before from ${table} limit 1`,
    );
    expect(rows).toHaveLength(1);
    await client.query(`update ${table} set ${column} = $1 where ctid = $2::tid`, [written, rows[0].ctid]);
    try {
      expect(await leaked()).not.toEqual([]);
    } finally {
      await client.query(`update ${table} set ${column} = $1 where ${column} = $2`, [
        rows[0].before,
        written,
      ]);
    }
    expect(await leaked()).toEqual([]);
  } finally {
    await client.end();
  }
});

test("no key of any table is anything that a person is known by", async () => {
  const keys = await gateway.rows<{ table: string; column: string; type: string }>(
    `select k.table_name as table, k.column_name as column, c.data_type as type
     from information_schema.key_column_usage k
     join information_schema.columns c using (table_schema, table_name, column_name)
     where table_schema = 'public' group by 1, 2, 3 order by 1, 2`,
  );
  expect(keys.length).toBeGreaterThan(10);
  const words = /^(|[a-z][a-z-]*|[A-Z_]+|\d{8}-[a-z-]+|\d{4}-\d\d-\d\d)$/;
  for (const { table, column, type } of keys) {
    if (["uuid", "bigint", "integer", "date", "timestamp with time zone"].includes(type)) continue;
    expect(type).toMatch(/^(text|character varying)$/);
    for (const { value } of await gateway.rows<{ value: string }>(`select ${column} as value from ${table}`))
      if (!/^[\da-f]{64}$/.test(value))
        expect(`${table}.${column}: ${value}`).toMatch(new RegExp(`: ${words.source.slice(1)}`));
  }
});
