import { afterAll, afterEach, beforeAll, expect, it, vi } from "vitest";
import { holdUp, openPatientWorld } from "./held-up.ts";
import { ask, idOf, look } from "./rights.ts";
import { dpo, kari, outcomes, type World } from "./world.ts";

let world: World;
let id: string;
beforeAll(async () => {
  world = await openPatientWorld({ replicas: 2 });
  id = await idOf(world, kari);
});
afterAll(() => world[Symbol.asyncDispose]());
afterEach(async () => {
  vi.useRealTimers();
  for (const system of ["crm", "mailing"] as const) await world.gateway.open(system, true);
});

const restrict = async () =>
  (await ask(world, "restrictProcessing", { reason: "Feil adresse" }, { as: kari })).request;
const lift = (sources?: readonly string[], replica = 0) =>
  ask(world, "liftRestriction", { sources }, { as: kari, replica });

/** Sets the gateway's clock back; it goes on. */
function behind(seconds: number): void {
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() - seconds * 1_000, shouldAdvanceTime: true });
}

async function inForce(): Promise<readonly string[]> {
  const { data } = await world.gateway.query<{
    me: { restrictions: { sources: string[]; until: string | null }[] };
  }>("{ me { restrictions { sources until } } }", {}, { as: kari });
  return (data?.me.restrictions ?? [])
    .filter(({ until }) => until === null)
    .flatMap(({ sources }) => sources);
}

const marked = async () =>
  (
    await world.own<{ sperret: boolean }>("crm", "select sperret from kontakt where lower(epost) = $1", [
      kari,
    ])
  )[0]?.sperret;

it("what staff are about to lift, and the person lifts in one system meanwhile, ends in all of them", async () => {
  const { id: requestId } = await restrict();
  await world.gateway.outside.open("mail", false);
  const { request } = await ask(world, "liftRestriction", { subjectId: id, requestId }, { as: dpo });
  await lift(["crm"]);
  await world.gateway.outside.open("mail", true);
  await ask(world, "retryRequest", { id: request.id }, { as: dpo });
  await world.until(request.id, "COMPLETED");
  expect(await inForce()).toEqual([]);
  expect(await look(world, id, "CUSTOMER_SUPPORT", "support@intech.example")).toBe("SHOWN");
});

it("what two replicas lift at once, each in one system, ends in both of them", async () => {
  const { id: requestId } = await restrict();
  const input = { subjectId: id, requestId, sources: ["learning"] };
  const { request } = await ask(world, "liftRestriction", input, { as: dpo });
  await using rows = await holdUp(world.gateway.databaseUrl);
  await rows.run("select from restriction where subject_id = $1 for update", [id]);
  // Its notice is given, and it waits to be lifted here.
  await rows.untilHeld(1);
  const own = lift(["crm"], 1);
  await rows.untilHeld(2);
  await rows.release();
  await own;
  await world.until(request.id, "COMPLETED");
  expect(await inForce()).toEqual(["mailing", "events", "website"]);
  await lift();
});

it("a clock that is behind the database's leaves no mark where a restriction has ended", async () => {
  await restrict();
  expect(await marked()).toBe(true);
  behind(60);
  const { request } = await lift();
  expect(outcomes({ request })).toMatchObject({ crm: "DONE DONE", mailing: "DONE DONE" });
  expect(await marked()).toBe(false);
});

it("a clock that is behind the database's does not ask on and on whether the notice has been given", async () => {
  const { id: requestId } = await restrict();
  behind(3);
  const { request } = await ask(world, "liftRestriction", { subjectId: id, requestId }, { as: dpo });
  await world.until(request.id, "COMPLETED");
  const [step] = await world.gateway.rows<{ turn: number }>(
    "select turn from request_step where request_id = $1 and action = 'RESTRICT' and source = 'gateway'",
    [request.id],
  );
  expect(step?.turn).toBeLessThan(4);
});
