import { afterAll, beforeAll, expect, it } from "vitest";
import { holdUp, openPatientWorld } from "./held-up.ts";
import { ask, idOf, letter } from "./rights.ts";
import { dpo, kari, rectify, type World } from "./world.ts";

let world: World;
let id: string;
beforeAll(async () => {
  world = await openPatientWorld({ replicas: 2 });
  id = await idOf(world, kari);
});
afterAll(() => world[Symbol.asyncDispose]());

const setConsent = (input: object, as: string, replica = 0) =>
  world.gateway.query(
    "mutation($input: SetConsentInput!) { setConsent(input: $input) { __typename } }",
    { input: { purpose: "PARTNER_MARKETING", ...input } },
    { as, replica },
  );

it("a letter that says no is carried out though the person says yes while it is looked into", async () => {
  await setConsent({ given: true }, kari);
  await setConsent({ given: false }, kari);
  const { id: requestId } = await letter(world, "CONSENT_WITHDRAWAL", kari);
  await using holder = await holdUp(world.gateway.databaseUrl);
  await holder.run("select from subject where id = $1 for no key update", [id]);
  const yes = setConsent({ given: true }, kari);
  await holder.untilHeld(1);
  const no = setConsent({ given: false, subjectId: id, requestId }, dpo, 1);
  await holder.untilHeld(2);
  await holder.release();
  await Promise.all([yes, no]);
  await world.until(requestId, "COMPLETED");
  // In the order that the partner knows them by; they may arrive in either.
  const told = (await world.gateway.outside.notices()).toSorted((a, b) => a.at.localeCompare(b.at));
  expect(told.at(-1)?.event).toBe("CONSENT_WITHDRAWN");
});

it("a letter that is turned down is carried out by nobody, though the person has not been told yet", async () => {
  const { id: requestId } = await letter(world, "RECTIFICATION", kari);
  await world.gateway.outside.open("mail", false);
  const decision = {
    id: requestId,
    approve: false,
    explanation: "Det stemmer allerede.",
    legalGround: "MANIFESTLY_UNFOUNDED",
  };
  const { request } = await ask(world, "decideRequest", decision, { as: dpo });
  expect(request.status).toBe("RUNNING");
  const changes = [{ field: "PHONE", value: "40000001" }];
  const refused = await rectify(world, changes, { as: dpo }, { subjectId: id, requestId });
  expect(refused).toMatchObject({ code: "WRONG_STATE", rule: "REQUEST_CLOSED" });
  expect(Object.values(await world.phones()).join()).not.toContain("001");
});
