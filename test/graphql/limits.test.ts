import { execute, parse, specifiedRules, validate } from "graphql";
import { describe, expect, test } from "vitest";
import { documentLimits, exceededLimit, limits, maxErrors } from "../../src/graphql/limits.ts";
import { gatewaySchema } from "../../src/graphql/schema.ts";
import { callerWith } from "../access/caller.ts";

const many = (count: number, make: (i: number) => string) =>
  Array.from({ length: count }, (_, i) => make(i)).join(" ");
const limitOf = (text: string) => exceededLimit(parse(text));

/** The largest document that is allowed, and the smallest that is not. */
describe.each<[string, string, number, (n: number) => string]>([
  ["depth", "depth", limits.depth, (n) => `${"{ a ".repeat(n)}${"}".repeat(n)}`],
  [
    "depth through fragments",
    "depth",
    limits.depth,
    (n) => `{ ...A } fragment A on Q { a ${"{ a ".repeat(n - 1)}${"}".repeat(n - 1)} }`,
  ],
  [
    "aliases",
    "aliases",
    limits.aliases,
    (n) => `{ x { ${many(30, (i) => `a${i}: a${i}`)} } y { ${many(n - 30, (i) => `b${i}: b${i}`)} } }`,
  ],
  ["directives", "directives", limits.directives, (n) => `{ x { a ${"@a ".repeat(n - 1)} ... @a { b } } }`],
  ["the same field in one place", "repeated", limits.repeated, (n) => `{ x { ${"a ".repeat(n)} } }`],
  [
    "the same field in places that are merged",
    "repeated",
    limits.repeated,
    (n) =>
      `{ r { ${"x { y { a } } ".repeat(n - 10)} ...F ...F } } fragment F on Q { ${"x { y { a } } ".repeat(5)} }`,
  ],
  [
    "root fields",
    "rootFields",
    limits.rootFields,
    (n) => `{ ${many(n - 1, (i) => `f${i}`)} ...F } fragment F on Q { last }`,
  ],
  [
    "the whole schema",
    "introspections",
    limits.introspections,
    (n) => `{ ${many(n - 1, (i) => `s${i}: __schema { a }`)} ...F } fragment F on Query { __schema { a } }`,
  ],
  [
    "policies of the schema",
    "appliedDirectives",
    limits.appliedDirectives,
    (n) => `{ __schema { types { ${many(n, (i) => `a${i}: appliedDirectives { name }`)} } } }`,
  ],
  ["operations", "operations", limits.operations, (n) => many(n, (i) => `query Q${i} { a }`)],
  ["fields", "fields", limits.fields, (n) => `{ x { ${many(n - 1, (i) => `f${i}`)} } }`],
])("%s", (_, limit, most, document) => {
  test(`${most} pass, more do not`, () => {
    expect(limitOf(document(most))).toBeNull();
    expect(limitOf(document(most + 1))).toBe(limit);
  });
});

test("the introspection query of tools passes", async () => {
  const { getIntrospectionQuery } = await import("graphql");
  expect(
    limitOf(
      getIntrospectionQuery({
        inputValueDeprecation: true,
        schemaDescription: true,
        directiveIsRepeatable: true,
        oneOf: true,
      }),
    ),
  ).toBeNull();
});

test("the costliest introspection within the limits takes less than half a second", async () => {
  const { schema } = gatewaySchema();
  const applied = (n: number) => many(n, (i) => `a${i}: appliedDirectives { name args { name value } }`);
  const half = limits.appliedDirectives / limits.introspections;
  const text = `{ ${many(limits.introspections, (i) => `s${i}: __schema { types { fields { ${applied(half)} } } }`)} }`;
  const document = parse(text, { maxTokens: limits.tokens });
  expect(validate(schema, document, [...specifiedRules, documentLimits])).toEqual([]);
  const contextValue = { principal: callerWith(["AUDITOR"]) };
  const times: number[] = [];
  for (let n = 0; n < 3; n++) {
    const started = performance.now();
    const { errors, data } = await execute({ schema, document, contextValue });
    times.push(performance.now() - started);
    expect(errors).toBeUndefined();
    expect(JSON.stringify(data).length).toBeLessThan(4_000_000);
  }
  expect(Math.min(...times)).toBeLessThan(500);
});

test("fields of aliases that differ are not merged, and do not count together", () => {
  expect(limitOf(`{ ${many(15, (i) => `a${i}: x { ${"y ".repeat(3)} }`)} }`)).toBeNull();
});

test("the costliest documents within the limits are validated in under 200 ms", () => {
  const { schema } = gatewaySchema();
  const order = "orders { edges { node { number total status currency } } }";
  const costly = [
    `{ me { ${`crm { name ${order} } `.repeat(30)} } }`,
    `{ me { crm { ${`${order} `.repeat(30)} } } }`,
    `{ me { ${many(28, (i) => `...F${i}`)} } } ${many(28, (i) => `fragment F${i} on DataSubject { crm { ${order} } }`)}`,
    `{ me { ...F0 } } ${many(28, (i) => `fragment F${i} on DataSubject { crm { name email phone } ${i < 27 ? `...F${i + 1}` : ""} }`)}`,
  ];
  for (const text of costly) {
    const document = parse(text, { maxTokens: limits.tokens });
    expect(exceededLimit(document), text.slice(0, 80)).toBeNull();
    const times = [0, 0, 0].map(() => {
      const started = performance.now();
      expect(validate(schema, document, [...specifiedRules, documentLimits], { maxErrors })).toEqual([]);
      return performance.now() - started;
    });
    expect(Math.min(...times)).toBeLessThan(200);
  }
});
