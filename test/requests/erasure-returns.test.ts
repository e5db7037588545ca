import { afterAll, beforeAll, expect, it } from "vitest";
import { ended, erase } from "./erasing.ts";
import { idOf, look } from "./rights.ts";
import { dpo, kari, openWorld, type World } from "./world.ts";

const support = "support@intech.example";
const accounting = "accounting@intech.example";

let world: World;
let before: string;
beforeAll(async () => {
  world = await openWorld({
    config: (config) => ({ ...config, requests: { ...config.requests, scanSeconds: 1 } }),
  });
  before = await idOf(world, kari);
  const { request } = await erase(world, kari);
  expect(await world.until(request.id, ...ended)).toBe("COMPLETED_WITH_RETENTION");
});
afterAll(() => world[Symbol.asyncDispose]());

interface Waiting {
  readonly reappearances: {
    readonly edges: readonly { readonly node: { readonly id: string; readonly source: string } }[];
  };
}

async function waiting() {
  const { data } = await world.gateway.query<Waiting>(
    "{ reappearances { edges { node { id source } } } }",
    {},
    { as: dpo },
  );
  return data?.reappearances.edges.map(({ node }) => node) ?? [];
}

async function seen() {
  for (const end = Date.now() + 15_000; Date.now() < end;) {
    const [first] = await waiting();
    if (first) return first;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("nobody has come up again");
}

it("what the law keeps of somebody is no reappearance", async () => {
  await new Promise((resolve) => setTimeout(resolve, 2_500));
  expect(await waiting()).toEqual([]);
});

it("whoever becomes a customer again is somebody new, and what is kept of before stays restricted", async () => {
  await world.own(
    "crm",
    `insert into kontakt (kontakt_id, kundenr, navn, epost, kunde_siden, sist_aktiv, endret)
     values (990001, 'K-990001', 'Kari Nordmann', $1, now(), now(), now())`,
    [kari],
  );
  const { id, source } = await seen();
  expect(source).toBe("crm");
  const settled = await world.gateway.query<{ settleReappearance: { subject: { id: string } } }>(
    `mutation($id: ID!) { settleReappearance(input: { id: $id, newRelationship: true, because: "Ny ordre" }) { ... on ReappearancePayload { subject { id } } } }`,
    { id },
    { as: dpo },
  );
  expect(settled.data?.settleReappearance.subject.id).toBe(before);
  const after = await idOf(world, kari);
  expect(after).not.toBe(before);
  const own = await world.gateway.query<{ me: { crm: { customerNumber: string } } }>(
    "{ me { crm { customerNumber } } }",
    {},
    { as: kari },
  );
  expect(own.data?.me.crm.customerNumber).toBe("K-990001");
  expect(await look(world, after, "CUSTOMER_SUPPORT", support)).toBe("SHOWN");
  expect(await look(world, before, "CUSTOMER_SUPPORT", support)).toBe("PROCESSING_RESTRICTED");
  expect(await look(world, before, "BOOKKEEPING", accounting)).toBe("SHOWN");
  expect(await waiting()).toEqual([]);
});
