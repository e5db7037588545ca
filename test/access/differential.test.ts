import {
  type DocumentNode,
  execute,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  parse,
} from "graphql";
import { afterAll, beforeAll, expect, test } from "vitest";

import { Purpose, Role } from "../../src/access/vocabulary.ts";
import { createOperationCheck, type OperationCheck } from "../../src/graphql/operation-check.ts";
import { guardObjects } from "../../src/graphql/shield.ts";
import { type Policies, policiesOf } from "../../src/graphql/policies.ts";
import { unguarded } from "../../src/graphql/schema.ts";
import { type Asking, openWorld, type World } from "./world.ts";
import { nullable, oracleSchema } from "./oracle.ts";
import { type Path, pathsBelow, selectionOf } from "./paths.ts";
import { createReference, type Reference, type Said, saidNothing } from "./reference.ts";

const { schema } = unguarded();
const policies = policiesOf(schema);
const reference = createReference();
const roles = Object.values(Role);
const roleSets = [
  ...roles.map((role) => new Set([role])),
  ...roles.flatMap((one, i) => roles.slice(i + 1).map((other) => new Set([one, other]))),
  new Set<Role>(),
];

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

/** The ways in, and how a document opens each. */
const entries = {
  own: { type: "DataSubject", root: "me" },
  staff: { type: "DataSubject", root: "dataSubject(id: $id, purpose: $purpose)" },
  search: {
    type: "DataSubjectMatch",
    root: "findDataSubjects(identifier: { kind: EMAIL, value: $email }, purpose: $purpose)",
  },
  reference: {
    type: "DataSubject",
    root: '_entities(representations: [{ __typename: "DataSubject", id: $id }])',
    on: "DataSubject",
  },
} as const;
const head = 'query ($id: ID = "", $email: String = "", $purpose: Purpose = AUDIT)';

interface PreparedPath extends Path {
  readonly name: string;
  readonly selection: string;
  readonly prepared: Prepared;
  /** Says nothing itself, and asks for nothing within. */
  readonly isBare: boolean;
}
interface Prepared {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
}

function prepare(text: string): Prepared {
  const document = parse(text);
  const operation = document.definitions.find((d) => d.kind === Kind.OPERATION_DEFINITION);
  if (!operation) throw new Error("no operation");
  return { document, operation };
}
function opening(entry: keyof typeof entries, selection: string): string {
  const way = entries[entry];
  const selected = "on" in way ? `... on ${way.on} { ${selection} }` : selection;
  return `${head} { ${way.root} { ${selected} } x: __typename @skip(if: true) }`;
}

function pathsOf(entry: keyof typeof entries): readonly PreparedPath[] {
  const { type } = entries[entry];
  return pathsBelow(schema, type).map((path) => {
    const selection = selectionOf(schema, type, path.fields).trim().slice(1, -1).trim();
    const isBare = policies.get(path.coordinate)?.label.kind === "container";
    const prepared = prepare(opening(entry, selection));
    return { ...path, name: path.fields.join("."), selection, prepared, isBare };
  });
}
const paths = {
  own: pathsOf("own"),
  staff: pathsOf("staff"),
  search: pathsOf("search"),
  reference: pathsOf("reference"),
};
const everything = {
  own: parse(opening("own", paths.own.map(({ selection }) => selection).join(" "))),
  staff: parse(opening("staff", paths.staff.map(({ selection }) => selection).join(" "))),
  search: parse(opening("search", paths.search.map(({ selection }) => selection).join(" "))),
  reference: parse(opening("reference", paths.reference.map(({ selection }) => selection).join(" "))),
};

const variablesOf = ({ purpose }: Asking) => ({ id: world.canary, email: world.email, purpose });

/** Paths that the oracle refuses, by executing everything under its own rules. */
async function refusedByOracle(oracle: GraphQLSchema, asking: Asking): Promise<ReadonlySet<string>> {
  const { errors = [] } = await execute({
    schema: oracle,
    document: everything[asking.entry],
    variableValues: variablesOf(asking),
    contextValue: world.context(asking),
  });
  for (const error of errors) expect(error.message).toBe("Not Authorised!");
  return new Set(
    errors.map(({ path = [] }) =>
      path
        .filter((step) => typeof step === "string")
        .slice(1)
        .join("."),
    ),
  );
}

const isWithin = (refused: ReadonlySet<string>, fields: readonly string[]) =>
  refused.has("") || fields.some((_, i) => refused.has(fields.slice(0, i + 1).join(".")));

/** A branch alone says as much as all that the caller may read within it. */
function allowedByOracle(path: PreparedPath, refused: ReadonlySet<string>, asking: Asking): boolean {
  if (isWithin(refused, path.fields)) return false;
  if (!path.isBare || asking.entry === "own") return true;
  const caller = { signedIn: true, roles: asking.roles, purpose: asking.purpose };
  const within = paths[asking.entry]
    .filter(({ name }) => name.startsWith(`${path.name}.`))
    .map(({ coordinate }) => coordinate)
    .filter((coordinate) => reference.mayRead(caller, coordinate));
  return reference.refusedByWord(caller, within, asking.said) === null;
}

/** Of the paths that the check lets pass one by one, those that the guards let pass, all in one execution. */
async function allowedByGateway(guarded: GraphQLSchema, check: OperationCheck, asking: Asking) {
  const { principal, statedPurpose } = world.context(asking);
  const variables = variablesOf(asking);
  const passed = paths[asking.entry].filter(
    ({ prepared: { document, operation } }) =>
      check(document, operation, variables, principal, statedPurpose).refusal === null,
  );
  if (passed.length === 0) return new Set<string>();
  const selection = passed.map((path, i) => `p${i}: ${path.selection}`).join(" ");
  const { errors = [] } = await execute({
    schema: guarded,
    document: parse(opening(asking.entry, selection)),
    variableValues: variables,
    contextValue: world.context(asking),
  });
  const failed = new Set(errors.map(({ path = [] }) => path.find((step) => /^p\d+$/.test(String(step)))));
  if (failed.has(undefined)) throw errors[0];
  return new Set(passed.filter((_, i) => !failed.has(`p${i}`)).map(({ name }) => name));
}

/** Where the gateway and the oracle disagree: coordinate, role set, purpose. */
async function disagreements(given: Policies, by: Reference, asked: readonly Asking[]): Promise<string[]> {
  const oracle = oracleSchema(schema, by);
  const guarded = nullable(guardObjects(schema, given));
  const check = createOperationCheck(schema, given, () => false);
  const found: string[] = [];
  const waiting = [...asked];
  const { stackTraceLimit } = Error;
  // A stack for each of a million refusals takes a fifth of the time.
  Error.stackTraceLimit = 0;
  const ask = async () => {
    for (let asking = waiting.shift(); asking; asking = waiting.shift()) {
      const refused = await refusedByOracle(oracle, asking);
      const allowed = await allowedByGateway(guarded, check, asking);
      for (const path of paths[asking.entry]) {
        const [gateway, expected] = [allowed.has(path.name), allowedByOracle(path, refused, asking)];
        if (gateway === expected) continue;
        const who = `${[...asking.roles].join("+")} ${asking.entry} ${asking.purpose}${asking.other ? " other" : ""}`;
        found.push(`${path.name} ${who}: the gateway says ${gateway}, the oracle ${expected}`);
      }
    }
  };
  // The ways in for staff end at whole steps of time: others work meanwhile.
  await Promise.all(Array.from({ length: 8 }, ask));
  Error.stackTraceLimit = stackTraceLimit;
  return found;
}

const own: Asking[] = roleSets.flatMap((each) =>
  [false, true].map((other) => ({
    roles: each,
    entry: "own" as const,
    purpose: "DATA_SUBJECT_RIGHTS" as const,
    said: saidNothing,
    other,
  })),
);
const asStaff = (entry: "staff" | "search" | "reference", said: Said, sets = roleSets): Asking[] =>
  sets.flatMap((each) =>
    Object.values(Purpose).map((purpose) => ({ roles: each, entry, purpose, said, other: false })),
  );

test("the whole tree is walked: nothing agrees for want of data", async () => {
  const seen = new Set<string>();
  const mayRead: Reference["mayRead"] = (_, coordinate) => Boolean(seen.add(coordinate));
  const watching = oracleSchema(schema, { mayRead, refusedByWord: () => null });
  await refusedByOracle(watching, own[0] ?? expect.fail());
  await refusedByOracle(watching, { ...(own[0] ?? expect.fail()), entry: "search", roles: new Set(["DPO"]) });
  const unseen = new Set(
    [...paths.own, ...paths.search].map(({ coordinate }) => coordinate).filter((each) => !seen.has(each)),
  );
  expect([...unseen]).toEqual([]);
});

test("every role and pair of roles, on one's own person and on another's", async () => {
  expect(await disagreements(policies, reference, own)).toEqual([]);
}, 120_000);

const bothYes = new Set<Purpose>(["NEWSLETTER", "PURCHASE_BASED_MARKETING"]);

test.each<readonly [string, Said]>([
  ["has said nothing", saidNothing],
  ["has said yes to newsletters alone", { ...saidNothing, yesTo: new Set(["NEWSLETTER"]) }],
  ["has said yes to all marketing", { ...saidNothing, yesTo: bothYes }],
  [
    "has objected to newsletters and to customer service",
    { ...saidNothing, objectedTo: new Set(["NEWSLETTER", "CUSTOMER_SUPPORT"]), yesTo: bothYes },
  ],
  ["has had one system restricted", { ...saidNothing, restricted: new Set(["crm"]), yesTo: bothYes }],
  ["has had everything restricted", { ...saidNothing, restricted: "everywhere", yesTo: bothYes }],
])(
  "roles as staff, for every purpose, of somebody who %s",
  async (_, said) => {
    await world.say(said);
    // Who is exempt from a person's word comes together with others who are not.
    const sets = roleSets.filter((set) => said === saidNothing || set.size < 2 || set.has("DPO"));
    expect(await disagreements(policies, reference, asStaff("staff", said, sets))).toEqual([]);
  },
  240_000,
);

test("every role as staff who search, for every purpose", async () => {
  const yes: Said = { ...saidNothing, yesTo: bothYes };
  await world.say(yes);
  const single = roleSets.filter(({ size }) => size < 2);
  expect(await disagreements(policies, reference, asStaff("search", yes, single))).toEqual([]);
}, 120_000);

test("every role as staff to whom another subgraph refers somebody, for every purpose", async () => {
  const single = roleSets.filter(({ size }) => size < 2);
  for (const said of [saidNothing, { ...saidNothing, restricted: new Set(["crm"]), yesTo: bothYes }]) {
    await world.say(said);
    expect(await disagreements(policies, reference, asStaff("reference", said, single))).toEqual([]);
  }
}, 120_000);

test("one label changed is noticed", async () => {
  await world.say(saidNothing);
  const changed = new Map(policies);
  const policy = policies.get("CustomerRecord.phone");
  if (policy?.label.kind !== "personal") throw new Error("no such label");
  const label = { ...policy.label, category: "PURCHASE" as const };
  changed.set("CustomerRecord.phone", { ...policy, label, within: [label] });
  const asked = asStaff("staff", saidNothing, [new Set(["SUPPORT"])]).filter(
    ({ purpose }) => purpose === "CUSTOMER_INFORMATION",
  );
  expect(await disagreements(policies, reference, asked)).toEqual([]);
  expect(await disagreements(changed, reference, asked)).toEqual([
    "crm.phone SUPPORT staff CUSTOMER_INFORMATION: the gateway says false, the oracle true",
  ]);
});

test("one grant more is noticed", async () => {
  await world.say(saidNothing);
  const wider = createReference({
    coordinate: "CustomerRecord.orders",
    reader: "SUPPORT for CUSTOMER_SUPPORT",
  });
  const asked = asStaff("staff", saidNothing, [new Set(["SUPPORT"])]).filter(
    ({ purpose }) => purpose === "CUSTOMER_SUPPORT",
  );
  expect(await disagreements(policies, wider, asked)).toEqual([
    "crm.orders SUPPORT staff CUSTOMER_SUPPORT: the gateway says false, the oracle true",
  ]);
});

test("a word of the person that the gateway does not know of is noticed", async () => {
  await world.say({ ...saidNothing, yesTo: bothYes });
  const asked = asStaff("staff", saidNothing, [new Set(["MARKETING"])]);
  const found = await disagreements(policies, reference, asked);
  expect(found).toContain(
    "crm.orders MARKETING staff PURCHASE_BASED_MARKETING: the gateway says true, the oracle false",
  );
  expect(found.every((each) => /\.(orders|deliveries|bounces)[. ]|^(crm|mailing) /.test(each))).toBe(true);
});
