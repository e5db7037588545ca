import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Purpose, type Role } from "../../src/access/vocabulary.ts";
import type { RegisterParts } from "../../src/subjects/people.ts";
import { recordConsent, restrict } from "../setup/standing.ts";
import { staff } from "../../src/demo/people/staff.ts";
import { type Gateway, type Json, startGateway } from "../setup/gateway.ts";
import { openRegister } from "../setup/register.ts";

const both = "both@intech.example";
let gateway: Gateway;
let register: RegisterParts & AsyncDisposable;
beforeAll(async () => {
  gateway = await startGateway({
    replicas: 2,
    accounts: [{ emails: [both], name: "Bo Begge", roles: ["innsyn-support", "innsyn-dpo"] }],
    config: (config) => ({ ...config, searches: { perMinute: 10_000, perDay: 100_000 } }),
  });
  register = await openRegister(gateway);
});
afterAll(async () => {
  await register[Symbol.asyncDispose]();
  await gateway[Symbol.asyncDispose]();
});

type StaffRole = Exclude<Role, "SUBJECT">;
const account = Object.fromEntries(staff.map(({ role, email }) => [role, email])) as Record<
  StaffRole,
  string
>;

const ids = new Map<string, string>();
/** Of a fixed person, who signs in for it. */
async function idOf(name: string): Promise<string> {
  const known = ids.get(name);
  if (known !== undefined) return known;
  const { data, text } = await gateway.query<{ me: { id: string } }>(
    "{ me { id } }",
    {},
    { as: `${name}@example.com` },
  );
  if (!data) throw new Error(text);
  ids.set(name, data.me.id);
  return data.me.id;
}

interface Looked {
  readonly dataSubject: Record<string, Json> | null;
}
const look = (as: string, id: string, purpose: Purpose, selection: string, replica = 0) =>
  gateway.query<Looked>(
    `query ($id: ID!, $purpose: Purpose!) { dataSubject(id: $id, purpose: $purpose) { ${selection} } }`,
    { id, purpose },
    { as, replica },
  );
const find = (as: string, value: string, purpose: Purpose) =>
  gateway.query<{ findDataSubjects: readonly Json[] }>(
    "query ($v: String!, $p: Purpose!) { findDataSubjects(identifier: { kind: EMAIL, value: $v }, purpose: $p) { sources } }",
    { v: value, p: purpose },
    { as },
  );

/** How often systems were asked since the start, over both replicas. */
async function calls(): Promise<number> {
  const texts = await Promise.all(gateway.urls.map(async (url) => (await fetch(`${url}/metrics`)).text()));
  const counts = texts.flatMap((text) => [
    ...text.matchAll(/^innsyn_source_call_duration_seconds_count\{[^}]*\} (\d+)$/gm),
  ]);
  return counts.reduce((sum, [, n]) => sum + Number(n), 0);
}

type Readers = Partial<Record<StaffRole, readonly Purpose[]>>;
const sales: Readers = {
  SUPPORT: ["ORDER_FULFILMENT", "RETURNS_AND_WARRANTY"],
  MARKETING: ["PURCHASE_BASED_MARKETING"],
  ACCOUNTING: ["BOOKKEEPING"],
  DPO: ["DATA_SUBJECT_RIGHTS"],
};
const support: Readers = {
  SUPPORT: ["CUSTOMER_SUPPORT", "ORDER_FULFILMENT", "RETURNS_AND_WARRANTY", "CUSTOMER_INFORMATION"],
  DPO: ["DATA_SUBJECT_RIGHTS"],
};
const dialogue: Readers = {
  SUPPORT: ["CUSTOMER_SUPPORT", "ORDER_FULFILMENT", "RETURNS_AND_WARRANTY"],
  DPO: ["DATA_SUBJECT_RIGHTS"],
};
const training: Readers = { TRAINING: ["TRAINING_DELIVERY"], DPO: ["DATA_SUBJECT_RIGHTS"] };
const newsletter: Readers = { MARKETING: ["NEWSLETTER"], DPO: ["DATA_SUBJECT_RIGHTS"] };
const officer: Readers = { DPO: ["DATA_SUBJECT_RIGHTS"] };

const rows = (field: string, leaf: string) => `${field}(first: 1) { edges { node { ${leaf} } } }`;
/** One selection of each kind of datum, and who reads it for what, as the design's policy says. */
const readers: Readonly<Record<string, Readers>> = {
  "crm { name email }": { ...support, MARKETING: sales.MARKETING ?? [], ACCOUNTING: sales.ACCOUNTING ?? [] },
  "crm { jobTitle }": support,
  [`crm { ${rows("orders", "number total")} }`]: sales,
  [`crm { ${rows("orders", "returns { reason }")} }`]: { ...sales, MARKETING: [] },
  [`crm { ${rows("conversations", "channel")} }`]: dialogue,
  [`crm { ${rows("conversations", "body")} }`]: dialogue,
  "crm { enrichments { attribute } }": officer,
  "learning { name email }": training,
  [`learning { ${rows("courses", "course")} }`]: training,
  [`learning { ${rows("surveyAnswers", "question")} }`]: training,
  [`learning { ${rows("sessions", "startedAt")} }`]: officer,
  "mailing { address name }": newsletter,
  [`mailing { ${rows("deliveries", "campaign")} }`]: newsletter,
  "events { name phone }": { EVENTS: ["EVENT_ADMINISTRATION"], DPO: ["DATA_SUBJECT_RIGHTS"] },
  [`events { ${rows("registrations", "status")} }`]: {
    EVENTS: ["EVENT_ADMINISTRATION"],
    DPO: ["DATA_SUBJECT_RIGHTS", "EVENT_ADMINISTRATION"],
  },
  [`events { ${rows("registrations", "dietaryNeeds accessNeeds")} }`]: {
    EVENTS: ["EVENT_ADMINISTRATION"],
    DPO: ["EVENT_ADMINISTRATION"],
  },
  "holdings { source state }": officer,
  "profile { name { value } }": officer,
};
const finders: Readers = {
  ...support,
  MARKETING: ["NEWSLETTER", "PURCHASE_BASED_MARKETING"],
  TRAINING: ["TRAINING_DELIVERY"],
  EVENTS: ["EVENT_ADMINISTRATION"],
  ACCOUNTING: ["BOOKKEEPING"],
};

describe("every role for every purpose", () => {
  const cases = staff.flatMap(({ role }) =>
    Object.values(Purpose).map((purpose) => ({ role: role as StaffRole, purpose })),
  );
  const isReader = (of: Readers, { role, purpose }: (typeof cases)[number]) =>
    of[role]?.includes(purpose) ?? false;

  test("is refused what the policy does not grant, before anything is asked", async () => {
    const id = await idOf("kari.nordmann");
    for (const email of Object.values(account)) await gateway.token(email);
    const before = await calls();
    for (const each of cases) {
      const as = account[each.role];
      const refused = Object.keys(readers).filter((selection) => !isReader(readers[selection] ?? {}, each));
      const answers = await Promise.all(refused.map((selection) => look(as, id, each.purpose, selection)));
      for (const [i, { status, data, errors }] of answers.entries()) {
        const told = [status, data ?? null, errors?.map(({ extensions }) => extensions.code)];
        expect([refused[i], each, told]).toEqual([refused[i], each, [403, null, ["FORBIDDEN"]]]);
      }
      if (isReader(finders, each)) continue;
      const { status, data, errors } = await find(as, "kari.nordmann@example.com", each.purpose);
      expect([each, status, data ?? null, errors?.[0]?.extensions.code]).toEqual([
        each,
        403,
        null,
        "FORBIDDEN",
      ]);
    }
    expect(await calls()).toBe(before);
  }, 60_000);

  test("is given what it grants", async () => {
    const id = await idOf("kari.nordmann");
    const before = await calls();
    let given = 0;
    for (const each of cases) {
      const as = account[each.role];
      const granted = Object.keys(readers).filter((selection) => isReader(readers[selection] ?? {}, each));
      const answers = await Promise.all(granted.map((selection) => look(as, id, each.purpose, selection)));
      for (const [i, { status, data, errors }] of answers.entries()) {
        expect([granted[i], each, status, errors]).toEqual([granted[i], each, 200, undefined]);
        expect(Object.values(data?.dataSubject ?? {})).not.toContain(null);
        given += 1;
      }
      if (!isReader(finders, each)) continue;
      const { data, errors } = await find(as, "kari.nordmann@example.com", each.purpose);
      expect([each, errors, data?.findDataSubjects.length]).toEqual([each, undefined, 1]);
    }
    expect(given).toBe(50);
    expect(await calls()).toBeGreaterThan(before);
  }, 60_000);
});

describe("the purpose", () => {
  const asked = 'dataSubject(id: "00000000-0000-4000-8000-000000000000"';
  test.each<[string, string, object, RegExp]>([
    ["left out", `{ ${asked}) { id } }`, {}, /"purpose"/],
    ["null", `{ ${asked}, purpose: null) { id } }`, {}, /Purpose!/],
    ["a string", `{ ${asked}, purpose: "CUSTOMER_SUPPORT") { id } }`, {}, /Purpose/],
    ["none that there is", `{ ${asked}, purpose: CURIOSITY) { id } }`, {}, /Purpose/],
    ["a variable of another type", `query ($p: String!) { ${asked}, purpose: $p) { id } }`, {}, /Purpose!/],
    ["a variable that may be null", `query ($p: Purpose) { ${asked}, purpose: $p) { id } }`, {}, /Purpose!/],
    [
      "left out of a search",
      '{ findDataSubjects(identifier: { kind: EMAIL, value: "a@example.com" }) { sources } }',
      {},
      /"purpose"/,
    ],
  ])("%s is a validation error that names it", async (_, document, variables, named) => {
    const { status, data, errors } = await gateway.query(document, variables, { as: account.SUPPORT });
    expect([status, data, errors?.[0]?.extensions.code]).toEqual([400, undefined, "BAD_USER_INPUT"]);
    expect(errors?.[0]?.message).toMatch(named);
  });

  test.each<[string, object]>([
    ["missing", {}],
    ["null", { p: null }],
    ["empty", { p: "" }],
    ["none that there is", { p: "CURIOSITY" }],
    ["a member of every object", { p: "constructor" }],
    ["in small letters", { p: "customer_support" }],
    ["a number", { p: 1 }],
    ["a list", { p: ["CUSTOMER_SUPPORT"] }],
    ["an object", { p: { CUSTOMER_SUPPORT: true } }],
  ])("in a variable that is %s is told as such, and nothing is asked or recorded", async (_, variables) => {
    const entries = () => gateway.rows("select count(*) from audit_entry");
    const [before, asks] = [await entries(), await calls()];
    const document = `query ($p: Purpose!) { ${asked}, purpose: $p) { crm { name } } }`;
    const { status, data, errors } = await gateway.query(document, variables, { as: account.SUPPORT });
    expect([status, data]).toEqual([400, undefined]);
    expect(errors?.map(({ extensions }) => extensions)).toEqual([
      { code: "BAD_USER_INPUT", argument: "purpose" },
    ]);
    expect([await entries(), await calls()]).toEqual([before, asks]);
  });

  test("in a variable's default counts", async () => {
    const document = `query ($id: ID!, $p: Purpose! = CUSTOMER_SUPPORT) { dataSubject(id: $id, purpose: $p) { crm { name } } }`;
    const { data } = await gateway.query<Looked>(
      document,
      { id: await idOf("kari.nordmann") },
      { as: account.SUPPORT },
    );
    expect(data?.dataSubject?.["crm"]).toEqual({ name: "Kari Nordmann" });
  });
});

const engagement = rows("deliveries", "campaign");
const orders = rows("orders", "number");
const refusals = (errors: Awaited<ReturnType<typeof look>>["errors"]) =>
  errors?.map(({ path, extensions }) => [path?.at(-1), extensions.code]);

describe("marketing", () => {
  const newsletter = async (name: string, selection: string, replica = 0) =>
    look(account.MARKETING, await idOf(name), "NEWSLETTER", selection, replica);

  test("reads of those who said yes to that very purpose", async () => {
    const { data, errors } = await newsletter("kari.nordmann", `mailing { ${engagement} }`);
    expect([errors, data?.dataSubject?.["mailing"]]).toEqual([undefined, expect.anything()]);
    const bought = await look(
      account.MARKETING,
      await idOf("kari.nordmann"),
      "PURCHASE_BASED_MARKETING",
      `crm { ${orders} }`,
    );
    expect([bought.errors, bought.data?.dataSubject?.["crm"]]).toEqual([undefined, expect.anything()]);
  });

  test.each(["anne.berg", "eva.enebo"])("not of %s, who did not; only how to reach them", async (name) => {
    const { status, data, errors } = await newsletter(
      name,
      `id a: mailing { address } b: mailing { ${engagement} }`,
    );
    expect(status).toBe(200);
    expect(data?.dataSubject).toEqual({
      id: await idOf(name),
      a: { address: `${name}@example.com` },
      b: null,
    });
    expect(refusals(errors)).toEqual([["b", "CONSENT_REQUIRED"]]);
  });

  test("not with a yes to another purpose", async () => {
    const id = await idOf("stor.leser");
    expect(
      (await look(account.MARKETING, id, "NEWSLETTER", `mailing { ${engagement} }`)).errors,
    ).toBeUndefined();
    const bought = await look(account.MARKETING, id, "PURCHASE_BASED_MARKETING", `crm { ${orders} }`);
    expect(bought.data?.dataSubject).toEqual({ crm: null });
    expect(refusals(bought.errors)).toEqual([["crm", "CONSENT_REQUIRED"]]);
  });

  test("a yes that is taken back counts for the very next read, in every replica", async () => {
    const id = await idOf("stor.leser");
    const say = (status: "GIVEN" | "WITHDRAWN") =>
      recordConsent(register, id, {
        purpose: "NEWSLETTER",
        status,
        at: new Date(),
        byRole: "SUBJECT",
        channel: "PORTAL",
        policyVersion: "2018-05-30",
      });
    for (const replica of [0, 1])
      expect((await newsletter("stor.leser", `mailing { ${engagement} }`, replica)).errors).toBeUndefined();
    await say("WITHDRAWN");
    for (const replica of [1, 0])
      expect(refusals((await newsletter("stor.leser", `mailing { ${engagement} }`, replica)).errors)).toEqual(
        [["mailing", "CONSENT_REQUIRED"]],
      );
    await say("GIVEN");
    expect((await newsletter("stor.leser", `mailing { ${engagement} }`, 1)).errors).toBeUndefined();
  });
});

describe("a person whose processing is restricted", () => {
  test("reads everything", async () => {
    const { data, errors } = await gateway.query<{ me: Record<string, Json> }>(
      `{ me { crm { name ${orders} } learning { name } mailing { address } events { name } } }`,
      {},
      { as: "siv.stille@example.com" },
    );
    expect(errors).toBeUndefined();
    expect(Object.values(data?.me ?? {})).not.toContain(null);
  });

  test.each<[StaffRole, Purpose, string]>([
    ["DPO", "DATA_SUBJECT_RIGHTS", `crm { name ${orders} }`],
    ["DPO", "DATA_SUBJECT_RIGHTS", `mailing { ${engagement} }`],
    ["ACCOUNTING", "BOOKKEEPING", `crm { name ${orders} }`],
  ])("is read by %s for %s", async (role, purpose, selection) => {
    const { data, errors } = await look(account[role], await idOf("siv.stille"), purpose, selection);
    expect([errors, Object.values(data?.dataSubject ?? { nobody: null })]).toEqual([
      undefined,
      [expect.anything()],
    ]);
  });

  test.each<[StaffRole, Purpose, string]>([
    ["SUPPORT", "CUSTOMER_SUPPORT", "crm { name }"],
    ["SUPPORT", "ORDER_FULFILMENT", `crm { ${orders} }`],
    ["SUPPORT", "ORDER_FULFILMENT", "crm { __typename }"],
    ["MARKETING", "NEWSLETTER", "mailing { address }"],
    ["TRAINING", "TRAINING_DELIVERY", "learning { name }"],
    ["EVENTS", "EVENT_ADMINISTRATION", "events { name }"],
  ])("is kept from %s for %s: the branch, not the person", async (role, purpose, selection) => {
    const id = await idOf("siv.stille");
    const { status, data, errors, text } = await look(account[role], id, purpose, `id ${selection}`);
    const branch = selection.split(" ")[0] ?? "";
    expect([status, data?.dataSubject]).toEqual([200, { id, [branch]: null }]);
    expect(refusals(errors)).toEqual([[branch, "PROCESSING_RESTRICTED"]]);
    expect(text).not.toMatch(/siv|stille/i);
    const found = await find(account[role], "siv.stille@example.com", purpose);
    expect(found.data?.findDataSubjects).toEqual([{ sources: [] }]);
  });

  test("is not read by support through being the data protection officer too, but as that", async () => {
    const id = await idOf("siv.stille");
    const helping = await look(both, id, "CUSTOMER_SUPPORT", "crm { name }");
    expect(refusals(helping.errors)).toEqual([["crm", "PROCESSING_RESTRICTED"]]);
    const answering = await look(both, id, "DATA_SUBJECT_RIGHTS", "crm { name }");
    expect(answering.data?.dataSubject).toEqual({ crm: { name: "Siv Stille" } });
  });

  test("in one system, is read in the others", async () => {
    const id = await idOf("ola.nordmann");
    const reason = "Kontrolleres (artikkel 18 nr. 1 bokstav a)";
    await restrict(register, id, { sources: ["learning"], reason, since: new Date(Date.now() - 1_000) });
    const trained = await look(account.TRAINING, id, "TRAINING_DELIVERY", "learning { name }");
    expect(refusals(trained.errors)).toEqual([["learning", "PROCESSING_RESTRICTED"]]);
    const searched = await find(account.TRAINING, "ola.nordmann@example.com", "TRAINING_DELIVERY");
    expect(searched.data?.findDataSubjects).toEqual([{ sources: [] }]);
    const attended = await look(account.EVENTS, id, "EVENT_ADMINISTRATION", "events { name }");
    expect(attended.data?.dataSubject).toEqual({ events: { name: "Ola Nordmann" } });
  });

  test("is read again when the restriction has ended, and until it begins", async () => {
    const id = await idOf("ingrid.aas");
    const reason = "Kontrolleres (artikkel 18 nr. 1 bokstav a)";
    const [now, hour] = [Date.now(), 3_600_000];
    await restrict(register, id, {
      sources: [],
      reason,
      since: new Date(now - 2 * hour),
      until: new Date(now - hour),
    });
    await restrict(register, id, { sources: [], reason, since: new Date(now + hour) });
    expect((await look(account.SUPPORT, id, "CUSTOMER_SUPPORT", "crm { name }")).errors).toBeUndefined();
    await restrict(register, id, {
      sources: [],
      reason,
      since: new Date(now - hour),
      until: new Date(now + hour),
    });
    expect(refusals((await look(account.SUPPORT, id, "CUSTOMER_SUPPORT", "crm { name }")).errors)).toEqual([
      ["crm", "PROCESSING_RESTRICTED"],
    ]);
  });
});

describe("what is put together in one operation", () => {
  test("one person refused does not refuse the other", async () => {
    const document = `query ($kari: ID!, $siv: ID!) {
      kari: dataSubject(id: $kari, purpose: CUSTOMER_SUPPORT) { crm { name } }
      siv: dataSubject(id: $siv, purpose: CUSTOMER_SUPPORT) { crm { name } }
      bought: dataSubject(id: $siv, purpose: ORDER_FULFILMENT) { crm { ${orders} } } }`;
    const variables = { kari: await idOf("kari.nordmann"), siv: await idOf("siv.stille") };
    const { status, data, errors } = await gateway.query(document, variables, { as: account.SUPPORT });
    expect([status, data]).toEqual([
      200,
      { kari: { crm: { name: "Kari Nordmann" } }, siv: { crm: null }, bought: { crm: null } },
    ]);
    expect(errors?.map(({ path }) => path?.join(".")).sort()).toEqual(["bought.crm", "siv.crm"]);
  });

  test("one purpose lends nothing to the other", async () => {
    const document = `query ($id: ID!) { a: dataSubject(id: $id, purpose: ORDER_FULFILMENT) { crm { ${orders} } }
      b: dataSubject(id: $id, purpose: CUSTOMER_INFORMATION) { crm { ${orders} } } }`;
    const { status, errors } = await gateway.query(
      document,
      { id: await idOf("kari.nordmann") },
      { as: account.SUPPORT },
    );
    expect([status, errors?.[0]?.extensions.code]).toEqual([403, "FORBIDDEN"]);
  });

  test.each([
    ["a named fragment", "...More", "fragment More on DataSubject { mailing { address } }"],
    ["an inline fragment", "... on DataSubject { mailing { address } }", ""],
    [
      "a fragment in a fragment",
      "...A",
      "fragment A on DataSubject { ...B } fragment B on DataSubject { mailing { address } }",
    ],
    ["a field that is skipped", "mailing @include(if: $no) { address }", ""],
    ["another name", "crm: mailing { address }", ""],
  ])("%s smuggles nothing that the role may not read", async (_, selection, fragments) => {
    const document = `query ($id: ID!, $no: Boolean = false) { dataSubject(id: $id, purpose: CUSTOMER_SUPPORT) { id @skip(if: $no) ${selection} } } ${fragments}`;
    const { status, data, errors } = await gateway.query(
      document,
      { id: await idOf("kari.nordmann") },
      { as: account.SUPPORT },
    );
    expect([status, data]).toEqual([403, undefined]);
    expect(errors?.[0]?.extensions["coordinates"]).toEqual([
      "DataSubject.mailing",
      "SubscriberRecord.address",
    ]);
  });

  test.each([
    ["merged with one that may be read", `mailing { address } ...More`],
    ["first, that one after it", `...More mailing { address }`],
    ["in the same braces", `mailing { address ...Deliveries }`],
  ])("what the person has not agreed to, %s, refuses the branch", async (_, selection) => {
    const document = `query ($id: ID!) { dataSubject(id: $id, purpose: NEWSLETTER) { ${selection} } }
      ${selection.includes("More") ? `fragment More on DataSubject { mailing { ${engagement} } }` : `fragment Deliveries on SubscriberRecord { ${engagement} }`}`;
    const { data, errors } = await gateway.query<Looked>(
      document,
      { id: await idOf("anne.berg") },
      { as: account.MARKETING },
    );
    expect(data?.dataSubject).toEqual({ mailing: null });
    expect(refusals(errors)).toEqual([["mailing", "CONSENT_REQUIRED"]]);
  });
});

describe("a branch of which nothing but its type is asked", () => {
  test("is refused to a role that may read nothing of it", async () => {
    const id = await idOf("kari.nordmann");
    for (const [as, purpose, selection] of [
      [account.MARKETING, "NEWSLETTER", "crm { __typename }"],
      [account.SUPPORT, "CUSTOMER_SUPPORT", "events { __typename }"],
      [account.AUDITOR, "AUDIT", "__typename"],
      [account.AUDITOR, "AUDIT", "id"],
    ] as const)
      expect((await look(as, id, purpose, selection)).errors?.[0]?.extensions.code).toBe("FORBIDDEN");
  });

  test("counts as all that the role could read of it", async () => {
    const agreed = await look(
      account.MARKETING,
      await idOf("kari.nordmann"),
      "NEWSLETTER",
      "mailing { __typename }",
    );
    expect(agreed.data?.dataSubject).toEqual({ mailing: { __typename: "SubscriberRecord" } });
    const never = await look(
      account.MARKETING,
      await idOf("anne.berg"),
      "NEWSLETTER",
      "mailing { __typename }",
    );
    expect(refusals(never.errors)).toEqual([["mailing", "CONSENT_REQUIRED"]]);
  });
});
