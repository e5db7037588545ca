import { buildClientSchema, getIntrospectionQuery, type IntrospectionQuery, isObjectType } from "graphql";
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
    expect(isObjectType(buildClientSchema(data).getType("CustomerRecord"))).toBe(true);
  });

  test("and never to anybody who has not signed in, in whatever document", async () => {
    for (const text of [
      document,
      '{ __type(name: "DataSubject") { name } }',
      '{ controller { name } ... on Query { x: __type(name: "DataSubject") { fields { name } } } }',
    ]) {
      const { status, data } = await gateway.query(text);
      expect(status).toBe(401);
      expect(data ?? null).toBeNull();
    }
    expect((await gateway.query("{ __typename controller { __typename name } }")).status).toBe(200);
  });
});
