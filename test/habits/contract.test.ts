import { readFile } from "node:fs/promises";
import { buildSchema, getNamedType, isObjectType, Kind, parse, print } from "graphql";
import type {
  ConstDirectiveNode,
  DefinitionNode,
  FieldDefinitionNode,
  InputValueDefinitionNode,
} from "graphql";
import { describe, expect, test } from "vitest";
import { printGatewaySchema } from "../../src/graphql/print.ts";

const contractText = await readFile(new URL("../../docs/contract.graphql", import.meta.url), "utf8");
const printed = printGatewaySchema();
const built = definitionsOf(printed);
const promised = definitionsOf(contractText);

type Named = Extract<DefinitionNode, { readonly name: unknown }> & {
  readonly name: { readonly value: string };
};

function definitionsOf(text: string): ReadonlyMap<string, Named> {
  const named = parse(text).definitions.filter((d): d is Named => "name" in d && d.name !== undefined);
  return new Map(named.map((definition) => [definition.name.value, definition]));
}

type Member = FieldDefinitionNode | InputValueDefinitionNode;

/** What a caller relies on: fields, arguments and types, without descriptions and policy. */
function shapeOf(definition: Named): ReadonlyMap<string, string> {
  switch (definition.kind) {
    case Kind.ENUM_TYPE_DEFINITION:
      return new Map((definition.values ?? []).map(({ name }) => [name.value, ""]));
    case Kind.UNION_TYPE_DEFINITION:
      return new Map((definition.types ?? []).map(({ name }) => [name.value, ""]));
    case Kind.OBJECT_TYPE_DEFINITION:
    case Kind.INPUT_OBJECT_TYPE_DEFINITION:
      return new Map((definition.fields ?? []).flatMap(membersOf));
    case Kind.DIRECTIVE_DEFINITION:
      return new Map((definition.arguments ?? []).flatMap(membersOf));
    default:
      return new Map();
  }
}

function membersOf(member: Member): [string, string][] {
  const own: [string, string] = [member.name.value, typeOf(member)];
  const args = "arguments" in member ? (member.arguments ?? []) : [];
  return [
    own,
    ...args.map((arg): [string, string] => [`${member.name.value}(${arg.name.value})`, typeOf(arg)]),
  ];
}

function typeOf(member: Member): string {
  const { defaultValue } = member as { readonly defaultValue?: ConstDirectiveNode };
  return `${print(member.type)}${defaultValue === undefined ? "" : ` = ${print(defaultValue)}`}`;
}

/** Coordinates of the contract that the schema has not, or has otherwise. */
function compare() {
  const missing: string[] = [];
  const changed: string[] = [];
  for (const [name, definition] of promised) {
    const ours = built.get(name);
    if (ours === undefined) {
      missing.push(name);
      continue;
    }
    if (ours.kind !== definition.kind) changed.push(`${name} is ${ours.kind}`);
    const shape = shapeOf(ours);
    for (const [member, type] of shapeOf(definition)) {
      const found = shape.get(member);
      if (found === undefined) missing.push(`${name}.${member}`);
      else if (found !== type) changed.push(`${name}.${member}: ${found} instead of ${type}`);
    }
  }
  return { missing: missing.sort(), changed };
}

/** The fields that the contract lists in a comment behind a field: the least that its rows hold. */
const rowFields = [
  ...contractText.matchAll(/^\s+(\w+)(?:\(.*\))?: \[?(\w+)[!\]]*\s+# ([\w{}, ]+,[\w{}, ]+)$/gm),
].map(([, field = "", type = "", names = ""]) => ({
  field,
  node: type.replace(/Connection$/, ""),
  names: names
    .replaceAll(/\{.*?\}/g, "")
    .split(",")
    .map((name) => name.trim()),
}));

describe("the public contract", () => {
  const { missing, changed } = compare();

  test("is kept wherever the schema has it", () => {
    expect(changed).toEqual([]);
  });

  test("has these parts yet to be built", async () => {
    await expect(`${missing.join("\n")}\n`).toMatchFileSnapshot("__snapshots__/not-built-yet.txt");
  });

  test("finds in each row the fields that it lists", () => {
    const schema = buildSchema(printed);
    const present = rowFields.filter(({ node }) => schema.getType(node) !== undefined);
    expect(present.map(({ node }) => node)).toContain("Order");
    for (const { node, names } of present) {
      const type = schema.getType(node);
      expect(isObjectType(type) && Object.keys(type.getFields()), node).toEqual(
        expect.arrayContaining(names),
      );
    }
  });
});

describe("schema.graphql", () => {
  test("is what the code says", async () => {
    await expect(printed).toMatchFileSnapshot("../../schema.graphql");
  });

  test("can be read by tools, with Subscription an ordinary type", () => {
    const schema = buildSchema(printed);
    expect(schema.getSubscriptionType()?.name).toBe("SubscriptionRoot");
    expect(isObjectType(schema.getType("Subscription"))).toBe(true);
    const me = schema.getQueryType()?.getFields()["me"];
    expect(me && getNamedType(me.type).name).toBe("DataSubject");
  });

  test("says of every field who may read it", () => {
    const without = [...built.values()].flatMap((definition) =>
      definition.kind !== Kind.OBJECT_TYPE_DEFINITION
        ? []
        : (definition.fields ?? [])
            .filter(({ directives }) => !directives?.some(({ name }) => name.value === "access"))
            .map((field) => `${definition.name.value}.${field.name.value}`),
    );
    expect(without).toEqual([]);
  });
});
