import { afterAll, beforeAll, expect, it } from "vitest";
import { ended, erase, planOf, withoutDocuments } from "./erasing.ts";
import { idOf } from "./rights.ts";
import { dpo, openWorld, type World } from "./world.ts";

const eva = "eva.enebo@example.com";
const anne = "anne.berg@example.com";

let world: World;
beforeAll(async () => {
  world = await openWorld({
    config: (config) => ({ ...config, requests: { ...config.requests, scanSeconds: 1 } }),
  });
});
afterAll(() => world[Symbol.asyncDispose]());

async function customer(as: string): Promise<string | null> {
  const { data } = await world.gateway.query<{ me: { crm: { name: string } | null } }>(
    "{ me { crm { name } } }",
    {},
    { as },
  );
  return data?.me.crm?.name ?? null;
}

/** The DPO settles whose a record of the CRM is. */
async function settle(mutation: "linkIdentity" | "unlinkIdentity", input: object): Promise<void> {
  const type = mutation === "linkIdentity" ? "LinkIdentityInput" : "UnlinkIdentityInput";
  const { data } = await world.gateway.query<Record<string, { code?: string }>>(
    `mutation($input: ${type}!) { ${mutation}(input: $input) { ... on Refusal { code } } }`,
    { input: { ...input, source: "crm", because: "Undersøkt" } },
    { as: dpo },
  );
  expect(data?.[mutation]).toEqual({});
}

/** Looks that a scan takes at everybody in the CRM, from now on. */
async function scanned(times = 2): Promise<void> {
  const count = async () => {
    const text = await (await fetch(new URL("/metrics", world.gateway.url))).text();
    return Number(/innsyn_suppression_scans_total\{source="crm",outcome="ok"\} (\d+)/.exec(text)?.[1] ?? 0);
  };
  const before = await count();
  await expect.poll(count, { timeout: 15_000 }).toBeGreaterThanOrEqual(before + times);
}

const reappearances = () => world.gateway.rows("select source from reappearance where decided_at is null");

it("a record that was settled not to be theirs is not shown to whoever comes back, nor counted as theirs", async () => {
  await world.own(
    "crm",
    `insert into kontakt (kontakt_id, kundenr, navn, epost, kunde_siden, sist_aktiv, endret)
     values (990002, 'K-990002', 'Ektefellen Strand', $1, now(), now(), now())`,
    [eva],
  );
  await settle("unlinkIdentity", { subjectId: await idOf(world, eva) });
  expect(await customer(eva)).toBeNull();
  const { request } = await erase(world, eva);
  expect(await world.until(request.id, ...ended, "NEEDS_ATTENTION")).toBe("COMPLETED");
  await scanned();
  expect(await reappearances()).toEqual([]);
  expect(await customer(eva)).toBeNull();
  expect((await planOf(world, eva)).items.filter(({ source }) => source === "crm")).toEqual([]);
  const { data } = await world.gateway.query<{ findDataSubjects: { ambiguous: boolean }[] }>(
    `{ findDataSubjects(identifier: { kind: CUSTOMER_NUMBER, value: "K-990002" }, purpose: CUSTOMER_SUPPORT) {
      ambiguous subject { crm { name } } } }`,
    {},
    { as: "support@intech.example" },
  );
  expect(data?.findDataSubjects).toEqual([
    { ambiguous: false, subject: { crm: { name: "Ektefellen Strand" } } },
  ]);
  // Of why, nothing is left.
  const [decision] = await world.gateway.rows<{ decided_by: string; decision: string }>(
    "select decision, decided_by from match_decision where subject_id = $1",
    [await idOf(world, eva)],
  );
  expect(decision).toEqual({ decision: "UNLINKED", decided_by: "" });
});

it("whoever is met as somebody new is not shown it either", async () => {
  const ingrid = "ingrid.aas@example.com";
  const before = await idOf(world, ingrid);
  const { data } = await world.gateway.query<{ me: { crm: { customerNumber: string } } }>(
    "{ me { crm { customerNumber } } }",
    {},
    { as: ingrid },
  );
  await world.own(
    "crm",
    `insert into kontakt (kontakt_id, kundenr, navn, epost, kunde_siden, sist_aktiv, endret)
     values (990003, 'K-990003', 'Naboen Strand', $1, now(), now(), now())`,
    [ingrid],
  );
  const identifier = { kind: "CUSTOMER_NUMBER", value: data?.me.crm.customerNumber };
  await settle("linkIdentity", { subjectId: before, identifier });
  const { request } = await erase(world, ingrid);
  expect(await world.until(request.id, ...ended, "NEEDS_ATTENTION")).toBe("COMPLETED_WITH_RETENTION");
  // What the neighbour goes by as well is on no list; the customer number is.
  await world.own(
    "learning",
    `insert into mdl_user (id, username, password, idnumber, firstname, lastname, email, timecreated, timemodified)
     values (99999999, 'ny', 'x', $1, 'Ingrid', 'Aas', 'ingrid.ny@example.com', 1, 1)`,
    [identifier.value],
  );
  await expect.poll(reappearances, { timeout: 15_000 }).toEqual([{ source: "learning" }]);
  const [waits] = await world.gateway.rows<{ id: string }>(
    "select id from reappearance where decided_at is null",
  );
  await world.gateway.query(
    `mutation($id: ID!) {
      settleReappearance(input: { id: $id, newRelationship: true, because: "Meldte seg på" }) { __typename }
    }`,
    { id: waits?.id },
    { as: dpo },
  );
  expect(await idOf(world, ingrid)).not.toBe(before);
  expect(await customer(ingrid)).toBeNull();
});

it("whoever shared an address does not see the other's record once their own is erased", async () => {
  const [own] = await world.own<{ id: number; kundenr: string }>(
    "crm",
    "select kontakt_id as id, kundenr from kontakt where navn = 'Anne Berg' and epost ilike 'familien.berg%'",
  );
  const contact = own ?? expect.fail();
  await withoutDocuments(world, contact.id);
  const identifier = { kind: "CUSTOMER_NUMBER", value: contact.kundenr };
  await settle("linkIdentity", { subjectId: await idOf(world, anne), identifier });
  expect(await customer(anne)).toBe("Anne Berg");
  const { request } = await erase(world, anne);
  expect(await world.until(request.id, ...ended, "NEEDS_ATTENTION")).toBe("COMPLETED");
  expect(await customer(anne)).toBeNull();
  await scanned();
  expect(await reappearances()).toEqual([]);
});
