import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { holdUp, openPatientWorld } from "./held-up.ts";
import { ask, idOf, look } from "./rights.ts";
import { dpo, kari, outcomes, rectify, type World } from "./world.ts";

let world: World;
let id: string;
beforeAll(async () => {
  world = await openPatientWorld();
  id = await idOf(world, kari);
});
afterAll(() => world[Symbol.asyncDispose]());
afterEach(async () => {
  for (const system of ["crm", "mailing"] as const) await world.gateway.open(system, true);
  await world.gateway.outside.open("partner", true);
});

const phone = (value: string) => rectify(world, [{ field: "PHONE", value }]);

interface MailingStep {
  readonly state: string;
  readonly last_error: string | null;
}

/** Resolves once what a request has to do in the e-mail tool is so. */
async function stepOf(request: string, is: (step: MailingStep) => boolean): Promise<void> {
  for (const end = Date.now() + 10_000; Date.now() < end;) {
    const [step] = await world.gateway.rows<MailingStep & { [column: string]: unknown }>(
      "select state, last_error from request_step where request_id = $1 and source = 'mailing'",
      [request],
    );
    if (step && is(step)) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error("the step is not so after ten seconds");
}

async function setConsent(purpose: string, given: boolean): Promise<void> {
  const document = `mutation($input: SetConsentInput!) { setConsent(input: $input) { __typename } }`;
  const answer = await world.gateway.query(document, { input: { purpose, given } }, { as: kari });
  expect(answer.data).toEqual({ setConsent: { __typename: "SetConsentPayload" } });
}

async function consent(purpose: string): Promise<string | undefined> {
  const { data } = await world.gateway.query<{ me: { consents: { purpose: string; status: string }[] } }>(
    "{ me { consents { purpose status } } }",
    {},
    { as: kari },
  );
  return data?.me.consents.find((each) => each.purpose === purpose)?.status;
}

describe("asked for again, after it had been undone, while the first still waits for a system", () => {
  it("an objection counts again", async () => {
    await world.gateway.open("mailing", false);
    const object = () => ask(world, "objectToProcessing", { purpose: "NEWSLETTER" }, { as: kari });
    const first = await object();
    expect(first.request.status).toBe("RUNNING");
    await setConsent("NEWSLETTER", true);
    expect(await consent("NEWSLETTER")).toBe("GIVEN");
    await object();
    expect(await consent("NEWSLETTER")).toBe("WITHDRAWN");
    await world.gateway.open("mailing", true);
    await ask(world, "retryRequest", { id: first.request.id }, { as: dpo });
  });

  it("a restriction counts again", async () => {
    await world.gateway.open("crm", false);
    const restrict = () => ask(world, "restrictProcessing", { reason: "Feil adresse" }, { as: kari });
    expect((await restrict()).request.status).toBe("RUNNING");
    await ask(world, "liftRestriction", {}, { as: kari });
    await restrict();
    await world.gateway.open("crm", true);
    expect(await look(world, id, "CUSTOMER_SUPPORT", "support@intech.example")).toBe("PROCESSING_RESTRICTED");
    await ask(world, "liftRestriction", {}, { as: kari });
  });

  it("a correction is written again", async () => {
    await setConsent("PARTNER_MARKETING", true);
    await world.gateway.outside.open("partner", false);
    const first = await phone("40000001");
    // All systems have it; the partner is not told yet.
    expect(first.request.status).toBe("RUNNING");
    await phone("40000002");
    await phone("40000001");
    await world.gateway.outside.open("partner", true);
    expect(new Set(Object.values(await world.phones()))).toEqual(
      new Set(["+47 400 00 001", "40000001", "004740000001", "400 00 001"]),
    );
  });
});

describe("what an earlier correction still waits to write", () => {
  it("is not written where the system says by now what the person said last", async () => {
    const before = (await phone("40000003")).request;
    expect(outcomes({ request: before })).toMatchObject({ mailing: "DONE DONE" });
    await world.gateway.open("mailing", false);
    const waiting = await phone("40000004");
    await world.gateway.open("mailing", true);
    await phone("40000003");
    await ask(world, "retryRequest", { id: waiting.request.id }, { as: dpo });
    expect((await world.phones()).mailing).toBe("400 00 003");
  });

  it("is not written after the last word where it has failed meanwhile, whoever tries it again", async () => {
    await world.gateway.open("mailing", false);
    const waiting = await phone("40000005");
    await world.gateway.open("mailing", true);
    await world.gateway.rows(
      "update request_step set state = 'FAILED', result = 'FAILED', next_attempt_at = null where request_id = $1 and source = 'mailing'",
      [waiting.request.id],
    );
    await phone("40000006");
    await ask(world, "retryRequest", { id: waiting.request.id }, { as: dpo });
    expect((await world.phones()).mailing).toBe("400 00 006");
    expect(await world.until(waiting.request.id, "COMPLETED", "RUNNING")).toBe("COMPLETED");
  });

  it("is not written after the last word where it was being tried when that came", async () => {
    await world.gateway.open("mailing", false);
    const first = (await phone("40000007")).request.id;
    await world.gateway.open("mailing", true);
    await using tool = await holdUp(world.gateway.systemUrls.mailing);
    await using register = await holdUp(world.gateway.databaseUrl);
    await tool.run("lock table subscribers in access exclusive mode");
    await register.run("select from subject where id = $1 for no key update", [id]);
    // It has asked everything, and is about to be written down.
    const asking = phone("40000008");
    await register.untilHeld(1);
    await world.gateway.rows(
      `update pgboss.job set start_after = now() where state = 'created' and (data ->> 'stepId')::uuid in
         (select id from request_step where request_id = $1)`,
      [first],
    );
    await stepOf(first, ({ state }) => state === "RUNNING");
    await register.release();
    const last = (await asking).request.id;
    await stepOf(first, ({ state }) => state !== "RUNNING");
    await stepOf(last, ({ state, last_error }) => state === "PENDING" && last_error !== null);
    await tool.release();
    for (const request of [last, first]) await ask(world, "retryRequest", { id: request }, { as: dpo });
    for (const request of [last, first]) await world.until(request, "COMPLETED", "NEEDS_ATTENTION");
    expect((await world.phones()).mailing).toBe("400 00 008");
    expect(await world.until(first, "COMPLETED", "NEEDS_ATTENTION")).toBe("COMPLETED");
  });

  it("is no conflict where it was written while the last word was being looked into", async () => {
    await using tool = await holdUp(world.gateway.systemUrls.mailing);
    await using register = await holdUp(world.gateway.databaseUrl);
    await tool.run("lock table subscribers in access exclusive mode");
    await register.run("select from subject where id = $1 for no key update", [id]);
    const first = rectify(world, [{ field: "PHONE", value: "40000010", sources: ["crm"] }]);
    await register.untilHeld(1);
    // It has read the CRM, and waits for the e-mail tool.
    const last = phone("40000011");
    await tool.untilHeld(1);
    await register.release();
    expect((await first).request.status).toBe("COMPLETED");
    await tool.release();
    expect(outcomes(await last)).toMatchObject({ crm: "DONE DONE" });
    expect((await world.phones()).crm).toBe("+47 400 00 011");
  });
});
