import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { endState } from "./end-state.ts";
import { type Killable, openKillable } from "./killable.ts";
import { dpo, kari } from "./world.ts";

/** Every kind of step, one request after the other. */
async function live(killable: Killable, isKilled: boolean): Promise<void> {
  const { world } = killable;
  const asKari = async (mutation: string, type: string, input: object) => {
    await killable.ask(
      `mutation($input: ${type}!) { ${mutation}(input: $input) { __typename } }`,
      { input },
      kari,
    );
    await killable.settled();
  };
  // Once she is known, what she told the e-mail tool long ago is taken up, and would have the replica killed under the next.
  await killable.ask("{ me { id } }", {}, kari);
  const takenUp = () => world.gateway.rows("select 1 from request where kind = 'CONSENT_WITHDRAWAL'");
  await expect.poll(takenUp, { timeout: 60_000 }).toHaveLength(1);
  await killable.settled();
  await asKari("setConsent", "SetConsentInput", { purpose: "PARTNER_MARKETING", given: true });
  await asKari("rectify", "RectifyInput", { changes: [{ field: "PHONE", value: "90 01 12 23" }] });
  await asKari("setConsent", "SetConsentInput", { purpose: "NEWSLETTER", given: false });
  await asKari("setConsent", "SetConsentInput", { purpose: "NEWSLETTER", given: true });
  await asKari("restrictProcessing", "RestrictProcessingInput", { reason: "Adressen er feil" });
  const [restriction] = await world.gateway.rows<{ id: string; subject_id: string }>(
    "select id, subject_id from request where kind = 'RESTRICTION'",
  );
  const lifting = { subjectId: restriction?.subject_id, requestId: restriction?.id };
  const killed = isKilled
    ? killable.killAtOwnSteps([{ source: "gateway", action: "RESTRICT" }])
    : Promise.resolve();
  await killable.ask(
    "mutation($input: LiftRestrictionInput!) { liftRestriction(input: $input) { __typename } }",
    { input: lifting },
    dpo,
  );
  await Promise.all([killed, killable.settled()]);
  await asKari("objectToProcessing", "ObjectToProcessingInput", { purpose: "PARTNER_MARKETING" });
  await asKari("rectify", "RectifyInput", {
    changes: [{ field: "EMAIL", value: "kari.hansen@example.com" }],
  });
}

let folder: string;
let undisturbed: Killable;
let disturbed: Killable;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "innsyn-killed-"));
  undisturbed = await openKillable();
  disturbed = await openKillable(join(folder, "steps"));
});
afterAll(async () => {
  await Promise.all([undisturbed[Symbol.asyncDispose](), disturbed[Symbol.asyncDispose]()]);
  await rm(folder, { recursive: true });
});

it("killed between every step's effect and its commit, it comes to the same end as undisturbed", async () => {
  await Promise.all([live(undisturbed, false), live(disturbed, true)]);
  const killed = await disturbed.killed();
  expect(await undisturbed.killed()).toEqual([]);
  // Every step that was to do something, outside of the gateway or in its own database.
  const effective = await disturbed.world.gateway.rows<{ id: string; action: string; attempts: number }>(
    "select id, action, attempts from request_step where attempts > 0",
  );
  expect(new Set(effective.map(({ action }) => action))).toEqual(
    new Set(["RECTIFY", "SUPPRESS", "RESTRICT", "NOTIFY"]),
  );
  expect(effective.length).toBeGreaterThanOrEqual(20);
  // Steps of one request run at once: where one's effect has it killed, another's may just have taken effect, too.
  expect(Math.min(...effective.map(({ attempts }) => attempts))).toBeGreaterThanOrEqual(2);
  expect(effective.map(({ id }) => id)).toEqual(expect.arrayContaining([...killed]));
  expect(new Set(killed).size).toBe(killed.length);
  expect(killed.length).toBeGreaterThan(effective.length / 2);
  const [expected, ended] = [await endState(undisturbed), await endState(disturbed)];
  expect(expected.steps.every((step) => !/PENDING|RUNNING|FAILED/.test(step))).toBe(true);
  expect(ended).toEqual(expected);
}, 300_000);

it("killed when a code has been sent, it sends that one again as the same message, and then forgets it", async () => {
  const { world, ask } = disturbed;
  const eva = "eva.enebo@example.com";
  const letter = { kind: "ACCESS", channel: "POST", receivedAt: new Date(Date.now() - 86_400_000) };
  const registering = { input: { ...letter, identifiers: [{ kind: "EMAIL", value: eva }] } };
  const register =
    "mutation($input: RegisterRequestInput!) { registerRequest(input: $input) { __typename } }";
  await ask(register, registering, dpo);
  const [{ id = "" } = {}] = await world.gateway.rows<{ id: string }>(
    "select id from request where status = 'AWAITING_IDENTITY'",
  );
  const send = "mutation($input: SendIdentityCodeInput!) { sendIdentityCode(input: $input) { __typename } }";
  await ask(send, { input: { id, source: "mailing" } }, dpo);
  const step = () =>
    world.gateway.rows<{ id: string; attempts: number }>(
      "select id, state, sealed_work, attempts from request_step where request_id = $1",
      [id],
    );
  await expect
    .poll(step, { timeout: 60_000 })
    .toMatchObject([{ state: "DONE", sealed_work: null, attempts: 2 }]);
  expect(await disturbed.killed()).toContain((await step())[0]?.id);
  // The mailbox knows a message by its id.
  const mails = (await world.gateway.outside.mails()).filter(({ to }) => to.includes(eva));
  expect(mails).toHaveLength(1);
  const code = /^\d{8}$/m.exec(mails[0]?.text ?? "")?.[0];
  const confirm =
    "mutation($input: ConfirmIdentityInput!) { confirmIdentity(input: $input) { ... on IdentityConfirmed { status } } }";
  expect(await ask(confirm, { input: { id, code } }, kari)).toEqual({
    data: { confirmIdentity: { status: "AWAITING_DECISION" } },
  });
}, 120_000);
