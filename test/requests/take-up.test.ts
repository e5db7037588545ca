import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { InnsynConfig } from "../../src/config/define.ts";
import { ask, idOf, letter, look } from "./rights.ts";
import { dpo, impatient, kari, openWorld, outcomes, rectify, type World } from "./world.ts";

/** A CRM in which job titles are not corrected from here. */
function withoutJobTitles(crm: NonNullable<InnsynConfig["sources"]["crm"]>): typeof crm {
  const { mapping } = crm;
  if (mapping.connector !== "sql" || !mapping.person.writes?.fields) return crm;
  const { jobTitle: _, ...fields } = mapping.person.writes.fields;
  const person = { ...mapping.person, writes: { ...mapping.person.writes, fields } };
  return { ...crm, mapping: { ...mapping, person } };
}

let world: World;
beforeAll(async () => {
  world = await openWorld({
    config: (config) => ({
      ...config,
      messages: undefined,
      sources: {
        ...config.sources,
        ...(config.sources.crm && { crm: withoutJobTitles(config.sources.crm) }),
      },
      // Nothing is tried again by itself while a test lasts.
      requests: { ...impatient, firstRetrySeconds: 300, longestRetrySeconds: 300, attempts: 1 },
    }),
  });
});
afterAll(() => world[Symbol.asyncDispose]());

describe("retryRequest", () => {
  it("has what waits for a system tried at once, once", async () => {
    await world.gateway.open("mailing", false);
    const { request } = await rectify(world, [{ field: "PHONE", value: "90 01 12 23" }]);
    expect(outcomes({ request })).toMatchObject({ crm: "DONE DONE", mailing: "PENDING PENDING" });
    expect(request.status).toBe("NEEDS_ATTENTION");
    await world.gateway.open("mailing", true);
    const retried = await ask(world, "retryRequest", { id: request.id }, { as: dpo });
    expect(retried.request.status).toBe("COMPLETED");
    expect((await world.phones()).mailing).toBe("900 11 223");
    // The job of its first turn does nothing any more.
    const jobs = await world.gateway.rows<{ data: { turn: number } }>(
      "select data from pgboss.job where name = 'request-step' and state = 'created'",
    );
    expect(jobs.map(({ data }) => data.turn)).toEqual([2]);
    const again = await ask(world, "retryRequest", { id: request.id }, { as: dpo });
    expect(again).toMatchObject({ code: "WRONG_STATE", rule: "NOTHING_TO_RETRY" });
  });
});

describe("what a queue has lost", () => {
  it.each(["PENDING", "RUNNING"])("while it was %s is tried again when staff ask for it", async (state) => {
    await world.gateway.open("mailing", false);
    const value = state === "PENDING" ? "90 01 12 24" : "90 01 12 25";
    const { request } = await rectify(world, [{ field: "PHONE", value }]);
    await world.gateway.open("mailing", true);
    await world.gateway.rows("delete from pgboss.job where name = 'request-step' and state < 'completed'");
    await world.gateway.rows(
      `update request_step set state = $2, last_error = null, next_attempt_at = now() - interval '1 hour'
       where request_id = $1 and source = 'mailing'`,
      [request.id, state],
    );
    const retried = await ask(world, "retryRequest", { id: request.id }, { as: dpo });
    expect(retried.request.status).toBe("COMPLETED");
  });
});

describe("what cannot be done from here", () => {
  it("is not done by trying again, and can be confirmed after that as before", async () => {
    const { request } = await rectify(world, [{ field: "JOB_TITLE", value: "Leder" }]);
    expect(outcomes({ request })).toMatchObject({ crm: "FAILED FAILED", learning: "DONE DONE" });
    await ask(world, "retryRequest", { id: request.id }, { as: dpo });
    const stepId = request.steps.find(({ source }) => source === "crm")?.id;
    const confirming = { id: request.id, stepId, because: "Rettet i systemet" };
    const confirmed = await ask(world, "confirmStep", confirming, { as: dpo });
    expect(confirmed.request.status).toBe("COMPLETED");
  });
});

describe("sendIdentityCode", () => {
  it("without a mail server sends nothing, and says what else there is", async () => {
    const { id } = await letter(world, "ACCESS", kari, { note: "Usignert" });
    expect(await ask(world, "sendIdentityCode", { id, source: "crm" }, { as: dpo })).toMatchObject({
      code: "WRONG_STATE",
      rule: "NOBODY_IS_WRITTEN_TO",
      message: expect.stringContaining("establishIdentity"),
    });
  });
});

describe("confirmStep", () => {
  it("says that staff have done by hand what the gateway could not; what waits for it goes on", async () => {
    const id = await idOf(world, kari);
    const restricted = await ask(world, "restrictProcessing", { reason: "Feil adresse" }, { as: kari });
    const input = { subjectId: id, requestId: restricted.request.id };
    const { request } = await ask(world, "liftRestriction", input, { as: dpo });
    // There is no mail server.
    expect(request.status).toBe("NEEDS_ATTENTION");
    const [told] = request.steps;
    expect(told).toMatchObject({ source: "gateway", action: "NOTIFY", state: "FAILED" });
    const confirming = { id: request.id, stepId: told?.id, because: "Sendte brev 25. november" };
    for (const [changed, rule] of [
      [{ because: " " }, "EMPTY"],
      [{ stepId: request.steps.at(-1)?.id }, "NOT_FAILED"],
    ] as const)
      expect(await ask(world, "confirmStep", { ...confirming, ...changed }, { as: dpo })).toMatchObject({
        rule,
      });
    await expect(
      ask(world, "confirmStep", { ...confirming, stepId: restricted.request.steps[0]?.id }, { as: dpo }),
    ).rejects.toThrow("NOT_FOUND");
    await ask(world, "confirmStep", confirming, { as: dpo });
    expect(await look(world, id, "CUSTOMER_SUPPORT", "support@intech.example")).toBe("PROCESSING_RESTRICTED");
    await world.until(request.id, "COMPLETED");
    expect(await look(world, id, "CUSTOMER_SUPPORT", "support@intech.example")).toBe("SHOWN");
    const { data } = await world.gateway.query<{
      request: { timeline: { event: string; by: string; note: string | null }[] };
    }>(
      "query($id: ID!) { request(id: $id) { timeline { event by note } } }",
      { id: request.id },
      { as: kari },
    );
    expect(data?.request.timeline).toContainEqual({
      event: "CONFIRMED",
      by: "DPO",
      note: "Sendte brev 25. november",
    });
  });
});
