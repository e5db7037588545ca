import { parse } from "graphql";
import { expect, test } from "vitest";
import { Purpose, Role } from "../../src/access/vocabulary.ts";
import { createOperationCheck } from "../../src/graphql/operation-check.ts";
import { gatewaySchema } from "../../src/graphql/schema.ts";
import { callerWith } from "./caller.ts";
import { pathsBelow, selectionOf } from "./paths.ts";

const { schema, policies } = gatewaySchema();
const check = createOperationCheck(schema, policies, () => false);
const paths = pathsBelow(schema, "DataSubject").map(({ fields }) =>
  selectionOf(schema, "DataSubject", fields),
);
const roles = Object.values(Role);
const roleSets = [
  [],
  ...roles.map((role) => [role]),
  ["SUBJECT", "SUPPORT"],
  ["MARKETING", "DPO"],
] as Role[][];

function prepared(root: string, wrap: (selection: string) => string) {
  return paths.map((selection) => {
    const document = parse(
      `query ($purpose: Purpose = AUDIT) { ${root} ${wrap(selection)} x: __typename @skip(if: true) }`,
    );
    const [operation] = document.definitions;
    if (operation?.kind !== "OperationDefinition") throw new Error("no operation");
    return { document, operation };
  });
}
const direct = (root: string) => prepared(root, (selection) => selection);
const referred = prepared(
  '_entities(representations: [{ __typename: "DataSubject", id: "x" }])',
  (selection) => `{ ... on DataSubject ${selection} }`,
);

/** What is refused of each path, without the way in. */
const refusals = (
  documents: typeof referred,
  set: readonly Role[],
  stated: string | null,
  variables: object = {},
) =>
  documents.map(({ document, operation }) => {
    const { refusal } = check(document, operation, { ...variables }, callerWith(set), stated);
    const { coordinates = [], ...rest } = { ...refusal?.extensions } as { coordinates?: readonly string[] };
    return { ...rest, coordinates: coordinates.filter((each) => !each.startsWith("Query.")) };
  });

test("staff may read through a reference just what they may through dataSubject", () => {
  expect(paths.length).toBeGreaterThan(200);
  const asked = direct('dataSubject(id: "x", purpose: $purpose)');
  for (const purpose of Object.values(Purpose)) {
    for (const set of roleSets)
      expect(refusals(referred, set, purpose), `${set.join("+")} ${purpose}`).toEqual(
        refusals(asked, set, null, { purpose }),
      );
  }
});

test("without a purpose a reference opens just what me opens, and to nobody who is no data subject", () => {
  const asked = direct("me");
  for (const set of roleSets) {
    const answers = refusals(referred, set, null);
    if (set.includes("SUBJECT")) expect(answers, set.join("+")).toEqual(refusals(asked, set, null));
    else {
      const refusal =
        set.length === 0 ? { code: "FORBIDDEN" } : { code: "PURPOSE_REQUIRED", header: "innsyn-purpose" };
      for (const answer of answers) expect(answer, set.join("+")).toMatchObject(refusal);
    }
  }
});

test("a purpose that there is not is told as such, without what was sent", () => {
  for (const stated of ["", "customer_support", "toString", "CUSTOMER_SUPPORT, AUDIT"])
    expect(
      new Set(refusals(referred.slice(0, 3), ["SUPPORT"], stated).map((each) => JSON.stringify(each))),
    ).toEqual(
      new Set([
        JSON.stringify({
          header: "innsyn-purpose",
          code: "BAD_USER_INPUT",
          http: { status: 400 },
          coordinates: [],
        }),
      ]),
    );
});
