import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import {
  type SqlSystemKey,
  sqlSystemKeys as sqlSystems,
  type SystemKey,
  systemKeys as all,
} from "../../src/demo/people/person.ts";
import { ended, erase } from "./erasing.ts";
import { ask, idOf } from "./rights.ts";
import { dpo, kari, openWorld, type Step, type World } from "./world.ts";

const siv = "siv.stille@example.com";
const bjørn = "bjørn.østby@example.com";
const anneKari = "anne-kari.nordmann@example.com";
const otherKari = "kari_nordmann@example.com";
const ingrid = "ingrid.aas@example.com";
const ola = "ola.nordmann@example.com";
const åse = "åse.håland@example.com";
const records = {
  crm: "kontakt",
  learning: "mdl_user",
  events: '"Attendee"',
  website: "web_contact",
} as const;
const addresses = { crm: "epost", learning: "email", events: '"Email"', website: "email" } as const;

let world: World;
beforeAll(async () => {
  const accounts = [anneKari, otherKari].map((email) => ({
    emails: [email] as const,
    name: "Kari",
    roles: [],
    about: { en: "" },
  }));
  world = await openWorld({ accounts });
});
afterEach(async () => {
  await world.gateway.manners(null);
  for (const system of all) await world.gateway.open(system, true);
  for (const system of sqlSystems) await undo(system);
});
afterAll(() => world[Symbol.asyncDispose]());

/** What the system does whenever a person's record is changed or deleted, until that is undone. */
const whenever = (system: SqlSystemKey, does: string) =>
  world.own(
    system,
    `create sequence times;
     create function trouble() returns trigger language plpgsql as $$ begin ${does} return coalesce(new, old); end $$;
     create trigger trouble before update or delete on ${records[system]} for each row execute function trouble()`,
  );

const undo = (system: SqlSystemKey) =>
  world.own(system, "drop function if exists trouble() cascade; drop sequence if exists times");

/** The steps, as somebody is shown them. */
async function shown(id: string, as: string): Promise<readonly Step[]> {
  const { data } = await world.gateway.query<{ request: { steps: Step[] } }>(
    "query($id: ID!) { request(id: $id) { steps { id source action recordType state attempts lastError outcome { result detail } } } }",
    { id },
    { as, headers: { "accept-language": "en" } },
  );
  return data?.request.steps ?? [];
}

/** What the person is answered who looks at a system meanwhile. */
async function codeOf(system: SystemKey, as: string): Promise<string | undefined> {
  const { errors } = await world.gateway.query(`{ me { ${system} { email } } }`, {}, { as });
  return errors?.[0]?.extensions.code;
}

async function hasKey(email: string): Promise<boolean> {
  const rows = await world.gateway.rows<{ forgotten_at: Date | null }>(
    "select forgotten_at from subject where id = $1",
    [await idOf(world, email)],
  );
  return rows[0]?.forgotten_at === null;
}

/** Whatever is left of the steps where the person and staff look. */
const troubled = (steps: readonly Step[]) =>
  steps.find(({ lastError, state }) => lastError !== null || state === "FAILED");

describe.each([
  ["learning", anneKari],
  ["events", ola],
  ["mailing", ingrid],
  ["website", åse],
] as const)("%s is down", (system, email) => {
  it("the others are erased all the same, and the person is not forgotten before it is, too", async () => {
    await world.gateway.open(system, false);
    const { request } = await erase(world, email);
    await world.until(request.id, "NEEDS_ATTENTION");
    for (const as of [email, dpo]) {
      const verified = async () =>
        (await shown(request.id, as)).filter(({ action, state }) => action === "VERIFY" && state === "DONE");
      const others = all.filter((other) => other !== system).sort();
      await expect
        .poll(async () => (await verified()).map(({ source }) => source).sort(), { timeout: 15_000 })
        .toEqual(others);
      const steps = await shown(request.id, as);
      // It may be being tried once more at this very moment.
      expect(troubled(steps)).toMatchObject({
        source: system,
        state: expect.stringMatching(/^(PENDING|RUNNING)$/) as string,
      });
      expect(troubled(steps)?.lastError).toMatch(
        /^The system (could not be reached|answered with an error)\.$/,
      );
      expect(steps.at(-1)).toMatchObject({ source: "gateway", action: "ERASE", state: "PENDING" });
    }
    expect(await hasKey(email)).toBe(true);
    await world.gateway.open(system, true);
    await world.until(request.id, ...ended);
    expect(await hasKey(email)).toBe(false);
  });
});

it("systems that are slow are said not to have answered in time, each of them, and are erased when they do", async () => {
  await world.gateway.manners("slow", { ms: 2_500 });
  for (const system of sqlSystems) await whenever(system, "perform pg_sleep(10);");
  const { request } = await erase(world, kari);
  const late = async () =>
    (await shown(request.id, kari))
      .filter(({ lastError }) => lastError === "The system did not answer in time.")
      .map(({ source }) => source);
  await expect
    .poll(late, { timeout: 20_000 })
    .toEqual(expect.arrayContaining(["crm", "events", "mailing", "website"]));
  expect(await hasKey(kari)).toBe(true);
  await world.gateway.manners(null);
  for (const system of ["crm", "events", "website"] as const) await undo(system);
  // It waits for the CRM, to which it leads.
  await expect.poll(late, { timeout: 20_000 }).toEqual(["learning"]);
  await undo("learning");
  await world.until(request.id, ...ended);
}, 60_000);

it("systems that fail once are tried again by themselves, and nobody is asked", async () => {
  await world.gateway.manners("write-500-once");
  for (const system of sqlSystems)
    await whenever(system, "if nextval('times') = 1 then raise exception 'once'; end if;");
  const { request } = await erase(world, siv);
  await world.until(request.id, ...ended);
  const again = (await shown(request.id, siv)).filter(({ attempts }) => attempts === 2);
  expect(again.map(({ source }) => source).sort()).toEqual([...all].sort());
});

it("systems that say yes and do nothing are never believed, and staff are asked, until they do", async () => {
  await world.gateway.manners("forgets-nothing");
  for (const system of sqlSystems) {
    const address = addresses[system];
    await whenever(system, `if tg_op = 'DELETE' then return null; end if; new.${address} := old.${address};`);
  }
  const { request } = await erase(world, otherKari);
  await world.until(request.id, "NEEDS_ATTENTION");
  const unproven = async () =>
    (await shown(request.id, otherKari))
      .filter(({ action, recordType, lastError }) => isErasing(action) && recordType && lastError !== null)
      .map(({ source }) => source);
  const first = all.filter((system) => system !== "learning");
  await expect
    .poll(async () => [...new Set(await unproven())].sort(), { timeout: 20_000 })
    .toEqual(first.toSorted());
  const states = (await shown(request.id, otherKari)).flatMap(({ action, source, state }) =>
    action === "VERIFY" || (action === "ERASE" && source === "gateway") ? [state] : [],
  );
  expect(states).toEqual([...all, "gateway"].map(() => "PENDING"));
  await world.gateway.manners(null);
  for (const system of ["crm", "events", "website"] as const) await undo(system);
  // It waits for the CRM, to which it leads.
  await expect.poll(unproven, { timeout: 20_000 }).toEqual(["learning"]);
  expect(await hasKey(otherKari)).toBe(true);
  await undo("learning");
  await world.until(request.id, ...ended);
  for (const system of sqlSystems) {
    const found = `select from ${records[system]} where ${addresses[system]} = $1`;
    expect(await world.own(system, found, [otherKari])).toEqual([]);
  }
}, 60_000);

const isErasing = (action: string) => action === "ERASE" || action === "ANONYMISE";

describe.each(["crm", "learning", "events", "website"] as const)("%s refuses for good", (system) => {
  it("staff are asked; what they say they have done is looked at; and it is erased once it can be", async () => {
    await whenever(system, "raise foreign_key_violation;");
    const { request } = await erase(world, bjørn, { sources: [system] });
    await world.until(request.id, "NEEDS_ATTENTION");
    expect(await codeOf(system, bjørn)).toBe("SOURCE_UNAVAILABLE");
    const refused = troubled(await shown(request.id, dpo));
    expect(refused).toMatchObject({ recordType: "record", state: "FAILED" });
    expect(refused?.outcome.detail).toMatch(
      /does not erase this from here. A member of staff must do it there/,
    );
    const because = "Slettet i systemet";
    await ask(world, "confirmStep", { id: request.id, stepId: refused?.id, because }, { as: dpo });
    await world.until(request.id, "NEEDS_ATTENTION");
    for (const as of [bjørn, dpo]) {
      const left = troubled(await shown(request.id, as));
      expect(left).toMatchObject({ action: "VERIFY", state: "FAILED", outcome: { result: "FAILED" } });
      expect(left?.outcome.detail).toMatch(
        /still has something about the person.*(kontakt|mdl_user|Attendee|web_contact) \(1\)/,
      );
    }
    await undo(system);
    await ask(world, "retryRequest", { id: request.id }, { as: dpo });
    await world.until(request.id, ...ended);
    expect(await codeOf(system, bjørn)).toBeUndefined();
  });
});

it("that the e-mail tool has stopped because the person is erased from it is no word of theirs", async () => {
  const reader = "stor.leser@example.com";
  // It is asked meanwhile whom it has stopped writing to.
  await world.own(
    "mailing",
    `create function dawdle() returns trigger language plpgsql as $$ begin perform pg_sleep(0.8); return null; end $$;
     create trigger dawdle before delete on deliveries for each statement execute function dawdle()`,
  );
  const { request } = await erase(world, reader, { sources: ["mailing"] });
  await world.until(request.id, ...ended);
  const kinds = await world.gateway.rows("select kind from request where subject_id = $1", [
    await idOf(world, reader),
  ]);
  expect(kinds).toEqual([{ kind: "ERASURE" }]);
});
