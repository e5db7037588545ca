import { afterAll, beforeAll, expect, it } from "vitest";
import { dueAt, extendedDueAt } from "../../src/requests/deadline.ts";
import { setClock } from "../setup/clock.ts";
import { ask, letter } from "./rights.ts";
import { dpo, kari, openWorld, type World } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await openWorld({
    config: (config) => ({ ...config, erasure: { ...config.erasure, dpoDecides: true } }),
  });
});
afterAll(() => world[Symbol.asyncDispose]());

interface Shown {
  readonly status: string;
  readonly dueAt: string;
  readonly extendedBecause: string | null;
  readonly waitsFor: string | null;
  readonly steps: readonly {
    readonly id: string;
    readonly action: string;
    readonly recordType: string | null;
    readonly state: string;
    readonly nextAttemptAt: string | null;
    readonly outcome: { readonly detail: string | null };
  }[];
}

async function shown(id: string, as = dpo): Promise<Shown> {
  const { data, text } = await world.gateway.query<{ request: Shown }>(
    `query($id: ID!) { request(id: $id) { status dueAt extendedBecause waitsFor
      steps { id action recordType state nextAttemptAt outcome { detail } } } }`,
    { id },
    { as },
  );
  return data?.request ?? expect.fail(text);
}

const extend = (id: string, as = dpo, because = "Vi må lete i fem systemer.") =>
  ask(world, "extendDeadline", { id, because }, { as });

/** Resolves with what the letter has come to. */
async function told(id: string, state: string) {
  const found = async () => (await shown(id)).steps.find(({ recordType }) => recordType === "EXTENSION");
  await expect.poll(async () => (await found())?.state, { timeout: 10_000 }).toBe(state);
  return (await found()) ?? expect.fail();
}

it("extends what the DPO is to decide once: begins nothing, tells the person why, and is decided later", async () => {
  const { data } = await world.gateway.query<{ me: { erasurePlan: { hash: string } } }>(
    "{ me { erasurePlan { hash } } }",
    {},
    { as: kari },
  );
  const { request } = await ask(
    world,
    "requestErasure",
    { planHash: data?.me.erasurePlan.hash },
    { as: kari, strongly: true },
  );
  const before = await shown(request.id);
  expect(before).toMatchObject({ status: "AWAITING_DECISION", extendedBecause: null, waitsFor: "STAFF" });
  await extend(request.id);
  await told(request.id, "DONE");
  const [row] = await world.gateway.rows<{ received_at: Date }>(
    "select received_at from request where id = $1",
    [request.id],
  );
  const receivedAt = row?.received_at ?? expect.fail();
  expect(before.dueAt).toBe(dueAt(receivedAt).toISOString());
  for (const as of [dpo, kari])
    expect(await shown(request.id, as)).toMatchObject({
      status: "AWAITING_DECISION",
      dueAt: extendedDueAt(receivedAt).toISOString(),
      extendedBecause: "Vi må lete i fem systemer.",
    });
  const others = (await shown(request.id)).steps.filter(
    ({ recordType }) => recordType !== "EXTENSION" && recordType !== "RECEIVED",
  );
  expect(new Set(others.map(({ state, nextAttemptAt }) => `${state} ${nextAttemptAt}`))).toEqual(
    new Set(["PENDING null"]),
  );
  const mails = (await world.gateway.outside.mails()).filter(
    ({ to, subject }) => to === kari && subject !== "We have received your request",
  );
  expect(mails.map(({ subject }) => subject)).toEqual(["Your request takes longer"]);
  expect(JSON.stringify(mails)).not.toMatch(/fem systemer|Nordmann/);
  expect(await extend(request.id)).toMatchObject({ code: "WRONG_STATE", rule: "ALREADY_EXTENDED" });
  const trail = await world.gateway.rows(
    "select event, actor_role, coordinates from audit_entry where detail = 'DEADLINE_EXTENDED'",
  );
  expect(trail).toEqual([{ event: "DECIDED", actor_role: "DPO", coordinates: ["Mutation.extendDeadline"] }]);
  await ask(
    world,
    "decideRequest",
    { id: request.id, approve: false, explanation: "Nei.", legalGround: "EXCESSIVE" },
    { as: dpo },
  );
  await world.until(request.id, "REFUSED");
  expect((await shown(request.id)).waitsFor).toBeNull();
  expect(await extend(request.id)).toMatchObject({ code: "WRONG_STATE", rule: "REQUEST_CLOSED" });
});

it("has staff tell whoever has shown no address, and leaves the request where it is", async () => {
  const { id } = await letter(world, "ACCESS", "siv.stille@example.com", {});
  expect(await shown(id)).toMatchObject({ status: "AWAITING_IDENTITY", waitsFor: "STAFF" });
  await extend(id);
  const step = await told(id, "FAILED");
  expect(step.outcome.detail).toMatch(/e-mail address|e-postadresse/);
  expect(await shown(id)).toMatchObject({ status: "AWAITING_IDENTITY", waitsFor: "STAFF" });
  await ask(world, "confirmStep", { id, stepId: step.id, because: "Sendte brev" }, { as: dpo });
  // Nobody has sent them a code.
  expect(await shown(id)).toMatchObject({ status: "AWAITING_IDENTITY", waitsFor: "STAFF" });
  await ask(world, "establishIdentity", { id, establishedBy: "Ringte" }, { as: dpo });
  expect(await shown(id)).toMatchObject({ status: "AWAITING_DECISION", waitsFor: "STAFF" });
});

it("tells whoever shows who they are afterwards, at the address that is known to be theirs since", async () => {
  const stor = "stor.leser@example.com";
  const { id } = await letter(world, "ACCESS", stor, {});
  await extend(id);
  await told(id, "FAILED");
  const { data } = await world.gateway.query<{ confirmIdentity: { status: string } }>(
    `mutation($input: ConfirmIdentityInput!) {
      confirmIdentity(input: $input) { ... on IdentityConfirmed { status } } }`,
    { input: { id } },
    { as: stor, strongly: true },
  );
  expect(data?.confirmIdentity.status).toBe("AWAITING_DECISION");
  await told(id, "DONE");
  const mails = (await world.gateway.outside.mails()).filter(({ to }) => to === stor);
  expect(mails.map(({ subject }) => subject)).toContain("Saken din tar lengre tid");
});

it("is for the DPO, with reasons, until the deadline has passed: to the millisecond, by the gateway's clock", async () => {
  const { id } = await letter(world, "ACCESS", "eva.enebo@example.com");
  const due = new Date((await shown(id)).dueAt);
  await expect(extend(id, "eva.enebo@example.com")).rejects.toThrow(/^403/);
  expect(await extend(id, dpo, " ")).toMatchObject({ code: "INVALID_VALUE", field: "because" });
  const metric = async (name: string) =>
    new RegExp(`^${name} (\\d+)$`, "m").exec(await (await fetch(`${world.gateway.url}/metrics`)).text())?.[1];
  // Siv's has been extended.
  await setClock(world.gateway, new Date(due.getTime() - 7 * 86_400_000 - 60_000));
  expect([await metric("innsyn_requests_due_soon"), await metric("innsyn_requests_overdue")]).toEqual([
    "0",
    "0",
  ]);
  await setClock(world.gateway, new Date(due.getTime() - 60_000));
  expect([await metric("innsyn_requests_due_soon"), await metric("innsyn_requests_overdue")]).toEqual([
    "1",
    "0",
  ]);
  await setClock(world.gateway, new Date(due.getTime() + 1));
  expect([await metric("innsyn_requests_due_soon"), await metric("innsyn_requests_overdue")]).toEqual([
    "0",
    "1",
  ]);
  expect(await extend(id)).toMatchObject({ code: "WRONG_STATE", rule: "TOO_LATE_TO_EXTEND" });
  expect(await shown(id)).toMatchObject({ dueAt: due.toISOString(), extendedBecause: null });
  await setClock(world.gateway, new Date(due.getTime() - 60_000));
  expect(await extend(id)).toMatchObject({ request: { id } });
});
