import {
  assertValidSchema,
  buildClientSchema,
  buildSchema,
  type DocumentNode,
  executeSync,
  getIntrospectionQuery,
  getNamedType,
  GraphQLSchema,
  type IntrospectionQuery,
  isEnumType,
  isObjectType,
  type OperationDefinitionNode,
  type OperationTypeNode,
  parse,
} from "graphql";
import { describe, expect, test } from "vitest";
import { Purpose, Role } from "../../src/access/vocabulary.ts";
import { appliedDirectiveTypes } from "../../src/graphql/applied-directives.ts";
import { extendIntrospection } from "../../src/graphql/introspection.ts";
import { createOperationCheck } from "../../src/graphql/operation-check.ts";
import { policiesOf, type Policies } from "../../src/graphql/policies.ts";
import { createRoleViews } from "../../src/graphql/role-views.ts";
import { gatewaySchema } from "../../src/graphql/schema.ts";
import { callerWith } from "../access/caller.ts";
import { pathsBelow } from "../access/paths.ts";

const { schema, policies } = gatewaySchema();
const viewOf = createRoleViews(schema, policies);
const roleSets: readonly (readonly Role[])[] = [
  ...Object.values(Role)
    .filter((role) => role !== "AUDITOR" && role !== "DPO")
    .map((role) => [role]),
  ["SUBJECT", "SUPPORT"],
  ["MARKETING", "TRAINING", "EVENTS"],
  [],
];

/** Every field of object types that a schema shows. */
function shownIn(view: GraphQLSchema): readonly string[] {
  return Object.values(view.getTypeMap())
    .filter((type) => isObjectType(type) && !type.name.startsWith("_"))
    .flatMap((type) =>
      isObjectType(type) ? Object.keys(type.getFields()).map((field) => `${type.name}.${field}`) : [],
    )
    .sort();
}

interface Asked {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  /** The coordinates that it selects. */
  readonly way: readonly string[];
  readonly stated: readonly object[];
}

/** Every way from a root to a field as a document of its own, with every purpose that can be stated. */
const everything: readonly Asked[] = (["query", "mutation", "subscription"] as const).flatMap((kind) => {
  const root = schema.getRootType(kind as OperationTypeNode);
  if (!root) return [];
  return pathsThrough(root.name).map(({ fields }) => {
    const [first = "", ...others] = fields;
    const within = others.reduceRight((inner, field) => ` { ${field}${inner} }`, "");
    const text = `${kind} ($p: Purpose!, $s: ID) { ${first}(purpose: $p, input: { subjectId: $s })${within} }`;
    const document = parse(text);
    const [operation] = document.definitions;
    if (operation?.kind !== "OperationDefinition") throw new Error(text);
    const args = root.getFields()[first]?.args ?? [];
    const purposes = args.some(({ name }) => name === "purpose") ? Object.values(Purpose) : ["AUDIT"];
    const persons = args.some(({ name }) => name === "input") ? ["somebody", null] : [null];
    const stated = purposes.flatMap((p) => persons.map((s) => ({ p, s })));
    return { document, operation, way: coordinatesOf(root.name, fields), stated };
  });
});

const check = createOperationCheck(schema, policies, () => true);

/** Another way to the same: each document is put to the operation check. */
function askedOfTheCheck(roles: readonly Role[]): readonly string[] {
  const principal = callerWith(roles);
  const allowed = new Set<string>();
  // What a reference opens is opened by name as well: it is asked last.
  const inOrder = everything.toSorted((a, b) => Number(isReference(a)) - Number(isReference(b)));
  for (const { document, operation, way, stated } of inOrder) {
    if (way.every((each) => allowed.has(each))) continue;
    const headers = way[0] === "Query._entities" ? [null, ...Object.values(Purpose)] : [null];
    const isAllowed = stated.some((said) =>
      headers.some((header) => check(document, operation, { ...said }, principal, header).refusal === null),
    );
    if (isAllowed) for (const each of way) allowed.add(each);
  }
  return [...allowed].filter((coordinate) => !coordinate.startsWith("_")).sort();
}

const isReference = ({ way }: Asked) => way[0] === "Query._entities";

/** Ways that end in a leaf, through the members of unions too. */
function pathsThrough(rootName: string): readonly { fields: readonly string[] }[] {
  const root = schema.getType(rootName);
  if (!isObjectType(root)) return [];
  return Object.values(root.getFields()).flatMap((field) => {
    const type = getNamedType(field.type);
    const members = "getTypes" in type ? type.getTypes() : [type];
    return members.flatMap((member) => {
      if (!isObjectType(member)) return [{ fields: [field.name] }];
      const spread = "getTypes" in type ? `... on ${member.name}` : null;
      return pathsBelow(schema, member.name)
        .filter(({ coordinate }) => isLeaf(coordinate))
        .map(({ fields }) => ({ fields: [field.name, ...(spread ? [spread] : []), ...fields] }));
    });
  });
}

function isLeaf(coordinate: string): boolean {
  const [typeName = "", fieldName = ""] = coordinate.split(".");
  const type = schema.getType(typeName);
  const field = isObjectType(type) ? type.getFields()[fieldName] : undefined;
  return (
    field !== undefined &&
    !("getFields" in getNamedType(field.type) || "getTypes" in getNamedType(field.type))
  );
}

function coordinatesOf(rootName: string, fields: readonly string[]): readonly string[] {
  let type = schema.getType(rootName);
  return fields.flatMap((name) => {
    if (name.startsWith("...")) {
      type = schema.getType(name.replace("... on ", ""));
      return [];
    }
    const coordinate = `${type?.name}.${name}`;
    const field = isObjectType(type) ? type.getFields()[name] : undefined;
    type = field && getNamedType(field.type);
    return coordinate;
  });
}

test.each(roleSets.slice(0, 7).map((roles) => [roles.join("+"), roles] as const))(
  "%s is shown what some operation may read, and nothing else",
  (_, roles) => {
    expect(shownIn(viewOf(new Set(roles)))).toEqual(askedOfTheCheck(roles));
  },
);

test.each(roleSets.map((roles) => [roles.join("+") || "no role", roles] as const))(
  "what %s is shown is a schema, also for who has nothing else",
  (_, roles) => {
    const document = parse(getIntrospectionQuery({ inputValueDeprecation: true, oneOf: true }));
    const contextValue = { principal: callerWith(roles) };
    const { data, errors } = executeSync({ schema, document, contextValue });
    expect(errors).toBeUndefined();
    const introspected: unknown = data;
    const client = buildClientSchema(introspected as IntrospectionQuery);
    assertValidSchema(client);
    expect(shownIn(client)).toEqual(shownIn(viewOf(new Set(roles))));
  },
);

test("those who account for the policy are shown the whole of it", () => {
  for (const role of ["AUDITOR", "DPO"] as const) expect(viewOf(new Set([role, "SUPPORT"]))).toBe(schema);
});

test("the part of a set of roles is decided once, whatever their order", () => {
  expect(viewOf(new Set(["SUBJECT", "SUPPORT"]))).toBe(viewOf(new Set(["SUPPORT", "SUBJECT"])));
});

test("arguments and enum values that are of no use are left out", () => {
  const subject = viewOf(new Set(["SUBJECT"]));
  const fieldsOf = (view: GraphQLSchema, name: string) => {
    const type = view.getType(name);
    return type && "getFields" in type ? Object.keys(type.getFields()) : null;
  };
  expect(fieldsOf(schema, "RectifyInput")).toEqual(
    expect.arrayContaining(["subjectId", "requestId", "changes"]),
  );
  expect(fieldsOf(subject, "RectifyInput")).toEqual(["changes"]);
  expect(fieldsOf(viewOf(new Set(["SUPPORT"])), "RectifyInput")).toBeNull();
  const valuesOf = (view: GraphQLSchema, name: string) => {
    const type = view.getType(name);
    return isEnumType(type) ? type.getValues().map(({ value }) => value as string) : null;
  };
  expect(valuesOf(subject, "MatchProblem")).toBeNull();
  expect(valuesOf(schema, "MatchProblem")).not.toBeNull();
  // Nothing that shows a purpose, and no policy that names one, is left in this part.
  const narrow = createRoleViews(schema, onlyIdOf(policies))(new Set(["EVENTS"]));
  expect(valuesOf(narrow, "Purpose")).toEqual(["EVENT_ADMINISTRATION"]);
  expect(valuesOf(narrow, "DataCategory")).toBeNull();
  expect(narrow.getDirective("personalData")).toBeUndefined();
});

/** Policies that open nothing of a person but their id, and who they are to whoever organises events. */
function onlyIdOf(all: Policies): Policies {
  return new Map(
    [...all].filter(([coordinate]) => /^(Query\.dataSubject|DataSubject\.id)$/.test(coordinate)),
  );
}

describe("interfaces", () => {
  const labelled = { label: { kind: "public" } };
  const withInterface = buildSchema(`
    interface Held { open: String secret: String }
    type Ours implements Held { open: String secret: String own: String }
    type Theirs implements Held { open: String secret: String }
    type Hidden implements Held { open: String secret: String }
    type Query { held: Held }`);
  for (const name of ["Held", "Ours", "Theirs", "Hidden", "Query"]) {
    const type = withInterface.getType(name);
    if (!type || !("getFields" in type)) throw new Error(name);
    type.extensions = name === "Hidden" ? forRole("DPO") : labelled;
    const { secret } = type.getFields();
    if (secret && name === "Theirs") secret.extensions = forRole("DPO");
  }
  const full = new GraphQLSchema({
    ...withInterface.toConfig(),
    types: [...withInterface.toConfig().types, ...appliedDirectiveTypes()],
  });
  const partOf = createRoleViews(full, policiesOf(full));
  extendIntrospection(full, (context) => partOf((context as { roles: ReadonlySet<Role> }).roles));

  test("show what every type behind them shows, and lead to those types alone", () => {
    const view = partOf(new Set(["SUPPORT"]));
    assertValidSchema(view);
    expect(shownIn(view)).toEqual(["Ours.open", "Ours.own", "Ours.secret", "Query.held", "Theirs.open"]);
    const held = view.getType("Held");
    expect(held && "getFields" in held && Object.keys(held.getFields())).toEqual(["open"]);
  });

  test("are introspected so, though the schema that is executed has more", () => {
    const document = parse('{ __type(name: "Held") { possibleTypes { name fields { name } } } }');
    const seen = (role: Role) =>
      executeSync({ schema: full, document, contextValue: { roles: new Set([role]) } }).data;
    expect(JSON.stringify(seen("SUPPORT"))).not.toContain("Hidden");
    expect(JSON.stringify(seen("SUPPORT"))).toContain("Theirs");
    expect(JSON.stringify(seen("AUDITOR"))).toContain("Hidden");
  });
});

function forRole(role: Role) {
  return { label: { kind: "roles", roles: [role], changes: false } };
}
