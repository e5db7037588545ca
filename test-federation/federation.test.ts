import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { createGatewayRuntime } from "@graphql-hive/gateway-runtime";
import { buildSchema, isObjectType } from "graphql";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Gateway, startGateway } from "../test/setup/gateway.ts";
import { serve } from "./serve.ts";
import { type Shop, startShop } from "./shop.ts";

const kari = "kari.nordmann@example.com";
const ingrid = "ingrid.aas@example.com";
const support = "support@intech.example";
const nobody = "00000000-0000-4000-8000-000000000000";

const contract = await readFile(new URL("../schema.graphql", import.meta.url), "utf8");

const parts = new AsyncDisposableStack();
let gateway: Gateway;
let shop: Shop;
let supergraph: string;
let router: string;
const ids: Record<string, string> = {};

beforeAll(async () => {
  gateway = parts.use(await startGateway());
  shop = parts.use(await startShop());
  for (const as of [kari, ingrid]) {
    const { data } = await gateway.query<{ me: { id: string } }>("{ me { id } }", {}, { as });
    ids[as] = data?.me.id ?? expect.fail();
  }
  shop.points.set(ids[kari]!, 120).set(ids[ingrid]!, 7).set(nobody, 1);
  supergraph = await compose();
  const runtime = createGatewayRuntime({
    supergraph,
    logging: false,
    propagateHeaders: {
      fromClientToSubgraphs: ({ request, subgraphName }) =>
        subgraphName.toLowerCase() === "innsyn"
          ? Object.fromEntries(
              ["authorization", "innsyn-purpose", "accept-language"].flatMap((name) => {
                const value = request.headers.get(name);
                return value === null ? [] : [[name, value]];
              }),
            )
          : {},
    },
  });
  parts.use(runtime);
  router = parts.use(await serve(runtime)).url;
});
afterAll(() => parts.disposeAsync());

/** As the operator's page says, from what each subgraph says of itself. */
async function compose(): Promise<string> {
  const page = await readFile(new URL("../docs/operator.md", import.meta.url), "utf8");
  const [, script = expect.fail()] = /^## As a subgraph$[^]*?^```js$([^]*?)^```$/m.exec(page) ?? [];
  const { data } = await gateway.query<{ service: { sdl: string } }>(
    "{ service: _service { sdl } }",
    {},
    { as: "dpo@intech.example" },
  );
  const urls = { innsyn: `${gateway.url}/graphql`, shop: shop.url };
  // Below what the script imports.
  const folder = await mkdtemp(fileURLToPath(new URL("node_modules/.compose-", import.meta.url)));
  try {
    await writeFile(join(folder, "innsyn.graphql"), data?.service.sdl ?? expect.fail());
    await writeFile(join(folder, "shop.graphql"), shop.sdl);
    await writeFile(
      join(folder, "compose.mjs"),
      script.replace(/^const urls = .*$/m, `const urls = ${JSON.stringify(urls)};`),
    );
    const { stderr } = await promisify(execFile)(process.execPath, ["compose.mjs"], { cwd: folder });
    expect(stderr).toBe("");
    return await readFile(join(folder, "supergraph.graphql"), "utf8");
  } finally {
    await rm(folder, { recursive: true });
  }
}

interface Answer {
  readonly data?: unknown;
  readonly errors?: readonly {
    readonly path?: readonly unknown[];
    readonly extensions?: { readonly code?: string };
  }[];
}

async function ask(
  query: string,
  as: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const response = await fetch(router, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      authorization: `Bearer ${await gateway.token(as)}`,
      ...headers,
    },
    body: JSON.stringify({ query }),
  });
  return (await response.json()) as Answer;
}

describe("the supergraph", () => {
  test("keeps the policy of every coordinate", () => {
    const person = supergraph.slice(supergraph.indexOf("type CustomerRecord "));
    expect(person).toMatch(
      /^ {2}email: String @access\(\s*read: \[SUBJECT, SUPPORT.*\]\s*\) @personalData\(\s*category: CONTACT/m,
    );
    const labels = (text: string) => text.split("@personalData(").length;
    expect(labels(supergraph)).toBeGreaterThan(300);
  });

  test("has one person, of both", () => {
    const person = buildSchema(supergraph, { assumeValidSDL: true }).getType("DataSubject");
    expect(isObjectType(person) && Object.keys(person.getFields())).toEqual(
      expect.arrayContaining(["id", "crm", "notice", "loyaltyPoints"]),
    );
  });

  test("has all that the gateway has, but what is said to be left out", () => {
    const fields = (sdl: string) => {
      const types = Object.values(buildSchema(sdl, { assumeValidSDL: true }).getTypeMap());
      return types.flatMap((type) =>
        isObjectType(type) && !type.name.startsWith("_")
          ? Object.keys(type.getFields()).map((field) => `${type.name}.${field}`)
          : [],
      );
    };
    const kept = new Set(fields(supergraph));
    expect(fields(contract).filter((field) => !kept.has(field) && !/^Subscription\w*\./.test(field))).toEqual(
      ["Query._entities", "Query._service", "SubscriberRecord.subscriptions"],
    );
  });

  test("makes no root of subscriptions of the mailing lists", () => {
    expect(buildSchema(supergraph, { assumeValidSDL: true }).getSubscriptionType() ?? null).toBeNull();
  });
});

test("the gateway says of itself what the repository's command writes", async () => {
  const { stdout } = await promisify(execFile)("npm", ["run", "--silent", "subgraph"], {
    maxBuffer: 10_000_000,
  });
  const { data } = await gateway.query<{ service: { sdl: string } }>(
    "{ service: _service { sdl } }",
    {},
    { as: "dpo@intech.example" },
  );
  expect(stdout).toBe(data?.service.sdl);
});

describe("through a router", () => {
  test("a person reads what both hold of them", async () => {
    expect(await ask("{ me { id crm { name } loyaltyPoints } }", kari)).toEqual({
      data: { me: { id: ids[kari], crm: { name: "Kari Nordmann" }, loyaltyPoints: 120 } },
    });
  });

  test("a person whom the other refers to is found here, and nobody else", async () => {
    expect(await ask("{ customers { id loyaltyPoints crm { name } } }", kari)).toEqual({
      data: {
        customers: [
          { id: ids[kari], loyaltyPoints: 120, crm: { name: "Kari Nordmann" } },
          { id: ids[ingrid], loyaltyPoints: 7, crm: null },
          { id: nobody, loyaltyPoints: 1, crm: null },
        ],
      },
    });
  });

  test("staff read others for the purpose that the request states", async () => {
    const document = "{ customers { id crm { name } } }";
    const stated = { "innsyn-purpose": "CUSTOMER_SUPPORT" };
    expect(await ask(document, support, stated)).toEqual({
      data: {
        customers: [
          { id: ids[kari], crm: { name: "Kari Nordmann" } },
          { id: ids[ingrid], crm: { name: "Ingrid Aas" } },
          { id: nobody, crm: null },
        ],
      },
    });
    const { data, errors } = await ask(document, support);
    expect(JSON.stringify(data ?? null)).not.toContain("Nordmann");
    expect(errors?.[0]?.extensions?.code).toBe("PURPOSE_REQUIRED");
  });

  test("what may not be read is refused here, whoever asks for it", async () => {
    const { errors } = await ask("{ customers { id mailing { address } } }", support, {
      "innsyn-purpose": "CUSTOMER_SUPPORT",
    });
    expect(errors?.[0]?.extensions?.code).toBe("FORBIDDEN");
  });

  test("the other subgraph gets nobody's token", async () => {
    await ask("{ me { loyaltyPoints } }", kari);
    expect(shop.headers.length).toBeGreaterThan(0);
    expect(shop.headers.filter(({ authorization }) => authorization !== undefined)).toEqual([]);
  });
});
