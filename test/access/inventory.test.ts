import { buildSchema, GraphQLObjectType, GraphQLSchema, GraphQLString } from "graphql";
import { expect, test } from "vitest";
import { inventory, labelOf } from "../../src/access/inventory.ts";
import { policiesOf } from "../../src/graphql/policies.ts";
import { unguarded } from "../../src/graphql/schema.ts";

const labelled = { label: { kind: "public" } };

test("a coordinate without a label stops the boot with its name", () => {
  const { schema } = unguarded();
  const config = schema.getType("CustomerRecord");
  if (!(config instanceof GraphQLObjectType)) throw new Error("no such type");
  const { extensions: _, ...rest } = config.toConfig();
  const fields = { ...rest.fields, shoeSize: { type: GraphQLString }, secret: { type: GraphQLString } };
  const unlabelled = new GraphQLObjectType({ ...rest, name: "CustomerRecordToo", fields, extensions: {} });
  const grown = new GraphQLSchema({ ...schema.toConfig(), types: [...schema.toConfig().types, unlabelled] });
  expect(() => policiesOf(grown)).toThrow(/CustomerRecordToo\.shoeSize, CustomerRecordToo\.secret/);
  expect(() => policiesOf(schema)).not.toThrow();
});

test("interfaces need a label too; inputs and enums hold nothing", () => {
  const schema =
    buildSchema(`interface Held { a: String } type Q implements Held { a: String } input I { x: Int } enum E { A }
    type Query { q(i: I, e: E): Q }`);
  expect(() => inventory(schema)).toThrow("No policy for Held.a, Q.a, Query.q");
});

test("a field's own label goes before its type's", () => {
  const own = { extensions: { label: { kind: "signedIn" } } } as const;
  expect(labelOf({ extensions: labelled }, own)).toEqual({ kind: "signedIn" });
  expect(labelOf({ extensions: labelled }, { extensions: {} })).toEqual({ kind: "public" });
  expect(labelOf({ extensions: {} }, { extensions: {} })).toBeUndefined();
});

test("no credential has a coordinate, in what is asked for or in what is answered", () => {
  const { schema } = unguarded();
  const names = Object.values(schema.getTypeMap())
    .filter(({ name }) => !name.startsWith("__"))
    .flatMap((type) =>
      "getFields" in type ? Object.keys(type.getFields()).map((field) => `${type.name}.${field}`) : [],
    );
  expect(names.length).toBeGreaterThan(400);
  expect(
    names.filter((name) => /passw|passord|credential|pin(?:Code)?$/i.test(name.split(".")[1] ?? "")),
  ).toEqual([]);
});
