import {
  assertValidSchema,
  buildClientSchema,
  getIntrospectionQuery,
  type IntrospectionQuery,
  isObjectType,
} from "graphql";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Gateway, startGateway } from "../setup/gateway.ts";

const people = [
  "kari.nordmann",
  "support",
  "marketing",
  "training",
  "events",
  "accounting",
  "dpo",
  "auditor",
];
/** What is not within a role's reach is not shown to it. */
const reached: Readonly<Record<string, readonly string[]>> = {
  "kari.nordmann": ["CustomerRecord", "LearnerRecord", "SubscriberRecord", "AttendeeRecord"],
  support: ["CustomerRecord"],
  marketing: ["CustomerRecord", "SubscriberRecord"],
  training: ["LearnerRecord"],
  events: ["AttendeeRecord"],
  accounting: ["CustomerRecord"],
  dpo: ["CustomerRecord", "LearnerRecord", "SubscriberRecord", "AttendeeRecord", "AuditIntegrity"],
  auditor: ["CustomerRecord", "LearnerRecord", "SubscriberRecord", "AttendeeRecord", "AuditIntegrity"],
};
const addressOf = (name: string) => (name.includes(".") ? `${name}@example.com` : `${name}@intech.example`);
const document = getIntrospectionQuery();

describe.each([
  ["the demo", undefined, people],
  ["production", new Set(["AUDITOR", "DPO"] as const), ["dpo", "auditor"]],
] as const)("in %s the schema shows itself", (_, introspectableBy, shown) => {
  let gateway: Gateway;
  beforeAll(async () => {
    gateway = await startGateway(introspectableBy === undefined ? {} : { introspectableBy });
  });
  afterAll(() => gateway[Symbol.asyncDispose]());

  test.each(people)("to %s, or does not", async (name) => {
    const { status, data, errors } = await gateway.query<IntrospectionQuery>(
      document,
      {},
      { as: addressOf(name) },
    );
    if (!shown.some((each) => each === name)) {
      expect(status).toBe(403);
      expect(errors?.[0]?.extensions).toEqual({ code: "FORBIDDEN", coordinates: ["Query.__schema"] });
      expect(data ?? null).toBeNull();
      return;
    }
    if (!data) throw new Error(String(status));
    const schema = buildClientSchema(data);
    expect(assertValidSchema(schema)).toBeUndefined();
    const records = [
      "CustomerRecord",
      "LearnerRecord",
      "SubscriberRecord",
      "AttendeeRecord",
      "AuditIntegrity",
    ];
    expect(records.filter((each) => isObjectType(schema.getType(each)))).toEqual(reached[name]);
  });

  test.each(people)("as a subgraph to %s, or does not", async (name) => {
    const { status, data, errors } = await gateway.query<{ service: { sdl: string } }>(
      "{ service: _service { sdl } }",
      {},
      { as: addressOf(name) },
    );
    if (!shown.some((each) => each === name)) {
      expect(status).toBe(403);
      expect(errors?.[0]?.extensions).toEqual({ code: "FORBIDDEN", coordinates: ["Query._service"] });
      expect(data ?? null).toBeNull();
      return;
    }
    expect(data?.service.sdl).toMatch(
      /^schema @link[^]*^type DataSubject @key\(fields: "id"\) \{$[^]*^  id: ID! @access\(.*\)/m,
    );
    const isWhole = name === "dpo" || name === "auditor";
    expect(data?.service.sdl.includes("type AuditIntegrity ")).toBe(isWhole);
  });

  test("and never to anybody who has not signed in, in whatever document", async () => {
    for (const text of [
      document,
      '{ __type(name: "DataSubject") { name } }',
      "{ _service { sdl } }",
      "{ _service { __typename } }",
      '{ controller { name } ... on Query { x: __type(name: "DataSubject") { fields { name } } } }',
    ]) {
      const { status, data } = await gateway.query(text);
      expect(status).toBe(401);
      expect(data ?? null).toBeNull();
    }
    expect((await gateway.query("{ __typename controller { __typename name } }")).status).toBe(200);
  });
});

describe("what a role may not see", () => {
  let gateway: Gateway;
  beforeAll(async () => {
    gateway = await startGateway();
  });
  afterAll(() => gateway[Symbol.asyncDispose]());
  const ask = async (document: string, name: string) => {
    const { data, errors } = await gateway.query<Record<string, unknown>>(
      document,
      {},
      { as: addressOf(name) },
    );
    expect(errors).toBeUndefined();
    return data;
  };

  test("is no type to it, as what there is not", async () => {
    const document =
      '{ hidden: __type(name: "LearnerRecord") { name } none: __type(name: "Nothing") { name } own: __type(name: "Order") { name } }';
    expect(await ask(document, "support")).toEqual({ hidden: null, none: null, own: { name: "Order" } });
    expect(await ask(document, "auditor")).toMatchObject({ hidden: { name: "LearnerRecord" }, none: null });
  });

  test("is reached by no way round through what it sees", async () => {
    const inner = "{ kind name fields { name type { name ofType { name ofType { name } } } args { name } } }";
    const document = `{ __schema { types { possibleTypes ${inner} interfaces ${inner} fields { type ${inner} } } mutationType ${inner} } }`;
    const text = JSON.stringify(await ask(document, "training"));
    expect(text).toContain("LearnerRecord");
    expect(text).not.toMatch(/CustomerRecord|SubscriberRecord|AttendeeRecord|AuditIntegrity|setConsent/);
  });

  test("is the same document's to whoever may, asked in turn", async () => {
    const document = '{ __type(name: "CustomerRecord") { fields { name } } }';
    const seen = async (name: string) =>
      ((await ask(document, name))?.["__type"] as { fields: { name: string }[] } | null)?.fields.length ?? 0;
    const [auditor, marketing, training] = [
      await seen("auditor"),
      await seen("marketing"),
      await seen("training"),
    ];
    expect(auditor).toBeGreaterThan(marketing);
    expect(marketing).toBeGreaterThan(0);
    expect(training).toBe(0);
    expect([await seen("auditor"), await seen("marketing")]).toEqual([auditor, marketing]);
  });
});
