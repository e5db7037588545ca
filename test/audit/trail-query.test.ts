import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { auditEvents } from "../../src/audit/entry.ts";
import { type Gateway, startGateway } from "../setup/gateway.ts";

let gateway: Gateway;
const auditor = "auditor@intech.example";
const dpo = "dpo@intech.example";
const kari = "kari.nordmann@example.com";
const ola = "ola.nordmann@example.com";

beforeAll(async () => {
  gateway = await startGateway();
  for (const as of [kari, ola, kari]) await gateway.query("{ me { id crm { name } } }", {}, { as });
  // Refused before anything is read.
  await gateway.query(
    '{ dataSubject(id: "x", purpose: CUSTOMER_SUPPORT) { learning { name } } }',
    {},
    {
      as: "support@intech.example",
    },
  );
});
afterAll(() => gateway[Symbol.asyncDispose]());

interface Entry {
  readonly sequence: string;
  readonly at: string;
  readonly actorRole: string | null;
  readonly event: string;
  readonly subjectRef: string | null;
  readonly purpose: string | null;
  readonly detail: string | null;
  readonly hash: string;
  readonly coordinates: readonly string[];
}
interface Data {
  readonly auditTrail: {
    readonly edges: readonly { readonly cursor: string; readonly node: Entry }[];
    readonly pageInfo: {
      readonly hasNextPage: boolean;
      readonly hasPreviousPage: boolean;
      readonly endCursor: string | null;
    };
  };
}
const document = `query ($filter: AuditFilter, $first: Int, $after: String) {
  auditTrail(filter: $filter, first: $first, after: $after) {
    edges { cursor node { sequence at actorRole event subjectRef purpose detail hash coordinates } }
    pageInfo { hasNextPage hasPreviousPage endCursor }
  }
}`;
const ask = (variables: object, as: string | null = auditor) =>
  gateway.query<Data>(document, variables, { as });
async function listed(variables: object, as = auditor) {
  const { data, errors } = await ask(variables, as);
  expect(errors).toBeUndefined();
  return data?.auditTrail.edges.map(({ node }) => node) ?? expect.fail();
}
const stored = () =>
  gateway.rows<{ sequence: string; event: string; mac: string }>(
    "select sequence::text, event, encode(mac, 'hex') as mac from audit_entry order by at desc, audit_entry.sequence desc",
  );
const idOf = async (as: string) => {
  const { data } = await gateway.query<{ me: { id: string } }>("{ me { id } }", {}, { as });
  return data?.me.id ?? expect.fail();
};

test("all of it, newest first, as it stands in the database", async () => {
  const before = await stored();
  const entries = await listed({ first: 500 });
  expect(entries.map(({ sequence, event, hash }) => ({ sequence, event, mac: hash }))).toEqual(before);
  expect(entries.map(({ event }) => event)).toEqual(expect.arrayContaining(["READ", "REFUSED"]));
  expect(entries.at(-1)).toMatchObject({
    event: "READ",
    actorRole: "SUBJECT",
    purpose: "DATA_SUBJECT_RIGHTS",
    coordinates: expect.arrayContaining(["CustomerRecord.name"]),
    hash: expect.stringMatching(/^[\da-f]{64}$/),
    at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/),
  });
});

test("page by page it is the same as in one, whatever is written meanwhile", async () => {
  const before = await stored();
  const pages: string[] = [];
  let after: string | null = null;
  do {
    const { data, errors }: Awaited<ReturnType<typeof ask>> = await ask({ first: 2, after });
    expect(errors).toBeUndefined();
    const page = data?.auditTrail ?? expect.fail();
    expect(page.pageInfo.hasPreviousPage).toBe(after !== null);
    pages.push(...page.edges.map(({ node }) => node.sequence));
    after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
  } while (after !== null);
  expect(pages).toEqual(before.map(({ sequence }) => sequence));
});

test("that it was looked at is in it, by whom, how much, and whose it was", async () => {
  const id = await idOf(kari);
  await listed({ first: 3 });
  await listed({ first: 500, filter: { subjectRef: id.toUpperCase() } }, dpo);
  await listed({ filter: { subjectRef: randomUUID() } }, dpo);
  const looks = await listed({ first: 3, filter: { events: ["TRAIL_READ"] } });
  expect(looks).toMatchObject([
    { actorRole: "DPO", purpose: "AUDIT", subjectRef: null, detail: "0 ENTRIES" },
    { actorRole: "DPO", purpose: "AUDIT", subjectRef: id },
    {
      actorRole: "AUDITOR",
      purpose: "AUDIT",
      subjectRef: null,
      detail: "3 ENTRIES",
      coordinates: ["Query.auditTrail"],
    },
  ]);
});

describe("a filter", () => {
  test("names events, a person, or a time from one moment to before another", async () => {
    const id = await idOf(ola);
    const [last] = await gateway.rows<{ at: Date; events: string }>("select max(at) as at from audit_entry");
    const all = await listed({ first: 500, filter: { until: new Date(Number(last?.at) + 1).toISOString() } });
    const only = async (filter: object) =>
      (await listed({ first: 500, filter })).map(({ sequence }) => sequence);
    const where = (wanted: (entry: Entry) => boolean) => all.filter(wanted).map(({ sequence }) => sequence);
    const [middle] = all.slice(2);
    const until = new Date(Number(last?.at) + 1).toISOString();
    const at = (middle?.at ?? "").slice(0, 23) + "Z";

    expect(await only({ events: ["REFUSED"] })).toEqual(where(({ event }) => event === "REFUSED"));
    expect(await only({ events: ["READ", "REFUSED", "READ"], until })).toEqual(
      where(({ event }) => event === "READ" || event === "REFUSED"),
    );
    const his = where(({ subjectRef }) => subjectRef === id);
    expect(his.length).toBeGreaterThan(0);
    expect(await only({ subjectRef: id, until })).toEqual(his);
    expect(await only({ subjectRef: id, events: ["REFUSED"] })).toEqual([]);
    expect(await only({ since: at, until })).toEqual(where((entry) => entry.at >= (middle?.at ?? "")));
    expect(await only({ until: at })).toEqual(where((entry) => entry.at < (middle?.at ?? "")));
    expect(await only({ since: until, until: at })).toEqual([]);
    expect(await only({ events: [] })).toEqual([]);
  });

  test.each([
    [{ events: ["READ", "PEEKED"] }, { argument: "filter.events", reason: "UNKNOWN", oneOf: auditEvents }],
    [{ subjectRef: "kari.nordmann@example.com" }, { argument: "filter.subjectRef", reason: "UNKNOWN" }],
  ])("that cannot be read is refused, and nothing recorded: %o", async (filter, details) => {
    const before = (await stored()).length;
    const { data, errors, text } = await ask({ filter });
    expect(data ?? null).toBeNull();
    expect(errors?.[0]?.extensions).toEqual({ code: "BAD_USER_INPUT", ...details });
    expect(text).not.toMatch(/PEEKED|kari\.nordmann/);
    expect((await stored()).length).toBe(before);
  });

  test.each([
    "x",
    "WyJhdWRpdFRyYWlsIiwiOTk5OTk5OTkiXQ",
    "WyJhdWRpdFRyYWlsIiwiOTk5OTk5OTk5OTk5OTk5OTk5OTkiXQ",
  ])("and a cursor that no page has given is refused: %s", async (after) => {
    const { errors } = await ask({ after });
    expect(errors?.[0]?.extensions).toEqual({ code: "BAD_USER_INPUT", argument: "after" });
  });

  test("a page is no larger than pages are", async () => {
    const { errors } = await ask({ first: 501 });
    expect(errors?.[0]?.extensions).toMatchObject({ code: "LIMIT_EXCEEDED", limit: "pageSize" });
  });
});

test.each(["support@intech.example", kari, null])(
  "%s may read neither the trail nor the policy",
  async (as) => {
    for (const text of ["{ auditTrail { edges { cursor } } }", "{ fieldPolicies { coordinate } }"]) {
      const { status, data, errors } = await gateway.query(text, {}, { as });
      expect(status).toBe(as === null ? 401 : 403);
      expect(data ?? null).toBeNull();
      expect(errors?.[0]?.extensions.code).toBe(as === null ? "UNAUTHENTICATED" : "FORBIDDEN");
    }
  },
);

test("an entry that somebody else has put there is listed as it is", async () => {
  await gateway.rows("alter table audit_entry disable trigger all");
  const [forged] = await gateway.rows<{ sequence: string }>(
    `insert into audit_entry (id, at, event, actor_role, purpose, request_id, coordinates, categories, sources, mac)
     values (gen_random_uuid(), 'infinity', 'PEEKED', 'NOBODY', 'FUN', 'r', '{}', '{GOSSIP}', '{}', '\\x00')
     returning sequence::text`,
  );
  const [first, second] = await listed({ first: 2 });
  expect(first).toMatchObject({
    sequence: forged?.sequence,
    at: "infinity",
    event: "PEEKED",
    actorRole: null,
    purpose: null,
  });
  expect(second?.event).not.toBe("PEEKED");
});

test("what cannot be recorded is not shown", async () => {
  await gateway.rows(`create function no_looks() returns trigger language plpgsql as $$
    begin if new.event = 'TRAIL_READ' then raise exception 'full'; end if; return new; end $$`);
  await gateway.rows(
    "create trigger no_looks before insert on audit_entry for each row execute function no_looks()",
  );
  const { status, data, errors } = await ask({ first: 1 });
  expect(status).toBe(500);
  expect(data ?? null).toBeNull();
  expect(errors?.[0]?.extensions.code).toBe("INTERNAL");
});
