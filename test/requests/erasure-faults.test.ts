import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { ended, erase, planOf } from "./erasing.ts";
import { ask, confirmed, idOf } from "./rights.ts";
import { dpo, kari, openWorld, type World } from "./world.ts";

const ingrid = "ingrid.aas@example.com";
const ola = "ola.nordmann@example.com";
const eva = "eva.enebo@example.com";
const siv = "siv.stille@example.com";
const turid = "turid.moe@example.com";
const bjørn = "bjørn.østby@example.com";

interface Step {
  readonly id: string;
  readonly source: string;
  readonly action: string;
  readonly recordType: string | null;
  readonly state: string;
  readonly lastError: string | null;
  readonly outcome: { readonly result: string; readonly detail: string | null };
}

const stepsOf = async (world: World, id: string, as: string): Promise<readonly Step[]> => {
  const { data } = await world.gateway.query<{ request: { steps: Step[] } }>(
    `query($id: ID!) { request(id: $id) { steps { id source action recordType state lastError outcome { result detail } } } }`,
    { id },
    { as, headers: { "accept-language": "en" } },
  );
  return data?.request.steps ?? [];
};

/** Everything that names a step, and how it ended. */
const told = (steps: readonly Step[]) =>
  steps.map(({ source, action, recordType, state }) => `${source} ${action} ${recordType ?? ""} ${state}`);

async function isForgotten(world: World, email: string): Promise<boolean> {
  const [row] = await world.gateway.rows<{ forgotten_at: Date | null }>(
    "select forgotten_at from subject where id = $1",
    [await idOf(world, email)],
  );
  return row?.forgotten_at != null;
}

describe("a system that does not do its part", () => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld();
  });
  beforeEach(() => world.gateway.manners(null));
  afterAll(() => world[Symbol.asyncDispose]());

  it("is down: it is in the plan so, the others are erased, nothing is called complete, and it is erased later", async () => {
    await world.gateway.open("crm", false);
    const plan = await planOf(world, ingrid);
    expect(plan.items.filter(({ source }) => source === "crm")).toEqual([
      expect.objectContaining({ action: "UNAVAILABLE", count: 0 }),
    ]);
    const { request } = await erase(world, ingrid);
    expect(await world.until(request.id, "NEEDS_ATTENTION")).toBe("NEEDS_ATTENTION");
    const steps = await stepsOf(world, request.id, ingrid);
    expect(told(steps)).toContain("mailing VERIFY  DONE");
    expect(told(steps)).toContain("events VERIFY  DONE");
    // It leads to the CRM, and waits for it.
    expect(told(steps)).toContain("learning ERASE sessions PENDING");
    const read = steps.find(({ source, action }) => source === "crm" && action === "READ");
    expect(read).toMatchObject({ lastError: "The system could not be reached." });
    // Nothing of it would be erased there, and it is tried on.
    const confirming = { id: request.id, stepId: read?.id, because: "Slettet for hånd" };
    expect(await confirmed(world, confirming, { as: dpo })).toMatchObject({ rule: "NOT_FAILED" });
    expect(told(steps)).toContain("gateway ERASE PERSON PENDING");
    expect(await isForgotten(world, ingrid)).toBe(false);
    await world.gateway.open("crm", true);
    expect(ended).toContain(await world.until(request.id, ...ended));
    expect(await isForgotten(world, ingrid)).toBe(true);
    expect(await world.own("learning", "select 1 from mdl_user where email ilike 'ingrid%'")).toEqual([]);
  });

  it.each([
    ["answers 500 once", "write-500-once", {}, kari],
    ["says that its erasure failed, once", "erasure-fails-once", {}, siv],
    ["takes long over its erasure", "slow-erasure", { ms: 1_500 }, bjørn],
  ])("%s: it is tried again by itself", async (_, manner, options, email) => {
    await world.gateway.manners(manner, options);
    const { request } = await erase(world, email, { sources: ["mailing"] });
    expect(await world.until(request.id, "COMPLETED")).toBe("COMPLETED");
    const [row] = await world.own<{ n: number }>(
      "mailing",
      "select count(*)::int as n from subscribers where lower(email) = $1",
      [email],
    );
    expect(row?.n).toBe(0);
  });

  it("says yes and does nothing: it is never believed, and staff are asked, until it does", async () => {
    await world.gateway.manners("forgets-nothing");
    const { request } = await erase(world, eva);
    expect(await world.until(request.id, "NEEDS_ATTENTION")).toBe("NEEDS_ATTENTION");
    expect(told(await stepsOf(world, request.id, eva))).toContain("gateway ERASE PERSON PENDING");
    expect(await isForgotten(world, eva)).toBe(false);
    await world.gateway.manners(null);
    await ask(world, "retryRequest", { id: request.id }, { as: dpo });
    expect(await world.until(request.id, "COMPLETED")).toBe("COMPLETED");
  });

  it("has a rule that swallows deletions: it is found out, and erased once the rule is gone", async () => {
    await world.own(
      "events",
      `create function swallow() returns trigger language plpgsql as $$ begin return null; end $$;
       create trigger swallowed before delete on "CompetitionEntry" for each row execute function swallow();
       create trigger swallowed before delete on "Attendee" for each row execute function swallow()`,
    );
    const { request } = await erase(world, ola);
    expect(await world.until(request.id, "NEEDS_ATTENTION")).toBe("NEEDS_ATTENTION");
    const state = told(await stepsOf(world, request.id, ola)).filter((each) => each.startsWith("events"));
    expect(state).toContain("events VERIFY  PENDING");
    await world.own("events", `drop function swallow() cascade`);
    await ask(world, "retryRequest", { id: request.id }, { as: dpo });
    expect(ended).toContain(await world.until(request.id, ...ended));
    expect(await world.own("events", `select 1 from "Attendee" where "Email" = $1`, [ola])).toEqual([]);
  });
});

describe("a system that is empty when its turn comes", () => {
  it("has nothing to be erased, and that is success", async () => {
    await using world = await openWorld({
      config: (config) => ({ ...config, erasure: { ...config.erasure, graceSeconds: 2 } }),
    });
    const { request } = await erase(world, turid, { sources: ["learning"] });
    await world.own(
      "learning",
      "delete from mdl_course_completions where userid = (select id from mdl_user where email = $1)",
      [turid],
    );
    await world.own(
      "learning",
      "delete from mdl_feedback_value where userid = (select id from mdl_user where email = $1)",
      [turid],
    );
    await world.own(
      "learning",
      "delete from mdl_session_trace where userid = (select id from mdl_user where email = $1)",
      [turid],
    );
    await world.own(
      "learning",
      "update mdl_user set username = 'borte', email = '', idnumber = null where email = $1",
      [turid],
    );
    await world.own("learning", "delete from mdl_logstore_standard_log where other ilike '%' || $1 || '%'", [
      turid,
    ]);
    expect(await world.until(request.id, "COMPLETED")).toBe("COMPLETED");
    const steps = (await stepsOf(world, request.id, turid)).filter(({ source }) => source === "learning");
    expect(new Set(steps.map(({ outcome }) => outcome.result))).toEqual(new Set(["ABSENT"]));
  });
});

describe("a system that cannot be made to forget from here", () => {
  it("is for staff, who do it there and say so", async () => {
    await using world = await openWorld({
      config: ({ sources, ...config }) => {
        const { events, ...others } = sources;
        const { erasures: _unmapped, ...mapping } = events?.mapping ?? { connector: "sql" };
        return {
          ...config,
          sources: { ...others, ...(events && { events: { ...events, mapping } }) },
        } as typeof config & { sources: typeof sources };
      },
    });
    const plan = await planOf(world, ola);
    expect(plan.items.filter(({ source }) => source === "events")).toEqual([
      expect.objectContaining({ action: "UNAVAILABLE" }),
    ]);
    const { request } = await erase(world, ola);
    expect(await world.until(request.id, "NEEDS_ATTENTION")).toBe("NEEDS_ATTENTION");
    const step = (await stepsOf(world, request.id, ola)).find(
      ({ source, state }) => source === "events" && state === "FAILED",
    );
    expect(step?.outcome.detail).toContain("A member of staff must do it there");
    await ask(
      world,
      "confirmStep",
      { id: request.id, stepId: step?.id, because: "Slettet der" },
      { as: dpo },
    );
    expect(ended).toContain(await world.until(request.id, ...ended));
  });
});
