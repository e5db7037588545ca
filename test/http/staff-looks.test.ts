import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { signIn } from "../../src/demo/identity/client.ts";
import { type Answer, type Gateway, type Json, startGateway } from "../setup/gateway.ts";

const at = (name: string) => `${name}@intech.example`;
const both = at("both");
let gateway: Gateway;
const ids: Record<string, string> = {};
beforeAll(async () => {
  gateway = await startGateway({
    accounts: [{ emails: [both], name: "Bo Begge", roles: ["innsyn-events", "innsyn-dpo"] }],
  });
  for (const name of ["kari.nordmann", "anne.berg", "per.berg", "siv.stille"]) {
    const as = `${name}@example.com`;
    const { data } = await gateway.query<{ me: { id: string } }>("{ me { id } }", {}, { as });
    ids[name] = data?.me.id ?? expect.fail();
  }
});
afterAll(() => gateway[Symbol.asyncDispose]());
afterEach(() => gateway.open("crm", true));

interface Entry {
  readonly event: string;
  readonly actor_role: string | null;
  readonly actor_ref: string | null;
  readonly subject_ref: string | null;
  readonly purpose: string;
  readonly coordinates: readonly string[];
  readonly categories: readonly string[];
  readonly sources: readonly string[];
}
async function entriesOf({ headers }: Pick<Answer<Json>, "headers">): Promise<readonly Entry[]> {
  const rows = await gateway.rows<Entry>(
    "select * from audit_entry where request_id = $1 order by sequence",
    [headers.get("x-request-id")],
  );
  expect(JSON.stringify(rows)).not.toMatch(/kari|nordmann|berg|siv|stille|@|intech/i);
  return rows;
}
const ask = (role: string, document: string) => gateway.query(document, {}, { as: at(role) });
const one = (name: string, purpose: string, selection: string) =>
  `{ dataSubject(id: "${ids[name]}", purpose: ${purpose}) { ${selection} } }`;

describe("what is let through is recorded, and what is refused apart from it", () => {
  test("branch by branch", async () => {
    const entries = await entriesOf(
      await ask(
        "marketing",
        one("anne.berg", "NEWSLETTER", "a: mailing { address } b: mailing { bounces { at } }"),
      ),
    );
    const about = { actor_role: "MARKETING", subject_ref: ids["anne.berg"], purpose: "NEWSLETTER" };
    expect(entries).toMatchObject([
      {
        ...about,
        event: "READ",
        coordinates: ["Query.dataSubject", "DataSubject.mailing", "SubscriberRecord.address"],
        categories: ["CONTACT"],
        sources: ["mailing"],
      },
      {
        ...about,
        event: "REFUSED",
        coordinates: ["DataSubject.mailing", "SubscriberRecord.bounces", "Bounce.at"],
        categories: ["EMAIL_ENGAGEMENT"],
        sources: ["mailing"],
      },
    ]);
    expect(entries).toHaveLength(2);
  });

  test("person by person, in a search too", async () => {
    const document = `{ findDataSubjects(identifier: { kind: EMAIL, value: "familien.berg@example.com" }, purpose: TRAINING_DELIVERY)
      { matchedBy { value } sources subject { id learning { username } } } }`;
    const entries = await entriesOf(await ask("training", document));
    expect(entries.map(({ subject_ref }) => subject_ref).sort()).toEqual(
      [ids["anne.berg"], ids["per.berg"]].sort(),
    );
    for (const entry of entries)
      expect(entry).toMatchObject({
        event: "READ",
        coordinates: [
          "Query.findDataSubjects",
          "DataSubjectMatch.matchedBy",
          "Identifier.value",
          "DataSubjectMatch.sources",
          "DataSubjectMatch.subject",
          "DataSubject.learning",
          "LearnerRecord.username",
        ],
        categories: ["IDENTITY", "CONTACT"],
        sources: ["learning"],
      });
  });

  test("a search for nobody names nobody", async () => {
    const document = `{ findDataSubjects(identifier: { kind: EMAIL, value: "nobody@example.com" }, purpose: CUSTOMER_SUPPORT) { sources } }`;
    expect(await entriesOf(await ask("support", document))).toMatchObject([
      { event: "SEARCHED", actor_role: "SUPPORT", subject_ref: null, purpose: "CUSTOMER_SUPPORT" },
    ]);
  });

  test("what @skip leaves out was not read", async () => {
    const selection = "crm { name email @skip(if: true) ... @include(if: false) { phone } }";
    expect(
      await entriesOf(await ask("support", one("kari.nordmann", "CUSTOMER_SUPPORT", selection))),
    ).toMatchObject([
      {
        coordinates: ["Query.dataSubject", "DataSubject.crm", "CustomerRecord.name"],
        categories: ["IDENTITY"],
      },
    ]);
  });

  test("a refused operation is recorded as such, of nobody", async () => {
    expect(
      await entriesOf(await ask("support", one("kari.nordmann", "CUSTOMER_SUPPORT", "mailing { address }"))),
    ).toMatchObject([{ event: "REFUSED", actor_role: "SUPPORT", subject_ref: null, sources: ["mailing"] }]);
  });
});

describe("what was not given out is not claimed to have been read", () => {
  test("of a system that was down", async () => {
    const document = one(
      "kari.nordmann",
      "DATA_SUBJECT_RIGHTS",
      "crm { name orders { edges { cursor } } } learning { username }",
    );
    await gateway.open("crm", false);
    const answer = await ask("dpo", document);
    expect(answer.errors?.map(({ extensions }) => extensions.code)).toEqual(["SOURCE_UNAVAILABLE"]);
    expect(await entriesOf(answer)).toMatchObject([
      {
        event: "READ",
        coordinates: ["Query.dataSubject", "DataSubject.learning", "LearnerRecord.username"],
        sources: ["learning"],
      },
    ]);
  });

  test("of a match that must be settled first", async () => {
    const answer = await ask("support", one("anne.berg", "CUSTOMER_SUPPORT", "crm { name }"));
    expect(answer.errors?.map(({ extensions }) => extensions.code)).toEqual(["IDENTITY_AMBIGUOUS"]);
    expect(await entriesOf(answer)).toMatchObject([
      { event: "READ", coordinates: ["Query.dataSubject"], categories: [], sources: [] },
    ]);
  });

  test("but of a system that has nothing: that is an answer", async () => {
    const entries = await entriesOf(
      await ask("dpo", one("per.berg", "DATA_SUBJECT_RIGHTS", "mailing { name }")),
    );
    expect(entries).toMatchObject([{ event: "READ", sources: ["mailing"] }]);
  });
});

describe("who looked", () => {
  const look =
    '{ findDataSubjects(identifier: { kind: EMAIL, value: "nobody@example.com" }, purpose: CUSTOMER_SUPPORT) { sources } }';
  const newSession = async (role: string) => {
    const token = await signIn({ issuer: gateway.issuer, email: at(role) });
    const answer = await gateway.send({
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
      body: JSON.stringify({
        query: look.replace("CUSTOMER_SUPPORT", role === "dpo" ? "DATA_SUBJECT_RIGHTS" : "CUSTOMER_SUPPORT"),
      }),
    });
    return (await entriesOf(answer))[0]?.actor_ref;
  };

  test("is the same employee in another session, and another is another", async () => {
    const [first, again, other] = [
      await newSession("support"),
      await newSession("support"),
      await newSession("dpo"),
    ];
    expect(first).toMatch(/^[\da-f]{64}$/);
    expect(again).toBe(first);
    expect(other).not.toBe(first);
  });

  test.each([
    ["EVENT_ADMINISTRATION", "events { name phone }", "EVENTS"],
    ["DATA_SUBJECT_RIGHTS", "events { name phone }", "DPO"],
  ])("for %s in one of two roles acts in that which may", async (purpose, selection, role) => {
    const answer = await gateway.query(one("kari.nordmann", purpose, selection), {}, { as: both });
    expect(answer.errors).toBeUndefined();
    expect(await entriesOf(answer)).toMatchObject([{ event: "READ", actor_role: role }]);
  });
});

test("searches and refusals are counted, without a name", async () => {
  const counted = async () => {
    const text = await (await fetch(`${gateway.url}/metrics`)).text();
    return Object.fromEntries(
      [...text.matchAll(/^innsyn_(?:searches|guard_refusals)_total\{(.*)\} (\d+)$/gm)].map(
        ([, label = "", n]) => [label, Number(n)],
      ),
    );
  };
  const before = await counted();
  const search = (value: string) =>
    ask(
      "support",
      `{ findDataSubjects(identifier: { kind: EMAIL, value: "${value}" }, purpose: CUSTOMER_SUPPORT) { sources } }`,
    );
  await search("kari.nordmann@example.com");
  for (let i = 0; i < 30; i++) await search("nobody@example.com");
  await ask("support", one("siv.stille", "CUSTOMER_SUPPORT", "a: crm { name } b: crm { email }"));
  await ask("marketing", one("anne.berg", "NEWSLETTER", "mailing { bounces { at } }"));
  const after = await counted();
  const more = (label: string) => (after[label] ?? 0) - (before[label] ?? 0);
  expect(more('outcome="found"')).toBe(1);
  expect(more('outcome="limited"')).toBeGreaterThan(0);
  expect(more('outcome="none"') + more('outcome="limited"')).toBe(30);
  expect(more('code="PROCESSING_RESTRICTED"')).toBe(2);
  expect(more('code="CONSENT_REQUIRED"')).toBe(1);
  expect(Object.keys(after).sort()).toEqual([
    'code="CONSENT_REQUIRED"',
    'code="PROCESSING_RESTRICTED"',
    'outcome="found"',
    'outcome="limited"',
    'outcome="none"',
  ]);
});
