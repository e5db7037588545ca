import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Identifier } from "../../src/sources/contract.ts";
import { inTransaction } from "../../src/store/tables.ts";
import { forgetPerson } from "../../src/subjects/forget.ts";
import { identifierHash, type RegisterParts } from "../../src/subjects/people.ts";
import { suppress } from "../../src/subjects/suppression.ts";
import { openRegister } from "../setup/register.ts";
import { insertRequest } from "../setup/requests.ts";
import { idOf, look } from "./rights.ts";
import { dpo, openWorld, type Payload, refusal, request, type World } from "./world.ts";

const support = "support@intech.example";
const names = ["anja", "berit", "carl", "dina", "even", "frida", "gry", "hans", "ida", "jon", "kim"] as const;
type Name = (typeof names)[number];
const address = (name: Name) => `${name}.borte@example.com`;

let world: World;
let register: RegisterParts & AsyncDisposable;
beforeAll(async () => {
  world = await openWorld({
    accounts: names.map((name) => ({ emails: [address(name)], name, roles: [] })),
    config: (config) => ({ ...config, requests: { ...config.requests, scanSeconds: 1 } }),
  });
  register = await openRegister(world.gateway);
});
afterAll(async () => {
  await register[Symbol.asyncDispose]();
  await world[Symbol.asyncDispose]();
});

interface Erased {
  /** By which the gateway knew them. */
  readonly id: string;
  /** The erasure. */
  readonly request: string;
}

/** Somebody of whom nothing is left, in any system or here, but the hash of the address that they went by. */
async function erased(name: Name): Promise<Erased> {
  const id = await idOf(world, address(name));
  const made = await insertRequest(register, id, { kind: "ERASURE", status: "COMPLETED" });
  const identifier: Identifier = { kind: "EMAIL", value: address(name) };
  await inTransaction(register.store, async (db) => {
    await forgetPerson(db, register, id, { keep: [] });
    await suppress(db, {
      subjectId: id,
      requestId: made,
      hashes: [identifierHash(register.keyring.hash("identifier"))(identifier)],
      sources: null,
    });
  });
  return { id, request: made };
}

let row = 910_000;
/** An old list is read into the CRM. */
async function readIn(email: string, customer = `K-${(row += 1)}`): Promise<string> {
  await world.own(
    "crm",
    `insert into kontakt (kontakt_id, kundenr, navn, epost, kunde_siden, sist_aktiv, endret)
     values ($1, $2, 'Kom Igjen', $3, now(), now(), now())`,
    [row, customer, email],
  );
  return customer;
}

/** Somebody signs up for the newsletter. */
const signUp = (email: string) =>
  world.own("mailing", "insert into subscribers (email, name, status) values ($1, 'Kom Igjen', 'enabled')", [
    email,
  ]);

interface Waiting {
  readonly id: string;
  readonly source: string;
  readonly seenAt: string;
  readonly subject: { readonly id: string };
}

async function waiting(first = 100, after: string | null = null) {
  const { data, text } = await world.gateway.query<{
    reappearances: {
      readonly totalCount: number;
      readonly edges: readonly { readonly cursor: string; readonly node: Waiting }[];
      readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
    };
  }>(
    `query($first: Int, $after: String) { reappearances(first: $first, after: $after) { totalCount
       edges { cursor node { id source seenAt subject { id } } } pageInfo { hasNextPage endCursor } } }`,
    { first, after },
    { as: dpo },
  );
  return data?.reappearances ?? expect.fail(text);
}

const waitingOf = async (id: string) =>
  (await waiting()).edges.map(({ node }) => node).filter(({ subject }) => subject.id === id);

async function untilWaiting(id: string): Promise<Waiting> {
  for (const end = Date.now() + 15_000; Date.now() < end;) {
    const [found] = await waitingOf(id);
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("nobody has come up again after 15 seconds");
}

/** What the person sees of themself in the CRM, who has signed in again: tokens tell when, to the second. */
async function ownName(name: Name): Promise<string | undefined> {
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  const { data } = await world.gateway.query<{ me: { crm: { name: string } | null } }>(
    "{ me { crm { name } mailing { name } } }",
    {},
    { as: address(name), strongly: true },
  );
  return data?.me.crm?.name;
}

/** By whoever has just signed in strongly, where it is erased again. */
async function settle(
  id: string,
  newRelationship: boolean,
  as = dpo,
  because = "Hun ringte selv",
  strongly = !newRelationship,
) {
  const { data, errors } = await world.gateway.query<{
    settleReappearance: Omit<Payload, "request"> & { readonly request: Payload["request"] | null };
  }>(
    `mutation($input: SettleReappearanceInput!) { settleReappearance(input: $input) { __typename ${refusal}
       ... on ReappearancePayload { subject { id } request { ${request} } } } }`,
    { input: { id, newRelationship, because } },
    { as, ...(strongly && { strongly }) },
  );
  return { settled: data?.settleReappearance, code: errors?.[0]?.extensions.code };
}

const openIn = (id: string) =>
  world.gateway.rows<{ source: string }>(
    "select source from reappearance where subject_id = $1 and decided_at is null order by source",
    [id],
  );

describe("an erased person who comes up again", () => {
  it("in the e-mail tool, by signing up, is found by the scan, and waits for the DPO alone", async () => {
    const { id } = await erased("anja");
    await signUp(address("anja"));
    const found = await untilWaiting(id);
    expect(found).toMatchObject({ source: "mailing", subject: { id } });
    for (const as of [support, "auditor@intech.example", address("anja")]) {
      const { errors } = await world.gateway.query("{ reappearances { totalCount } }", {}, { as });
      expect(errors?.[0]?.extensions.code).toBe("FORBIDDEN");
      expect((await settle(found.id, true, as)).code).toBe("FORBIDDEN");
    }
    await grows(() => scans("ok"));
    expect(await openIn(id)).toEqual([{ source: "mailing" }]);
    expect(await metric("innsyn_reappearances_open")).toBe(String((await waiting()).totalCount));
  });

  it("in the CRM, by a list that is read in, is found by whoever looks next", async () => {
    const { id } = await erased("berit");
    await readIn(address("berit"));
    expect(await ownName("berit")).toBe("Kom Igjen");
    expect((await openIn(id))[0]).toEqual({ source: "crm" });
    expect(await look(world, id, "CUSTOMER_SUPPORT", support)).toBe("IDENTITY_AMBIGUOUS");
    expect(await look(world, id, "DATA_SUBJECT_RIGHTS", dpo)).toBe("IDENTITY_AMBIGUOUS");
    expect(await ownName("berit")).toBe("Kom Igjen");
    expect(await openIn(id)).toHaveLength(1);
  });

  it("in the CRM, is found by the scan though nobody looks", async () => {
    const { id } = await erased("ida");
    await readIn(`Ida Borte <${address("ida").toUpperCase()}>`);
    expect(await untilWaiting(id)).toMatchObject({ source: "crm" });
  });

  it("is found by staff who search for them, and shown to none of them", async () => {
    const { id } = await erased("carl");
    const customer = await readIn(address("carl"));
    const search = (kind: string, value: string) =>
      world.gateway.query<{
        findDataSubjects: readonly { readonly ambiguous: boolean; readonly subject: { crm: unknown } }[];
      }>(
        `query($identifier: IdentifierInput!) { findDataSubjects(identifier: $identifier, purpose: CUSTOMER_SUPPORT) {
           ambiguous subject { crm { name } } } }`,
        { identifier: { kind, value } },
        { as: support },
      );
    const { data, errors } = await search("CUSTOMER_NUMBER", customer);
    expect(data?.findDataSubjects).toEqual([{ ambiguous: true, subject: { crm: null } }]);
    expect(errors?.map(({ extensions }) => extensions.code)).toEqual(["IDENTITY_AMBIGUOUS"]);
    expect((await openIn(id)).map(({ source }) => source)).toContain("crm");
    const reviews = await world.gateway.query(
      "{ matchReviews(purpose: CUSTOMER_SUPPORT, first: 100) { edges { node { candidates { name } } } } }",
      {},
      { as: support },
    );
    expect(reviews.text).not.toContain("Kom Igjen");
    // Whoever goes by another address is shown as ever.
    const other = await readIn("somebody.else@example.com");
    expect((await search("CUSTOMER_NUMBER", other)).data?.findDataSubjects).toEqual([
      { ambiguous: false, subject: { crm: { name: "Kom Igjen" } } },
    ]);
  });

  it("leaves nothing in the database but hashes and what opens with their own key", async () => {
    const { id } = await erased("dina");
    await readIn(address("dina"));
    await ownName("dina");
    const rows = await world.gateway.rows<{ row: string }>(
      `select r::text as row from reappearance r where subject_id = $1
       union all select s::text from suppressed_identifier s where subject_id = $1`,
      [id],
    );
    expect(rows.length).toBeGreaterThan(1);
    const hex = Buffer.from(address("dina")).toString("hex");
    for (const each of rows) {
      expect(each.row).not.toContain("dina");
      expect(each.row).not.toContain(hex);
    }
    expect(world.gateway.lines.join("\n")).not.toContain(address("dina"));
  });
});

describe("what the DPO makes of it", () => {
  it("a new relationship: the record is an ordinary one everywhere, and the erasure's timeline says why", async () => {
    const before = await erased("even");
    await readIn(address("even"));
    await signUp(address("even"));
    await ownName("even");
    const [first, ...more] = await waitingOf(before.id);
    expect(more).toHaveLength(1);
    const { settled } = await settle(first?.id ?? "", true);
    expect(settled).toEqual({ __typename: "ReappearancePayload", subject: { id: before.id }, request: null });
    expect(await openIn(before.id)).toEqual([]);
    expect(await look(world, before.id, "CUSTOMER_SUPPORT", support)).toBe("SHOWN");
    expect(await openIn(before.id)).toEqual([]);
    for (const id of [first?.id, more[0]?.id])
      expect((await settle(id ?? "", false)).settled).toMatchObject({ rule: "REAPPEARANCE_SETTLED" });
    const { data } = await world.gateway.query<{
      request: { timeline: readonly { by: string; event: string; detail: string; note: string }[] };
    }>(
      "query($id: ID!) { request(id: $id) { timeline { by event detail note } } }",
      { id: before.request },
      { as: dpo },
    );
    expect(data?.request.timeline.at(-1)).toMatchObject({
      by: "DPO",
      event: "SUPPRESSION_LIFTED",
      note: "Hun ringte selv",
    });
    expect(await entries(before.id)).toContainEqual({ event: "DECIDED", detail: "NEW_RELATIONSHIP" });
  });

  it("none: it is erased again, in that system alone, by an erasure that is followed like any other", async () => {
    const before = await erased("frida");
    await signUp(address("frida"));
    const found = await untilWaiting(before.id);
    const { settled } = await settle(found.id, false, dpo, "En gammel liste ble lest inn");
    expect(settled).toMatchObject({
      __typename: "ReappearancePayload",
      subject: { id: before.id },
      request: { kind: "ERASURE" },
    });
    const again = settled?.request ?? expect.fail();
    expect(new Set(again.steps.map(({ source }) => source))).toEqual(new Set(["gateway", "mailing"]));
    expect(await openIn(before.id)).toEqual([]);
    await world.until(again.id, "COMPLETED");
    const left = await world.own("mailing", "select from subscribers where email = $1", [address("frida")]);
    expect(left).toEqual([]);
    // The same person is found again should they come up again.
    await signUp(address("frida"));
    expect((await untilWaiting(before.id)).id).not.toBe(found.id);
  });

  it("none, where tables have them: that record alone goes, and what has come since of anybody else stays", async () => {
    const before = await erased("jon");
    await readIn(address("jon"));
    await readIn("jonas.borte@example.com");
    expect(await ownName("jon")).toBe("Kom Igjen");
    const [found] = await waitingOf(before.id);
    const { settled } = await settle(found?.id ?? "", false);
    // Until it is gone, it waits for nobody, and is shown to nobody on the staff.
    expect(await look(world, before.id, "CUSTOMER_SUPPORT", support)).not.toBe("SHOWN");
    await world.until(settled?.request?.id ?? "", "COMPLETED");
    const left = await world.own("crm", "select epost from kontakt where epost like 'jon%borte%'");
    expect(left).toEqual([{ epost: "jonas.borte@example.com" }]);
    expect(await ownName("jon")).toBeUndefined();
    expect(await openIn(before.id)).toEqual([]);
  });

  it("none, by an ordinary sign-in, is refused: nothing is erased, and it waits as before", async () => {
    const before = await erased("kim");
    await readIn(address("kim"));
    await ownName("kim");
    const [found] = await waitingOf(before.id);
    const { settled } = await settle(found?.id ?? "", false, dpo, "En gammel liste", false);
    expect(settled).toMatchObject({ __typename: "Refusal", code: "STEP_UP_REQUIRED", rule: "STEP_UP" });
    expect(await openIn(before.id)).toHaveLength(1);
    expect(await world.own("crm", "select from kontakt where epost = $1", [address("kim")])).toHaveLength(1);
    const asked = await world.gateway.rows(
      "select id from request where subject_id = $1 and status <> 'COMPLETED'",
      [before.id],
    );
    expect(asked).toEqual([]);
  });

  it("is said once: of two at once, one is told that it is settled", async () => {
    const before = await erased("gry");
    await readIn(address("gry"));
    await ownName("gry");
    const [found] = await waitingOf(before.id);
    const answers = await Promise.all([true, false].map((is) => settle(found?.id ?? "", is)));
    const rules = answers.map(({ settled }) => (settled ? (settled.rule ?? "none") : "no answer"));
    expect(rules.toSorted()).toEqual(["REAPPEARANCE_SETTLED", "none"]);
  });

  it("is refused without a reason, of nothing, and where the record was not seen since all was forgotten", async () => {
    const before = await erased("hans");
    await readIn(address("hans"));
    await ownName("hans");
    const [found] = await waitingOf(before.id);
    expect((await settle(found?.id ?? "", true, dpo, "  ")).settled).toMatchObject({ rule: "EMPTY" });
    for (const id of [before.id, "nothing"]) expect((await settle(id, true)).code).toBe("NOT_FOUND");
    await world.own("crm", "delete from kontakt where epost = $1", [address("hans")]);
    await world.gateway.rows("update reappearance set sealed_record = null where id = $1", [found?.id]);
    expect((await settle(found?.id ?? "", false)).settled).toMatchObject({
      rule: "REAPPEARANCE_NOT_SEEN_SINCE",
    });
    expect(await openIn(before.id)).toHaveLength(1);
  });
});

it("the list is oldest first, page by page", async () => {
  const all = await waiting();
  expect(all.edges.length).toBe(all.totalCount);
  expect(all.totalCount).toBeGreaterThan(3);
  const seen: string[] = [];
  for (let after: string | null = null, more = true; more;) {
    const page = await waiting(2, after);
    seen.push(...page.edges.map(({ node }) => node.id));
    after = page.pageInfo.endCursor;
    more = page.pageInfo.hasNextPage;
  }
  expect(seen).toEqual(all.edges.map(({ node }) => node.id));
  const times = all.edges.map(({ node }) => Date.parse(node.seenAt));
  expect(times).toEqual(times.toSorted((a, b) => a - b));
});

it("a system that cannot be looked through is counted, and looked through once it can", async () => {
  await world.gateway.manners("error-500");
  try {
    await grows(() => scans("failed"));
  } finally {
    await world.gateway.manners(null);
  }
  await grows(() => scans("ok"));
});

const scans = async (outcome: string) =>
  Number((await metric(`innsyn_suppression_scans_total{source="mailing",outcome="${outcome}"}`)) ?? 0);

/** Resolves once the count is two larger: of two looks one at least has begun since. */
async function grows(count: () => Promise<number>): Promise<void> {
  const before = await count();
  for (const end = Date.now() + 15_000; Date.now() < end;) {
    if ((await count()) >= before + 2) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error("the count has not grown after 15 seconds");
}

async function metric(name: string): Promise<string | undefined> {
  const text = await (await fetch(`${world.gateway.url}/metrics`)).text();
  return text
    .split("\n")
    .find((line) => line.startsWith(`${name} `))
    ?.slice(name.length + 1);
}

const entries = (subjectId: string) =>
  world.gateway.rows<{ event: string; detail: string }>(
    "select event, detail from audit_entry where subject_ref = $1 and event in ('DECIDED', 'REQUESTED')",
    [subjectId],
  );
