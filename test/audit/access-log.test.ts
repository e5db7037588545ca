import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Purpose } from "../../src/access/vocabulary.ts";
import { connected } from "../../src/demo/postgres/administration.ts";
import { type Gateway, startGateway } from "../setup/gateway.ts";
import {
  dpo,
  type Entry,
  idOf,
  logOf,
  ownLog,
  type Owned,
  pagesOf,
  type Seen,
  support,
} from "./access-log-harness.ts";

let gateway: Gateway;
beforeAll(async () => {
  // The second replica tells persons by name who looked.
  gateway = await startGateway({
    replicas: 2,
    config: (config, replica) => ({ ...config, accessLog: { employeeNames: replica === 1 } }),
  });
});
afterAll(() => gateway[Symbol.asyncDispose]());

const read = `query ($id: ID!, $purpose: Purpose!) { dataSubject(id: $id, purpose: $purpose) { id crm { name email } } }`;
const look = (id: string, { as = support, purpose = "CUSTOMER_SUPPORT", replica = 0 } = {}) =>
  gateway.query(read, { id, purpose }, { as, replica });
const find = (kind: string, value: string) =>
  gateway.query<{ findDataSubjects: { subject: { id: string } }[] }>(
    `query ($kind: IdentifierKind!, $value: String!) {
      findDataSubjects(identifier: { kind: $kind, value: $value }, purpose: CUSTOMER_SUPPORT) { subject { id crm { name } } }
    }`,
    { kind, value },
    { as: support },
  );
const own = (as: string, page: object = {}, replica = 0) =>
  gateway.query<Owned>(ownLog, page, { as, replica });
const seen = (id: string, purpose = "DATA_SUBJECT_RIGHTS", replica = 0) =>
  gateway.query<Seen>(logOf, { id, purpose }, { as: dpo, replica });
const entriesOf = async (as: string, replica = 0): Promise<readonly Entry[]> => {
  const { data, errors } = await own(as, { first: 500 }, replica);
  expect(errors).toBeUndefined();
  return data?.me?.accessLog.edges.map(({ node }) => node) ?? [];
};

describe("a person's log", () => {
  const kari = "kari.nordmann@example.com";

  test("has what staff have read, newest first: when, in which role, why, what, where from, in which request", async () => {
    const id = await idOf(gateway, kari);
    const before = Date.now();
    const first = await look(id);
    const second = await gateway.query(
      `query ($id: ID!) { dataSubject(id: $id, purpose: TRAINING_DELIVERY) { learning { jobTitle } } }`,
      { id },
      { as: "training@intech.example" },
    );
    const found = await find("EMAIL", kari);
    const entries = await entriesOf(kari);
    expect(entries).toEqual([
      {
        at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
        role: "SUPPORT",
        purpose: "CUSTOMER_SUPPORT",
        categories: ["IDENTITY"],
        sources: ["crm", "website"],
        requestId: found.headers.get("x-request-id"),
        employee: null,
      },
      expect.objectContaining({
        role: "TRAINING",
        purpose: "TRAINING_DELIVERY",
        categories: ["EMPLOYMENT"],
        sources: ["learning"],
        requestId: second.headers.get("x-request-id"),
      }),
      expect.objectContaining({
        role: "SUPPORT",
        categories: ["IDENTITY", "CONTACT"],
        requestId: first.headers.get("x-request-id"),
      }),
    ]);
    for (const { at } of entries) {
      expect(Date.parse(at)).toBeGreaterThanOrEqual(before);
      expect(Date.parse(at)).toBeLessThanOrEqual(Date.now());
    }
  });

  test("has neither the person's own reads, nor what was refused, nor whom a search did not find", async () => {
    const siv = "siv.stille@example.com";
    const id = await idOf(gateway, siv);
    await gateway.query("{ me { crm { name } holdings { source } } }", {}, { as: siv });
    await own(siv);
    expect((await look(id, { purpose: "NEWSLETTER" })).status).toBe(403);
    expect((await find("EMAIL", "nobody@example.com")).data?.findDataSubjects).toEqual([]);
    expect(await entriesOf(siv)).toEqual([]);
    // Processing is restricted: staff learn that the person is known, and nothing else.
    const { errors } = await look(id);
    expect(errors?.map(({ extensions }) => extensions.code)).toEqual(["PROCESSING_RESTRICTED"]);
    expect(await entriesOf(siv)).toMatchObject([{ role: "SUPPORT", categories: [], sources: [] }]);
  });

  test("is read by the data protection officer too, which is a look in itself", async () => {
    const ola = "ola.nordmann@example.com";
    const id = await idOf(gateway, ola);
    for (const purpose of ["DATA_SUBJECT_RIGHTS", "AUDIT"]) {
      const { data, errors } = await seen(id, purpose);
      expect(errors).toBeUndefined();
      const [newest] = await entriesOf(ola);
      expect(newest).toMatchObject({ role: "DPO", purpose, categories: ["ACCESS_LOG"] });
      expect(data?.dataSubject?.accessLog.edges.map(({ node }) => node)).not.toContainEqual(newest);
    }
    expect((await seen(id)).data?.dataSubject?.accessLog.totalCount).toBe(2);
  });

  test("tells of the data protection officer's other views by their categories", async () => {
    const as = "stor.leser@example.com";
    const id = await idOf(gateway, as);
    const document = `query ($id: ID!) { dataSubject(id: $id, purpose: DATA_SUBJECT_RIGHTS) {
      holdings { state identifiers { value } } profile { phone { value } organisation { value } } } }`;
    expect((await gateway.query(document, { id }, { as: dpo })).errors).toBeUndefined();
    const [entry] = await entriesOf(as);
    expect([...(entry?.categories ?? [])].sort()).toEqual(["CONTACT", "EMPLOYMENT", "IDENTITY"]);
  });

  test("is open to nobody else, for no purpose, nor to the person as staff", async () => {
    const id = await idOf(gateway, kari);
    const total = (await entriesOf(kari)).length;
    const others = ["support", "marketing", "training", "events", "accounting", "auditor"].map(
      (name) => `${name}@intech.example`,
    );
    for (const as of [...others, kari]) {
      for (const purpose of Object.values(Purpose)) {
        const { status, data } = await gateway.query<Seen>(logOf, { id, purpose }, { as });
        expect([as, purpose, status, data ?? null]).toEqual([as, purpose, 403, null]);
      }
    }
    for (const purpose of Object.values(Purpose).filter(
      (each) => !["DATA_SUBJECT_RIGHTS", "AUDIT"].includes(each),
    ))
      expect((await seen(id, purpose)).status, purpose).toBe(403);
    expect(await entriesOf(kari)).toHaveLength(total);
  });
});

describe("pages", () => {
  const ingrid = "ingrid.aas@example.com";
  let all: readonly Entry[];
  beforeAll(async () => {
    const id = await idOf(gateway, ingrid);
    for (let n = 0; n < 8; n++) await look(id);
    all = await entriesOf(ingrid);
    expect(all).toHaveLength(8);
  });

  test.each([1, 3, 4, 8, 9])("of %i hold every look once", async (first) => {
    const nodes: Entry[] = [];
    for await (const { totalCount, edges, pageInfo } of pagesOf((after) => own(ingrid, { first, after }))) {
      expect(totalCount).toBe(8);
      expect(edges.length).toBeLessThanOrEqual(first);
      expect(pageInfo.startCursor).toBe(edges[0]?.cursor);
      expect(pageInfo.hasPreviousPage).toBe(nodes.length > 0);
      nodes.push(...edges.map(({ node }) => node));
    }
    expect(nodes).toEqual(all);
  });

  test("hold twenty where nothing is said, and stay where they are while looks are added", async () => {
    const id = await idOf(gateway, ingrid);
    const first = await own(ingrid, { first: 5 });
    const after = first.data?.me?.accessLog.pageInfo.endCursor;
    for (let n = 0; n < 15; n++) await look(id);
    const rest = await own(ingrid, { after });
    expect(rest.data?.me?.accessLog.edges.map(({ node }) => node)).toEqual(all.slice(5));
    expect(rest.data?.me?.accessLog.totalCount).toBe(23);
    const begin = await own(ingrid);
    expect(begin.data?.me?.accessLog.edges).toHaveLength(20);
    expect(begin.data?.me?.accessLog.pageInfo.hasNextPage).toBe(true);
  });

  const cursor = (...parts: readonly unknown[]) => Buffer.from(JSON.stringify(parts)).toString("base64url");
  test.each([
    ["nothing", ""],
    ["a word", "newest"],
    ["a number", "12"],
    ["a cursor of orders", cursor("orders", "2020-01-01T00:00:00Z", "1")],
    ["no number", cursor("accessLog", "x")],
    ["a negative number", cursor("accessLog", "-1")],
    ["a fraction", cursor("accessLog", "1.5")],
    ["a number that is no text", cursor("accessLog", 1)],
    ["null", cursor("accessLog", null)],
    ["a number past all sequences", cursor("accessLog", "9223372036854775808")],
    ["one part too many", cursor("accessLog", "1", "2")],
    ["the same otherwise spelt", `${cursor("accessLog", "1")}=`],
  ])("do not begin after %s", async (_, after) => {
    const { data, errors } = await own(ingrid, { after });
    expect(errors).toMatchObject([
      { path: ["me", "accessLog"], extensions: { code: "BAD_USER_INPUT", argument: "after" } },
    ]);
    expect(data?.me).toBeNull();
  });

  test.each([
    [0, "BAD_USER_INPUT"],
    [-1, "BAD_USER_INPUT"],
    [501, "LIMIT_EXCEEDED"],
  ])("do not hold %i", async (first, code) => {
    const { status, errors } = await own(ingrid, { first });
    expect([status, errors?.[0]?.extensions.code]).toEqual([400, code]);
  });
});

describe("whom staff knew before the person came", () => {
  const customerNumberOf = (name: string) =>
    connected(gateway.systemUrls.crm, async (client) => {
      const { rows } = await client.query<{ kundenr: string }>(
        "select kundenr from kontakt where navn = $1",
        [name],
      );
      return rows[0]?.kundenr ?? "";
    });

  test("by customer number: the looks are the person's as soon as a record shows that they are one", async () => {
    const bjorn = "bjørn.østby@example.com";
    const { data } = await find("CUSTOMER_NUMBER", await customerNumberOf("Bjørn André Østby"));
    const [match, ...more] = data?.findDataSubjects ?? [];
    expect(match && more).toEqual([]);
    await look(match?.subject.id ?? "");
    const id = await idOf(gateway, bjorn);
    expect(id).not.toBe(match?.subject.id);
    // The person has signed in, and looked at nothing yet.
    const told = await seen(id);
    expect(told.data?.dataSubject?.accessLog.totalCount).toBe(2);
    const entries = await entriesOf(bjorn);
    expect(entries.map(({ role }) => role)).toEqual(["DPO", "SUPPORT", "SUPPORT"]);
    expect((await seen(match?.subject.id ?? "")).data?.dataSubject?.id).toBe(id);
  });

  test("the log says so where a system cannot be asked whether there are more", async () => {
    const ase = "åse.håland@example.com";
    await find("CUSTOMER_NUMBER", await customerNumberOf("Åse Håland"));
    // Each of them has her number.
    const closed = ["crm", "learning", "events", "website"] as const;
    for (const system of closed) await gateway.open(system, false);
    try {
      const { status, data, errors } = await own(ase);
      expect(status).toBe(200);
      expect(data?.me?.accessLog.totalCount).toBe(0);
      expect(errors?.map(({ path, extensions: { code, source } }) => [path, code, source])).toEqual(
        closed.map((source) => [["me", "accessLog"], "SOURCE_UNAVAILABLE", source]),
      );
    } finally {
      for (const system of closed) await gateway.open(system, true);
    }
    await expect.poll(async () => (await own(ase)).errors).toBeUndefined();
    expect(await entriesOf(ase)).toHaveLength(1);
  });
});

describe("the employee's name", () => {
  const anne = "anne.berg@example.com";
  const stored = (id: string) =>
    gateway.rows<{ name: string | null }>(
      "select encode(sealed_actor_name, 'hex') as name from audit_entry where subject_ref = $1 and actor_role <> 'SUBJECT' order by sequence desc",
      [id],
    );

  test("is told only where the configuration says so, of looks from then on", async () => {
    const id = await idOf(gateway, anne);
    await look(id);
    await look(id, { replica: 1 });
    await look(id, { replica: 1, as: dpo, purpose: "DATA_SUBJECT_RIGHTS" });
    expect((await entriesOf(anne, 1)).map(({ employee }) => employee)).toEqual([
      "Dagny Personvern",
      "Sara Support",
      null,
    ]);
    // Once it is not wanted any more, what was kept is not told either.
    expect((await entriesOf(anne, 0)).map(({ employee }) => employee)).toEqual([null, null, null]);
    expect((await stored(id)).map(({ name }) => name !== null)).toEqual([true, true, false]);
  });

  test("stands nowhere in the gateway's database, nor do the person's own looks have one", async () => {
    await own(anne, {}, 1);
    const [row] = await gateway.rows<{
      text: string;
      own: number;
    }>(`select string_agg(to_jsonb(e)::text, '') as text,
      count(*) filter (where actor_role = 'SUBJECT' and sealed_actor_name is not null)::int as own from audit_entry e`);
    const bytes = Buffer.from((row?.text ?? "").replaceAll(/[^\da-f]/g, ""), "hex").toString("latin1");
    for (const text of [row?.text, bytes]) expect(text).not.toMatch(/Sara|Dagny|Personvern/);
    expect(row?.text).not.toContain(Buffer.from("Sara Support").toString("hex"));
    expect(row?.own).toBe(0);
  });

  test("is legible to nobody once the person's key is destroyed", async () => {
    const per = "per.berg@example.com";
    const id = await idOf(gateway, per);
    await look(id, { replica: 1 });
    expect((await entriesOf(per, 1)).map(({ employee }) => employee)).toEqual(["Sara Support"]);
    await gateway.rows("delete from keys.person_key where subject_id = $1", [id]);
    expect((await entriesOf(per, 1)).map(({ employee }) => employee)).toEqual([null]);
  });

  test("that was moved to another's entry is told to nobody; the rest of the log is", async () => {
    const eva = "eva.enebo@example.com";
    const id = await idOf(gateway, eva);
    await gateway.rows(
      `insert into audit_entry (id, at, event, actor_role, subject_ref, purpose, request_id, coordinates, categories,
        sources, mac, sealed_actor_name)
      select gen_random_uuid(), at, event, actor_role, $1, purpose, request_id, coordinates, categories, sources, mac,
        sealed_actor_name from audit_entry where sealed_actor_name is not null order by sequence limit 1`,
      [id],
    );
    const { data, errors } = await own(eva, {}, 1);
    expect(data?.me?.accessLog.edges.map(({ node }) => [node.role, node.employee])).toEqual([
      ["SUPPORT", null],
    ]);
    expect(errors?.map(({ extensions }) => extensions.code)).toEqual(["INTERNAL"]);
  });
});
