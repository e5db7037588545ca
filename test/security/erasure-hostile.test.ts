import { randomUUID } from "node:crypto";
import { decodeJwt, importJWK, SignJWT } from "jose";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadSigningKeys } from "../../src/demo/identity/signing-keys.ts";
import { mfaContext, passwordContext } from "../../src/demo/identity/settings.ts";
import { ended, planOf } from "../requests/erasing.ts";
import { idOf, letter } from "../requests/rights.ts";
import { dpo, kari, openWorld, rectify, type World } from "../requests/world.ts";
import { stateOf } from "./attacks/state.ts";
import { mark, long } from "./hostile/inputs.ts";

const turid = "turid.moe@example.com";
const eva = "eva.enebo@example.com";
const ola = "ola.nordmann@example.com";

let world: World;
beforeAll(async () => {
  world = await openWorld({
    // Nothing is changed but by who asks.
    config: (config) => ({ ...config, requests: { ...config.requests, withdrawalsSeconds: 86_400 } }),
  });
  for (const email of [turid, eva, ola, kari]) await idOf(world, email);
});
afterAll(() => world[Symbol.asyncDispose]());

async function sql(connectionString: string, statements: string): Promise<void> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  await client.query(statements).finally(() => client.end());
}

const seconds = () => Math.floor(Date.now() / 1_000);

/** A token of the issuer's, of somebody who has signed in strongly a moment ago, but for what is changed. */
async function token(email: string, changes: Readonly<Record<string, unknown>> = {}): Promise<string> {
  const [key] = await loadSigningKeys(world.gateway.identityFolder);
  const claims = { ...decodeJwt(await world.gateway.token(email)), auth_time: seconds(), acr: mfaContext };
  const kept = Object.entries({ ...claims, ...changes }).filter(([, value]) => value !== undefined);
  return new SignJWT(Object.fromEntries(kept))
    .setProtectedHeader({ alg: "RS256", typ: "at+jwt", kid: key.kid })
    .sign(await importJWK({ ...key, alg: "RS256" }, "RS256"));
}

interface Answered {
  readonly code?: string;
  readonly rule?: string;
  readonly field?: string | null;
  readonly existing?: {
    readonly id: string;
    readonly steps: readonly { readonly outcome: { result: string } }[];
  };
  readonly request?: { readonly id: string; readonly status: string };
}

async function say(mutation: string, input: object, bearer: string) {
  const type = `${mutation[0]?.toUpperCase()}${mutation.slice(1)}Input!`;
  const { data, errors, text } = await world.gateway.query<{ a: Answered } | null>(
    `mutation ($input: ${type}) { a: ${mutation}(input: $input) {
      ... on Refusal { code rule field existing { id steps { outcome { result } } } }
      ... on RequestPayload { request { id status } } } }`,
    { input },
    { headers: { authorization: `Bearer ${bearer}` } },
  );
  expect(text).not.toContain(mark);
  return { answer: data?.a ?? null, code: errors?.[0]?.extensions.code };
}

/** As the contract has it, and nothing at all is changed by it. */
async function expectRefused(input: object, bearer: string, told: Answered, how = ""): Promise<void> {
  const before = await stateOf(world.gateway);
  const { answer } = await say("requestErasure", input, bearer);
  expect({ how, ...answer }).toEqual({ how, field: null, existing: null, ...told });
  expect(await stateOf(world.gateway)).toEqual(before);
}

const stepUp = { code: "STEP_UP_REQUIRED", rule: "STEP_UP" };
const planChanged = { code: "PLAN_CHANGED", rule: "PLAN_HAS_CHANGED", field: "planHash" };

/** Sign-ins that are not strong, not recent, or not known to be either. */
const weak: Readonly<Record<string, () => Readonly<Record<string, unknown>>>> = {
  "a little more than five minutes ago": () => ({ auth_time: seconds() - 302 }),
  "an hour ago": () => ({ auth_time: seconds() - 3_600 }),
  "at the beginning of time": () => ({ auth_time: 0 }),
  "in a while": () => ({ auth_time: seconds() + 60 }),
  "after the end of all dates": () => ({ auth_time: 1e300 }),
  "before all dates": () => ({ auth_time: -1 }),
  "at a time that is a text": () => ({ auth_time: String(seconds()) }),
  "at several times": () => ({ auth_time: [seconds()] }),
  "at no time": () => ({ auth_time: undefined }),
  "at a null time, issued just now": () => ({ auth_time: null, iat: seconds() }),
  "with a password": () => ({ acr: passwordContext }),
  "in no way": () => ({ acr: undefined }),
  "in an empty way": () => ({ acr: "" }),
  "in a way that is none": () => ({ acr: null }),
  "in a way in another spelling": () => ({ acr: mfaContext.toUpperCase() }),
  "in a way and a space": () => ({ acr: `${mfaContext} ` }),
  "in two ways in one text": () => ({ acr: `${mfaContext} ${passwordContext}` }),
  "in two ways": () => ({ acr: [mfaContext, passwordContext] }),
  "in the same way twice": () => ({ acr: [mfaContext, mfaContext] }),
  "in a way and a number": () => ({ acr: [mfaContext, 1] }),
  "in a way that is yes": () => ({ acr: { [mfaContext]: true } }),
  "in ways of another claim": () => ({ acr: undefined, amr: [mfaContext, "mfa"], acrs: [mfaContext] }),
};

describe("a sign-in", () => {
  test.each(Object.keys(weak))("%s erases nothing, the person's own or by staff", async (how) => {
    const changes = weak[how]?.() ?? expect.fail();
    const { hash } = await planOf(world, turid);
    await expectRefused({ planHash: hash }, await token(turid, changes), stepUp);
    const { id } = await letter(world, "ERASURE", eva);
    const input = {
      subjectId: await idOf(world, eva),
      requestId: id,
      planHash: (await planOf(world, eva)).hash,
    };
    await expectRefused(input, await token(dpo, changes), stepUp);
  });

  test.each(Object.keys(weak))("%s has nothing erased again that has come up again", async (how) => {
    const changes = weak[how]?.() ?? expect.fail();
    const before = await stateOf(world.gateway);
    const settle = async (bearer: string) => {
      const { data, errors } = await world.gateway.query<{ a: Answered } | null>(
        `mutation ($id: ID!) { a: settleReappearance(input: { id: $id, newRelationship: false, because: "Gammel liste" }) {
           ... on Refusal { code rule } } }`,
        { id: randomUUID() },
        { headers: { authorization: `Bearer ${bearer}` } },
      );
      return data?.a ?? errors?.[0]?.extensions.code;
    };
    // Before it is looked at what there is: a strong sign-in is told that there is none.
    expect(await settle(await token(dpo, changes))).toEqual(stepUp);
    expect(await settle(await token(dpo))).toBe("NOT_FOUND");
    expect(await stateOf(world.gateway)).toEqual(before);
  });
});

describe("a plan", () => {
  const forged = async (): Promise<Readonly<Record<string, string>>> => {
    const { hash } = await planOf(world, turid);
    return {
      "that is none": "",
      "of noughts": "0".repeat(hash.length),
      "with a character too few": hash.slice(0, -1),
      "with a character too many": `${hash}0`,
      "with a space": `${hash} `,
      "in other letters": hash === hash.toUpperCase() ? hash.toLowerCase() : hash.toUpperCase(),
      "of another person": (await planOf(world, ola)).hash,
      "of one system": (await planOf(world, turid, ["crm"])).hash,
      "of every system by its name": (
        await planOf(world, turid, ["crm", "learning", "mailing", "events", "website"])
      ).hash,
      "by a name that objects have": "constructor",
      "that is very long": long(50_000),
    };
  };

  test("that is forged, or of something else, erases nothing", async () => {
    for (const [how, planHash] of Object.entries(await forged())) {
      await expectRefused({ planHash }, await token(turid), planChanged, how);
    }
    const { hash } = await planOf(world, turid);
    await expectRefused({ planHash: hash, sources: ["crm"] }, await token(turid), planChanged);
    await expectRefused(
      { planHash: (await planOf(world, turid, ["crm"])).hash, sources: ["events"] },
      await token(turid),
      planChanged,
    );
  });

  test("of the person who asks erases nobody else: nor does another's, by staff", async () => {
    const { id } = await letter(world, "ERASURE", eva);
    const input = { subjectId: await idOf(world, eva), requestId: id };
    const before = await stateOf(world.gateway);
    for (const email of [turid, ola])
      expect(
        (
          await say(
            "requestErasure",
            { ...input, planHash: (await planOf(world, email)).hash },
            await token(dpo),
          )
        ).answer?.rule,
      ).toBe("PLAN_HAS_CHANGED");
    expect(await stateOf(world.gateway)).toEqual(before);
  });

  test("is worked out once, however often an operation asks for it, of all systems or of some", async () => {
    // Every look into the orders takes its time.
    const { crm } = world.gateway.systemUrls;
    await sql(
      crm,
      `alter table ordre rename to ordre_selv;
       create view ordre as select * from ordre_selv where (select pg_sleep(0.2)) is not null`,
    );
    const time = async (plans: number): Promise<number> => {
      const some = (n: number) => (n % 2 === 0 ? '(sources: ["crm"])' : "");
      const fields = Array.from(
        { length: plans },
        (_, n) => `p${n}: erasurePlan${some(n)} { items { action } }`,
      );
      const { data, text, milliseconds } = await world.gateway.query<{ me: object }>(
        `{ me { ${fields.join(" ")} } }`,
        {},
        { as: kari },
      );
      expect(Object.keys(data?.me ?? {})).toHaveLength(plans);
      expect(text).not.toContain("UNAVAILABLE");
      return milliseconds;
    };
    const once = await time(1);
    const often = await time(30);
    await sql(crm, "drop view ordre; alter table ordre_selv rename to ordre");
    expect(once).toBeGreaterThan(200);
    expect(often).toBeLessThan(1.8 * once);
  });

  test("is stale when a system has got more of the person, or less, or cannot be asked any more", async () => {
    const bearer = await token(turid);
    const { hash } = await planOf(world, turid);
    const moved = (sign: "+" | "-") =>
      world.own(
        "crm",
        `update ordre set ordredato = ordredato ${sign} interval '20 years'
         where kontakt_id = (select kontakt_id from kontakt where navn = 'Turid Moe') returning 1`,
      );
    expect((await moved("-")).length).toBeGreaterThan(0);
    await expectRefused({ planHash: hash }, bearer, planChanged);
    await moved("+");
    expect((await planOf(world, turid)).hash).toBe(hash);
    const before = await stateOf(world.gateway);
    await world.gateway.open("learning", false);
    const { answer } = await say("requestErasure", { planHash: hash }, bearer);
    await world.gateway.open("learning", true);
    expect(answer).toMatchObject(planChanged);
    expect(await stateOf(world.gateway)).toEqual(before);
  });

  test.each([[null], [[]], [["x"]], [{}], [true], [1.5]])("that is %j cannot be read", async (planHash) => {
    const before = await stateOf(world.gateway);
    expect(await say("requestErasure", { planHash }, await token(turid))).toEqual({
      answer: null,
      code: "BAD_USER_INPUT",
    });
    expect(await stateOf(world.gateway)).toEqual(before);
  });

  test.each([[[]], [["shop"]], [["crm", "constructor"]], [[""]], [["gateway"]], [["crm", null]], [[mark]]])(
    "of the systems %j is shown to nobody",
    async (sources) => {
      const { data, errors, text } = await world.gateway.query(
        "query ($sources: [String!]) { me { erasurePlan(sources: $sources) { hash items { source } } } }",
        { sources },
        { as: turid },
      );
      expect(errors?.map(({ extensions }) => extensions.code)).toEqual(["BAD_USER_INPUT"]);
      expect(JSON.stringify(data ?? null)).not.toContain("hash");
      expect(text).not.toContain(mark);
    },
  );
});

test("what begins cannot be taken back, nor asked for again: the refusal shows what is done", async () => {
  await world.gateway.open("mailing", false);
  const bearer = await token(kari);
  const { hash } = await planOf(world, kari);
  const { answer } = await say("requestErasure", { planHash: hash }, bearer);
  const id = answer?.request?.id ?? expect.fail();
  await expect
    .poll(
      async () =>
        (await world.gateway.rows("select from request_step where request_id = $1 and state = 'DONE'", [id]))
          .length,
      { timeout: 10_000 },
    )
    .toBeGreaterThan(5);
  for (const each of [bearer, await token(dpo)]) {
    const late = await say("cancelRequest", { id }, each);
    expect(late.answer).toMatchObject({ code: "NOT_CANCELLABLE", rule: "HAS_BEGUN", existing: { id } });
    const done = late.answer?.existing?.steps.filter(({ outcome }) => outcome.result === "DONE") ?? [];
    expect(done.length).toBeGreaterThan(5);
  }
  const again = await say("requestErasure", { planHash: hash }, bearer);
  expect(again.answer).toMatchObject({ code: "ALREADY_OPEN", rule: "ERASURE_OPEN", existing: { id } });
  expect(
    await world.gateway.rows(
      "select from request_event where request_id = $1 and event = 'CANCELLED_BY_ASKER'",
      [id],
    ),
  ).toEqual([]);
  // What she asks for meanwhile is not written into what is about to go, and is not left for staff.
  const correction = { field: "NAME", value: "Kari Annerledes", sources: ["mailing"] };
  const { request } = await rectify(world, [correction]);
  expect(request.steps.filter(({ source }) => source === "mailing")).toMatchObject([
    { action: "RECTIFY", state: "SKIPPED", attempts: 1 },
  ]);
  const restricted = await say("restrictProcessing", { sources: ["mailing"], reason: "Vent" }, bearer);
  const other = restricted.answer?.request?.id ?? expect.fail();
  // As if the tool had said to be asked again tomorrow.
  const postponed = await world.gateway.rows(
    `update request_step set turn = turn + 1, next_attempt_at = now() + interval '1 day'
     where request_id = $1 and state in ('PENDING', 'RUNNING') returning 1`,
    [other],
  );
  expect(postponed.length).toBeGreaterThan(0);
  await world.gateway.open("mailing", true);
  await world.until(id, ...ended);
  await world.until(other, ...ended);
  // Whoever signs in again is known by what they sign in with.
  await idOf(world, kari);
  const over = await stateOf(world.gateway);
  for (const each of [bearer, await token(dpo)])
    expect((await say("cancelRequest", { id }, each)).answer?.rule).toBe("HAS_BEGUN");
  expect(await stateOf(world.gateway)).toEqual(over);
}, 30_000);

test("a sign-in of not quite five minutes ago does erase, with the plan as it is", async () => {
  const { hash } = await planOf(world, turid);
  const { answer } = await say(
    "requestErasure",
    { planHash: hash },
    await token(turid, { auth_time: seconds() - 280, acr: [mfaContext] }),
  );
  expect(ended).toContain(await world.until(answer?.request?.id ?? expect.fail(), ...ended));
});
