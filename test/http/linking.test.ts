import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { staff } from "../../src/demo/people/staff.ts";
import { languages } from "../../src/language/language.ts";
import { type Answer, type Asked, type Gateway, startGateway } from "../setup/gateway.ts";

const ingrid = "ingrid.aas@example.com";
const [anne, per] = ["anne.berg@example.com", "per.berg@example.com"] as const;
/** With a verified address that is also Eva's, and one that is also Siv's. */
const [otherEva, otherSiv] = ["eva.annen@example.com", "siv.annen@example.com"] as const;
const dpo = { as: "dpo@intech.example" };
const support = { as: "support@intech.example" };

let gateway: Gateway;
beforeAll(async () => {
  const account = (name: string, ...emails: [string, string]) => ({ emails, name, roles: [] });
  gateway = await startGateway({
    replicas: 2,
    accounts: [
      account("Eva Annen", otherEva, "eva.enebo@example.com"),
      account("Siv Annen", otherSiv, "siv.stille@example.com"),
    ],
  });
});
afterAll(() => gateway[Symbol.asyncDispose]());

const person = "id holdings { source state } crm { name customerNumber } mailing { address }";
const result = `{ __typename ... on DataSubject { ${person} } ... on Refusal { code message legalGround } }`;
const linkIdentity = `mutation ($input: LinkIdentityInput!) { linkIdentity(input: $input) ${result} }`;
const unlinkIdentity = `mutation ($input: UnlinkIdentityInput!) { unlinkIdentity(input: $input) ${result} }`;

interface Shown {
  readonly id: string;
  readonly holdings: readonly { readonly source: string; readonly state: string }[];
  readonly crm: { readonly name: string; readonly customerNumber: string } | null;
  readonly mailing: { readonly address: string } | null;
}
type Result =
  | ({ readonly __typename: "DataSubject" } & Shown)
  | { readonly __typename: "Refusal"; readonly code: string; readonly message: string };

const because = "Hun viste førerkortet i skranken";
interface Link {
  readonly subjectId: string;
  readonly source: string;
  readonly kind?: string;
  readonly value: string;
  readonly because?: string;
}
const link = ({ kind = "EMAIL", value, ...more }: Link, asked: Asked = dpo) =>
  gateway.query<{ linkIdentity: Result }>(
    linkIdentity,
    { input: { because, ...more, identifier: { kind, value } } },
    asked,
  );
const unlink = (input: { subjectId: string; source: string; because?: string }, asked: Asked = dpo) =>
  gateway.query<{ unlinkIdentity: Result }>(unlinkIdentity, { input: { because, ...input } }, asked);

/** What both mutations are refused alike. */
const bothWays = (
  asked: Link,
  caller: Asked = dpo,
): (() => Promise<Pick<Answer<object>, "status" | "data" | "errors">>)[] => [
  () => link(asked, caller),
  () => unlink({ subjectId: asked.subjectId, source: asked.source }, caller),
];

async function linked(asked: Link): Promise<Result | undefined> {
  const { data, errors } = await link(asked);
  expect(errors).toBeUndefined();
  return data?.linkIdentity;
}
async function unlinked(asked: Parameters<typeof unlink>[0]): Promise<Result | undefined> {
  const { data, errors } = await unlink(asked);
  expect(errors).toBeUndefined();
  return data?.unlinkIdentity;
}

async function me(as: string, replica = 0): Promise<Shown> {
  const { data, text } = await gateway.query<{ me: Shown }>(`{ me { ${person} } }`, {}, { as, replica });
  if (!data) throw new Error(text);
  return data.me;
}
const state = ({ holdings }: Shown, of: string) => holdings.find(({ source }) => source === of)?.state;

interface Node {
  readonly source: string;
  readonly problem: string;
  readonly openedAt: string;
  readonly subject: { readonly id: string };
  readonly candidates:
    | readonly {
        readonly name: string;
        readonly identifiers: readonly { readonly kind: string; readonly value: string }[];
      }[]
    | null;
}
interface List {
  readonly matchReviews: {
    readonly totalCount: number;
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
    readonly edges: readonly { readonly cursor: string; readonly node: Node }[];
  };
}
const matchReviews = `query ($purpose: Purpose!, $first: Int, $after: String) {
  matchReviews(purpose: $purpose, first: $first, after: $after) { totalCount
    pageInfo { hasNextPage endCursor }
    edges { cursor node { source problem openedAt subject { id } candidates { name identifiers { kind value } } } } } }`;
const list = (asked: Asked = dpo, variables: object = {}) =>
  gateway.query<List>(
    matchReviews,
    { purpose: asked.as === support.as ? "CUSTOMER_SUPPORT" : "DATA_SUBJECT_RIGHTS", ...variables },
    asked,
  );
const nodesOf = (data: List | null | undefined) => data?.matchReviews.edges.map(({ node }) => node) ?? [];

interface Entry {
  readonly sequence: string;
  readonly event: string;
  readonly actor_role: string;
  readonly actor_ref: string | null;
  readonly subject_ref: string | null;
  readonly purpose: string;
  readonly coordinates: readonly string[];
  readonly sources: readonly string[];
  readonly detail: string | null;
}
async function entriesOf(work: () => Promise<unknown>): Promise<readonly Entry[]> {
  const [before] = await gateway.rows<{ last: string }>(
    "select coalesce(max(sequence), 0) as last from audit_entry",
  );
  await work();
  return gateway.rows<Entry>("select * from audit_entry where sequence > $1 order by sequence", [
    before?.last,
  ]);
}

/** All that a decision could change. */
async function register(): Promise<unknown> {
  const tables = ["match_decision", "identifier", "subject"];
  return Promise.all(
    tables.map((table) => gateway.rows(`select to_jsonb(t) as row from ${table} t order by 1`)),
  );
}
async function unchanged<T>(work: () => Promise<T>): Promise<T> {
  const before = await register();
  const answer = await work();
  expect(await register()).toEqual(before);
  return answer;
}

/** The customer number of the record with the name, as the work list shows it. */
async function customerNumber(name: string): Promise<string> {
  const { data } = await list();
  const candidate = nodesOf(data)
    .flatMap(({ candidates }) => candidates ?? [])
    .find((each) => each.name === name);
  const number = candidate?.identifiers.find(({ kind }) => kind === "CUSTOMER_NUMBER")?.value;
  if (number === undefined) throw new Error(`${name} is not on the work list`);
  return number;
}

describe("Ingrid's record under her earlier address", () => {
  const earlier = { source: "mailing", value: "Ingrid.Lie@Example.com" };

  test("is hers at once when the DPO links it, in every replica, and not any more when it is unlinked", async () => {
    const { id: subjectId } = await me(ingrid);
    const outcome = await linked({ subjectId, ...earlier });
    expect(outcome).toMatchObject({
      __typename: "DataSubject",
      id: subjectId,
      mailing: { address: "ingrid.lie@example.com" },
    });
    for (const replica of [1, 0]) {
      const hers = await me(ingrid, replica);
      expect(state(hers, "mailing")).toBe("HELD");
      expect(hers.mailing).toEqual({ address: "ingrid.lie@example.com" });
    }
    expect(await unlinked({ subjectId, source: "mailing" })).toMatchObject({ id: subjectId, mailing: null });
    for (const replica of [1, 0]) {
      const hers = await me(ingrid, replica);
      expect(state(hers, "mailing")).toBe("NOT_HELD");
      expect(hers.mailing).toBeNull();
    }
    // A later link overrides it.
    expect(await linked({ subjectId, ...earlier })).toMatchObject({ __typename: "DataSubject" });
    expect((await me(ingrid, 1)).mailing).not.toBeNull();
  });

  test("two decisions in one operation: each answer shows what its own has left", async () => {
    const { id: subjectId } = await me(ingrid);
    const { data, errors } = await gateway.query<Record<"a" | "b" | "c", Result>>(
      `mutation ($link: LinkIdentityInput!, $unlink: UnlinkIdentityInput!) {
        a: unlinkIdentity(input: $unlink) ${result} b: linkIdentity(input: $link) ${result}
        c: unlinkIdentity(input: $unlink) ${result} }`,
      {
        link: {
          subjectId,
          source: "mailing",
          because,
          identifier: { kind: "EMAIL", value: "ingrid.lie@example.com" },
        },
        unlink: { subjectId, source: "mailing", because },
      },
      dpo,
    );
    expect(errors).toBeUndefined();
    expect(data).toMatchObject({
      a: { mailing: null },
      b: { mailing: { address: "ingrid.lie@example.com" } },
      c: { mailing: null },
    });
  });

  test("each decision is an entry in the trail, with neither reason nor identifier; what its answer shows is a look", async () => {
    const { id: subjectId } = await me(ingrid);
    const entries = await entriesOf(async () => {
      await linked({ subjectId, ...earlier });
      // The same once more decides nothing.
      await linked({ subjectId, ...earlier });
      await gateway.query(
        "mutation ($input: UnlinkIdentityInput!) { unlinkIdentity(input: $input) { __typename ... on DataSubject { id } } }",
        { input: { subjectId, source: "mailing", because } },
        dpo,
      );
    });
    expect(entries.map(({ event }) => event)).toEqual(["LINKED", "READ", "READ", "UNLINKED"]);
    const [decided, look] = entries;
    expect(decided).toMatchObject({
      actor_role: "DPO",
      actor_ref: expect.stringMatching(/^[\da-f]{64}$/),
      subject_ref: subjectId,
      purpose: "DATA_SUBJECT_RIGHTS",
      coordinates: ["Mutation.linkIdentity"],
      sources: ["mailing"],
      detail: "mailing",
    });
    expect(look).toMatchObject({
      actor_role: "DPO",
      subject_ref: subjectId,
      coordinates: expect.arrayContaining(["SubscriberRecord.address", "Holding.state"]),
    });
    expect(JSON.stringify(entries)).not.toMatch(/@|lie|førerkort/i);
    const made = await gateway.rows<{ decided_by: string }>(
      "select decided_by from match_decision where subject_id = $1",
      [subjectId],
    );
    expect(new Set(made.map(({ decided_by }) => decided_by))).toEqual(new Set([decided?.actor_ref]));
  });

  test("a decision whose entry cannot be written does not stand", async () => {
    const { id: subjectId } = await me(ingrid);
    await unchanged(async () => {
      await gateway.rows("alter table audit_unsealed rename to gone");
      try {
        const { data, text } = await link({ subjectId, ...earlier });
        expect(data ?? null).toBeNull();
        expect(text).toContain("INTERNAL");
        expect(text).not.toMatch(/lie|førerkort/i);
      } finally {
        await gateway.rows("alter table gone rename to audit_unsealed");
      }
    });
    expect((await me(ingrid)).mailing).toBeNull();
  });
});

describe("the work list", () => {
  let annes: string;
  let pers: string;
  beforeAll(async () => {
    annes = (await me(anne)).id;
    pers = (await me(per)).id;
    const sharing = ["eva.enebo@example.com", otherEva, "siv.stille@example.com", otherSiv];
    // Only when both are known is it known that they share.
    for (const each of [...sharing, ...sharing]) await me(each);
  });

  test("shows the DPO what waits in every system, oldest first, with what tells the records apart", async () => {
    const { data, errors } = await list();
    expect(errors).toBeUndefined();
    const nodes = nodesOf(data);
    expect(nodes[0]).toMatchObject({
      subject: { id: annes },
      source: "crm",
      problem: "SEVERAL_RECORDS",
      openedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    });
    expect(nodes[0]?.candidates).toEqual(
      ["Anne Berg", "Per Berg"].map((name) => ({
        name,
        identifiers: expect.arrayContaining([
          { kind: "EMAIL", value: "familien.berg@example.com" },
          { kind: "CUSTOMER_NUMBER", value: expect.stringMatching(/^K-\d+$/) },
        ]),
      })),
    );
    expect(nodes[1]?.subject.id).toBe(pers);
    const opened = nodes.map(({ openedAt }) => openedAt);
    expect(opened).toEqual([...opened].sort());
    expect(new Set(nodes.map(({ source }) => source))).toEqual(
      new Set(["crm", "learning", "mailing", "events", "website"]),
    );
    expect(nodes.find(({ source }) => source === "mailing")).toMatchObject({
      problem: "CLAIMED_BY_ANOTHER",
      candidates: [{ name: "Eva Enebo" }],
    });
    expect(data?.matchReviews).toMatchObject({
      totalCount: nodes.length,
      pageInfo: { hasNextPage: false },
    });
  });

  test("shows SUPPORT what waits in the CRM and on the website, and no record of whoever's processing is restricted", async () => {
    const { status, data, errors } = await list(support);
    expect(status).toBe(200);
    const nodes = nodesOf(data);
    expect(new Set(nodes.map(({ source }) => source))).toEqual(new Set(["crm", "website"]));
    expect(nodes.map(({ candidates }) => candidates?.length ?? null)).toEqual([2, 2, null, null, null, null]);
    expect(errors?.map(({ path, extensions }) => [path?.join("."), extensions.code]).sort()).toEqual(
      [2, 3, 4, 5].map((at) => [`matchReviews.edges.${at}.node.candidates`, "PROCESSING_RESTRICTED"]),
    );
    expect(data?.matchReviews.totalCount).toBe(6);
    expect(JSON.stringify(data)).not.toMatch(/siv/i);
  });

  test("pages through it, whatever is settled meanwhile", async () => {
    const all = nodesOf((await list()).data).map((node) => `${node.subject.id} ${node.source}`);
    const seen: string[] = [];
    for (let after: string | null = null, more = true; more;) {
      const { data } = await list(dpo, { first: 3, after });
      seen.push(...nodesOf(data).map((node) => `${node.subject.id} ${node.source}`));
      more = data?.matchReviews.pageInfo.hasNextPage ?? false;
      after = data?.matchReviews.pageInfo.endCursor ?? null;
    }
    expect(seen).toEqual(all);
  });

  test.each([
    ["no cursor of ours", "abc"],
    ["of another list", Buffer.from('["orders","1"]').toString("base64url")],
    [
      "with a moment that is none",
      Buffer.from(`["matchReviews","x","${crypto.randomUUID()}","crm"]`).toString("base64url"),
    ],
    ["with an id that is none", Buffer.from('["matchReviews","1","x","crm"]').toString("base64url")],
  ])("a cursor %s is refused", async (_, after) => {
    const { data, errors } = await list(dpo, { after });
    expect(data ?? null).toBeNull();
    expect(errors).toMatchObject([{ extensions: { code: "BAD_USER_INPUT", argument: "after" } }]);
  });

  test("is a look at each person on it, and at whoever else has a claim on a record that is shown", async () => {
    const entries = await entriesOf(() => list(support));
    expect(
      entries.every(({ actor_role, purpose }) => `${actor_role} ${purpose}` === "SUPPORT CUSTOMER_SUPPORT"),
    ).toBe(true);
    const reads = entries.filter(({ event }) => event === "READ");
    const siv = (await me("siv.stille@example.com")).id;
    const other = (await me(otherSiv)).id;
    expect(new Set(reads.map(({ subject_ref }) => subject_ref))).toEqual(new Set([annes, pers, siv, other]));
    const of = (id: string) => reads.find(({ subject_ref }) => subject_ref === id)?.coordinates ?? [];
    expect(of(annes)).toEqual(expect.arrayContaining(["MatchReview.problem", "MatchCandidate.name"]));
    expect(of(siv)).not.toContain("MatchCandidate.name");
    const refused = entries.filter(({ event }) => event === "REFUSED");
    expect(refused).toMatchObject([
      { subject_ref: siv, coordinates: expect.arrayContaining(["MatchCandidate.name"]) },
    ]);
    expect(JSON.stringify(entries)).not.toMatch(/@|berg|K-\d/i);
  });

  test("is a look at whoever has a claim on a record that is shown, though their own match is on another page", async () => {
    const entries = await entriesOf(() => list(support, { first: 1 }));
    const coordinates = new Map(entries.map((entry) => [entry.subject_ref, entry.coordinates]));
    expect([...coordinates.keys()].sort()).toEqual([annes, pers].sort());
    expect(coordinates.get(pers)).toContain("MatchCandidate.name");
    expect(coordinates.get(pers)).not.toContain("MatchReview.problem");
  });

  test("keeps what a system that is down cannot say, and says so", async () => {
    await gateway.open("crm", false);
    try {
      const { data, errors } = await list(support);
      const nodes = nodesOf(data);
      expect(nodes.map(({ candidates }) => candidates)).toEqual([null, null, null, null, null, null]);
      expect(nodesOf(data)[0]).toMatchObject({ subject: { id: annes }, problem: "SEVERAL_RECORDS" });
      const saidOf = (wanted: string) =>
        nodes.flatMap(({ source }, at) => {
          const said = errors?.find(({ path }) => path?.[2] === at)?.extensions;
          return source === wanted ? [said] : [];
        });
      const down = expect.objectContaining({ code: "SOURCE_UNAVAILABLE", source: "crm" }) as unknown;
      expect(saidOf("crm")).toEqual([down, down, down, down]);
      const restricted = expect.objectContaining({ code: "PROCESSING_RESTRICTED" }) as unknown;
      expect(saidOf("website")).toEqual([restricted, restricted]);
    } finally {
      await gateway.open("crm", true);
    }
  });

  test("is counted in the metrics", async () => {
    const { data } = await list();
    const text = await (await fetch(`${gateway.url}/metrics`)).text();
    expect(text).toContain(`\ninnsyn_match_reviews_open ${data?.matchReviews.totalCount}\n`);
  });

  test("settled record by record: Anne and Per each see exactly their own, and neither waits any more", async () => {
    const [annesNumber, persNumber] = [await customerNumber("Anne Berg"), await customerNumber("Per Berg")];
    const number = (subjectId: string, value: string) =>
      linked({ subjectId, source: "crm", kind: "CUSTOMER_NUMBER", value });
    expect(await number(annes, annesNumber)).toMatchObject({
      crm: { name: "Anne Berg", customerNumber: annesNumber },
    });
    // Whose the other is, is not settled by that.
    expect(state(await me(per, 1), "crm")).toBe("NEEDS_REVIEW");
    expect(nodesOf((await list()).data).map(({ subject }) => subject.id)).not.toContain(annes);
    await number(pers, persNumber);
    const [hers, his] = [await me(anne, 1), await me(per, 1)];
    expect(hers.crm).toEqual({ name: "Anne Berg", customerNumber: annesNumber });
    expect(his.crm).toEqual({ name: "Per Berg", customerNumber: persNumber });
    expect(nodesOf((await list()).data).map(({ subject }) => subject.id)).not.toContain(pers);

    const taken = await unchanged(() =>
      linked({ subjectId: pers, source: "crm", kind: "CUSTOMER_NUMBER", value: annesNumber }),
    );
    expect(taken).toMatchObject({ __typename: "Refusal", code: "IDENTITY_AMBIGUOUS" });
    expect(await unlinked({ subjectId: annes, source: "crm" })).toMatchObject({ crm: null });
    expect((await me(anne, 1)).crm).toBeNull();
    expect((await me(per, 1)).crm?.name).toBe("Per Berg");
    await number(annes, annesNumber);
  });
});

describe("refused as data, with nothing changed, in the caller's language:", () => {
  const outcomes = async (ask: (asked: Asked) => Promise<{ data: object | null | undefined }>) => {
    const answers = await Promise.all(
      languages.map((language) => unchanged(() => ask({ ...dpo, headers: { "accept-language": language } }))),
    );
    const results = answers.map(({ data }) => Object.values(data ?? {})[0] as Result);
    const refusals = results.flatMap((each) => ("code" in each ? [each] : []));
    expect(new Set(refusals.map(({ message }) => message)).size).toBe(languages.length);
    return new Set(refusals.map(({ code }) => code));
  };
  let kari: string;
  beforeAll(async () => {
    kari = (await me("kari.nordmann@example.com")).id;
  });

  test("no such record", async () => {
    const asked = { subjectId: kari, source: "crm", value: "nobody@example.com" };
    expect(await outcomes((as) => link(asked, as))).toEqual(new Set(["INVALID_VALUE"]));
  });
  test("several records", async () => {
    const asked = { subjectId: kari, source: "crm", value: "familien.berg@example.com" };
    expect(await outcomes((as) => link(asked, as))).toEqual(new Set(["IDENTITY_AMBIGUOUS"]));
  });
  test("a second record", async () => {
    await linked({ subjectId: kari, source: "crm", value: "kari.nordmann@example.com" });
    const asked = { subjectId: kari, source: "crm", value: "stor.leser@example.com" };
    expect(await outcomes((as) => link(asked, as))).toEqual(new Set(["WRONG_STATE"]));
  });
  test("nothing to unlink", async () => {
    const { id } = await me("ola.nordmann@example.com");
    expect(await outcomes((as) => unlink({ subjectId: id, source: "crm" }, as))).toEqual(
      new Set(["WRONG_STATE"]),
    );
  });
  test("and what it told is recorded as a search", async () => {
    const entries = await entriesOf(() =>
      linked({ subjectId: kari, source: "crm", value: "nobody@example.com" }),
    );
    expect(entries).toMatchObject([
      { event: "SEARCHED", actor_role: "DPO", subject_ref: null, coordinates: ["Mutation.linkIdentity"] },
    ]);
    expect(JSON.stringify(entries)).not.toContain("nobody@");
  });
});

describe("bad input changes nothing:", () => {
  const good = { source: "crm", value: "kari.nordmann@example.com" };
  test.each([
    ["an identifier that is none", { value: "kari" }, "input.identifier.value", "NOT_AN_EMAIL_ADDRESS"],
    ["an empty identifier", { value: " " }, "input.identifier.value", "EMPTY"],
    [
      "a phone number that is none",
      { kind: "PHONE", value: "secret" },
      "input.identifier.value",
      "NOT_A_PHONE_NUMBER",
    ],
    ["no reason", { because: "  " }, "input.because", "EMPTY"],
    ["a reason that is too long", { because: "x".repeat(1_001) }, "input.because", "TOO_LONG"],
    ["a reason of two lines", { because: "secret\nreason" }, "input.because", "CONTROL_CHARACTER"],
    ["a system that is not there", { source: "secret" }, "input.source", "UNKNOWN"],
  ])("%s", async (_, wrong, argument, reason) => {
    const { id: subjectId } = await me("kari.nordmann@example.com");
    const { status, data, errors, text } = await unchanged(() => link({ subjectId, ...good, ...wrong }));
    expect(status).toBe(400);
    expect(data ?? null).toBeNull();
    expect(errors).toMatchObject([{ extensions: { code: "BAD_USER_INPUT", argument, reason } }]);
    expect(text).not.toMatch(/secret|kari/);
    if (argument === "input.source")
      expect(errors?.[0]?.extensions["oneOf"]).toEqual(["crm", "learning", "mailing", "events", "website"]);
  });

  test("a person whom nobody knows", async () => {
    for (const subjectId of ["00000000-0000-4000-8000-000000000000", "kari", ""]) {
      for (const ask of bothWays({ subjectId, ...good })) {
        const { status, errors } = await unchanged(ask);
        expect(status).toBe(404);
        expect(errors).toMatchObject([{ extensions: { code: "NOT_FOUND" } }]);
      }
    }
  });

  test("a system that is down", async () => {
    const { id: subjectId } = await me("eva.enebo@example.com");
    await gateway.open("crm", false);
    try {
      for (const ask of bothWays({ subjectId, ...good })) {
        const { data, errors } = await unchanged(ask);
        expect(data ?? null).toBeNull();
        expect(errors).toMatchObject([{ extensions: { code: "SOURCE_UNAVAILABLE", source: "crm" } }]);
      }
    } finally {
      await gateway.open("crm", true);
    }
  });
});

describe("who may not", () => {
  const others = staff.map(({ email }) => email).filter((email) => email !== dpo.as);
  const callers = [...others, ingrid, null];

  test.each(callers)("link or unlink: %s", async (as) => {
    const { id: subjectId } = await me(ingrid);
    for (const ask of bothWays({ subjectId, source: "crm", value: "ingrid.aas@example.com" }, { as })) {
      const entries = await entriesOf(async () => {
        const { status, data, errors } = await unchanged(ask);
        expect(status).toBe(as === null ? 401 : 403);
        expect(data ?? null).toBeNull();
        expect(errors).toMatchObject([
          { extensions: { code: as === null ? "UNAUTHENTICATED" : "FORBIDDEN" } },
        ]);
      });
      expect(entries.map(({ event }) => event)).toEqual(as === null ? [] : ["REFUSED"]);
    }
  });

  test("nor may whoever selects nothing of the person, and that they tried is recorded", async () => {
    const { id: subjectId } = await me(ingrid);
    const bare = "mutation ($input: UnlinkIdentityInput!) { unlinkIdentity(input: $input) { __typename } }";
    const entries = await entriesOf(async () => {
      const input = { subjectId, source: "crm", because };
      const { status } = await unchanged(() => gateway.query(bare, { input }, support));
      expect(status).toBe(403);
    });
    expect(entries).toMatchObject([
      { event: "REFUSED", actor_role: "SUPPORT", coordinates: ["Mutation.unlinkIdentity"] },
    ]);
  });

  test("read the work list: any but the DPO and SUPPORT, each for their one purpose", async () => {
    const allowed: string[] = [];
    for (const as of [...staff.map(({ email }) => email), ingrid, null])
      for (const purpose of [
        "DATA_SUBJECT_RIGHTS",
        "CUSTOMER_SUPPORT",
        "ORDER_FULFILMENT",
        "AUDIT",
        "NEWSLETTER",
      ]) {
        const { status, data } = await list({ as }, { purpose });
        if (status === 200) allowed.push(`${as} ${purpose}`);
        else expect(data ?? null).toBeNull();
      }
    expect(allowed).toEqual([`${support.as} CUSTOMER_SUPPORT`, `${dpo.as} DATA_SUBJECT_RIGHTS`]);
  });
});

describe("a mutation", () => {
  const document = (id: string) =>
    `mutation { unlinkIdentity(input: { subjectId: "${id}", source: "crm", because: "x" }) { __typename } }`;

  test("is not carried out by GET", async () => {
    const { id } = await me(ingrid);
    const authorization = `Bearer ${await gateway.token(dpo.as)}`;
    const path = `?query=${encodeURIComponent(document(id))}`;
    const headers = { authorization, "apollo-require-preflight": "1" };
    const { status } = await unchanged(() => gateway.send({ path, headers }));
    expect(status).toBe(405);
  });

  test("is not carried out by a form of another site", async () => {
    const { id } = await me(ingrid);
    const authorization = `Bearer ${await gateway.token(dpo.as)}`;
    for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"]) {
      const headers = { authorization, "content-type": type };
      const body = JSON.stringify({ query: document(id) });
      const { status } = await unchanged(() => gateway.send({ method: "POST", headers, body }));
      expect(status).toBeGreaterThanOrEqual(400);
    }
    const simple = await unchanged(() =>
      gateway.send({ path: `?query=${encodeURIComponent(document(id))}`, headers: { authorization } }),
    );
    expect(simple.status).toBe(400);
  });
});

test("neither reasons nor identifiers are in the log, the trail or the register", async () => {
  const tables = ["audit_entry", "match_decision", "identifier", "match_review"];
  const rows = await Promise.all(
    tables.map((table) => gateway.rows(`select to_jsonb(t)::text as row from ${table} t`)),
  );
  const text = [...gateway.lines, ...rows.flat().map((row) => JSON.stringify(row))].join("\n");
  expect(text).toContain("LINKED");
  expect(text).not.toMatch(/førerkort|ingrid|lie@|berg@|K-10\d|secret/i);
});
