import { sqlSystemKeys } from "../../src/demo/people/person.ts";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import pg from "pg";
import type { Purpose } from "../../src/access/vocabulary.ts";
import { parseIdentifier } from "../../src/subjects/identifiers.ts";
import { inTransaction } from "../../src/store/tables.ts";
import { type RegisterParts, remember } from "../../src/subjects/people.ts";
import { restrict } from "../setup/standing.ts";
import { type Gateway, startGateway } from "../setup/gateway.ts";
import { openRegister } from "../setup/register.ts";

let gateway: Gateway;
let register: RegisterParts & AsyncDisposable;
const both = "both@intech.example";
beforeAll(async () => {
  gateway = await startGateway({
    replicas: 3,
    accounts: [{ emails: [both], name: "Bo Begge", roles: ["innsyn-support", "innsyn-dpo"] }],
  });
  register = await openRegister(gateway);
});
afterAll(async () => {
  await register[Symbol.asyncDispose]();
  await gateway[Symbol.asyncDispose]();
});
afterEach(async () => {
  for (const system of sqlSystemKeys) await gateway.open(system, true);
  await gateway.rows("delete from search_count");
});

const at = (role: string) => (role.includes("@") ? role : `${role}@intech.example`);
interface Match {
  readonly subject: { readonly id: string };
  readonly matchedBy: readonly { readonly kind: string; readonly value: string }[];
  readonly sources: readonly string[];
  readonly ambiguous: boolean;
}
const document = `query ($kind: IdentifierKind!, $value: String!, $purpose: Purpose!) {
  findDataSubjects(identifier: { kind: $kind, value: $value }, purpose: $purpose) {
    subject { id } matchedBy { kind value } sources ambiguous } }`;
const search = (role: string, kind: string, value: string, purpose: Purpose, replica = 0) =>
  gateway.query<{ findDataSubjects: readonly Match[] }>(
    document,
    { kind, value, purpose },
    { as: at(role), replica },
  );
const found = async (...asked: Parameters<typeof search>) => {
  const { data, errors, text } = await search(...asked);
  expect(errors).toBeUndefined();
  return data?.findDataSubjects ?? expect.fail(text);
};
const idOf = async (name: string) => {
  const { data } = await gateway.query<{ me: { id: string } }>(
    "{ me { id } }",
    {},
    { as: `${name}@example.com` },
  );
  return data?.me.id ?? expect.fail();
};
const see = (role: string, id: string, purpose: Purpose, selection: string) =>
  gateway.query(
    `query ($id: ID!, $purpose: Purpose!) { dataSubject(id: $id, purpose: $purpose) { ${selection} } }`,
    { id, purpose },
    { as: at(role) },
  );
const inSystem = async <Row extends pg.QueryResultRow>(
  system: "crm" | "learning",
  sql: string,
): Promise<readonly Row[]> => {
  const client = new pg.Client({ connectionString: gateway.systemUrls[system] });
  await client.connect();
  try {
    return (await client.query<Row>(sql)).rows;
  } finally {
    await client.end();
  }
};

const inCrm = <Row extends pg.QueryResultRow>(sql: string) => inSystem<Row>("crm", sql);

describe("a person is found", () => {
  test("however the address is spelled, before they have ever signed in, as one person again and again", async () => {
    const [first] = await found("support", "EMAIL", " Kari.NORDMANN@example.com ", "CUSTOMER_SUPPORT");
    expect(first).toMatchObject({
      matchedBy: [{ kind: "EMAIL", value: "kari.nordmann@example.com" }],
      sources: ["crm", "website"],
      ambiguous: false,
    });
    const [again] = await found("training", "EMAIL", "kari.nordmann@example.com", "TRAINING_DELIVERY", 1);
    expect(again).toMatchObject({ subject: first?.subject, sources: ["learning"] });
    const own = await idOf("kari.nordmann");
    const seen = await see("support", first?.subject.id ?? "", "CUSTOMER_SUPPORT", "id");
    expect(seen.data).toEqual({ dataSubject: { id: own } });
  });

  test("as one person whom colleagues found by different identifiers in different systems", async () => {
    const email = "anne-kari.nordmann@example.com";
    const [row] = await inCrm<{ kundenr: string }>(`select kundenr from kontakt where epost = '${email}'`);
    const [byNumber] = await found("support", "CUSTOMER_NUMBER", row?.kundenr ?? "", "CUSTOMER_SUPPORT");
    const [byAddress] = await found("marketing", "EMAIL", email, "NEWSLETTER");
    expect(byNumber?.subject.id).not.toBe(byAddress?.subject.id);
    const seen = await see("dpo", byNumber?.subject.id ?? "", "DATA_SUBJECT_RIGHTS", "id crm { email }");
    expect(seen.errors).toBeUndefined();
    expect(seen.data).toEqual({ dataSubject: { id: byNumber?.subject.id, crm: { email } } });
    const met = await found("dpo", "EMAIL", email, "DATA_SUBJECT_RIGHTS");
    expect(met).toEqual([
      {
        subject: { id: byNumber?.subject.id },
        matchedBy: [{ kind: "EMAIL", value: email }],
        sources: ["crm", "learning", "mailing", "events", "website"],
        ambiguous: false,
      },
    ]);
    expect(await found("marketing", "EMAIL", email, "NEWSLETTER", 1)).toMatchObject([
      { subject: { id: byNumber?.subject.id }, ambiguous: false },
    ]);
  });

  test("as one person, whose restriction counts from the very look that shows them to be one", async () => {
    const email = "åse.håland@example.com";
    const [account] = await inSystem<{ username: string }>(
      "learning",
      "select username from mdl_user where normalize(email) = 'åse.håland@example.com'",
    );
    const [byName] = await found("training", "USERNAME", account?.username ?? "", "TRAINING_DELIVERY");
    const [byAddress] = await found("support", "EMAIL", email, "CUSTOMER_SUPPORT");
    expect(byName?.subject.id).not.toBe(byAddress?.subject.id);
    await restrict(register, byAddress?.subject.id ?? "", { sources: [], reason: "x", since: new Date(0) });
    const seen = await see("training", byName?.subject.id ?? "", "TRAINING_DELIVERY", "learning { name }");
    expect(seen.data).toEqual({ dataSubject: { learning: null } });
    expect(seen.errors?.[0]?.extensions.code).toBe("PROCESSING_RESTRICTED");
  });

  test("whole in the first search that leads from one system to the others", async () => {
    const email = "kari_nordmann@example.com";
    const [row] = await inCrm<{ kundenr: string }>(`select kundenr from kontakt where epost = '${email}'`);
    const [byNumber] = await found("support", "CUSTOMER_NUMBER", row?.kundenr ?? "", "CUSTOMER_SUPPORT");
    expect(await found("dpo", "EMAIL", email, "DATA_SUBJECT_RIGHTS")).toMatchObject([
      { sources: ["crm", "learning", "mailing", "events", "website"], ambiguous: false },
    ]);
    const seen = await see("support", byNumber?.subject.id ?? "", "CUSTOMER_SUPPORT", "crm { email }");
    expect(seen.data).toEqual({ dataSubject: { crm: { email } } });
  });

  test("in the systems of the purpose alone", async () => {
    const sources = async (role: string, purpose: Purpose) =>
      (await found(role, "EMAIL", "kari.nordmann@example.com", purpose)).map((each) => each.sources);
    expect(await sources("dpo", "DATA_SUBJECT_RIGHTS")).toEqual([
      ["crm", "learning", "mailing", "events", "website"],
    ]);
    expect(await sources("marketing", "NEWSLETTER")).toEqual([["mailing"]]);
    expect(await sources("marketing", "PURCHASE_BASED_MARKETING")).toEqual([["crm"]]);
    expect(await sources("accounting", "BOOKKEEPING")).toEqual([["crm"]]);
    expect(await sources("events", "EVENT_ADMINISTRATION")).toEqual([["events"]]);
  });

  test("by customer number and by user name, as the same person", async () => {
    const id = await idOf("kari.nordmann");
    const [row] = await inCrm<{ kundenr: string }>(
      "select kundenr from kontakt where epost = 'kari.nordmann@example.com'",
    );
    const byNumber = await found("support", "CUSTOMER_NUMBER", row?.kundenr ?? "", "CUSTOMER_SUPPORT");
    expect(byNumber.map(({ subject }) => subject.id)).toEqual([id]);
    const { data } = await gateway.query<{ me: { learning: { username: string } } }>(
      "{ me { learning { username } } }",
      {},
      { as: "kari.nordmann@example.com" },
    );
    const byName = await found("training", "USERNAME", data?.me.learning.username ?? "", "TRAINING_DELIVERY");
    expect(byName.map(({ subject }) => subject.id)).toEqual([id]);
  });

  test("by nothing that no system of the purpose is looked up by", async () => {
    const [row] = await inCrm<{ mobil: string }>(
      "select mobil from kontakt where epost = 'kari.nordmann@example.com'",
    );
    expect(await found("support", "PHONE", row?.mobil ?? "", "CUSTOMER_SUPPORT")).toEqual([]);
    expect(await found("support", "USERNAME", "kari", "CUSTOMER_SUPPORT")).toEqual([]);
    expect(await found("support", "EXTERNAL_ID", "kari", "CUSTOMER_SUPPORT")).toEqual([]);
  });

  test("twice over where two share the address, as a match that must be settled", async () => {
    for (const name of ["anne.berg", "per.berg"]) await idOf(name);
    const shared = await found("support", "EMAIL", "familien.berg@example.com", "CUSTOMER_SUPPORT");
    expect(shared.map(({ sources, ambiguous }) => [sources, ambiguous])).toEqual([
      [["crm", "website"], true],
      [["crm", "website"], true],
    ]);
  });
});

describe("whom the caller may not see", () => {
  test("is not found, whether known in other systems or to nobody", async () => {
    await idOf("eva.enebo");
    const hidden = await search("support", "EMAIL", "eva.enebo@example.com", "CUSTOMER_SUPPORT");
    const nobody = await search("support", "EMAIL", "nobody@example.com", "CUSTOMER_SUPPORT");
    expect(hidden.text).toBe('{"data":{"findDataSubjects":[]}}\n');
    expect(hidden.text).toBe(nobody.text);
    const heads = ({ headers }: typeof nobody) =>
      [...headers].filter(([name]) => !["date", "x-request-id"].includes(name));
    expect(heads(hidden)).toEqual(heads(nobody));
  });

  test("and by id is told as who does not exist: byte by byte", async () => {
    const id = await idOf("eva.enebo");
    const told = async (asked: string) => {
      const { status, text } = await see("support", asked, "CUSTOMER_SUPPORT", "id crm { name }");
      return { status, text };
    };
    const expected = await told("5c1b7a52-9a0e-4f7c-8b6e-1d2f3a4b5c6d");
    expect(JSON.parse(expected.text)).toMatchObject({
      data: { dataSubject: null },
      errors: [{ path: ["dataSubject"], extensions: { code: "NOT_FOUND" } }],
    });
    for (const asked of [id, id.toUpperCase(), "", "x", "1", "' or true --", "a".repeat(500), `${id} `])
      expect([asked, await told(asked)]).toEqual([asked, expected]);
  });

  test("is not seen by support who has the data protection officer's role besides, but in that capacity", async () => {
    const id = await idOf("eva.enebo");
    expect((await see(both, id, "CUSTOMER_SUPPORT", "id")).errors?.[0]?.extensions.code).toBe("NOT_FOUND");
    expect(await found(both, "EMAIL", "eva.enebo@example.com", "CUSTOMER_SUPPORT")).toEqual([]);
    expect((await see(both, id, "DATA_SUBJECT_RIGHTS", "id")).data).toEqual({ dataSubject: { id } });
    expect(await found(both, "EMAIL", "eva.enebo@example.com", "DATA_SUBJECT_RIGHTS")).toHaveLength(1);
  });

  test("nobody is made up for the officer either", async () => {
    expect(await found("dpo", "EMAIL", "nobody@example.com", "DATA_SUBJECT_RIGHTS")).toEqual([]);
    const before = await gateway.rows("select count(*) from subject");
    expect(await found("dpo", "EMAIL", "nobody.else@example.com", "DATA_SUBJECT_RIGHTS")).toEqual([]);
    expect(await gateway.rows("select count(*) from subject")).toEqual(before);
  });

  test("an earlier address that was linked in a system leads to the person for those who may read that system", async () => {
    const id = await idOf("ingrid.aas");
    const earlier = parseIdentifier({ kind: "EMAIL", value: "ingrid.lie@example.com" }, "test");
    await inTransaction(register.store, (db) => remember(db, register, id, "LINKED", [earlier], "mailing"));
    const byMarketing = await found("marketing", "EMAIL", earlier.value, "NEWSLETTER");
    expect(byMarketing.map(({ subject }) => subject.id)).toEqual([id]);
    // Support may see Ingrid, but not that the e-mail tool has her under this address.
    expect(await found("support", "EMAIL", earlier.value, "CUSTOMER_SUPPORT")).toEqual([]);
    expect(await found("support", "EMAIL", "ingrid.aas@example.com", "CUSTOMER_SUPPORT")).toHaveLength(1);
  });
});

describe("a system that is down", () => {
  test("is named next to whom the others found", async () => {
    await gateway.open("learning", false);
    const { status, data, errors } = await search(
      "dpo",
      "EMAIL",
      "ola.nordmann@example.com",
      "DATA_SUBJECT_RIGHTS",
    );
    expect([status, data?.findDataSubjects.map(({ sources }) => sources)]).toEqual([200, [["events"]]]);
    expect(errors?.map(({ path, extensions }) => ({ path, extensions }))).toEqual([
      {
        path: ["findDataSubjects"],
        extensions: { code: "SOURCE_UNAVAILABLE", source: "learning", reason: "UNREACHABLE" },
      },
    ]);
  });

  test("is named where nobody was found, so that nobody is not taken for nobody", async () => {
    await gateway.open("crm", false);
    const document = `{ here: findDataSubjects(identifier: { kind: EMAIL, value: "nobody@example.com" }, purpose: CUSTOMER_SUPPORT) { sources } }`;
    const { data, errors } = await gateway.query(
      document,
      {},
      { as: at("support"), headers: { "accept-language": "nn" } },
    );
    expect(data).toEqual({ here: [] });
    expect(errors).toEqual([
      {
        message: expect.stringContaining("Eit system kunne ikkje svare"),
        path: ["here"],
        extensions: { code: "SOURCE_UNAVAILABLE", source: "crm", reason: "UNREACHABLE" },
      },
    ]);
  });

  test("leaves the person by id, and is named at the branch", async () => {
    const id = await idOf("kari.nordmann");
    await gateway.open("crm", false);
    const { status, data, errors } = await see("support", id, "CUSTOMER_SUPPORT", "id crm { name }");
    expect([status, data]).toEqual([200, { dataSubject: { id, crm: null } }]);
    expect(errors?.map(({ path, extensions }) => [path, extensions.code, extensions["source"]])).toEqual([
      [["dataSubject", "crm"], "SOURCE_UNAVAILABLE", "crm"],
    ]);
  });
});

describe("an identifier that is none", () => {
  test.each([
    ["EMAIL", "kari", "NOT_AN_EMAIL_ADDRESS"],
    ["EMAIL", "", "EMPTY"],
    ["PHONE", "ring me", "NOT_A_PHONE_NUMBER"],
    ["USERNAME", "a\nb", "CONTROL_CHARACTER"],
    ["CUSTOMER_NUMBER", "9".repeat(400), "TOO_LONG"],
  ])("%s %j is told which and why, and counts for nothing", async (kind, value, reason) => {
    const { status, data, errors } = await search("support", kind, value, "CUSTOMER_SUPPORT");
    expect([status, data]).toEqual([400, null]);
    expect(errors?.map(({ extensions }) => extensions)).toEqual([
      { code: "BAD_USER_INPUT", argument: "identifier.value", kind, reason },
    ]);
    expect(await gateway.rows("select * from search_count")).toEqual([]);
  });
});

describe("how often", () => {
  test("30 searches a minute over three replicas at once, and then when to come back", async () => {
    const answers = await Promise.all(
      Array.from({ length: 45 }, (_, i) =>
        search("support", "EMAIL", `n${i}@example.com`, "CUSTOMER_SUPPORT", i % 3),
      ),
    );
    expect(answers.filter(({ status, errors }) => status === 200 && errors === undefined)).toHaveLength(30);
    const limited = answers.filter(({ status }) => status === 429);
    expect(limited).toHaveLength(15);
    for (const { data, errors, headers } of limited) {
      expect(data).toBeNull();
      const seconds = errors?.[0]?.extensions["retryAfterSeconds"];
      expect(errors?.map(({ extensions }) => extensions)).toEqual([
        { code: "RATE_LIMITED", retryAfterSeconds: expect.any(Number) },
      ]);
      expect(seconds).toBeGreaterThan(0);
      expect(seconds).toBeLessThanOrEqual(60);
      expect(headers.get("retry-after")).toBe(String(seconds));
    }
    // A colleague may search, and a person by id may be read.
    expect(await found("dpo", "EMAIL", "nobody@example.com", "DATA_SUBJECT_RIGHTS")).toEqual([]);
    const id = await idOf("kari.nordmann");
    expect((await see("support", id, "CUSTOMER_SUPPORT", "id")).errors).toBeUndefined();
    await gateway.rows("update search_count set began_at = began_at - interval '1 minute'");
    expect(await found("support", "EMAIL", "nobody@example.com", "CUSTOMER_SUPPORT", 2)).toEqual([]);
  });

  test("each search of one operation counts, under whatever name", async () => {
    const one = (name: string) =>
      `${name}: findDataSubjects(identifier: { kind: EMAIL, value: "nobody@example.com" }, purpose: CUSTOMER_SUPPORT) { sources }`;
    const many = `{ ${Array.from({ length: 16 }, (_, i) => one(`a${i}`)).join(" ")} }`;
    expect((await gateway.query(many, {}, { as: at("support") })).status).toBe(200);
    const second = await gateway.query(many, {}, { as: at("support") });
    expect([second.status, second.data]).toEqual([429, null]);
    expect(second.headers.get("retry-after")).toMatch(/^\d+$/);
  });
});
