import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type ConstDirectiveNode, getIntrospectionQuery, Kind, parse, print } from "graphql";
import { afterAll, beforeAll, expect, test } from "vitest";
import { gatewaySchema } from "../../src/graphql/schema.ts";
import { printGatewaySchema } from "../../src/graphql/print.ts";
import { type Gateway, startGateway } from "../setup/gateway.ts";

let gateway: Gateway;
let folder: string;
beforeAll(async () => {
  gateway = await startGateway({ introspectableBy: new Set(["AUDITOR", "DPO"]) });
  folder = await mkdtemp(join(tmpdir(), "innsyn-clients-"));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
  await gateway[Symbol.asyncDispose]();
});

const root = fileURLToPath(new URL("../../", import.meta.url));
const auditor = "auditor@intech.example";
const run = promisify(execFile);

interface Applied {
  readonly name: string;
  readonly args: readonly { readonly name: string; readonly value: string | null }[];
}
interface Introspected {
  readonly __schema: {
    readonly types: readonly {
      readonly name: string;
      readonly appliedDirectives: readonly Applied[];
      readonly fields:
        readonly { readonly name: string; readonly appliedDirectives: readonly Applied[] }[] | null;
    }[];
  };
}

/** As SDL, without the defaults that introspection says and SDL leaves out. */
const printed = ({ name, args }: Applied) =>
  `@${name}(${args
    .filter((arg) => !["write: []", "special: false"].includes(`${arg.name}: ${arg.value}`))
    .map((arg) => `${arg.name}: ${arg.value}`)
    .sort()
    .join(", ")})`;
const written = ({ name, arguments: args = [] }: ConstDirectiveNode) =>
  `@${name.value}(${args
    .map((arg) => print(arg))
    .sort()
    .join(", ")})`;

test("a client that knows nothing of the gateway prints the policy of every coordinate", async () => {
  const document = await readFile(join(root, "docs/examples/introspection.graphql"), "utf8");
  const { data, errors } = await gateway.query<Introspected>(document, {}, { as: auditor });
  expect(errors).toBeUndefined();
  const shown = new Map<string, readonly string[]>();
  for (const type of data?.["__schema"].types ?? []) {
    if (type.name.startsWith("__")) continue;
    shown.set(type.name, type.appliedDirectives.map(printed).sort());
    for (const field of type.fields ?? [])
      shown.set(`${type.name}.${field.name}`, field.appliedDirectives.map(printed).sort());
  }
  // schema.graphql is written by another way.
  const kept = new Map<string, readonly string[]>();
  for (const definition of parse(printGatewaySchema()).definitions) {
    if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION) continue;
    kept.set(definition.name.value, (definition.directives ?? []).map(written).sort());
    for (const field of definition.fields ?? [])
      kept.set(`${definition.name.value}.${field.name.value}`, (field.directives ?? []).map(written).sort());
  }
  for (const [coordinate, directives] of kept) expect(shown.get(coordinate), coordinate).toEqual(directives);
  for (const coordinate of gatewaySchema().policies.keys())
    expect(shown.get(coordinate)?.join(" "), coordinate).toMatch(/@access\(read: \[/);
});

test("what a coordinate is shown with is what is enforced, defaults too", async () => {
  const { data } = await gateway.query<{
    email: { fields: readonly { name: string; appliedDirectives: readonly Applied[] }[] };
  }>(
    '{ email: __type(name: "CustomerRecord") { fields { name appliedDirectives { name args { name value } } } } }',
    {},
    { as: auditor },
  );
  expect(data?.email.fields.find(({ name }) => name === "email")?.appliedDirectives).toEqual([
    {
      name: "access",
      args: [
        { name: "read", value: "[SUBJECT, SUPPORT, MARKETING, ACCOUNTING, DPO]" },
        { name: "write", value: "[SUBJECT, DPO]" },
      ],
    },
    {
      name: "personalData",
      args: [
        { name: "category", value: "CONTACT" },
        { name: "purposes", value: expect.stringMatching(/^\[CUSTOMER_INFORMATION, /) },
        { name: "legalBasis", value: "CONTRACT" },
        { name: "retention", value: expect.stringMatching(/^"P\w+ after .*"$/) },
        { name: "source", value: '"crm"' },
        { name: "special", value: "false" },
      ],
    },
  ]);
});

test("arguments, input fields, enum values and the schema say what stands at them; introspection tells of itself", async () => {
  const { data, errors } = await gateway.query<Record<string, unknown>>(
    `{ __schema { appliedDirectives { name } }
       query: __type(name: "Query") { fields { args { name appliedDirectives { name } } } }
       input: __type(name: "RectifyInput") { inputFields { name appliedDirectives { name } } }
       role: __type(name: "Role") { enumValues { name appliedDirectives { name } } }
       own: __type(name: "__Field") { fields { name type { ofType { ofType { ofType { name } } } } } }
       list: __type(name: "CustomerRecord") { fields { type { appliedDirectives { name } } } } }`,
    {},
    { as: auditor },
  );
  expect(errors).toBeUndefined();
  expect(data?.["__schema"]).toEqual({ appliedDirectives: [] });
  expect(data?.["role"]).toMatchObject({
    enumValues: expect.arrayContaining([{ name: "AUDITOR", appliedDirectives: [] }]),
  });
  expect(data?.["own"]).toMatchObject({
    fields: expect.arrayContaining([
      { name: "appliedDirectives", type: { ofType: { ofType: { ofType: { name: "_AppliedDirective" } } } } },
    ]),
  });
});

/** In a process whose graphql is as it was published. */
async function stockClient(
  queryOptions: object,
): Promise<{ readonly types: number; readonly email: string }> {
  const script = join(folder, "client.mjs");
  await writeFile(
    script,
    `import { createRequire } from "node:module";
     const { assertValidSchema, buildClientSchema, getIntrospectionQuery } = createRequire(${JSON.stringify(`${root}package.json`)})("graphql");
     const query = getIntrospectionQuery(${JSON.stringify(queryOptions)});
     const answer = await fetch(process.env.URL, { method: "POST", body: JSON.stringify({ query }),
       headers: { "content-type": "application/json", authorization: "Bearer " + process.env.TOKEN } });
     const { data, errors } = await answer.json();
     if (errors) throw new Error(JSON.stringify(errors));
     const schema = buildClientSchema(data);
     assertValidSchema(schema);
     console.log(JSON.stringify({ types: Object.keys(schema.getTypeMap()).length,
       email: String(schema.getType("CustomerRecord").getFields().email.type) }));`,
  );
  const env = { ...process.env, URL: `${gateway.url}/graphql`, TOKEN: await gateway.token(auditor) };
  const { stdout } = await run(process.execPath, [script], { env });
  return JSON.parse(stdout) as { types: number; email: string };
}

test.each([
  ["the shortest", { descriptions: false }],
  ["GraphiQL's", { inputValueDeprecation: true, schemaDescription: true, specifiedByUrl: true }],
  [
    "the longest",
    {
      descriptions: true,
      specifiedByUrl: true,
      directiveIsRepeatable: true,
      schemaDescription: true,
      inputValueDeprecation: true,
      oneOf: true,
      experimentalDirectiveDeprecation: true,
    },
  ],
])("a stock client builds its schema from %s introspection query", async (_, options) => {
  expect(() => parse(getIntrospectionQuery(options))).not.toThrow();
  const { types, email } = await stockClient(options);
  expect(types).toBeGreaterThan(150);
  expect(email).toBe("String");
});

test("graphql-codegen loads the schema from the running gateway, with a token", async () => {
  const output = join(folder, "generated/");
  const config = join(folder, "codegen.json");
  await writeFile(
    config,
    JSON.stringify({
      schema: {
        [`${gateway.url}/graphql`]: { headers: { authorization: `Bearer ${await gateway.token(auditor)}` } },
      },
      documents: [join(root, "docs/examples/{access,field-policies}.graphql")],
      generates: { [output]: { preset: "client" } },
    }),
  );
  await run(process.execPath, [join(root, "node_modules/.bin/graphql-codegen"), "--config", config], {
    cwd: root,
  });
  const types = await readFile(join(output, "graphql.ts"), "utf8");
  expect(types).toContain("export type FieldPoliciesQuery =");
});
