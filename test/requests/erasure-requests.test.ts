import { decodeJwt } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ended, erase, planOf } from "./erasing.ts";
import { ask, idOf, letter, look } from "./rights.ts";
import { dpo, kari, openWorld, type World } from "./world.ts";

const ola = "ola.nordmann@example.com";
const eva = "eva.enebo@example.com";
const anne = "anne.berg@example.com";
const turid = "turid.moe@example.com";
const siv = "siv.stille@example.com";

const statusOf = async (world: World, id: string) =>
  (await world.gateway.rows<{ status: string }>("select status from request where id = $1", [id]))[0]?.status;

/** All steps but those that tell somebody. */
const workOf = (world: World, id: string) =>
  world.gateway.rows<{
    source: string;
    action: string;
    state: string;
    detail: string | null;
    attempts: number;
  }>(
    "select source, action, state, detail, attempts from request_step where request_id = $1 and action <> 'NOTIFY'",
    [id],
  );

describe("with a time to think better of it", () => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld({
      config: (config) => ({ ...config, erasure: { ...config.erasure, graceSeconds: 2 } }),
    });
  });
  afterAll(() => world[Symbol.asyncDispose]());

  it("nothing is done before, and it can be taken back", async () => {
    const { request } = await erase(world, ola);
    expect(request.status).toBe("SCHEDULED");
    const attempts = (await workOf(world, request.id)).map((step) => step.attempts);
    expect(new Set(attempts)).toEqual(new Set([0]));
    const cancelled = await ask(world, "cancelRequest", { id: request.id }, { as: ola });
    expect(cancelled.request.status).toBe("CANCELLED");
    await new Promise((resolve) => setTimeout(resolve, 3_500));
    expect(await statusOf(world, request.id)).toBe("CANCELLED");
    expect(new Set((await workOf(world, request.id)).map(({ state }) => state))).toEqual(
      new Set(["SKIPPED"]),
    );
    expect((await planOf(world, ola)).items.length).toBeGreaterThan(3);
  });

  it("is open once, and is begun when its time has come", async () => {
    const first = await erase(world, eva);
    const again = await erase(world, eva);
    expect(again).toMatchObject({ code: "ALREADY_OPEN", rule: "ERASURE_OPEN" });
    await world.until(first.request.id, ...ended);
    const late = await ask(world, "cancelRequest", { id: first.request.id }, { as: eva });
    expect(late).toMatchObject({ code: "NOT_CANCELLABLE" });
  });

  it("is left for a letter as well, and what staff say of it is kept with it", async () => {
    const { id } = await letter(world, "ERASURE", siv);
    const input = {
      subjectId: await idOf(world, siv),
      requestId: id,
      planHash: (await planOf(world, siv)).hash,
      reason: "Brevet kom i posten",
    };
    const { request } = await ask(world, "requestErasure", input, { as: dpo, strongly: true });
    expect(request).toMatchObject({ id, status: "SCHEDULED" });
    const { data } = await world.gateway.query<{
      request: { startsAt: string; timeline: { note: string }[] };
    }>("query ($id: ID!) { request(id: $id) { startsAt timeline { note } } }", { id }, { as: dpo });
    expect(Date.parse(data?.request.startsAt ?? "")).toBeGreaterThan(Date.now());
    expect(data?.request.timeline.map(({ note }) => note)).toContain(input.reason);
    const because = "Han ringte";
    expect((await ask(world, "cancelRequest", { id, because }, { as: dpo })).request.status).toBe(
      "CANCELLED",
    );
  });

  it("is not taken back by anybody else", async () => {
    const { request } = await erase(world, anne);
    const answer = await world.gateway.query(
      `mutation($id: ID!) { cancelRequest(input: { id: $id }) { __typename } }`,
      { id: request.id },
      { as: siv },
    );
    expect(answer.errors?.[0]?.extensions.code).toBe("NOT_FOUND");
    expect(await statusOf(world, request.id)).toMatch(/SCHEDULED|RUNNING/);
  });
});

describe("where the DPO decides first", () => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld({
      config: (config) => ({ ...config, erasure: { ...config.erasure, dpoDecides: true } }),
    });
  });
  afterAll(() => world[Symbol.asyncDispose]());

  it("nothing is done until it is approved", async () => {
    const { request } = await erase(world, ola);
    expect(request.status).toBe("AWAITING_DECISION");
    await ask(world, "decideRequest", { id: request.id, approve: true }, { as: dpo });
    await world.until(request.id, ...ended);
    const mails = await world.gateway.outside.mails();
    expect(mails.some(({ to }) => to === ola)).toBe(true);
  });

  it("nothing is done when it is turned down, and the person is told why", async () => {
    const { request } = await erase(world, eva);
    const input = {
      id: request.id,
      approve: false,
      explanation: "Du har en sak hos oss",
      legalGround: "LEGAL_OBLIGATION",
    };
    await ask(world, "decideRequest", input, { as: dpo });
    expect(await world.until(request.id, "REFUSED")).toBe("REFUSED");
    const states = await workOf(world, request.id);
    expect(new Set(states.map(({ state }) => state))).toEqual(new Set(["SKIPPED"]));
  });

  it("can be taken back before", async () => {
    const { request } = await erase(world, siv);
    const cancelled = await ask(world, "cancelRequest", { id: request.id }, { as: siv });
    expect(cancelled.request.status).toBe("CANCELLED");
  });
});

describe("where the DPO decides first, and there is time to think better of it", () => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld({
      config: (config) => ({
        ...config,
        erasure: { ...config.erasure, dpoDecides: true, graceSeconds: 60 },
      }),
    });
  });
  afterAll(() => world[Symbol.asyncDispose]());

  it("the person is told of the decision at once, and can take it back still", async () => {
    const { request } = await erase(world, ola);
    const decided = await ask(world, "decideRequest", { id: request.id, approve: true }, { as: dpo });
    expect(decided.request.status).toBe("SCHEDULED");
    const told = async () => (await world.gateway.outside.mails()).some(({ to }) => to === ola);
    for (const end = Date.now() + 10_000; Date.now() < end && !(await told());)
      await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await told()).toBe(true);
    const cancelled = await ask(world, "cancelRequest", { id: request.id }, { as: ola });
    expect(cancelled.request.status).toBe("CANCELLED");
  });

  it("stays taken back though the letter on the decision arrives later", async () => {
    await world.gateway.outside.open("mail", false);
    const { request } = await erase(world, eva);
    await ask(world, "decideRequest", { id: request.id, approve: true }, { as: dpo });
    const letterOf = async () =>
      (
        await world.gateway.rows<{ attempts: number; state: string }>(
          "select attempts, state from request_step where request_id = $1 and record_type = 'DECISION'",
          [request.id],
        )
      )[0];
    // Tried once at least, it is not skipped any more.
    await expect.poll(async () => (await letterOf())?.attempts, { timeout: 10_000 }).toBeGreaterThan(0);
    const cancelled = await ask(world, "cancelRequest", { id: request.id }, { as: eva });
    expect(cancelled.request.status).toBe("CANCELLED");
    await world.gateway.outside.open("mail", true);
    await expect.poll(async () => (await letterOf())?.state, { timeout: 10_000 }).toBe("DONE");
    expect(await statusOf(world, request.id)).toBe("CANCELLED");
  });
});

describe("for a letter, and in some systems", () => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld();
  });
  afterAll(() => world[Symbol.asyncDispose]());

  it("staff carry it out by the plan that they are shown, signed in strongly", async () => {
    const { id } = await letter(world, "ERASURE", siv);
    const subjectId = await idOf(world, siv);
    const plan = await world.gateway.query<{ dataSubject: { erasurePlan: { hash: string } } }>(
      `query($id: ID!) { dataSubject(id: $id, purpose: DATA_SUBJECT_RIGHTS) { erasurePlan { hash } } }`,
      { id: subjectId },
      { as: dpo },
    );
    const input = { subjectId, requestId: id, planHash: plan.data?.dataSubject.erasurePlan.hash };
    expect(await ask(world, "requestErasure", input, { as: dpo })).toMatchObject({
      code: "STEP_UP_REQUIRED",
    });
    const payload = await ask(world, "requestErasure", input, { as: dpo, strongly: true });
    expect(payload.request.id).toBe(id);
    expect(ended).toContain(await world.until(id, ...ended));
  });

  it("one system alone is erased, and the person goes on being known elsewhere", async () => {
    const before = await planOf(world, kari);
    expect(before.items.some(({ source }) => source === "mailing")).toBe(true);
    const { request } = await erase(world, kari, { sources: ["mailing"] });
    await world.until(request.id, ...ended);
    const after = await planOf(world, kari);
    expect(after.items).toEqual(before.items.filter(({ source }) => source !== "mailing"));
    const [row] = await world.gateway.rows<{ receipt: string }>("select receipt from request where id = $1", [
      request.id,
    ]);
    expect(decodeJwt(row?.receipt ?? "")).toMatchObject({ jti: request.id, sources: ["mailing"], kept: [] });
  });

  it("what the law keeps goes when its day has come, and with it the last that led to it", async () => {
    const { request } = await erase(world, turid);
    expect(await world.until(request.id, ...ended)).toBe("COMPLETED_WITH_RETENTION");
    const subjectId = await idOf(world, turid);
    expect(await look(world, subjectId, "BOOKKEEPING", "accounting@intech.example")).toBe("SHOWN");
    // The years go by.
    await world.own(
      "crm",
      "update ordre set ordredato = ordredato - interval '9 years', garanti_til = null, oppbevares_til = null where kontakt_id = (select kontakt_id from kontakt where navn = 'Turid Moe')",
    );
    await world.own(
      "crm",
      "update samtale set tidspunkt = tidspunkt - interval '9 years', oppbevares_til = null where sperret and kontakt_id = (select kontakt_id from kontakt where navn = 'Turid Moe')",
    );
    await world.gateway.rows("update retained set until = until - 3650");
    const again = async () => {
      const [row] = await world.gateway.rows<{ id: string }>(
        "select q.id from request q join erasure e on e.request_id = q.id where q.subject_id = $1 and q.id <> $2 and q.status = 'COMPLETED'",
        [subjectId, request.id],
      );
      return row?.id;
    };
    for (const end = Date.now() + 15_000; Date.now() < end && !(await again());)
      await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await again()).toBeDefined();
    expect(await look(world, subjectId, "BOOKKEEPING", "accounting@intech.example")).not.toBe("SHOWN");
    const rows = await world.own("crm", "select 1 from kontakt where navn ilike 'Turid Moe'");
    expect(rows).toEqual([]);
    const left = await world.gateway.rows(
      "select 1 from identifier where subject_id = $1 and origin = 'LINKED'",
      [subjectId],
    );
    expect(left).toEqual([]);
  });
});
