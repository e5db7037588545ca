import {
  type DocumentNode,
  execute,
  isObjectType,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  parse,
} from "graphql";
import { afterAll, beforeAll, expect, test } from "vitest";
import { inventory } from "../../src/access/inventory.ts";
import { Purpose, Role } from "../../src/access/vocabulary.ts";
import { createSources } from "../../src/connectors/sources.ts";
import { validateConfig } from "../../src/config/load.ts";
import { createOperationCheck, type OperationCheck } from "../../src/graphql/operation-check.ts";
import { type Policies, policiesOf } from "../../src/graphql/policies.ts";
import { gatewaySchema, unguarded } from "../../src/graphql/schema.ts";
import { purposeSummaries } from "../../src/requests/notice.ts";
import { createSourceReader } from "../../src/sources/loader.ts";
import type { Source } from "../../src/sources/contract.ts";
import type { Subject } from "../../src/sources/data-subject.ts";
import { roster } from "../../src/sources/roster.ts";
import { canaryEmail } from "../../src/demo/people/fixed.ts";
import { startSystems, type Systems } from "../setup/gateway.ts";
import { type OracleContext, oracleSchema, withStaffEntry } from "./oracle.ts";
import { everythingBelow, type Path, pathsBelow, selectionOf } from "./paths.ts";
import { createReference, type Reference } from "./reference.ts";

let systems: Systems;
let sources: ReadonlyMap<string, Source>;
let base: Omit<OracleContext, "principal" | "self" | "asked">;
let schema: GraphQLSchema;
let policies: Policies;
let paths: readonly (Path & { readonly name: string; readonly own: Prepared; readonly staff: Prepared })[];

const canary: Subject = { id: "canary", identity: { identifiers: [{ kind: "EMAIL", value: canaryEmail }] } };
const stranger: Subject = { id: "stranger", identity: canary.identity };
const roles = Object.values(Role);
const roleSets = [
  ...roles.map((role) => new Set([role])),
  ...roles.flatMap((one, i) => roles.slice(i + 1).map((other) => new Set([one, other]))),
  new Set<Role>(),
];

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

beforeAll(async () => {
  systems = await startSystems();
  const config = validateConfig(systems.config("http://127.0.0.1:1"), {});
  sources = await createSources(config.sources);
  const connected = roster.flatMap(({ key, profile }) => {
    const source = sources.get(key);
    return source ? [{ key, profile, processor: source.processor }] : [];
  });
  base = {
    requestId: "differential",
    signInFault: null,
    language: "en",
    organisation: config.organisation,
    connected,
    purposes: purposeSummaries(inventory(unguarded().schema)),
    // One for all: what the systems hold is read once, and only the verdicts differ.
    sources: createSourceReader(sources, { timeLimits: () => 600_000 }),
  };
  schema = withStaffEntry(unguarded().schema);
  policies = policiesOf(schema);
  paths = pathsBelow(schema, "DataSubject").map((path) => {
    const selection = selectionOf(schema, "DataSubject", path.fields);
    return {
      ...path,
      name: path.fields.join("."),
      own: prepare(`{ me ${selection} }`),
      staff: prepare(`query ($purpose: Purpose!) { person(purpose: $purpose) ${selection} }`),
    };
  });
});
afterAll(async () => {
  await Promise.all([...sources.values()].map((source) => source.close()));
  await systems[Symbol.asyncDispose]();
});

interface Asking {
  readonly roles: ReadonlySet<Role>;
  readonly entry: "own" | "staff";
  readonly purpose: Purpose;
  /** `me` comes upon somebody else's person, as a faulty resolver would. */
  readonly other?: boolean;
}

/** The resolver of the root field asks first; the guards after it. */
function contextOf({ roles, entry, purpose, other = false }: Asking): OracleContext {
  let asked = 0;
  const principal = {
    sub: "x",
    issuer: "x",
    roles,
    identifiers: canary.identity.identifiers,
    authenticatedAt: null,
    authenticationContext: null,
  };
  const self = async () => (asked++ === 0 ? canary : other ? stranger : canary);
  return { ...base, principal, self, asked: { entry, purpose } };
}

const everything = () => {
  const type = schema.getType("DataSubject");
  if (!isObjectType(type)) throw new Error("no person");
  return everythingBelow(type);
};

/** Paths that the oracle refuses, by executing everything under its own rules. */
async function refusedByOracle(oracle: GraphQLSchema, asking: Asking): Promise<ReadonlySet<string>> {
  const root = asking.entry === "own" ? "me" : "person(purpose: $purpose)";
  const document = parse(
    `query ($purpose: Purpose) { ${root.replace("$purpose", asking.purpose)} ${everything()} }`,
  );
  const { errors = [] } = await execute({ schema: oracle, document, contextValue: contextOf(asking) });
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

async function allowedByGateway(
  check: OperationCheck,
  path: (typeof paths)[number],
  asking: Asking,
): Promise<boolean> {
  const { document, operation } = path[asking.entry];
  const context = contextOf(asking);
  const { refusal } = check(document, operation, { purpose: asking.purpose }, context.principal);
  if (refusal !== null) return false;
  if (asking.entry === "staff") return true;
  const { errors } = await execute({ schema: gatewaySchema().schema, document, contextValue: context });
  return errors === undefined;
}

/** Where the gateway and the oracle disagree: coordinate, role set, purpose. */
async function disagreements(
  given: Policies,
  reference: Reference,
  asked: readonly Asking[],
): Promise<string[]> {
  const check = createOperationCheck(schema, given, () => false);
  const oracle = oracleSchema(schema, reference);
  const found: string[] = [];
  for (const asking of asked) {
    const refused = await refusedByOracle(oracle, asking);
    for (const path of paths) {
      const [gateway, expected] = [
        await allowedByGateway(check, path, asking),
        !isWithin(refused, path.fields),
      ];
      if (gateway !== expected) {
        const who = `${[...asking.roles].join("+")} ${asking.entry} ${asking.purpose}${asking.other ? " other" : ""}`;
        found.push(`${path.name} ${who}: the gateway says ${gateway}, the oracle ${expected}`);
      }
    }
  }
  return found;
}

const own: Asking[] = roleSets.flatMap((each) =>
  [false, true].map((other) => ({
    roles: each,
    entry: "own" as const,
    purpose: "DATA_SUBJECT_RIGHTS" as const,
    other,
  })),
);
const staff: Asking[] = roleSets.flatMap((each) =>
  Object.values(Purpose).map((purpose) => ({ roles: each, entry: "staff" as const, purpose })),
);

test("the whole tree is walked: nothing agrees for want of data", async () => {
  const seen = new Set<string>();
  const watching = oracleSchema(schema, (_, coordinate) => Boolean(seen.add(coordinate)));
  await refusedByOracle(watching, {
    roles: new Set(["SUBJECT"]),
    entry: "own",
    purpose: "DATA_SUBJECT_RIGHTS",
  });
  const unseen = new Set(
    paths.map(({ coordinate }) => coordinate).filter((coordinate) => !seen.has(coordinate)),
  );
  expect([...unseen]).toEqual([]);
});

test("every role and pair of roles, on one's own person and on another's", async () => {
  expect(await disagreements(policies, createReference(), own)).toEqual([]);
}, 120_000);

test("every role and pair of roles as staff, for every purpose", async () => {
  expect(await disagreements(policies, createReference(), staff)).toEqual([]);
}, 240_000);

test("one label changed is noticed", async () => {
  const changed = new Map(policies);
  const policy = policies.get("CustomerRecord.phone");
  if (policy?.label.kind !== "personal") throw new Error("no such label");
  const label = { ...policy.label, category: "PURCHASE" as const };
  changed.set("CustomerRecord.phone", { ...policy, label, within: [label] });
  const asked: Asking[] = [{ roles: new Set(["SUPPORT"]), entry: "staff", purpose: "CUSTOMER_INFORMATION" }];
  expect(await disagreements(policies, createReference(), asked)).toEqual([]);
  expect(await disagreements(changed, createReference(), asked)).toEqual([
    "crm.phone SUPPORT staff CUSTOMER_INFORMATION: the gateway says false, the oracle true",
  ]);
});

test("one grant more is noticed", async () => {
  const wider = createReference({
    coordinate: "CustomerRecord.orders",
    reader: "SUPPORT for CUSTOMER_SUPPORT",
  });
  const asked: Asking[] = [{ roles: new Set(["SUPPORT"]), entry: "staff", purpose: "CUSTOMER_SUPPORT" }];
  expect(await disagreements(policies, wider, asked)).toEqual([
    "crm.orders SUPPORT staff CUSTOMER_SUPPORT: the gateway says false, the oracle true",
  ]);
});
