import { afterAll, beforeAll, expect, it } from "vitest";
import type { StepFinished } from "../../src/requests/step.ts";
import { openRegister } from "../setup/register.ts";
import { insertRequest } from "../setup/requests.ts";
import { openPatientWorld } from "./held-up.ts";
import { ask } from "./rights.ts";
import { dpo, kari, type Step, type World } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await openPatientWorld({
    replicas: 2,
    config: (config, replica) => {
      const { mailing, ...others } = config.sources;
      return { ...config, sources: replica === 0 && mailing ? { ...others, mailing } : others };
    },
  });
});
afterAll(() => world[Symbol.asyncDispose]());

const inMailing = async (request: string) => {
  const { data } = await world.gateway.query<{ request: { status: string; steps: Step[] } }>(
    "query($id: ID!) { request(id: $id) { status steps { id source state attempts outcome { detail } } } }",
    { id: request },
    { as: kari, replica: 1 },
  );
  return {
    status: data?.request.status,
    step: data?.request.steps.find(({ source }) => source === "mailing"),
  };
};

it("a replica that does not have the system leaves its steps to those that do, and to staff in the end", async () => {
  await world.gateway.open("mailing", false);
  const { request } = await ask(world, "restrictProcessing", { reason: "Feil adresse" }, { as: kari });
  await world.gateway.closeReplica(0);
  const onReplica1 = { as: dpo, replica: 1 };
  await ask(world, "retryRequest", { id: request.id }, onReplica1);
  expect(await inMailing(request.id)).toMatchObject({ step: { state: "PENDING", attempts: 1 } });
  await world.gateway.rows(
    "update request_step set attempts = 7 where request_id = $1 and state = 'PENDING'",
    [request.id],
  );
  await world.gateway.rows("update pgboss.job set start_after = now() where state = 'created'");
  await world.until(request.id, "NEEDS_ATTENTION");
  for (const end = Date.now() + 10_000; Date.now() < end;)
    if ((await inMailing(request.id)).step?.state === "FAILED") break;
  const { step } = await inMailing(request.id);
  expect(step).toMatchObject({ state: "FAILED" });
  expect(step?.outcome.detail).toMatch(/not connected here any more/);
  const confirming = { id: request.id, stepId: step?.id, because: "Meldt av i systemet" };
  await ask(world, "confirmStep", confirming, onReplica1);
  expect((await inMailing(request.id)).status).toBe("COMPLETED");
});

it("a version that does not know of an action leaves it to one that does", async () => {
  await using register = await openRegister(world.gateway);
  const failed: StepFinished = { state: "FAILED", result: "FAILED" };
  const [{ subject_id: subjectId } = { subject_id: "" }] = await world.gateway.rows<{ subject_id: string }>(
    "select subject_id from request",
  );
  const requestId = await insertRequest(register, subjectId, {
    status: "NEEDS_ATTENTION",
    steps: [{ source: "crm", action: "VERIFY", end: failed }],
  });
  const { request } = await ask(world, "retryRequest", { id: requestId }, { as: dpo, replica: 1 });
  expect(request.steps).toMatchObject([{ state: "PENDING", attempts: 1 }]);
});
