import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Answer, type Asked, type Gateway, type Json, startGateway } from "../setup/gateway.ts";

const kari = "kari.nordmann@example.com";
const support = "support@intech.example";
/** Whose data the organisation holds, too. */
const both = "both@intech.example";
const unknown = "5c1b7a52-9a0e-4f7c-8b6e-000000000001";

let gateway: Gateway;
const ids: Record<string, string> = {};
beforeAll(async () => {
  gateway = await startGateway({
    accounts: [{ emails: [both], name: "Bo Begge", roles: ["innsyn-support", "innsyn-person"] }],
    config: (config) => {
      const { claim, map } = config.identity.roles ?? expect.fail();
      const roles = { claim, map: { ...map, "innsyn-person": "SUBJECT" } } as const;
      return { ...config, identity: { ...config.identity, roles } };
    },
  });
  for (const as of [
    kari,
    "ingrid.aas@example.com",
    "eva.enebo@example.com",
    "siv.stille@example.com",
    both,
  ]) {
    const { data } = await gateway.query<{ me: { id: string } }>("{ me { id } }", {}, { as });
    ids[as.split(/[.@]/)[0] ?? ""] = data?.me.id ?? expect.fail();
  }
});
afterAll(() => gateway[Symbol.asyncDispose]());

const to = (id: string | undefined) => ({ __typename: "DataSubject", id });
const entities = (selection: string) =>
  `query ($of: [_Any!]!) { entities: _entities(representations: $of) { ... on DataSubject { ${selection} } } }`;

function refer(selection: string, of: unknown, asked: Asked): Promise<Answer<{ entities: readonly Json[] }>> {
  return gateway.query(entities(selection), { of }, asked);
}
const stating = (purpose: string, as = support): Asked => ({ as, headers: { "innsyn-purpose": purpose } });

interface Entry {
  readonly event: string;
  readonly subject_ref: string | null;
}
const entriesOf = ({ headers }: Pick<Answer<unknown>, "headers">) =>
  gateway.rows<Entry>(
    `select event, actor_role, actor_ref is not null as by_somebody, subject_ref, purpose, coordinates, categories, sources
       from audit_entry where request_id = $1 order by sequence`,
    [headers.get("x-request-id")],
  );

describe("a person", () => {
  test("is found where they are referred to themself, and it is recorded", async () => {
    const answer = await refer("id crm { name }", [to(ids["kari"])], { as: kari });
    expect(answer.data?.entities).toEqual([{ id: ids["kari"], crm: { name: "Kari Nordmann" } }]);
    expect(answer.errors).toBeUndefined();
    expect(await entriesOf(answer)).toEqual([
      {
        event: "READ",
        actor_role: "SUBJECT",
        by_somebody: false,
        subject_ref: ids["kari"],
        purpose: "DATA_SUBJECT_RIGHTS",
        coordinates: ["Query._entities", "DataSubject.crm", "CustomerRecord.name"],
        categories: ["IDENTITY"],
        sources: ["crm"],
      },
    ]);
  });

  test("is told nothing of others, whether there is anybody or not; and nothing has been read", async () => {
    const of = [to(ids["ingrid"]), to(unknown), to("not an id of ours")];
    const answer = await refer("id crm { name }", of, { as: kari });
    expect([answer.data?.entities, answer.errors]).toEqual([[null, null, null], undefined]);
    expect(await entriesOf(answer)).toEqual([]);
  });

  test("is found by the id that they had before they turned out to be one with another", async () => {
    const before = "6c1b7a52-9a0e-4f7c-8b6e-0000000000ab";
    await gateway.rows("insert into subject (id, created_at, merged_into) values ($1, now(), $2)", [
      before,
      ids["kari"],
    ]);
    for (const asked of [{ as: kari }, stating("CUSTOMER_SUPPORT")]) {
      const { data } = await refer("id", [to(before.toUpperCase()), to(ids["kari"])], asked);
      expect(data?.entities).toEqual([{ id: ids["kari"] }, { id: ids["kari"] }]);
    }
  });

  test("cannot act as staff by stating a purpose", async () => {
    const { errors } = await refer("id", [to(ids["kari"])], stating("CUSTOMER_SUPPORT", kari));
    expect(errors?.[0]?.extensions).toEqual({ code: "FORBIDDEN", coordinates: ["Query._entities"] });
  });

  test("has to have signed in", async () => {
    const { status, errors } = await refer("id", [to(ids["kari"])], {});
    expect([status, errors?.[0]?.extensions.code]).toEqual([401, "UNAUTHENTICATED"]);
  });
});

describe("staff", () => {
  test("read each for the purpose that they state, and each look is recorded", async () => {
    const of = [to(ids["kari"]), to(unknown), to(ids["ingrid"])];
    const answer = await refer("crm { name }", of, stating("CUSTOMER_SUPPORT"));
    expect(answer.data?.entities).toEqual([
      { crm: { name: "Kari Nordmann" } },
      null,
      { crm: { name: "Ingrid Aas" } },
    ]);
    const look = { event: "READ", actor_role: "SUPPORT", by_somebody: true, purpose: "CUSTOMER_SUPPORT" };
    const entries = await entriesOf(answer);
    expect(entries.map(({ subject_ref }) => subject_ref)).toEqual([ids["kari"], ids["ingrid"]]);
    for (const entry of entries)
      expect(entry).toMatchObject({
        ...look,
        coordinates: ["Query._entities", "DataSubject.crm", "CustomerRecord.name"],
        sources: ["crm"],
      });
  });

  test("are kept from a branch by the person's own word, as elsewhere", async () => {
    const answer = await refer(
      "id crm { name }",
      [to(ids["siv"]), to(ids["kari"])],
      stating("CUSTOMER_SUPPORT"),
    );
    expect(answer.data?.entities).toEqual([
      { id: ids["siv"], crm: null },
      { id: ids["kari"], crm: { name: "Kari Nordmann" } },
    ]);
    expect(answer.errors).toMatchObject([
      { path: ["entities", 0, "crm"], extensions: { code: "PROCESSING_RESTRICTED" } },
    ]);
    expect((await entriesOf(answer)).map(({ event, subject_ref }) => [event, subject_ref])).toEqual(
      expect.arrayContaining([
        ["REFUSED", ids["siv"]],
        ["READ", ids["kari"]],
      ]),
    );
  });

  test("cannot tell whom they may not see from nobody", async () => {
    const [hidden, nobody] = [
      await refer("id", [to(ids["eva"])], stating("CUSTOMER_SUPPORT")),
      await refer("id", [to(unknown)], stating("CUSTOMER_SUPPORT")),
    ];
    expect(hidden.text).toBe(nobody.text);
    expect(hidden.data?.entities).toEqual([null]);
    for (const answer of [hidden, nobody])
      expect(await entriesOf(answer)).toMatchObject([{ event: "SEARCHED", subject_ref: null }]);
  });

  test("have to state a purpose, and one that there is", async () => {
    const none = await refer("id", [to(ids["kari"])], { as: support });
    expect([none.status, none.errors?.[0]?.extensions]).toEqual([
      400,
      { code: "PURPOSE_REQUIRED", header: "innsyn-purpose" },
    ]);
    const wrong = await refer("id", [to(ids["kari"])], stating("CURIOSITY"));
    expect([wrong.status, wrong.errors?.[0]?.extensions]).toEqual([
      400,
      { code: "BAD_USER_INPUT", header: "innsyn-purpose" },
    ]);
    expect(wrong.text).not.toContain("CURIOSITY");
  });

  test("who are persons, too, find themselves without one; for all others alike it is asked for", async () => {
    const of = [to(ids["both"]), to(ids["kari"]), to(unknown)];
    const { data, errors } = await refer("id", of, { as: both });
    expect(data?.entities).toEqual([{ id: ids["both"] }, null, null]);
    expect(errors?.map(({ path, extensions }) => [path, extensions])).toEqual(
      [1, 2].map((at) => [["entities", at], { code: "PURPOSE_REQUIRED", header: "innsyn-purpose" }]),
    );
  });

  test("are refused as a whole what they may not read, and nobody is looked for", async () => {
    const answer = await refer("mailing { address }", [to(ids["kari"])], stating("CUSTOMER_SUPPORT"));
    expect(answer.errors?.[0]?.extensions).toMatchObject({
      code: "FORBIDDEN",
      coordinates: ["DataSubject.mailing", "SubscriberRecord.address"],
    });
    expect(await entriesOf(answer)).toMatchObject([{ event: "REFUSED", subject_ref: null }]);
  });
});

test("many are one batch of loads, those of nobody among them", async () => {
  const calls = async () => {
    const text = await (await fetch(`${gateway.url}/metrics`)).text();
    const found = /^innsyn_source_call_duration_seconds_count\{source="crm",operation="find"\} (\d+)$/m.exec(
      text,
    );
    const counted = (outcome: string) =>
      Number(
        new RegExp(`^innsyn_entities_total\\{outcome="${outcome}"\\} (\\d+)$`, "m").exec(text)?.[1] ?? 0,
      );
    return { find: Number(found?.[1] ?? 0), found: counted("found"), none: counted("none") };
  };
  const of = [to(ids["kari"]), to(ids["ingrid"]), to(unknown), to(ids["siv"]), to("x")];
  const before = await calls();
  const { data } = await refer("crm { name }", of, stating("CUSTOMER_SUPPORT"));
  const after = await calls();
  expect(data?.entities.map((each) => each !== null)).toEqual([true, true, false, true, false]);
  expect({
    find: after.find - before.find,
    found: after.found - before.found,
    none: after.none - before.none,
  }).toEqual({ find: 1, found: 3, none: 2 });
});

describe("what is no reference is refused before anything is read, and not repeated", () => {
  const secret = "kari.nordmann@example.com";
  const place = "representations[0]";
  const details = (argument: string, reason: string, oneOf?: readonly string[]) => ({
    code: "BAD_USER_INPUT",
    argument,
    reason,
    ...(oneOf && { oneOf }),
  });
  const names = ["__typename", "id"];
  test.each<readonly [string, unknown, object]>([
    [
      "another type",
      [{ __typename: "Order", id: "x" }],
      details(`${place}.__typename`, "UNKNOWN", ["DataSubject"]),
    ],
    ["no type", [{ id: "x" }], details(`${place}.__typename`, "UNKNOWN", ["DataSubject"])],
    ["no id", [{ __typename: "DataSubject" }], details(`${place}.id`, "EMPTY")],
    ["an empty id", [to("")], details(`${place}.id`, "EMPTY")],
    ["an id that is none", [{ ...to("x"), id: { $gt: "" } }], details(`${place}.id`, "UNKNOWN")],
    ["more than the key", [{ ...to("x"), email: secret }], details(place, "UNKNOWN", names)],
    ["another key", [{ __typename: "DataSubject", email: secret }], details(`${place}.id`, "EMPTY")],
    ["a field that is called like a value", [{ ...to("x"), [secret]: 1 }], details(place, "UNKNOWN", names)],
    ["a text", [secret], details(place, "UNKNOWN")],
    ["a list", [[to("x")]], details(place, "UNKNOWN")],
    [
      "one of several",
      [to("x"), { id: secret }],
      details("representations[1].__typename", "UNKNOWN", ["DataSubject"]),
    ],
    [
      "too many",
      Array.from({ length: 101 }, () => to("x")),
      { code: "LIMIT_EXCEEDED", limit: "representations", allowed: 100 },
    ],
    [
      "far too many",
      Array.from({ length: 2_000 }, () => secret),
      { code: "LIMIT_EXCEEDED", limit: "representations", allowed: 100 },
    ],
  ])("%s", async (_, of, extensions) => {
    for (const asked of [{ as: kari }, stating("CUSTOMER_SUPPORT")]) {
      const answer = await refer("id crm { name }", of, asked);
      expect([answer.status, answer.errors?.map((error) => error.extensions)]).toEqual([400, [extensions]]);
      expect(answer.data ?? null).toBeNull();
      expect(answer.text).not.toContain(secret);
      expect(await entriesOf(answer)).toEqual([]);
    }
  });

  test.each([
    ["null", null],
    ["a null in the list", [null]],
  ])("%s", async (_, of) => {
    const { status, errors } = await refer("id", of, { as: kari });
    expect([status, errors?.[0]?.extensions.code]).toEqual([400, "BAD_USER_INPUT"]);
  });

  test("so many in all, in however many fields, and rows of all of them together", async () => {
    const sixty = Array.from({ length: 60 }, () => to("x"));
    const twice = `query ($of: [_Any!]!) { a: _entities(representations: $of) { __typename } b: _entities(representations: $of) { __typename } }`;
    expect((await gateway.query(twice, { of: sixty }, { as: kari })).errors?.[0]?.extensions).toEqual({
      code: "LIMIT_EXCEEDED",
      limit: "representations",
      allowed: 100,
    });
    const page = "crm { orders(first: 100) { edges { cursor } } }";
    expect((await refer(page, sixty, { as: kari })).errors?.[0]?.extensions).toEqual({
      code: "LIMIT_EXCEEDED",
      limit: "rows",
      allowed: 5_000,
    });
    expect((await refer(page, sixty.slice(0, 50), { as: kari })).errors).toBeUndefined();
  });

  test("none at all leads to nobody", async () => {
    const answer = await refer("id", [], stating("CUSTOMER_SUPPORT"));
    expect([answer.data?.entities, answer.errors]).toEqual([[], undefined]);
    expect(await entriesOf(answer)).toEqual([]);
  });
});
