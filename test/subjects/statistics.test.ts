import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { InnsynConfig } from "../../src/config/define.ts";
import { canaryEmail } from "../../src/demo/people/fixed.ts";
import { ask, idOf } from "../requests/rights.ts";
import { kari, openWorld, type World } from "../requests/world.ts";
import { setClock } from "../setup/clock.ts";
import type { Asked, Json } from "../setup/gateway.ts";
import { openRegister } from "../setup/register.ts";
import { insertRequest } from "../setup/requests.ts";

const siv = "siv.stille@example.com";
const staff = (role: string) => ({ as: `${role}@intech.example` });
const events = staff("events");
const hour = 3_600_000;
const from = Date.now();
const after = (hours: number) => new Date(from + hours * hour);

interface Group {
  readonly name: string | null;
  readonly at: string | null;
  readonly count: number | null;
  readonly suppressed: boolean;
}
interface Source {
  readonly source: string;
  readonly minimumGroupSize: number;
  readonly notCounted: readonly string[];
  readonly counts: { readonly asOf: string; readonly groups: readonly Group[] } | null;
}

const document = `query Statistics($by: StatisticsDimension!) { statistics(by: $by) {
  source minimumGroupSize notCounted counts { asOf groups { name at count suppressed } } } }`;
const send = ({ gateway }: World, by: string, asked: Asked) =>
  gateway.query<{ statistics: readonly Source[] }>(document, { by }, asked);

async function statistics(world: World, by: string, asked: Asked): Promise<Source> {
  const { data, errors } = await send(world, by, asked);
  expect(errors).toBeUndefined();
  return data?.statistics[0] ?? expect.fail("no system");
}

async function countsBy(world: World, by: string, asked: Asked) {
  const { counts } = await statistics(world, by, asked);
  return new Map((counts?.groups ?? []).map(({ name, count }) => [name, count]));
}

let world: World;
beforeAll(async () => {
  world = await openWorld({ replicas: 2 });
  await arrange(world);
});
afterAll(() => world[Symbol.asyncDispose]());

/** Four events: everybody's, one of ten who are counted, of fourteen, and of twenty. */
async function arrange({ own }: World): Promise<void> {
  const titles = ["Alle", "Ti", "Fjorten", "Tjue"];
  await own(
    "events",
    `insert into "Event" ("Id", "Title", "Venue", "StartsAt")
      select gen_random_uuid(), t, 'Oslo', timestamptz '2026-06-01T12:00:00Z' from unnest($1::text[]) t`,
    [titles],
  );
  await own(
    "events",
    `update "Registration" set "EventId" = (select "Id" from "Event" where "Title" = 'Alle')`,
  );
  await own(
    "events",
    `insert into "Attendee" ("Id", "FullName", "Email", "CreatedAt", "UpdatedAt")
      select gen_random_uuid(), 'Deltaker ' || n, 'deltaker-' || n || '@example.com', now(), now()
      from generate_series(1, 20) n`,
  );
  const numbered = (first: number, last: number) =>
    Array.from({ length: last - first + 1 }, (_, n) => `deltaker-${first + n}@example.com`);
  const register = (title: string, emails: readonly string[]) =>
    own(
      "events",
      `insert into "Registration" ("Id", "AttendeeId", "EventId", "RegisteredAt", "Status", "Name", "Email")
        select gen_random_uuid(), a."Id", e."Id", now(), 'Confirmed', a."FullName", a."Email"
        from "Event" e, "Attendee" a where e."Title" = $1 and lower(a."Email") = any($2)`,
      [title, emails],
    );
  // Siv's processing is restricted: there are eleven of whom ten are counted.
  await register("Ti", [kari, siv, ...numbered(1, 9)]);
  await register("Fjorten", numbered(1, 14));
  await register("Tjue", numbered(1, 20));
}

/** By hand, without the canary and whom it must not count. */
async function byHand({ own }: World, notCounted: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const rows = await own<{ name: string; persons: number }>(
    "events",
    `select e."Title" as name, count(distinct a."Id")::int as persons
      from "Registration" r join "Event" e on e."Id" = r."EventId" join "Attendee" a on a."Id" = r."AttendeeId"
      where lower(a."Email") <> all($1) group by 1`,
    [[canaryEmail, ...notCounted]],
  );
  return new Map(rows.map(({ name, persons }) => [name, persons]));
}

const around = (persons = Number.NaN) => [Math.floor(persons / 10) * 10, Math.ceil(persons / 10) * 10];

describe("by event", () => {
  test("shows what SQL counts by hand, without whose processing is restricted, rounded", async () => {
    const truth = await byHand(world, [siv]);
    expect(truth.get("Ti")).toBe(10);
    expect(truth.get("Fjorten")).toBe(14);
    expect(truth.get("Tjue")).toBe(20);
    const { source, minimumGroupSize, notCounted, counts } = await statistics(world, "EVENT", events);
    expect({ source, minimumGroupSize, notCounted }).toEqual({
      source: "events",
      minimumGroupSize: 10,
      notCounted: ["OBJECTION", "RESTRICTION", "NO_RECORD"],
    });
    expect(counts?.groups.map(({ name }) => name).sort()).toEqual([...truth.keys()].sort());
    for (const { name, at, count, suppressed } of counts?.groups ?? []) {
      expect(suppressed).toBe(false);
      expect(at).toBe("2026-06-01T12:00:00Z");
      expect(around(truth.get(name ?? ""))).toContain(count);
    }
  });

  test("the same for everybody, of both replicas, for a day, whatever comes and goes", async () => {
    const first = await statistics(world, "EVENT", events);
    const reason = "Jeg vil ikke være med i tall";
    const objection = await ask(world, "objectToProcessing", { purpose: "STATISTICS", reason }, { as: kari });
    expect(objection.request.status).toBe("AWAITING_DECISION");
    await setClock(world.gateway, after(23));
    for (const asked of [{ ...events, replica: 1 }, staff("auditor")])
      expect(await statistics(world, "EVENT", asked)).toEqual(first);
  });

  test("a day later whoever objects is not counted, and the group that is too small takes the next along", async () => {
    await setClock(world.gateway, after(25));
    const truth = await byHand(world, [siv, kari]);
    expect(truth.get("Ti")).toBe(9);
    const counts = await countsBy(world, "EVENT", events);
    expect(counts.get("Ti")).toBeNull();
    expect(counts.get("Fjorten")).toBeNull();
    expect(counts.get("Tjue")).toBe(20);
    expect(around(truth.get("Alle"))).toContain(counts.get("Alle"));
  });

  test("who turns up again is counted again: an objection that has ended, and one that is restricted is not", async () => {
    await world.gateway.rows("update objection set ended_at = now() where purpose = 'STATISTICS'");
    await setClock(world.gateway, after(50));
    expect((await countsBy(world, "EVENT", events)).get("Ti")).toBe(10);
    await ask(world, "restrictProcessing", { sources: ["events"], reason: "Det er omstridt" }, { as: kari });
    await setClock(world.gateway, after(75));
    expect((await countsBy(world, "EVENT", events)).get("Ti")).toBeNull();
    // What ends now has ended by every clock.
    await setClock(world.gateway, null);
    await ask(world, "liftRestriction", { sources: ["events"] }, { as: kari });
    await ask(world, "restrictProcessing", { sources: ["crm"], reason: "Det er omstridt" }, { as: kari });
    await setClock(world.gateway, after(100));
    expect((await countsBy(world, "EVENT", events)).get("Ti")).toBe(10);
  });

  test("who is being erased there is not counted", async () => {
    await using register = await openRegister(world.gateway);
    const id = await insertRequest(register, await idOf(world, kari), { kind: "ERASURE", status: "RUNNING" });
    const being = "insert into erasure (request_id, sources, as_of) values ($1, $2, current_date)";
    await world.gateway.rows(being, [id, ["crm"]]);
    await setClock(world.gateway, after(110 + 24));
    expect((await countsBy(world, "EVENT", events)).get("Ti")).toBe(10);
    await world.gateway.rows("update erasure set sources = array['crm', 'events'] where request_id = $1", [
      id,
    ]);
    await setClock(world.gateway, after(110 + 49));
    expect((await countsBy(world, "EVENT", events)).get("Ti")).toBeNull();
    await world.gateway.rows("update request set status = 'COMPLETED', completed_at = now() where id = $1", [
      id,
    ]);
  });

  test("of many who ask at once, on both replicas, all are shown one count, and nothing exact is kept", async () => {
    await setClock(world.gateway, after(200));
    const asked = Array.from({ length: 8 }, (_, n) => ({ ...events, replica: n % 2 }));
    const answers = await Promise.all(asked.map((each) => statistics(world, "EVENT", each)));
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    const rows = await world.gateway.rows<{ groups: readonly { count: number | null }[] }>(
      "select groups from statistics where dimension = 'EVENT'",
    );
    expect(rows).toHaveLength(1);
    for (const { count } of rows[0]?.groups ?? []) expect((count ?? 0) % 10).toBe(0);
    expect(rows[0]?.groups).toHaveLength(4);
  });

  test("counts anew of as many persons are shown as they were", async () => {
    const before = await countsBy(world, "EVENT", events);
    await setClock(world.gateway, after(225));
    expect(await countsBy(world, "EVENT", events)).toEqual(before);
  });

  test("a system that is down is named, and nothing is kept of it", async () => {
    await setClock(world.gateway, after(250));
    await world.gateway.open("events", false);
    const { status, data, errors } = await send(world, "EVENT", events);
    await world.gateway.open("events", true);
    expect(status).toBe(200);
    expect(data?.statistics[0]).toMatchObject({ source: "events", counts: null });
    expect(errors?.[0]).toMatchObject({
      path: ["statistics", 0, "counts"],
      extensions: { code: "SOURCE_UNAVAILABLE", source: "events", reason: "UNREACHABLE" },
    });
    expect((await countsBy(world, "EVENT", events)).get("Tjue")).toBe(20);
  });
});

describe("by course and country", () => {
  test("learners are counted for those who teach, and too few are not shown", async () => {
    const truth = await world.own<{ name: string; persons: number }>(
      "learning",
      `select c.fullname as name, count(distinct u.id)::int as persons
        from mdl_course_completions m join mdl_course c on c.id = m.course join mdl_user u on u.id = m.userid
        where u.username <> 'guest' and lower(u.email) <> all($1) group by 1`,
      [[canaryEmail, siv]],
    );
    const counts = await countsBy(world, "COURSE", staff("training"));
    expect(counts.size).toBe(truth.length);
    expect(truth.length).toBeGreaterThan(2);
    for (const { name, persons } of truth) {
      const count = counts.get(name);
      if (persons < 10) expect(count).toBeNull();
      if (count !== null) expect(around(persons)).toContain(count);
    }
  });

  test("countries are those of the website's visits, for marketing as well, which reads none of them", async () => {
    const { data, errors } = await send(world, "COUNTRY", staff("marketing"));
    expect(errors).toBeUndefined();
    expect(data?.statistics).toMatchObject([{ source: "website", minimumGroupSize: expect.any(Number) }]);
  });
});

describe("who may ask", () => {
  const open: Readonly<Record<string, readonly string[]>> = {
    events: ["EVENT"],
    training: ["COURSE"],
    marketing: ["LIST", "COUNTRY"],
    auditor: ["EVENT", "COURSE", "LIST", "COUNTRY"],
    support: [],
    accounting: [],
    dpo: [],
  };

  test.each(
    Object.keys(open).flatMap((role) =>
      ["EVENT", "COURSE", "LIST", "COUNTRY"].map((by) => [role, by] as const),
    ),
  )("%s by %s", async (role, by) => {
    const { status, data, errors } = await send(world, by, staff(role));
    if (open[role]?.includes(by)) {
      expect(errors).toBeUndefined();
      expect(data?.statistics).toHaveLength(1);
    } else {
      expect(status).toBe(403);
      expect(data ?? null).toBeNull();
      expect(errors?.[0]?.extensions.code).toBe("FORBIDDEN");
    }
  });

  test.each([
    [kari, 403, "FORBIDDEN"],
    [null, 401, "UNAUTHENTICATED"],
  ])("%s may not", async (as, expected, code) => {
    const { status, errors } = await send(world, "EVENT", { as });
    expect(status).toBe(expected);
    expect(errors?.[0]?.extensions.code).toBe(code);
  });

  test.each([
    ["an unknown dimension", document, { by: "PERSON" }],
    ["no dimension", document, {}],
    ["a filter", '{ statistics(by: EVENT, where: "x") { source } }', {}],
  ])("%s is refused, and nothing is counted or recorded", async (_, bad, variables) => {
    const count = "select count(*)::int as n from audit_entry";
    const before = await world.gateway.rows(count);
    const { status, errors } = await world.gateway.query(bad, variables, events);
    expect(status).toBe(400);
    expect(errors?.[0]?.extensions.code).toBe("BAD_USER_INPUT");
    expect(await world.gateway.rows(count)).toEqual(before);
  });

  test("what was shown, and to whom not, is in the trail, as a look at no person", async () => {
    await world.gateway.rows("select 1");
    const seen = "select coalesce(max(sequence), 0) as last from audit_entry";
    const [before] = await world.gateway.rows<{ last: string }>(seen);
    await send(world, "EVENT", events);
    await send(world, "EVENT", staff("marketing"));
    const entries = await world.gateway.rows(
      `select event, actor_role, subject_ref, purpose, coordinates, categories, sources, detail from audit_entry
        where sequence > $1 order by sequence`,
      [before?.last],
    );
    const about = {
      subject_ref: null,
      purpose: "STATISTICS",
      coordinates: ["Query.statistics"],
      categories: ["EVENT_PARTICIPATION"],
      sources: ["events"],
      detail: "EVENT",
    };
    expect(entries).toEqual([
      { event: "COUNTED", actor_role: "EVENTS", ...about },
      { event: "REFUSED", actor_role: "MARKETING", ...about },
    ]);
  });
});

describe("by list, which is held by consent", () => {
  test("they alone are counted who have said yes, whatever the e-mail tool says", async () => {
    await using small = await openWorld({
      replicas: 2,
      config: (config, replica) => ({
        ...config,
        statistics: { minimumGroupSize: 2 },
        ...(replica === 1 && { sources: { ...config.sources, mailing: uncounted(config) } }),
      }),
    });
    const marketing = staff("marketing");
    const reader = "stor.leser@example.com";
    const { notCounted } = await statistics(small, "LIST", marketing);
    expect(notCounted).toEqual(["OBJECTION", "RESTRICTION", "NO_CONSENT", "NO_RECORD"]);
    const subscribed = await small.own<{ name: string; persons: number }>(
      "mailing",
      `select l.name, count(*)::int as persons from lists l join subscriber_lists m on m.list_id = l.id
        join subscribers s on s.id = m.subscriber_id
        where m.status <> 'unsubscribed' and lower(s.email) = any($1) group by 1 order by 1`,
      [[kari, reader]],
    );
    expect(subscribed.map(({ persons }) => persons)).toEqual([2, 2]);
    // Siv has said yes, and is restricted; the others were never asked, whatever lists they are on.
    const counts = await countsBy(small, "LIST", marketing);
    expect([...counts.values()].toSorted()).toEqual([2, null, null, null]);
    const withdraw = `mutation { setConsent(input: { purpose: NEWSLETTER, given: false }) {
      ... on SetConsentPayload { consent { status } } } }`;
    const said = await small.gateway.query<Json>(withdraw, {}, { as: kari });
    expect(said.data).toEqual({ setConsent: { consent: { status: "WITHDRAWN" } } });
    await setClock(small.gateway, after(25));
    const unable = await send(small, "LIST", { ...marketing, replica: 1 });
    expect(unable.data?.statistics[0]).toMatchObject({ source: "mailing", counts: null });
    expect(unable.errors?.[0]?.extensions).toMatchObject({
      code: "SOURCE_UNAVAILABLE",
      reason: "NOT_COUNTABLE",
    });
    expect([...(await countsBy(small, "LIST", marketing)).values()]).toEqual([null, null, null, null]);
  });
});

/** The e-mail tool, were its API not to count. */
function uncounted({ sources }: InnsynConfig) {
  const { mapping, ...mailing } = sources.mailing ?? expect.fail("no e-mail tool");
  if (mapping.connector !== "rest") return expect.fail("no API");
  const { counts: _, ...rest } = mapping;
  return { ...mailing, mapping: rest };
}
