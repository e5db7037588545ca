import {
  buildSchema,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  parse,
  validate,
} from "graphql";
import { describe, expect, test } from "vitest";
import { type Entry, entersAsSelf } from "../../src/access/annotate.ts";
import type { Label } from "../../src/access/labels.ts";
import { Role } from "../../src/access/vocabulary.ts";
import { createOperationCheck, type Verdict } from "../../src/graphql/operation-check.ts";
import { policiesOf } from "../../src/graphql/policies.ts";
import { gatewaySchema } from "../../src/graphql/schema.ts";
import type { Principal } from "../../src/subjects/principal.ts";
import { callerWith } from "../access/caller.ts";

const principal = (...roles: Role[]) => callerWith(roles);

interface Asked {
  readonly as?: Principal | null;
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly operationName?: string;
}

/** Asks a check about documents; the same text is the same document, as in the server's cache. */
function asking(schema: GraphQLSchema, introspectableBy: readonly Role[] = []) {
  const check = createOperationCheck(schema, policiesOf(schema), (roles) =>
    introspectableBy.some((role) => roles.has(role)),
  );
  const documents = new Map<string, ReturnType<typeof parse>>();
  return (text: string, { as = null, variables = {}, operationName }: Asked = {}): Verdict => {
    const document = documents.get(text) ?? parse(text);
    documents.set(text, document);
    expect(validate(schema, document).map(({ message }) => message)).toEqual([]);
    const isAsked = (d: (typeof document.definitions)[number]): d is OperationDefinitionNode =>
      d.kind === Kind.OPERATION_DEFINITION &&
      (operationName === undefined || d.name?.value === operationName);
    const operation = document.definitions.find(isAsked);
    if (!operation) throw new Error("no such operation");
    return check(document, operation, variables, as);
  };
}

const refused = ({ refusal }: Verdict) =>
  refusal && (refusal.extensions["coordinates"] ?? refusal.extensions["code"]);
const kari = principal("SUBJECT");

describe("the gateway's schema", () => {
  const ask = asking(gatewaySchema().schema, ["AUDITOR", "DPO"]);

  test("opens to the person, and not to others", () => {
    const text = "{ me { crm { email } } }";
    expect(refused(ask(text, { as: kari }))).toBeNull();
    expect(refused(ask(text))).toBe("UNAUTHENTICATED");
    for (const role of Object.values(Role)) {
      const answer = refused(ask(text, { as: principal(role) }));
      if (role === "SUBJECT") expect(answer).toBeNull();
      else expect(answer, role).toEqual(["CustomerRecord.email", "DataSubject.crm"]);
    }
    expect(refused(ask(text, { as: principal("DPO", "SUBJECT") }))).toBeNull();
    expect(refused(ask(text, { as: principal() }))).toEqual(["CustomerRecord.email", "DataSubject.crm"]);
  });

  test("shows the public part to anybody, and nothing beside it", () => {
    expect(
      refused(ask("{ controller { name email } privacyPolicy { version text } __typename }")),
    ).toBeNull();
    expect(refused(ask("{ controller { name } me { id } }"))).toBe("UNAUTHENTICATED");
    expect(ask("{ controller { name } }").looks).toEqual([]);
  });

  test("names every refused coordinate once, in order, whatever hides it", () => {
    const text = `query ($yes: Boolean!, $no: Boolean!) {
      a: me { ...Deep c: crm { p: phone @skip(if: $yes) phone @include(if: $no) } }
      ... on Query { b: me { ... { events { ...on AttendeeRecord { phone } } } } }
    }
    fragment Deep on DataSubject { id ...Deeper profile { name { __typename } } }
    fragment Deeper on DataSubject { crm { ...Record } }
    fragment Record on CustomerRecord { phone __typename }`;
    expect(refused(ask(text, { as: principal("AUDITOR"), variables: { yes: true, no: false } }))).toEqual([
      "AttendeeRecord.phone",
      "CustomerRecord.phone",
      "DataSubject.crm",
      "DataSubject.events",
      "DataSubject.profile",
      "Profile.name",
    ]);
  });

  test("counts a field that @skip and @include leave out: their variables are not part of the verdict", () => {
    for (const directive of ["@skip(if: true)", "@include(if: false)"]) {
      expect(refused(ask(`{ me { id crm ${directive} { email } } }`, { as: principal("SUPPORT") }))).toEqual([
        "CustomerRecord.email",
        "DataSubject.crm",
      ]);
    }
  });

  test("refuses a container that is asked for its __typename alone: whether there is a record says something", () => {
    const text = "{ me { crm { __typename } } }";
    expect(refused(ask(text, { as: principal("AUDITOR") }))).toEqual(["DataSubject.crm"]);
    expect(refused(ask(text, { as: kari }))).toBeNull();
    expect(ask(text, { as: kari }).looks).toMatchObject([
      { coordinates: ["DataSubject.crm"], sources: ["crm"] },
    ]);
  });

  test("judges only the operation that is named", () => {
    const text = "query Public { controller { name } } query Own { me { crm { email } } }";
    expect(refused(ask(text, { operationName: "Public" }))).toBeNull();
    expect(refused(ask(text, { operationName: "Own" }))).toBe("UNAUTHENTICATED");
    expect(refused(ask(text, { operationName: "Own", as: kari }))).toBeNull();
    expect(refused(ask(text, { operationName: "Public" }))).toBeNull();
  });

  test("keeps the verdict of one role from another, in whatever order they come", () => {
    const text = "{ me { learning { email } } }";
    for (let i = 0; i < 3; i++) {
      expect(refused(ask(text, { as: kari }))).toBeNull();
      expect(refused(ask(text, { as: principal("TRAINING") }))).not.toBeNull();
      expect(refused(ask(text))).toBe("UNAUTHENTICATED");
      expect(refused(ask(text, { as: principal("SUBJECT", "TRAINING") }))).toBeNull();
    }
    expect(ask(text, { as: kari })).toBe(ask(text, { as: principal("SUBJECT") }));
  });

  test("shows itself to those who may introspect", () => {
    const texts = [
      "{ __schema { types { name } } }",
      '{ t: __type(name: "CustomerRecord") { name } }',
      "{ ...S } fragment S on Query { __schema { queryType { name } } }",
    ];
    for (const text of texts) {
      expect(refused(ask(text))).toBe("UNAUTHENTICATED");
      for (const role of Object.values(Role)) {
        const may = role === "AUDITOR" || role === "DPO";
        expect(refused(ask(text, { as: principal(role) })) === null, `${role}: ${text}`).toBe(may);
      }
    }
    expect(refused(ask(texts[0] ?? "", { as: kari }))).toEqual(["Query.__schema"]);
    expect(ask(texts[0] ?? "", { as: principal("DPO") }).looks).toEqual([]);
  });

  test("tells the trail what was looked at: coordinates and categories of the person, nothing else", () => {
    const { looks } = ask(
      "{ me { id notice { policyVersion } crm { email orders(first: 1) { edges { node { total } } pageInfo { endCursor } } } profile { phone { value } } } }",
      { as: kari },
    );
    expect(looks).toEqual([
      {
        acrossSources: true,
        as: "own",
        purpose: "DATA_SUBJECT_RIGHTS",
        coordinates: [
          "DataSubject.crm",
          "CustomerRecord.email",
          "CustomerRecord.orders",
          "OrderConnection.edges",
          "OrderEdge.node",
          "Order.total",
          "OrderConnection.pageInfo",
          "DataSubject.profile",
          "Profile.phone",
          "UnifiedValue.value",
        ],
        categories: ["CONTACT", "PURCHASE", "IDENTITY"],
        sources: expect.arrayContaining(["crm"]),
      },
    ]);
  });
});

describe("a schema with interfaces, unions and an entry for staff", () => {
  const personal = (
    category: "CONTACT" | "PURCHASE" | "CONVERSATION" | "LEARNING_PROGRESS",
    purposes: readonly [
      "CUSTOMER_SUPPORT" | "ORDER_FULFILMENT" | "TRAINING_DELIVERY",
      ...("CUSTOMER_SUPPORT" | "ORDER_FULFILMENT")[],
    ],
  ): Label => ({
    kind: "personal",
    category,
    purposes,
    retention: { period: "P1Y", after: "at" },
  });
  const labels: Readonly<Record<string, Label>> = {
    "Query.person": { kind: "signedIn" },
    "Query.own": { kind: "signedIn" },
    "Query.worklist": { kind: "roles", roles: ["SUPPORT", "DPO"], changes: false },
    "Query.count": { kind: "roles", roles: ["AUDITOR"], changes: false },
    "Query.open": { kind: "public" },
    "Person.records": { kind: "container" },
    "Person.anything": { kind: "container" },
    "Held.phone": personal("CONTACT", ["CUSTOMER_SUPPORT"]),
    "Customer.phone": personal("CONTACT", ["CUSTOMER_SUPPORT"]),
    "Customer.order": personal("PURCHASE", ["ORDER_FULFILMENT"]),
    "Learner.phone": personal("CONTACT", ["TRAINING_DELIVERY"]),
    "Learner.level": personal("LEARNING_PROGRESS", ["TRAINING_DELIVERY"]),
  };
  const entries: Readonly<Record<string, { readonly entry: Entry }>> = {
    person: { entry: { as: "staff" } },
    worklist: { entry: { as: "staff", purpose: "CUSTOMER_SUPPORT" } },
    own: { entry: entersAsSelf },
  };
  const schema = buildSchema(`
    enum Purpose { CUSTOMER_SUPPORT ORDER_FULFILMENT TRAINING_DELIVERY DATA_SUBJECT_RIGHTS }
    interface Held { phone: String }
    type Customer implements Held { phone: String order: String }
    type Learner implements Held { phone: String level: String }
    union Anything = Customer | Learner
    type Person { records: [Held] anything: [Anything] }
    type Query { person(id: ID, purpose: Purpose!): Person worklist(purpose: Purpose): [Person]
      count: Int own: Person open: String }`);
  for (const [coordinate, label] of Object.entries(labels)) {
    const [typeName = "", fieldName = ""] = coordinate.split(".");
    const type = schema.getType(typeName);
    const field = type && "getFields" in type ? type.getFields()[fieldName] : undefined;
    if (!field) throw new Error(coordinate);
    field.extensions = { label, ...entries[fieldName] };
  }
  const ask = asking(schema);
  const support = principal("SUPPORT");

  test("opens for the purpose that is stated, in the document or in a variable", () => {
    const literal = (purpose: string) =>
      ask(`{ person(purpose: ${purpose}) { anything { ... on Customer { phone } } } }`, { as: support });
    expect(refused(literal("CUSTOMER_SUPPORT"))).toBeNull();
    expect(refused(literal("ORDER_FULFILMENT"))).toEqual(["Customer.phone"]);
    const text =
      "query ($why: Purpose!) { person(purpose: $why) { anything { ... on Customer { phone } } } }";
    for (const [why, answer] of [
      ["CUSTOMER_SUPPORT", null],
      ["ORDER_FULFILMENT", ["Customer.phone"]],
      ["CUSTOMER_SUPPORT", null],
      ["toString", "BAD_USER_INPUT"],
    ] as const) {
      expect(refused(ask(text, { as: support, variables: { why } })), why).toEqual(answer);
    }
    expect(refused(ask(text, { as: support }))).toBe("BAD_USER_INPUT");
    expect(refused(ask(text))).toBe("UNAUTHENTICATED");
  });

  test("reads the purpose from a variable's default where none is given", () => {
    const text =
      "query ($why: Purpose! = CUSTOMER_SUPPORT) { person(purpose: $why) { anything { ... on Customer { phone } } } }";
    expect(refused(ask(text, { as: support }))).toBeNull();
    expect(refused(ask(text, { as: support, variables: { why: "ORDER_FULFILMENT" } }))).toEqual([
      "Customer.phone",
    ]);
  });

  test("each root by its own purpose", () => {
    const text = `{ a: person(purpose: CUSTOMER_SUPPORT) { anything { ... on Customer { phone } } }
      b: person(purpose: ORDER_FULFILMENT) { anything { ... on Customer { order } } } }`;
    expect(refused(ask(text, { as: support }))).toBeNull();
    expect(ask(text, { as: support }).looks.map(({ purpose }) => purpose)).toEqual([
      "CUSTOMER_SUPPORT",
      "ORDER_FULFILMENT",
    ]);
    const swapped = text.replace("{ phone }", "{ order }");
    expect(refused(ask(swapped, { as: support }))).toEqual(["Customer.order"]);
  });

  test("by the purpose of the field where it always has the same, whatever an argument says", () => {
    const text =
      "{ worklist(purpose: ORDER_FULFILMENT) { anything { ... on Customer { phone } } records { __typename } } }";
    expect(refused(ask(text, { as: support }))).toBeNull();
    expect(ask(text, { as: support }).looks.map(({ as, purpose }) => [as, purpose])).toEqual([
      ["staff", "CUSTOMER_SUPPORT"],
    ]);
    expect(refused(ask(text.replace("phone", "order"), { as: support }))).toEqual(["Customer.order"]);
  });

  test("opens what is for roles to these alone, and leads no further for it", () => {
    const list = "{ worklist { anything { ... on Customer { phone } } } }";
    for (const role of Object.values(Role)) {
      const may = role === "SUPPORT" ? null : expect.arrayContaining(["Customer.phone"]);
      expect(refused(ask(list, { as: principal(role) })), role).toEqual(may);
      const counts = refused(ask("{ count }", { as: principal(role) }));
      expect(counts, role).toEqual(role === "AUDITOR" ? null : ["Query.count"]);
    }
    expect(refused(ask(list, { as: principal("AUDITOR") }))).toContain("Query.worklist");
    expect(refused(ask(list, { as: principal("DPO") }))).not.toContain("Query.worklist");
    expect(refused(ask("{ count }", { as: principal() }))).toEqual(["Query.count"]);
    expect(refused(ask("{ count }"))).toBe("UNAUTHENTICATED");
    expect(ask("{ count }", { as: principal("AUDITOR") }).looks).toEqual([]);
  });

  test("counts every type that an interface may turn out to be", () => {
    expect(
      refused(ask("{ person(purpose: CUSTOMER_SUPPORT) { records { phone } } }", { as: support })),
    ).toEqual(["Learner.phone"]);
    expect(
      refused(
        ask("{ person(purpose: CUSTOMER_SUPPORT) { records { ... on Customer { phone } } } }", {
          as: support,
        }),
      ),
    ).toBeNull();
    const nested =
      "{ person(purpose: CUSTOMER_SUPPORT) { records { ... on Held { ... on Learner { ...F } } } } } fragment F on Held { phone }";
    expect(refused(ask(nested, { as: support }))).toEqual(["Learner.phone"]);
  });

  test("walks a union's members, and a fragment in each place where it is spread", () => {
    const text =
      "{ person(purpose: TRAINING_DELIVERY) { anything { ...F } records { ...F } } } fragment F on Learner { level phone }";
    expect(refused(ask(text, { as: principal("TRAINING") }))).toBeNull();
    expect(refused(ask(text, { as: support }))).toEqual([
      "Learner.level",
      "Learner.phone",
      "Person.anything",
      "Person.records",
    ]);
    const twice =
      "{ own { ...F } person(purpose: CUSTOMER_SUPPORT) { ...F } } fragment F on Person { anything { ... on Customer { phone } } }";
    expect(refused(ask(twice, { as: principal("SUPPORT", "SUBJECT") }))).toBeNull();
    expect(refused(ask(twice, { as: support }))).toEqual(["Customer.phone", "Person.anything"]);
  });

  test("keeps the capacity of staff and of the person apart: SUBJECT opens nobody else's data, a staff role not one's own", () => {
    const other = "{ person(purpose: DATA_SUBJECT_RIGHTS) { anything { ... on Customer { phone } } } }";
    expect(refused(ask(other, { as: kari }))).toEqual(["Customer.phone", "Person.anything"]);
    expect(refused(ask(other, { as: principal("SUBJECT", "SUPPORT") }))).toEqual([
      "Customer.phone",
      "Person.anything",
    ]);
    expect(refused(ask(other, { as: principal("DPO") }))).toBeNull();
    const own = "{ own { anything { ... on Customer { phone } } } }";
    expect(refused(ask(own, { as: principal("DPO") }))).toEqual(["Customer.phone", "Person.anything"]);
    expect(refused(ask(own, { as: kari }))).toBeNull();
  });
});
