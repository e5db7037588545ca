import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ask, idOf, letter } from "./rights.ts";
import { dpo, kari, openWorld, rectify, type World } from "./world.ts";

let world: World;
let id: string;
let number: string;
beforeAll(async () => {
  world = await openWorld();
  id = await idOf(world, kari);
  const [order] = await world.own<{ ordrenr: string }>(
    "crm",
    "select ordrenr from ordre join kontakt using (kontakt_id) where lower(epost) = $1 order by ordredato desc limit 1",
    [kari],
  );
  number = order?.ordrenr ?? "";
});
afterAll(() => world[Symbol.asyncDispose]());

const text = "Varen ble levert to uker\netter at fakturaen kom.";
const state = (input: object = {}, as = kari) =>
  ask(world, "addStatement", { source: "crm", recordType: "orders", record: number, text, ...input }, { as });

interface Seen {
  readonly dataSubject: {
    readonly crm: {
      readonly statements?: readonly { readonly record: string | null; readonly text: string }[];
      readonly orders?: {
        readonly edges: readonly {
          readonly node: {
            readonly number: string;
            readonly statements: readonly { readonly text: string }[];
          };
        }[];
      };
    } | null;
  } | null;
}

const staff = (purpose: string, selection: string, as: string) =>
  world.gateway.query<Seen>(
    `query($id: ID!, $purpose: Purpose!) { dataSubject(id: $id, purpose: $purpose) { crm { ${selection} } } }`,
    { id, purpose },
    { as },
  );
const seenBySupport = async (purpose: string) =>
  (await staff(purpose, "statements { record text }", "support@intech.example")).data?.dataSubject?.crm
    ?.statements;
const onOrders = "orders { edges { node { number statements { text } } } }";

describe("an order", () => {
  it("cannot be corrected, and the refusal says what can be done instead", async () => {
    const refused = await rectify(world, [{ field: "NAME", value: "Kari", recordType: "orders" }]);
    expect(refused).toMatchObject({ code: "NOT_RECTIFIABLE", rule: "SALES_DOCUMENT" });
    expect(refused.message).toContain("addStatement");
  });

  it("gets a statement, which staff see beside it", async () => {
    const { request } = await state();
    expect(request).toMatchObject({ kind: "RECTIFICATION", status: "COMPLETED" });
    for (const [purpose, as] of [
      ["ORDER_FULFILMENT", "support@intech.example"],
      ["BOOKKEEPING", "accounting@intech.example"],
    ] as const) {
      const { data, text: body } = await staff(purpose, onOrders, as);
      const edges = data?.dataSubject?.crm?.orders?.edges ?? [];
      expect(edges.length, body).toBeGreaterThan(1);
      for (const { node } of edges) expect(node.statements).toEqual(node.number === number ? [{ text }] : []);
    }
    expect(await seenBySupport("ORDER_FULFILMENT")).toEqual([{ record: number, text }]);
  });

  it("shows it for no purpose that orders are not read for", async () => {
    expect(await seenBySupport("CUSTOMER_SUPPORT")).toEqual([]);
  });

  it("shows it to nobody who may not read free text", async () => {
    const { status } = await staff("PURCHASE_BASED_MARKETING", onOrders, "marketing@intech.example");
    expect(status).toBe(403);
  });

  it("leaves no word of it in the gateway's database", async () => {
    const rows = await world.gateway.rows("select s::text as row from statement s");
    expect(rows).toHaveLength(1);
    expect(JSON.stringify(rows)).not.toMatch(/faktura|levert/);
    expect(JSON.stringify(rows)).not.toContain(number);
  });
});

describe("what documents an event", () => {
  it("gets one in every system, and by letter too", async () => {
    const { id: requestId } = await letter(world, "RECTIFICATION", kari);
    await state({ source: "learning", recordType: "courses", record: null, subjectId: id, requestId }, dpo);
    await state({ source: "mailing", recordType: "deliveries", record: null });
    await state({ source: "events", recordType: "registrations", record: null });
    await state({ source: "website", recordType: "submissions", record: null });
    const { data } = await world.gateway.query<{ me: Record<string, { statements: object[] }> }>(
      `{ me { learning { statements { text } } mailing { statements { text } } events { statements { text } }
        website { statements { text } } } }`,
      {},
      { as: kari },
    );
    for (const source of ["learning", "mailing", "events", "website"])
      expect(data?.me[source]?.statements).toEqual([{ text }]);
  });
});

describe("what is read by few", () => {
  const own = async () =>
    (
      await world.gateway.query<{ me: { crm: { statements: { recordType: string }[] } } }>(
        "{ me { crm { statements { recordType } } } }",
        {},
        { as: kari },
      )
    ).data?.me.crm.statements.map(({ recordType }) => recordType);

  it("is not told by what the person states of it, but to those few and to the person", async () => {
    await state({ recordType: "enrichments", record: null, text: "Det kjøpte dere av noen." });
    for (const purpose of ["ORDER_FULFILMENT", "CUSTOMER_SUPPORT"])
      expect(JSON.stringify(await seenBySupport(purpose))).not.toContain("Det kjøpte dere");
    const { data } = await staff("DATA_SUBJECT_RIGHTS", "statements { text }", dpo);
    expect(JSON.stringify(data)).toContain("Det kjøpte dere");
    expect(await own()).toEqual(["enrichments", "orders"]);
  });

  it("stands beside every order, where it is about all of them", async () => {
    await state({ record: null, text: "Alle kom for sent." });
    const { data } = await staff("BOOKKEEPING", onOrders, "accounting@intech.example");
    const edges = data?.dataSubject?.crm?.orders?.edges ?? [];
    expect(edges.length).toBeGreaterThan(1);
    for (const { node } of edges) expect(node.statements).toContainEqual({ text: "Alle kom for sent." });
  });
});

describe("bad input", () => {
  it.each([
    ["no text", { text: "" }, "EMPTY", "text"],
    ["a book", { text: "a".repeat(4_001) }, "TOO_LONG", "text"],
    ["marks that turn the direction", { text: "a\u202eb" }, "CONTROL_CHARACTER", "text"],
    ["two lines of a number", { record: "1\n2" }, "CONTROL_CHARACTER", "record"],
    ["an unknown system", { source: "payroll" }, "UNKNOWN_SOURCE", "source"],
    ["an unknown list", { recordType: "toString" }, "UNKNOWN_RECORD_TYPE", "recordType"],
    ["another system's list", { recordType: "deliveries" }, "UNKNOWN_RECORD_TYPE", "recordType"],
  ])("%s changes nothing", async (_what, input, rule, field) => {
    const before = await world.gateway.rows("select id from statement order by id");
    expect(await state(input)).toMatchObject({ code: "INVALID_VALUE", rule, field });
    expect(await world.gateway.rows("select id from statement order by id")).toEqual(before);
  });

  it("a system that holds nothing of the person has nothing to state beside", async () => {
    const { data } = await world.gateway.query<{ me: { holdings: { source: string; state: string }[] } }>(
      "{ me { holdings { source state } } }",
      {},
      { as: "eva.enebo@example.com" },
    );
    const missing = data?.me.holdings.find(({ state }) => state === "NOT_HELD")?.source;
    expect(missing).toBeDefined();
    const lists: Readonly<Record<string, string>> = {
      crm: "orders",
      learning: "courses",
      mailing: "deliveries",
      events: "registrations",
    };
    const input = { source: missing, recordType: lists[missing ?? ""] };
    expect(await state(input, "eva.enebo@example.com")).toMatchObject({
      code: "NOT_RECTIFIABLE",
      rule: "NO_RECORD",
    });
  });
});
