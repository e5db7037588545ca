import { readFile } from "node:fs/promises";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { SystemKey } from "../../src/demo/people/person.ts";
import { type Answer, type Gateway, startGateway } from "../setup/gateway.ts";

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway[Symbol.asyncDispose]());

interface Unified {
  readonly value: string | null;
  readonly agrees: boolean;
  readonly unavailable: readonly string[];
  readonly heldBy: readonly { readonly source: string; readonly value: string | null }[];
}
interface Data {
  readonly me: {
    readonly id: string;
    readonly holdings: readonly {
      source: string;
      state: string;
      recordCount: number | null;
      detail: string | null;
      identifiers: readonly { kind: string; value: string }[];
    }[];
    readonly profile: { readonly name: Unified; readonly email: Unified; readonly phone: Unified };
    readonly crm: { readonly name: string; readonly email: string; readonly customerNumber: string } | null;
    readonly learning: { readonly name: string } | null;
    readonly mailing: { readonly name: string; readonly address: string } | null;
    readonly events: {
      readonly name: string;
      readonly registrations: { readonly edges: readonly { node: { email: string } }[] };
    } | null;
  };
}
const unified = "{ value agrees unavailable heldBy { source value } }";
const document = `{ me { id holdings { source state recordCount detail identifiers { kind value } }
  profile { name ${unified} email ${unified} phone ${unified} }
  crm { name email customerNumber } learning { name } mailing { name address }
  events { name registrations(first: 100) { edges { node { email } } } } } }`;

async function me(email: string): Promise<Data["me"]> {
  const { data, errors, text } = await gateway.query<Data>(document, {}, { as: email });
  expect(errors).toBeUndefined();
  if (!data) throw new Error(text);
  return data.me;
}
const states = ({ holdings }: Data["me"]) =>
  Object.fromEntries(holdings.map(({ source, state }) => [source, state]));

/** Settles, as the data protection officer, that the record is this person's. */
async function link(subjectId: string, source: string, kind: string, value: string): Promise<void> {
  const { data, text } = await gateway.query<{ linkIdentity: { kind: string } }>(
    `mutation ($input: LinkIdentityInput!) { linkIdentity(input: $input) { kind: __typename } }`,
    { input: { subjectId, source, identifier: { kind, value }, because: "Viste legitimasjon" } },
    { as: "dpo@intech.example" },
  );
  if (data?.linkIdentity.kind !== "DataSubject") throw new Error(text);
}

/** The documents that ask for everything of the caller. */
const everyBranch = () =>
  Promise.all(
    ["access", "profile", "holdings"].map((name) =>
      readFile(new URL(`../../docs/examples/${name}.graphql`, import.meta.url), "utf8"),
    ),
  );

async function inSystem(system: SystemKey, sql: string, name: string) {
  const client = new pg.Client({ connectionString: gateway.systemUrls[system] });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql, [name])).rows;
  } finally {
    await client.end();
  }
}
async function customerNumber(name: string): Promise<string> {
  const [row] = await inSystem("crm", "select kundenr from kontakt where navn = $1", name);
  return String(row?.["kundenr"]);
}
/** Names, addresses and numbers that the systems hold of a person alone. */
async function valuesOf(name: string): Promise<readonly string[]> {
  const rows = [
    ...(await inSystem("crm", "select navn, kundenr, mobil, adresse from kontakt where navn = $1", name)),
    ...(await inSystem(
      "learning",
      "select username, email, phone1 from mdl_user where concat_ws(' ', firstname, lastname) = $1",
      name,
    )),
    ...(await inSystem("events", `select "Email", "Phone" from "Attendee" where "FullName" = $1`, name)),
    ...(await inSystem("mailing", "select email from subscribers where name = $1", name)),
  ];
  return rows.flatMap((row) => Object.values(row)).filter((value) => typeof value === "string");
}

test("Kari is in every system, and they agree", async () => {
  const kari = await me("kari.nordmann@example.com");
  expect(states(kari)).toEqual({
    crm: "HELD",
    learning: "HELD",
    mailing: "HELD",
    events: "HELD",
    website: "HELD",
  });
  expect(kari.profile.name).toMatchObject({ value: "Kari Nordmann", agrees: true });
  expect(kari.profile.phone.agrees).toBe(true);
  // Each writes it in its own way.
  expect(new Set(kari.profile.phone.heldBy.map(({ value }) => value)).size).toBeGreaterThan(1);
  const counts = kari.holdings.map(({ recordCount }) => recordCount ?? 0);
  expect(counts.reduce((a, b) => a + b)).toBeGreaterThan(90);
  for (const { identifiers } of kari.holdings)
    expect(identifiers).toEqual([{ kind: "EMAIL", value: "kari.nordmann@example.com" }]);
});

test("Ola is in two, and the malformed address he once gave is shown as held", async () => {
  const ola = await me("ola.nordmann@example.com");
  expect(states(ola)).toEqual({
    crm: "NOT_HELD",
    learning: "HELD",
    mailing: "NOT_HELD",
    events: "HELD",
    website: "NOT_HELD",
  });
  expect(ola.crm).toBeNull();
  expect(ola.mailing).toBeNull();
  expect(ola.holdings.map(({ recordCount }) => recordCount === 0)).toEqual([true, false, true, false, true]);
  expect(ola.events?.registrations.edges.map(({ node }) => node.email)).toContain("ola at example");
});

describe("Anne and Per share a mailbox in the CRM", () => {
  test("the match needs review, and neither is shown", async () => {
    for (const email of ["anne.berg@example.com", "per.berg@example.com"]) {
      const person = await me(email);
      expect(states(person)).toEqual({
        crm: "NEEDS_REVIEW",
        learning: "HELD",
        mailing: "HELD",
        events: "HELD",
        website: "HELD",
      });
      expect(person.crm).toBeNull();
      expect(person.holdings[0]).toMatchObject({
        recordCount: null,
        identifiers: [],
        detail: expect.stringContaining("staff"),
      });
      expect(person.profile.name).toMatchObject({ agrees: false, unavailable: ["crm"] });
    }
  });

  test("and neither ever sees the other, in any branch, before staff have settled it or after", async () => {
    const documents = await everyBranch();
    const seen = async (email: string) => {
      const answers = await Promise.all(documents.map((each) => gateway.query(each, {}, { as: email })));
      return answers.map(({ text }) => text).join("\n");
    };
    const anne = { as: "anne.berg@example.com", values: await valuesOf("Anne Berg") };
    const per = { as: "per.berg@example.com", values: await valuesOf("Per Berg") };
    expect(Math.min(anne.values.length, per.values.length)).toBeGreaterThan(6);
    const [annes, pers] = [await me(anne.as), await me(per.as)];
    expect(annes.id).not.toBe(pers.id);
    const neitherSeesTheOther = async () => {
      const [toAnne, toPer] = [await seen(anne.as), await seen(per.as)];
      expect(per.values.filter((value) => toAnne.includes(value))).toEqual([]);
      expect(anne.values.filter((value) => toPer.includes(value))).toEqual([]);
      return [toAnne, toPer];
    };
    await neitherSeesTheOther();

    await link(annes.id, "crm", "CUSTOMER_NUMBER", await customerNumber("Anne Berg"));
    const [toAnne] = await neitherSeesTheOther();
    expect(toAnne).toContain(await customerNumber("Anne Berg"));
    // Nothing is concluded of Per: his record is not the one that is left.
    expect(states(await me(per.as))).toMatchObject({ crm: "NEEDS_REVIEW" });

    await link(pers.id, "crm", "CUSTOMER_NUMBER", await customerNumber("Per Berg"));
    const [stillAnne, toPer] = await neitherSeesTheOther();
    expect(stillAnne).toContain(await customerNumber("Anne Berg"));
    expect(toPer).toContain(await customerNumber("Per Berg"));
    for (const email of [anne.as, per.as]) {
      expect(states(await me(email))).toEqual({
        crm: "HELD",
        learning: "HELD",
        mailing: "HELD",
        events: "HELD",
        website: "HELD",
      });
      expect((await me(email)).holdings[0]?.detail).toMatch(/another record .* is not theirs/);
    }
  });
});

test("Ingrid's record in the e-mail tool stands under an address that she has not shown to be hers", async () => {
  const ingrid = await me("ingrid.aas@example.com");
  expect(states(ingrid)).toEqual({
    crm: "HELD",
    learning: "HELD",
    mailing: "NOT_HELD",
    events: "HELD",
    website: "NOT_HELD",
  });
  expect(ingrid.profile.name).toMatchObject({ value: null, agrees: false, unavailable: [] });
  expect(ingrid.profile.name.heldBy.map(({ value }) => value)).toEqual([
    "Ingrid Aas",
    "Ingrid Lie",
    "Ingrid Lie",
  ]);
  expect(JSON.stringify(ingrid)).not.toContain("ingrid.lie@");
});

test("and is hers at once when the data protection officer has linked the earlier address", async () => {
  const { id } = await me("ingrid.aas@example.com");
  await link(id, "mailing", "EMAIL", " Ingrid.LIE@example.com");
  const ingrid = await me("ingrid.aas@example.com");
  expect(states(ingrid)).toEqual({
    crm: "HELD",
    learning: "HELD",
    mailing: "HELD",
    events: "HELD",
    website: "NOT_HELD",
  });
  expect(ingrid.mailing).toMatchObject({ name: "Ingrid Lie", address: "ingrid.lie@example.com" });
  expect(ingrid.holdings[2]?.identifiers).toEqual([{ kind: "EMAIL", value: "ingrid.lie@example.com" }]);
});

test("Turid's record in the CRM is found by the customer number of her account in the learning platform", async () => {
  const turid = await me("turid.moe@example.com");
  expect(states(turid)).toEqual({
    crm: "HELD",
    learning: "HELD",
    mailing: "NOT_HELD",
    events: "NOT_HELD",
    website: "NOT_HELD",
  });
  const value = await customerNumber("Turid Moe");
  expect(turid.crm).toMatchObject({ email: "turid.moe@example.org", customerNumber: value });
  expect(turid.holdings[0]?.identifiers).toEqual([{ kind: "CUSTOMER_NUMBER", value }]);
  await gateway.open("learning", false);
  try {
    const answer = await gateway.query<Pick<Data, "me">>(document, {}, { as: "turid.moe@example.com" });
    if (!answer.data) throw new Error(answer.text);
    expect(states(answer.data.me)).toMatchObject({
      crm: "UNAVAILABLE",
      learning: "UNAVAILABLE",
      mailing: "NOT_HELD",
    });
    expect(
      answer.errors?.map(({ path, extensions }) => [path?.join("."), extensions["source"]]).toSorted(),
    ).toEqual([
      ["me.crm", "learning"],
      ["me.learning", "learning"],
    ]);
  } finally {
    await gateway.open("learning", true);
  }
});

test("Bjørn and Åse are found however their address is spelled", async () => {
  const bjørn = await me("bjørn.østby@example.com");
  expect(states(bjørn)).toEqual({
    crm: "HELD",
    learning: "HELD",
    mailing: "HELD",
    events: "HELD",
    website: "HELD",
  });
  expect(bjørn.crm?.email).toBe("Bjørn.ØSTBY@Example.com");
  expect(bjørn.profile.email.agrees).toBe(true);
  expect(bjørn.profile.name).toMatchObject({ agrees: true });
  const åse = await me("åse.håland@example.com");
  expect(states(åse)).toEqual({
    crm: "HELD",
    learning: "HELD",
    mailing: "NOT_HELD",
    events: "HELD",
    website: "HELD",
  });
  expect(åse.profile.email).toMatchObject({ agrees: true });
});

test("an address that contains another, or matches it as a pattern, finds nobody else", async () => {
  const kari = await me("kari.nordmann@example.com");
  expect(kari.crm?.name).toBe("Kari Nordmann");
  const [row] = await gateway.rows<{ n: number }>("select count(*)::int n from subject");
  await me("kari.nordmann@example.com");
  expect((await gateway.rows<{ n: number }>("select count(*)::int n from subject"))[0]).toEqual(row);
});

test("Eva is in the e-mail tool alone", async () => {
  expect(states(await me("eva.enebo@example.com"))).toEqual({
    crm: "NOT_HELD",
    learning: "NOT_HELD",
    mailing: "HELD",
    events: "NOT_HELD",
    website: "NOT_HELD",
  });
});

test("20,000 deliveries are paged through whole, none twice, newest first", async () => {
  interface Page {
    readonly me: {
      readonly mailing: {
        readonly deliveries: {
          readonly edges: readonly { cursor: string; node: { sentAt: string } }[];
          readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
        };
      };
    };
  }
  const page =
    "query ($after: String) { me { mailing { deliveries(first: 500, after: $after) { edges { cursor node { sentAt } } pageInfo { hasNextPage endCursor } } } } }";
  const cursors = new Set<string>();
  let after: string | null = null;
  let last = "9999";
  let count = 0;
  do {
    const answer: Answer<Page> = await gateway.query<Page>(page, { after }, { as: "stor.leser@example.com" });
    if (!answer.data) throw new Error(answer.text);
    const { edges, pageInfo }: Page["me"]["mailing"]["deliveries"] = answer.data.me.mailing.deliveries;
    for (const { cursor, node } of edges) {
      cursors.add(cursor);
      expect(node.sentAt <= last).toBe(true);
      last = node.sentAt;
    }
    count += edges.length;
    after = pageInfo.hasNextPage ? pageInfo.endCursor : null;
  } while (after !== null);
  expect(count).toBe(20_000);
  expect(cursors.size).toBe(20_000);
}, 60_000);

test("staff are nobody's data subject, and see no person through `me`", async () => {
  for (const role of ["support", "marketing", "training", "events", "accounting", "dpo", "auditor"]) {
    const as = `${role}@intech.example`;
    const bare = await gateway.query("{ me { id } controller { name } }", {}, { as });
    expect(bare.data).toEqual({ me: null, controller: { name: "Intech AS" } });
    const { status, data, errors } = await gateway.query(document, {}, { as });
    expect(status).toBe(403);
    expect(data ?? null).toBeNull();
    expect(errors?.[0]?.extensions["coordinates"]).toEqual(
      expect.arrayContaining(["CustomerRecord.email", "DataSubject.crm", "Holding.state"]),
    );
  }
});
