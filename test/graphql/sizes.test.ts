import {
  type DocumentNode,
  getNamedType,
  getNullableType,
  getOperationAST,
  type GraphQLNamedType,
  isAbstractType,
  isInterfaceType,
  isListType,
  isObjectType,
  parse,
  specifiedRules,
  validate,
} from "graphql";
import { readdir, readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { accessQuery } from "../../bench/queries.ts";
import { limits } from "../../src/graphql/limits.ts";
import { gatewaySchema } from "../../src/graphql/schema.ts";
import { checkSizes, sizesOf } from "../../src/graphql/sizes.ts";

const { schema } = gatewaySchema();
const operationOf = (document: DocumentNode) => getOperationAST(document) ?? expect.fail("no operation");

/** What is exceeded; null: nothing. */
function exceeded(text: string, variables: Readonly<Record<string, unknown>> = {}): unknown {
  const document = parse(text);
  expect(validate(schema, document, specifiedRules)).toEqual([]);
  const operation = operationOf(document);
  try {
    checkSizes(sizesOf(schema, document, operation), operation, variables);
    return null;
  } catch (error) {
    const { limit, code } = (error as { extensions: Record<string, unknown> }).extensions;
    return limit ?? code;
  }
}

const requests = (first: string, inner: string) =>
  `requests${first} { edges { node { subject { ${inner} } } } }`;
const orders = (first = "") => `crm { orders${first} { edges { cursor } } }`;
const of = (count: number) => ({
  of: Array.from({ length: count }, () => ({ __typename: "DataSubject", id: "x" })),
});
const entities = (inner: string) =>
  `query ($of: [_Any!]!) { _entities(representations: $of) { ... on DataSubject { ${inner} } } }`;

/** The most rows that are allowed, and more. Each makes 5,000 of its outer rows and what is within each of them. */
test.each<[string, string, string]>([
  ["given", requests("(first: 50)", orders("(first: 99)")), requests("(first: 50)", orders("(first: 100)"))],
  ["of the default size within", requests("(first: 238)", orders()), requests("(first: 239)", orders())],
  ["of the default size around", requests("", orders("(first: 249)")), requests("", orders("(first: 250)"))],
  [
    "of a size that is null",
    requests("(first: null)", orders("(first: 249)")),
    requests("(first: null)", orders("(first: 250)")),
  ],
  [
    "three deep",
    requests("(first: 16)", requests("(first: 16)", requests("(first: 16)", "id"))),
    requests("(first: 17)", requests("(first: 17)", requests("(first: 17)", "id"))),
  ],
  [
    "by fragments",
    `... on DataSubject { ${requests("", "...on DataSubject { ...on DataSubject { crm { orders(first: 249) { edges { cursor } } } } }")} }`,
    `... on DataSubject { ${requests("", "...on DataSubject { ...on DataSubject { crm { orders(first: 250) { edges { cursor } } } } }")} }`,
  ],
])("pages within pages multiply: %s", (_, most, more) => {
  expect(exceeded(`{ me { ${most} } }`)).toBeNull();
  expect(exceeded(`{ me { ${more} } }`)).toBe("rows");
  const spread = (inner: string) => `{ me { ...F } } fragment F on DataSubject { ${inner} }`;
  expect(exceeded(spread(most))).toBeNull();
  expect(exceeded(spread(more))).toBe("rows");
});

test("pages beside each other add up, and what says nothing of its size counts", () => {
  const many = (count: number) => Array.from({ length: count }, (_, i) => `a${i}: ${orders()}`).join(" ");
  expect(exceeded(`{ me { ${many(limits.rows / 20)} } }`)).toBeNull();
  expect(exceeded(`{ me { ${many(limits.rows / 20 + 1)} } }`)).toBe("rows");
});

test.each([
  ["sent", { n: 249 }, { n: 250 }],
  ["sent as null: the default of the field", { n: null, m: 238 }, { n: null, m: 239 }],
  ["not sent: the default of the variable", { m: 110 }, { m: 112 }],
  ["not sent, and without a default: that of the field", { n: 249 }, { n: 250, m: undefined }],
])("by variables %s", (_, most, more) => {
  const text = `query ($n: Int = 44, $m: Int) { me { ${requests("(first: $m)", orders("(first: $n)"))} } }`;
  expect(exceeded(text, most)).toBeNull();
  expect(exceeded(text, more)).toBe("rows");
});

test("each person of a list has pages of their own", () => {
  expect(exceeded(entities(orders()), of(100))).toBeNull();
  const two = `${orders()} learning { courses { edges { cursor } } }`;
  expect(exceeded(entities(two), of(100))).toBeNull();
  expect(exceeded(entities(`${two} mailing { deliveries { edges { cursor } } }`), of(83))).toBeNull();
  expect(exceeded(entities(`${two} mailing { deliveries { edges { cursor } } }`), of(84))).toBe("rows");
  expect(exceeded(entities(requests("(first: 5)", orders("(first: 9)"))), of(100))).toBeNull();
  expect(exceeded(entities(requests("(first: 5)", orders("(first: 10)"))), of(100))).toBe("rows");
});

test("a list that is no page counts as a row of each person who is reached by a page, and nowhere else", () => {
  const many = (count: number) =>
    Array.from({ length: count }, (_, i) => `a${i}: objections { at }`).join(" ");
  expect(exceeded(`{ me { ${requests("(first: 50)", requests("(first: 49)", many(1)))} } }`)).toBeNull();
  expect(exceeded(`{ me { ${requests("(first: 50)", requests("(first: 50)", many(1)))} } }`)).toBe("rows");
  expect(exceeded(`{ me { ${requests("(first: 161)", many(30))} } }`)).toBeNull();
  expect(exceeded(`{ me { ${requests("(first: 162)", many(30))} } }`)).toBe("rows");
  const told = (first: number) => requests(`(first: ${first})`, "recipients { told { at } }");
  expect(exceeded(`{ me { ${told(500)} } }`)).toBeNull();
  expect(
    exceeded(`{ me { ...F } } fragment F on DataSubject { ${requests("(first: 162)", many(30))} }`),
  ).toBe("rows");
  expect(exceeded(entities(`${orders("(first: 20)")} ${many(30)}`), of(100))).toBeNull();
});

test("a page of the trail is larger where nothing is said", () => {
  const trail = "auditTrail { edges { cursor } }";
  const many = (count: number) => Array.from({ length: count }, (_, i) => `a${i}: ${trail}`).join(" ");
  expect(exceeded(`{ ${many(100)} }`)).toBeNull();
  expect(exceeded(`{ ${many(101)} }`)).toBe("rows");
});

test("a size that is no number is left to the executor, whatever it is", () => {
  const text = `query ($n: Int) { me { ${orders("(first: $n)")} } }`;
  for (const n of ["501", [501], { toString: 1, valueOf: 1 }, true]) expect(exceeded(text, { n })).toBeNull();
  expect(exceeded(text, { n: 501 })).toBe("pageSize");
  expect(exceeded(text, { n: 0 })).toBe("BAD_USER_INPUT");
});

test("the examples, and everything of a person in the largest pages, are within the limits", async () => {
  const folder = new URL("../../docs/examples/", import.meta.url);
  const names = (await readdir(folder)).filter((name) => name.endsWith(".graphql"));
  expect(names).toContain("access.graphql");
  for (const name of names) {
    const example = await readFile(new URL(name, folder), "utf8");
    expect(exceeded(example, { subjectId: "x" }), name).toBeNull();
  }
  expect(exceeded(accessQuery, { first: limits.pageSize })).toBeNull();
});

/** What one object of a type leads to without a page. */
function nextOf(
  type: GraphQLNamedType,
): readonly { readonly to: GraphQLNamedType; readonly isList: boolean }[] {
  const possible = isAbstractType(type)
    ? schema.getPossibleTypes(type).map((to) => ({ to, isList: false }))
    : [];
  if (!isObjectType(type) && !isInterfaceType(type)) return possible;
  return Object.values(type.getFields())
    .filter(({ args }) => args.every(({ name }) => name !== "first"))
    .map((field) => ({ to: getNamedType(field.type), isList: isListType(getNullableType(field.type)) }))
    .concat(possible);
}

function reachedFrom(start: GraphQLNamedType): ReadonlySet<GraphQLNamedType> {
  const reached = new Set<GraphQLNamedType>();
  const from = (type: GraphQLNamedType): void => {
    for (const { to } of nextOf(type)) {
      if (reached.has(to)) continue;
      reached.add(to);
      from(to);
    }
  };
  from(start);
  return reached;
}

test("a list that is no page leads nowhere back, so that none multiplies itself", () => {
  const types = Object.values(schema.getTypeMap()).filter(({ name }) => !name.startsWith("__"));
  const back = types.flatMap((type) =>
    nextOf(type).flatMap(({ to, isList }) =>
      isList && (to === type || reachedFrom(to).has(type)) ? [`${type.name} to ${to.name}`] : [],
    ),
  );
  expect(back).toEqual([]);
});
