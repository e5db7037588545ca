import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { setClock } from "../setup/clock.ts";
import type { Gateway } from "../setup/gateway.ts";
import { unzip, type Unzipped } from "../archive/unzip.ts";
import { exportOf, get } from "./archives.ts";
import { idOf } from "./rights.ts";
import { dpo, kari, openWorld, refusal, type World } from "./world.ts";

let world: World;
beforeAll(async () => void (world = await openWorld({ replicas: 2 })));
afterAll(() => world[Symbol.asyncDispose]());

type Asked = Parameters<Gateway["query"]>[2];
const ola = "ola.nordmann@example.com";
/** In no system that could have something to say of its own meanwhile. */
const turid = "turid.moe@example.com";
const ingrid = "ingrid.aas@example.com";

async function carryOut<T>(document: string, variables: object, asked: Asked): Promise<T> {
  const answer = await world.gateway.query<T>(document, variables, asked);
  if (!answer.data || answer.errors) throw new Error(`${answer.status} ${answer.text}`);
  return answer.data;
}

interface Recorded {
  readonly __typename: string;
  readonly name: string;
  readonly code?: string;
  readonly rule?: string;
  readonly field?: string;
}
const recipient = "name role country purposes since lastAt legalGround categories";

async function record(email: string, input: object = {}): Promise<Recorded> {
  const { recordDisclosure } = await carryOut<{ recordDisclosure: Recorded }>(
    `mutation($input: RecordDisclosureInput!) { recordDisclosure(input: $input) { __typename ${refusal}
      ... on Recipient { ${recipient} } } }`,
    {
      input: {
        subjectId: await idOf(world, email),
        authority: "Økokrim",
        legalGround: "straffeprosessloven § 210, kjennelse av Oslo tingrett",
        categories: ["PURCHASE", "CONTACT"],
        ...input,
      },
    },
    { as: dpo },
  );
  return recordDisclosure;
}

async function authorities(as: string, replica = 0) {
  const { me } = await carryOut<{ me: { recipients: readonly { role: string; name: string }[] } }>(
    `{ me { recipients { ${recipient} } } }`,
    {},
    { as, replica },
  );
  return me.recipients.filter(({ role }) => role === "AUTHORITY");
}

interface Log {
  readonly totalCount: number;
  readonly edges: readonly {
    readonly node: { readonly at: string; readonly role: string; readonly categories: readonly string[] };
  }[];
}
const logOf = async (as: string) =>
  (
    await carryOut<{ me: { accessLog: Log } }>(
      "{ me { accessLog(first: 100) { totalCount edges { cursor node { at role categories } } } } }",
      {},
      { as },
    )
  ).me.accessLog;

const listed = async (email: string) =>
  (
    await carryOut<{ disclosures: readonly object[] }>(
      `query($id: ID!) { disclosures(subjectId: $id) { authority legalGround categories secrecyUntil secret } }`,
      { id: await idOf(world, email) },
      { as: dpo },
    )
  ).disclosures;

const listedWithIds = async (email: string) =>
  (
    await carryOut<{ disclosures: readonly [{ readonly id: string }] }>(
      "query($id: ID!) { disclosures(subjectId: $id) { id } }",
      { id: await idOf(world, email) },
      { as: dpo },
    )
  ).disclosures;

const prolong = async (id: string, secrecyUntil: string, replica = 0) =>
  (
    await carryOut<{ prolongSecrecy: Partial<Recorded> }>(
      `mutation($input: ProlongSecrecyInput!) { prolongSecrecy(input: $input) { __typename ${refusal}
        ... on Disclosure { id secrecyUntil secret } } }`,
      { input: { id, secrecyUntil } },
      { as: dpo, replica },
    )
  ).prolongSecrecy;
const refusalIn = ({ code, rule, field }: Partial<Recorded>) =>
  code === undefined ? "" : `${code} ${rule} ${field}`;

async function archiveOf(email: string): Promise<Unzipped> {
  const { download } = await exportOf(world, email);
  const answer = await get(world, download.url, email);
  return unzip(Buffer.from(await answer.arrayBuffer()));
}

/** All that a person is shown in one answer. */
const everything = `{ me { id holdings { source state recordCount } recipients { name role country purposes since lastAt legalGround categories }
  notice { recipients { name } policyVersion } consents { purpose status } objections { purpose } restrictions { reason }
  withheld { id } policyVersions { version open } requests { totalCount edges { node { id timeline { at event } } } }
  accessLog(first: 100) { totalCount edges { cursor node { at role purpose categories sources requestId } } }
  erasurePlan { hash items { source recordType count } } } }`;

describe("a disclosure without secrecy", () => {
  it("is shown to the person at once, with its ground, and is in their log", async () => {
    const before = await logOf(kari);
    const recorded = await record(kari);
    expect(recorded).toMatchObject({ __typename: "Recipient", name: "Økokrim" });
    for (const replica of [0, 1])
      expect(await authorities(kari, replica)).toEqual([
        {
          name: "Økokrim",
          role: "AUTHORITY",
          country: "NO",
          purposes: ["DISCLOSURE_TO_AUTHORITIES"],
          since: expect.any(String),
          lastAt: expect.any(String),
          legalGround: "straffeprosessloven § 210, kjennelse av Oslo tingrett",
          categories: ["PURCHASE", "CONTACT"],
        },
      ]);
    const after = await logOf(kari);
    expect(after.totalCount).toBe(before.totalCount + 1);
    expect(after.edges[0]?.node.role).toBe("DPO");
    expect(await authorities(ola)).toEqual([]);
  });

  it("is in the trail without a word of it, and sealed where it is kept", async () => {
    const [entry] = await world.gateway.rows<{ detail: string | null; coordinates: string[] }>(
      "select detail, coordinates, actor_role from audit_entry where event = 'DISCLOSED'",
    );
    expect(entry).toEqual({ detail: null, coordinates: ["Mutation.recordDisclosure"], actor_role: "DPO" });
    const [row] = await world.gateway.rows<{ kept: string }>(
      `select disclosure::text || encode(sealed_authority, 'escape') || encode(sealed_legal_ground, 'escape') as kept from disclosure`,
    );
    expect(row?.kept).not.toMatch(/krim|tingrett/i);
  });

  it("is never changed or removed", async () => {
    for (const statement of [
      "update disclosure set categories = '{}'",
      "update disclosure set secret_until = null, at = now()",
      "delete from disclosure",
      "truncate disclosure cascade",
    ])
      await expect(world.gateway.rows(statement)).rejects.toThrow("only ever added to");
  });
});

describe("a disclosure under secrecy", () => {
  it("shows in nothing that the person is given, until its last day is over in Norway", async () => {
    await idOf(world, ola);
    await setClock(world.gateway, new Date("2031-03-10T10:00:00Z"));
    const whole = async () => (await world.gateway.query(everything, {}, { as: ola })).text;
    const before = await whole();
    const recorded = await record(ola, { authority: "PST", secrecyUntil: "2031-03-12" });
    expect(recorded).toMatchObject({ __typename: "Recipient", name: "PST" });
    expect(await listed(ola)).toEqual([
      {
        authority: "PST",
        legalGround: "straffeprosessloven § 210, kjennelse av Oslo tingrett",
        categories: ["PURCHASE", "CONTACT"],
        secrecyUntil: "2031-03-12",
        secret: true,
      },
    ]);
    expect(await whole()).toBe(before);
    // Ten minutes before midnight in Norway.
    await setClock(world.gateway, new Date("2031-03-12T22:50:00Z"));
    expect(await whole()).toBe(before);
    const logged = await logOf(ola);

    await setClock(world.gateway, new Date("2031-03-12T23:00:01Z"));
    expect((await authorities(ola, 1)).map(({ name }) => name)).toEqual(["PST"]);
    const after = await logOf(ola);
    // That it was recorded, and that it was listed.
    expect(after.totalCount).toBe(logged.totalCount + 2);
    expect(after.edges).toHaveLength(logged.edges.length + 2);
    expect(after.edges.slice(0, 2).map(({ node }) => [node.role, node.categories])).toEqual([
      ["DPO", ["RIGHTS_REQUEST"]],
      ["DPO", ["RIGHTS_REQUEST"]],
    ]);
    expect(await listed(ola)).toEqual([expect.objectContaining({ authority: "PST", secret: false })]);
    expect((await logOf(ola)).totalCount).toBe(after.totalCount + 1);
    await setClock(world.gateway, null);
  });

  it("stays secret where that is prolonged, with every look that it was to tell of, and is never secret again", async () => {
    await setClock(world.gateway, new Date("2031-06-10T10:00:00Z"));
    const whole = async () => (await world.gateway.query(everything, {}, { as: turid })).text;
    await idOf(world, turid);
    const before = await whole();
    await record(turid, { authority: "PST", secrecyUntil: "2031-06-12" });
    const [{ id }] = await listedWithIds(turid);
    for (const [secrecyUntil, expected] of [
      ["2031-06-12", "INVALID_VALUE NOT_PROLONGED secrecyUntil"],
      ["2031-01-01", "INVALID_VALUE NOT_PROLONGED secrecyUntil"],
    ] as const)
      expect(refusalIn(await prolong(id, secrecyUntil))).toBe(expected);
    // On its last day, at two replicas at once: one day, and the last of them.
    await setClock(world.gateway, new Date("2031-06-12T21:00:00Z"));
    const both = await Promise.all([prolong(id, "2031-09-12"), prolong(id, "2031-09-12", 1)]);
    expect(both.map(refusalIn).toSorted()).toEqual(["", "INVALID_VALUE NOT_PROLONGED secrecyUntil"]);
    expect(await listed(turid)).toEqual([
      expect.objectContaining({ secrecyUntil: "2031-09-12", secret: true }),
    ]);
    await setClock(world.gateway, new Date("2031-06-13T10:00:00Z"));
    expect(await whole()).toBe(before);
    await setClock(world.gateway, new Date("2031-09-12T21:50:00Z"));
    expect(await whole()).toBe(before);

    await setClock(world.gateway, new Date("2031-09-12T22:00:01Z"));
    expect((await authorities(turid)).map(({ name }) => name)).toEqual(["PST"]);
    // Recorded, listed twice, prolonged once.
    expect((await logOf(turid)).totalCount).toBe(JSON.parse(before).data.me.accessLog.totalCount + 4);
    expect(refusalIn(await prolong(id, "2032-01-01"))).toBe("WRONG_STATE NO_LONGER_SECRET id");
    expect((await authorities(turid)).map(({ name }) => name)).toEqual(["PST"]);
    const entries = await world.gateway.rows<{ detail: string }>(
      "select detail from audit_entry where event = 'SECRECY_PROLONGED'",
    );
    expect(entries).toEqual([{ detail: "2031-09-12" }]);
    for (const statement of [
      "update prolonged_secrecy set secret_until = '2000-01-01'",
      "delete from prolonged_secrecy",
      "truncate prolonged_secrecy",
    ])
      await expect(world.gateway.rows(statement)).rejects.toThrow("only ever added to");
    await setClock(world.gateway, null);
  });

  it("is not prolonged where none is ordered, or there is none", async () => {
    const [{ id }] = await listedWithIds(kari);
    expect(refusalIn(await prolong(id, "2999-01-01"))).toBe("WRONG_STATE NO_LONGER_SECRET id");
    const document = `mutation($input: ProlongSecrecyInput!) { prolongSecrecy(input: $input) { __typename } }`;
    for (const unknown of ["00000000-0000-4000-8000-000000000000", "' or true --", ""]) {
      const input = { id: unknown, secrecyUntil: "2999-01-01" };
      const { errors } = await world.gateway.query(document, { input }, { as: dpo });
      expect(errors?.map(({ extensions }) => extensions.code)).toEqual(["NOT_FOUND"]);
    }
    const input = { id, secrecyUntil: "2999-01-01" };
    for (const as of [kari, "support@intech.example", "auditor@intech.example"]) {
      const { errors } = await world.gateway.query(document, { input }, { as });
      expect(errors?.map(({ extensions }) => extensions.code)).toEqual(["FORBIDDEN"]);
    }
  });

  it("does not move the others of the same authority", async () => {
    const [shown] = await authorities(kari);
    await record(kari, { secrecyUntil: "2999-01-01" });
    expect(await authorities(kari)).toEqual([shown]);
    expect(await listed(kari)).toHaveLength(2);
  });

  it("is in no archive before its end, and is after it", async () => {
    await record(ola, { authority: "Kripos" });
    await record(ola, { authority: "Tolletaten", secrecyUntil: "2999-01-01" });
    const archive = await archiveOf(ola);
    const texts = archive.entries.map(({ fileName }) => archive.file(fileName)).join("\n");
    expect(texts).toContain("Kripos");
    expect(texts).not.toMatch(/Tolletaten|PST/);
    expect(texts).toContain("straffeprosessloven § 210");

    await setClock(world.gateway, new Date("2999-01-02T10:00:00Z"));
    const later = await archiveOf(ola);
    expect(later.entries.map(({ fileName }) => later.file(fileName)).join("\n")).toContain("Tolletaten");
    await setClock(world.gateway, null);
  });
});

describe("what cannot be recorded", () => {
  it.each([
    ["an authority without a name", { authority: " " }, "EMPTY authority"],
    ["an authority of several lines", { authority: "Øko\nkrim" }, "CONTROL_CHARACTER authority"],
    ["a name that is too long", { authority: "x".repeat(201) }, "TOO_LONG authority"],
    ["no ground", { legalGround: "" }, "EMPTY legalGround"],
    ["a ground that is too long", { legalGround: "x".repeat(4_001) }, "TOO_LONG legalGround"],
    ["nothing handed over", { categories: [] }, "EMPTY categories"],
    ["a category twice", { categories: ["CONTACT", "CONTACT"] }, "STATED_TWICE categories"],
    ["secrecy that is over", { secrecyUntil: "2020-01-01" }, "SECRECY_ENDED secrecyUntil"],
  ])("%s", async (_, input, expected) => {
    const before = await world.gateway.rows("select 1 from disclosure");
    const { rule, field, code } = await record(kari, input);
    expect([`${rule} ${field}`, code]).toEqual([expected, "INVALID_VALUE"]);
    expect(await world.gateway.rows("select 1 from disclosure")).toHaveLength(before.length);
  });

  it("is secret to the end of today, by the day in Norway", async () => {
    await idOf(world, ingrid);
    // The 2nd in Norway, the 1st in UTC.
    await setClock(world.gateway, new Date("2032-06-01T22:30:00Z"));
    expect((await record(ingrid, { secrecyUntil: "2032-06-01" })).rule).toBe("SECRECY_ENDED");
    expect((await record(ingrid, { secrecyUntil: "2032-06-02" })).rule).toBeUndefined();
    await setClock(world.gateway, null);
  });

  it("of nobody: alike, whoever they are not", async () => {
    const document = `mutation($input: RecordDisclosureInput!) { recordDisclosure(input: $input) { __typename } }`;
    const list = "query($id: ID!) { disclosures(subjectId: $id) { id } }";
    const input = { authority: "Økokrim", legalGround: "§ 210", categories: ["CONTACT"] };
    for (const subjectId of ["00000000-0000-4000-8000-000000000000", "' or true --", ""]) {
      const recorded = await world.gateway.query(document, { input: { ...input, subjectId } }, { as: dpo });
      const found = await world.gateway.query(list, { id: subjectId }, { as: dpo });
      for (const { errors } of [recorded, found])
        expect(errors?.map(({ extensions }) => extensions.code)).toEqual(["NOT_FOUND"]);
    }
  });

  it.each([kari, "support@intech.example", "accounting@intech.example", "auditor@intech.example"])(
    "by %s",
    async (as) => {
      const subjectId = await idOf(world, kari);
      const input = { subjectId, authority: "Økokrim", legalGround: "§ 210", categories: ["CONTACT"] };
      for (const [document, variables] of [
        [
          `mutation($input: RecordDisclosureInput!) { recordDisclosure(input: $input) { __typename } }`,
          { input },
        ],
        ["query($id: ID!) { disclosures(subjectId: $id) { id } }", { id: subjectId }],
      ] as const) {
        const { errors } = await world.gateway.query(document, variables, { as });
        expect(errors?.map(({ extensions }) => extensions.code)).toEqual(["FORBIDDEN"]);
      }
    },
  );
});

describe("whom staff had found before they signed in", () => {
  it("sees what was disclosed of them by then, under their own key, and what is secret stays so", async () => {
    const find = `query { findDataSubjects(identifier: { kind: EMAIL, value: "eva.enebo@example.com" }, purpose: DATA_SUBJECT_RIGHTS) { subject { id } } }`;
    const { findDataSubjects } = await carryOut<{ findDataSubjects: readonly { subject: { id: string } }[] }>(
      find,
      {},
      { as: dpo },
    );
    const subjectId = findDataSubjects[0]?.subject.id ?? expect.fail();
    await record(kari, { subjectId, authority: "Skatteetaten" });
    await record(kari, { subjectId, authority: "Politiet", secrecyUntil: "2999-01-01" });
    expect((await authorities("eva.enebo@example.com")).map(({ name }) => name)).toEqual(["Skatteetaten"]);
    const mine = await idOf(world, "eva.enebo@example.com");
    expect(mine).not.toBe(subjectId);
    expect(await listed("eva.enebo@example.com")).toHaveLength(2);
    const rows = await world.gateway.rows("select 1 from disclosure where subject_id = $1", [mine]);
    expect(rows).toHaveLength(2);
  });
});

describe("whoever is erased", () => {
  it("still learns to whom the law had their data handed over, and the controller can account for it", async () => {
    await record(ingrid, { authority: "Datatilsynet" });
    const { me } = await carryOut<{ me: { erasurePlan: { hash: string } } }>(
      "{ me { erasurePlan { hash } } }",
      {},
      { as: ingrid },
    );
    const { requestErasure } = await carryOut<{ requestErasure: { request: { id: string } } }>(
      `mutation($input: RequestErasureInput!) { requestErasure(input: $input) { ${refusal} ... on RequestPayload { request { id } } } }`,
      { input: { planHash: me.erasurePlan.hash } },
      { as: ingrid, strongly: true },
    );
    await world.until(requestErasure.request.id, "COMPLETED", "COMPLETED_WITH_RETENTION");
    expect((await authorities(ingrid)).map(({ name }) => name)).toEqual(["Datatilsynet"]);
    expect(await listed(ingrid)).toHaveLength(2);
  });

  it("whose key is gone as after a restore: it is there, without its words", async () => {
    await world.gateway.rows(
      `update disclosure set sealed_authority = '\\x00', sealed_legal_ground = '\\x00' where subject_id = $1`,
      [await idOf(world, ingrid)],
    );
    expect(await authorities(ingrid)).toEqual([
      expect.objectContaining({
        name: "An authority (its name is lost)",
        legalGround: null,
        categories: ["PURCHASE", "CONTACT"],
      }),
    ]);
    expect(await listed(ingrid)).toEqual([
      expect.objectContaining({ authority: null, secret: false }),
      expect.objectContaining({ authority: null, secret: true }),
    ]);
  });
});
