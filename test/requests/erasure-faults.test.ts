import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type SystemKey, systemKeys } from "../../src/demo/people/person.ts";
import { ended, erase, planOf } from "./erasing.ts";
import { holdUp } from "./held-up.ts";
import { ask, confirmed, idOf } from "./rights.ts";
import { dpo, kari, openWorld, type World } from "./world.ts";

const ingrid = "ingrid.aas@example.com";
const ola = "ola.nordmann@example.com";
const siv = "siv.stille@example.com";
const turid = "turid.moe@example.com";
const bjørn = "bjørn.østby@example.com";
const otherKari = "kari_nordmann@example.com";

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

/** Tables of a system with the condition for what they have of `who`, in the order in which they can be emptied. */
type Emptying = readonly (readonly [table: string, condition: string])[];
const contact = "kontakt_id in (select kontakt_id from kontakt where epost = $who)";
const inOrder = `ordre_id in (select ordre_id from ordre where ${contact})`;
const orders: Emptying = [
  ...["retur", "ordrelinje", "ordre_levering"].map((table) => [table, inOrder] as const),
  ...["samtale", "ordre"].map((table) => [table, contact] as const),
];
const user = "(select id from mdl_user where email = $who)";
const attendee = `(select "Id" from "Attendee" where "Email" = $who)`;
const subscriber = "subscriber_id in (select id from subscribers where email = $who)";
const visitor = "(select contact_key from web_contact where email = $who)";
const emptying: Readonly<Record<SystemKey, Emptying>> = {
  crm: [
    ...["berikelse", "kontakt_historikk", "epost_logg"].map((table) => [table, contact] as const),
    ["epost_logg", "strpos(lower(mottaker), $who) > 0"],
    ["kontakt", "epost = $who"],
  ],
  learning: [
    ...["course_completions", "feedback_value", "session_trace"].map(
      (table) => [`mdl_${table}`, `userid = ${user}`] as const,
    ),
    ["mdl_logstore_standard_log", `${user} in (userid, relateduserid) or strpos(other, $who) > 0`],
    ["mdl_user", "email = $who"],
  ],
  events: [
    ['"AuditLog"', `"AttendeeId" = ${attendee} or strpos("Changes"::text, $who) > 0`],
    ['"CompetitionEntry"', `"AttendeeId" = ${attendee}`],
    ['"Registration"', `"AttendeeId" = ${attendee} or "Email" = $who`],
    ['"Attendee"', `"Email" = $who`],
  ],
  mailing: [
    ["campaign_views", `${subscriber} or recipient = $who`],
    ["link_clicks", `${subscriber} or recipient = $who`],
    ["replies", `delivery_id in (select id from deliveries where ${subscriber})`],
    ...["bounces", "deliveries", "subscriber_lists", "subscriber_history"].map(
      (table) => [table, subscriber] as const,
    ),
    ["subscribers", "email = $who"],
  ],
  website: [
    [
      "web_visit",
      `visitor_id in (select visitor_id from web_contact_browser where contact_key = ${visitor})`,
    ],
    [
      "web_submission_field",
      `submission_key in (select submission_key from web_submission where contact_key = ${visitor})`,
    ],
    ...["contact_browser", "submission", "mail_log", "request_log", "contact_log"].map(
      (table) => [`web_${table}`, `contact_key = ${visitor}`] as const,
    ),
    ["web_contact", "email = $who"],
  ],
};

/** Somebody who knows how has emptied the tables, and no rule of the system's own notes it. */
const emptyingAlone = (tables: Emptying, who: string) =>
  [
    "begin",
    "set local session_replication_role = replica",
    ...tables.map(([table, condition]) =>
      `delete from ${table} where ${condition}`.replaceAll("$who", `'${who}'`),
    ),
    "commit",
  ].join("; ");

describe("a system that does not do its part", () => {
  let world: World;
  beforeAll(async () => {
    const account = { emails: [otherKari] as const, name: "Kari", roles: [], about: { en: "" } };
    world = await openWorld({ accounts: [account] });
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

  it("has been emptied by somebody else after it was read: that is success, in each of them", async () => {
    const who = otherKari;
    await world.own("crm", emptyingAlone(orders, who));
    // Each waits with its first effect.
    await world.gateway.rows(`create function wait() returns trigger language plpgsql as
        $$ begin perform pg_advisory_xact_lock(5); return new; end $$`);
    await world.gateway.rows(`create trigger wait before update on erasure_source for each row
        when (old.begun_at is null and new.begun_at is not null) execute function wait()`);
    await using waiting = await holdUp(world.gateway.databaseUrl);
    await waiting.run("select pg_advisory_xact_lock(5)");
    const { request } = await erase(world, who);
    await expect
      .poll(() =>
        world.gateway.rows("select source, begun_at from erasure_source where request_id = $1 order by 1", [
          request.id,
        ]),
      )
      .toEqual(systemKeys.toSorted().map((source) => ({ source, begun_at: null })));
    // The learning platform waits for the CRM, to which it leads.
    await waiting.untilHeld(systemKeys.length - 1);
    for (const system of systemKeys) await world.own(system, emptyingAlone(emptying[system], who));
    await waiting.release();
    expect(await world.until(request.id, "COMPLETED", "NEEDS_ATTENTION")).toBe("COMPLETED");
    await world.gateway.rows("drop function wait cascade");
    const steps = (await stepsOf(world, request.id, who)).filter(({ source }) => source !== "gateway");
    expect([...new Set(steps.map(({ source }) => source))].sort()).toEqual(systemKeys.toSorted());
    expect(new Set(steps.map(({ state }) => state))).toEqual(new Set(["DONE"]));
    expect(await isForgotten(world, who)).toBe(true);
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
