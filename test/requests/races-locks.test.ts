import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { holdUp, openPatientWorld } from "./held-up.ts";
import { ask, idOf, letter } from "./rights.ts";
import { dpo, kari, outcomes, rectify, type World } from "./world.ts";

let world: World;
let id: string;
beforeAll(async () => {
  world = await openPatientWorld({ replicas: 2 });
  id = await idOf(world, kari);
});
afterAll(() => world[Symbol.asyncDispose]());
afterEach(() => world.gateway.open("mailing", true));

const phone = (value: string) => rectify(world, [{ field: "PHONE", value }]);
const eva = "eva.enebo@example.com";

describe("a step that ends on another replica", () => {
  /** Has locked the request, and is about to write down what became of the step. */
  const ending = async (request: string) => {
    const replica = await holdUp(world.gateway.databaseUrl);
    await replica.run("select from request where id = $1 for update", [request]);
    const end = () =>
      replica.run("update request_step set last_error = last_error where request_id = $1", [request]);
    return { ...replica, end };
  };

  it("and the person's next word do not wait for each other", async () => {
    await world.gateway.open("mailing", false);
    const first = await phone("40000001");
    expect(outcomes(first)).toMatchObject({ mailing: "PENDING PENDING" });
    await using replica = await ending(first.request.id);
    const next = phone("40000002");
    await replica.untilHeld(1);
    await replica.end();
    await replica.release();
    expect((await next).request.kind).toBe("RECTIFICATION");
    expect(await world.until(first.request.id, "COMPLETED")).toBe("COMPLETED");
  });

  it("and the person's first sign-in, by which two become one, do not wait for each other", async () => {
    await world.gateway.open("mailing", false);
    const { id: requestId } = await letter(world, "RECTIFICATION", eva);
    const [{ subject_id: subjectId } = { subject_id: "" }] = await world.gateway.rows<{ subject_id: string }>(
      "select subject_id from request where id = $1",
      [requestId],
    );
    const changes = [{ field: "PHONE", value: "40000003" }];
    const carried = await rectify(world, changes, { as: dpo }, { subjectId, requestId });
    expect(outcomes(carried)).toMatchObject({ mailing: "PENDING PENDING" });
    await using replica = await ending(requestId);
    const signingIn = idOf(world, eva);
    await replica.untilHeld(1);
    await replica.end();
    await replica.release();
    expect(await signingIn).not.toBe("");
    expect(await idOf(world, eva)).not.toBe(subjectId);
  });
});

describe("many who wait for one person", () => {
  it("do not keep from whoever holds them what the trail needs", async () => {
    await using holder = await holdUp(world.gateway.databaseUrl);
    await holder.run("select from subject where id = $1 for no key update", [id]);
    const restricting = ask(world, "restrictProcessing", { reason: "Feil adresse" }, { as: kari });
    await holder.untilHeld(1);
    const others = Array.from({ length: 12 }, (_, n) =>
      rectify(world, [{ field: "EMAIL", value: `kari.${n}@example.com` }]),
    );
    await holder.untilHeld(10);
    const started = performance.now();
    await holder.release();
    expect((await restricting).request.kind).toBe("RESTRICTION");
    expect(performance.now() - started).toBeLessThan(4_000);
    await Promise.all(others);
    await ask(world, "liftRestriction", {}, { as: kari });
  });
});
