import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ended, erase, planOf } from "./erasing.ts";
import { ask, idOf, look } from "./rights.ts";
import { dpo, kari, openWorld, type Payload, type World } from "./world.ts";

const turid = "turid.moe@example.com";

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

describe("an erasure of one's own", () => {
  let payload: Payload;
  let subjectId: string;
  let shown: Awaited<ReturnType<typeof planOf>>;
  beforeAll(async () => {
    subjectId = await idOf(world, kari);
    shown = await planOf(world, kari);
    payload = await erase(world, kari);
    await world.until(payload.request.id, ...ended);
  });

  it("is done exactly as it was shown", async () => {
    const { data } = await world.gateway.query<{ request: { status: string; steps: Done[] } }>(
      done,
      { id: payload.request.id },
      { as: kari },
    );
    expect(data?.request.status).toBe("COMPLETED_WITH_RETENTION");
    const steps = data?.request.steps ?? [];
    const erased = shown.items
      .filter(({ action }) => action === "ERASE" || action === "ANONYMISE")
      .filter(({ recordType }) => recordType !== "record")
      .map(({ source, recordType, count, action }) => `${action} ${source} ${recordType} ${count}`);
    const were = steps
      .filter(({ action, source }) => ["ERASE", "ANONYMISE"].includes(action) && source !== "gateway")
      .filter(({ recordType }) => recordType !== "record")
      .map(({ source, recordType, action, outcome }) => `${action} ${source} ${recordType} ${outcome.count}`);
    expect(were.sort()).toEqual(erased.sort());
    const kept = shown.items.filter(({ action }) => action === "RETAIN_RESTRICTED");
    expect(kept.length).toBeGreaterThan(0);
    for (const recordType of new Set(kept.map((item) => item.recordType))) {
      const step = steps.find((each) => each.action === "RESTRICT" && each.recordType === recordType);
      expect(step).toMatchObject({
        state: "RETAINED",
        outcome: {
          result: "RETAINED",
          count: kept.filter((item) => item.recordType === recordType).reduce((n, { count }) => n + count, 0),
        },
      });
    }
    expect(steps.filter(({ action }) => action === "VERIFY").map(({ state }) => state)).not.toContain(
      "FAILED",
    );
  });

  it("leaves the orders that the law keeps, restricted: for the person, accounting and the DPO", async () => {
    const own = await world.gateway.query<{ me: { crm: { orders: { edges: { node: Kept }[] } } } }>(
      "{ me { crm { email name orders(first: 100) { edges { node { number restricted retainedUntil } } } } } }",
      {},
      { as: kari },
    );
    const orders = own.data?.me.crm.orders.edges.map(({ node }) => node) ?? [];
    expect(orders.length).toBeGreaterThan(0);
    for (const order of orders) {
      expect(order.restricted).toBe(true);
      expect(order.retainedUntil).toMatch(/^\d{4}-\d\d-\d\d$/);
    }
    expect(own.data?.me.crm).toMatchObject({ email: null });
    expect(await look(world, subjectId, "BOOKKEEPING", "accounting@intech.example")).toBe("SHOWN");
    expect(await look(world, subjectId, "CUSTOMER_SUPPORT", "support@intech.example")).toBe(
      "PROCESSING_RESTRICTED",
    );
    expect(await look(world, subjectId, "DATA_SUBJECT_RIGHTS", dpo)).toBe("SHOWN");
  });

  it("is refused a second time while it goes on, and cannot be taken back when it has been done", async () => {
    const cancelled = await ask(world, "cancelRequest", { id: payload.request.id }, { as: kari });
    expect(cancelled).toMatchObject({ code: "NOT_CANCELLABLE", rule: "HAS_BEGUN" });
  });
});

describe("what it asks for", () => {
  it("a recent, strong sign-in", async () => {
    const { hash } = await planOf(world, turid);
    expect(await ask(world, "requestErasure", { planHash: hash }, { as: turid })).toMatchObject({
      code: "STEP_UP_REQUIRED",
    });
  });

  it.each(["", "0".repeat(64), "forged"])("the hash of the plan, and not %j", async (planHash) => {
    expect(await ask(world, "requestErasure", { planHash }, { as: turid, strongly: true })).toMatchObject({
      code: "PLAN_CHANGED",
    });
  });

  it("a plan of the world as it is, and not as it was", async () => {
    const { hash } = await planOf(world, turid);
    await world.own(
      "crm",
      `insert into berikelse (berikelse_id, kontakt_id, egenskap, leverandor, hentet)
       select 990001, kontakt_id, 'Bransje', 'Andre AS', now() from kontakt where epost = 'turid.moe@example.org'`,
    );
    expect(
      await ask(world, "requestErasure", { planHash: hash }, { as: turid, strongly: true }),
    ).toMatchObject({
      code: "PLAN_CHANGED",
      rule: "PLAN_HAS_CHANGED",
    });
    expect((await planOf(world, turid)).hash).not.toBe(hash);
  });

  it("not another person's plan, nor that of other sources", async () => {
    const { hash } = await planOf(world, "ola.nordmann@example.com");
    const some = await planOf(world, turid, ["mailing"]);
    for (const planHash of [hash, some.hash])
      expect(await ask(world, "requestErasure", { planHash }, { as: turid, strongly: true })).toMatchObject({
        code: "PLAN_CHANGED",
      });
  });

  it("sources that there are", async () => {
    const { hash } = await planOf(world, turid);
    const input = { planHash: hash, sources: ["crm", "shop"] };
    expect(await ask(world, "requestErasure", input, { as: turid, strongly: true })).toMatchObject({
      code: "INVALID_VALUE",
      rule: "UNKNOWN_SOURCE",
    });
  });

  it("nothing of which changes anything", async () => {
    const rows = await world.gateway.rows("select 1 from request where subject_id = $1", [
      await idOf(world, turid),
    ]);
    expect(rows).toEqual([]);
  });
});

interface Done {
  readonly source: string;
  readonly action: string;
  readonly recordType: string | null;
  readonly state: string;
  readonly outcome: { readonly result: string; readonly count: number | null };
}
interface Kept {
  readonly number: string;
  readonly restricted: boolean;
  readonly retainedUntil: string | null;
}
const done = `query($id: ID!) { request(id: $id) { status steps { source action recordType state outcome { result count } } } }`;
