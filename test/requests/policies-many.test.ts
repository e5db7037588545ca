import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { inTransaction } from "../../src/store/tables.ts";
import { createPeople, type RegisterParts, remember } from "../../src/subjects/people.ts";
import type { Gateway } from "../setup/gateway.ts";
import { openRegister } from "../setup/register.ts";
import { type Killable, openKillable } from "./killable.ts";
import { dpo, openWorld, type World } from "./world.ts";

/** Persons who have each shown an address to be theirs. */
async function meet(gateway: Gateway, addresses: readonly string[]): Promise<void> {
  await using register = await openRegister(gateway);
  for (const address of addresses) await meetOne(register, address);
}

async function meetOne(register: RegisterParts, value: string): Promise<void> {
  const identifier = { kind: "EMAIL", value } as const;
  const { id } = await createPeople(register).enrolFound(identifier);
  await inTransaction(register.store, (db) => remember(db, register, id, "CONFIRMED", [identifier]));
}

const publish = `mutation($input: PublishPrivacyPolicyInput!) { publishPrivacyPolicy(input: $input) { __typename ... on Refusal { rule } } }`;
const policy = {
  version: "2028-01-01",
  text: "Vi lagrer minst mulig.",
  language: "nb",
  changes: "Kortere.",
  requiresConsent: true,
};

const states = async ({ rows }: Pick<Gateway, "rows">) => {
  const found = await rows<{ state: string; n: number }>(
    "select state, count(*)::int as n from policy_notice group by state",
  );
  return Object.fromEntries(found.map(({ state, n }) => [state, n]));
};
const mails = async ({ outside }: Pick<Gateway, "outside">) =>
  (await outside.mails()).filter(({ text }) => text.includes("2028-01-01"));

const readers = Array.from({ length: 620 }, (_, n) => `leser.${n}@example.com`);
/** As no mail server would take it. */
const refusedAddress = "to,mottakere@example.com";

describe("more persons than are gone through at one go", () => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld({ replicas: 2 });
    await meet(world.gateway, [refusedAddress, ...readers]);
  }, 120_000);
  afterAll(() => world[Symbol.asyncDispose]());

  it("are told once each, and an address that is refused holds up no other", async () => {
    const { gateway } = world;
    await gateway.query(publish, { input: policy }, { as: dpo });
    await expect
      .poll(async () => (await states(gateway))["TOLD"], { timeout: 90_000, interval: 500 })
      .toBe(readers.length);
    const sent = await mails(gateway);
    // The mailbox keeps the latest.
    expect(sent.length).toBeGreaterThan(100);
    expect(sent.filter(({ deliveries }) => deliveries !== 1)).toEqual([]);
    expect(new Set(sent.map(({ to }) => to)).size).toBe(sent.length);
    expect(readers).toEqual(expect.arrayContaining(sent.map(({ to }) => to)));

    const waiting = async () =>
      (
        await gateway.query<{ privacyPolicies: readonly { reach: object }[] }>(
          "{ privacyPolicies { reach { waiting failed complete told } } }",
          {},
          { as: dpo },
        )
      ).data?.privacyPolicies[0]?.reach;
    await expect.poll(waiting, { timeout: 30_000 }).toEqual({
      waiting: 1,
      failed: 1,
      complete: false,
      told: readers.length,
    });
  }, 150_000);

  it("are counted, one message each, and nobody is named in the log", async () => {
    const { gateway } = world;
    const texts = await Promise.all(gateway.urls.map(async (url) => (await fetch(`${url}/metrics`)).text()));
    const told = texts.flatMap(
      (text) => /innsyn_policy_notices_total\{outcome="told"\} (\d+)/.exec(text)?.[1] ?? [],
    );
    expect(told.map(Number).reduce((sum, n) => sum + n, 0)).toBe(readers.length);
    expect(texts.join("\n")).toMatch(/innsyn_policy_notices_total\{outcome="failed"\} [1-9]/);
    expect(texts[0]).toMatch(/^innsyn_policy_notices_open 1$/m);
    expect(gateway.lines.join("\n")).not.toMatch(/leser\.|mottakere/);
  });
});

describe("a replica that is killed whenever the mail server has taken a message", () => {
  let folder: string;
  let killable: Killable;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "innsyn-killed-"));
    killable = await openKillable(join(folder, "mails"));
    await meet(killable.world.gateway, readers.slice(0, 6));
  }, 60_000);
  afterAll(async () => {
    await killable[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  it("goes on where it was, and each person has one message", async () => {
    const { gateway } = killable.world;
    await killable.ask(publish, { input: policy }, dpo);
    await expect
      .poll(async () => (await states(gateway))["TOLD"], { timeout: 150_000, interval: 500 })
      .toBe(6);
    expect((await killable.killed()).length).toBeGreaterThan(1);
    const sent = await mails(gateway);
    expect(sent.map(({ to }) => to).toSorted()).toEqual(readers.slice(0, 6));
    const { PENDING, ...others } = await states(gateway);
    expect(PENDING).toBeUndefined();
    expect(others["TOLD"]).toBe(6);
  }, 180_000);
});
