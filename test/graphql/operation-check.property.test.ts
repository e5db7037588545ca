import fc from "fast-check";
import { Kind, parse, validate } from "graphql";
import { expect, test } from "vitest";
import { Role } from "../../src/access/vocabulary.ts";
import { createOperationCheck } from "../../src/graphql/operation-check.ts";
import { permits } from "../../src/graphql/policies.ts";
import { gatewaySchema } from "../../src/graphql/schema.ts";
import { callerWith } from "../access/caller.ts";
import { coordinatesOf, pathsBelow, selectionOf } from "../access/paths.ts";

const { schema, policies } = gatewaySchema();
const check = createOperationCheck(schema, policies, () => false);
const paths = pathsBelow(schema, "DataSubject").map(({ fields }) => ({
  fields,
  coordinates: coordinatesOf(schema, "DataSubject", fields),
  inObject: selectionOf(schema, "DataSubject", fields).includes("__typename"),
}));

type Disguise = "plain" | "alias" | "inline" | "typed" | "fragment" | "skipped" | "included";
const disguise = fc.constantFrom<Disguise>(
  "plain",
  "alias",
  "inline",
  "typed",
  "fragment",
  "skipped",
  "included",
);
const choice = fc.record({
  path: fc.constantFrom(...paths),
  disguises: fc.array(disguise, { minLength: 8, maxLength: 8 }),
});
const roleSet = fc.uniqueArray(fc.constantFrom(...Object.values(Role)), { maxLength: 3 });

/** The same fields, hidden in every way that the language has. */
function documentOf(
  choices: readonly { path: (typeof paths)[number]; disguises: readonly Disguise[] }[],
): string {
  const fragments: string[] = [];
  const roots = choices.map(({ path, disguises }, root) => {
    const selection = path.fields
      .reduceRight(
        (within, field, level) => {
          const inner = within === "" ? "" : `{ ${within} }`;
          const type = path.coordinates[level]?.split(".")[0] ?? "";
          switch (disguises[level % disguises.length]) {
            case "alias":
              return `a${level}: ${field} ${inner}`;
            case "inline":
              return `... { ${field} ${inner} }`;
            case "typed":
              return `... on ${type} { ${field} ${inner} }`;
            case "skipped":
              return `${field} @skip(if: true) ${inner}`;
            case "included":
              return `... on ${type} @include(if: $yes) { ${field} ${inner} }`;
            case "fragment":
              fragments.push(`fragment F${fragments.length} on ${type} { ${field} ${inner} }`);
              return `...F${fragments.length - 1} ...F${fragments.length - 1}`;
            default:
              return `${field} ${inner}`;
          }
        },
        path.inObject ? "__typename" : "",
      )
      .trim();
    return `r${root}: me { ${selection} }`;
  });
  return `query ($yes: Boolean = true) { ${roots.join(" ")} x: __typename @include(if: $yes) } ${fragments.join(" ")}`;
}

test("a document is refused for exactly the coordinates that the caller may not read, however they are hidden", () => {
  fc.assert(
    fc.property(fc.array(choice, { minLength: 1, maxLength: 5 }), roleSet, (choices, names) => {
      const document = parse(documentOf(choices));
      expect(validate(schema, document).map(({ message }) => message)).toEqual([]);
      const operation =
        document.definitions.find((d) => d.kind === Kind.OPERATION_DEFINITION) ?? expect.fail();
      const caller = callerWith(names);
      const capacity = {
        roles: new Set(names.filter((role) => role === "SUBJECT")),
        purpose: "DATA_SUBJECT_RIGHTS",
      } as const;
      const expected = new Set(
        choices
          .flatMap(({ path }) => path.coordinates)
          .filter(
            (coordinate) => !permits(policies.get(coordinate) ?? expect.fail(), caller.roles, capacity),
          ),
      );
      const { refusal } = check(document, operation, {}, caller);
      expect(refusal?.extensions["coordinates"] ?? []).toEqual([...expected].sort());
    }),
    { numRuns: 1_000 },
  );
});
