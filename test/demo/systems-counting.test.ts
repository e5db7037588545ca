import { randomUUID } from "node:crypto";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createRestSource } from "../../src/connectors/rest/source.ts";
import { createSqlSource } from "../../src/connectors/sql/source.ts";
import { canaryEmail } from "../../src/demo/people/fixed.ts";
import { eventsMapping } from "../../src/demo/systems/events/mapping.ts";
import { fillSystems } from "../../src/demo/systems/fill.ts";
import { learningMapping } from "../../src/demo/systems/learning/mapping.ts";
import { guest } from "../../src/demo/systems/learning/schema.ts";
import { mailingMapping } from "../../src/demo/systems/mailing/mapping.ts";
import type { CountedGroup, CountRequest, Source, WhomToCount } from "../../src/sources/contract.ts";
import { events as eventsModule } from "../../src/sources/events/graph.ts";
import { website as websiteModule } from "../../src/sources/website/graph.ts";
import { learning as learningModule } from "../../src/sources/learning/graph.ts";
import { mailing as mailingModule } from "../../src/sources/mailing/graph.ts";
import { websiteMapping } from "../../src/demo/systems/website/mapping.ts";
import { testDatabase } from "../setup/database.ts";
import { credentials, startMailing, type TestMailing, today } from "./mailing-process.ts";

const processor = { name: "Demo", country: "NO", agreement: "none" };
const signal = AbortSignal.timeout(120_000);
const parts = new AsyncDisposableStack();
let sources: Readonly<Record<"events" | "learning" | "mailing" | "website", Source>>;
let mailing: TestMailing;
const pools = {} as Record<keyof typeof sources, pg.Pool>;

const keysOfSystems = ["events", "learning", "mailing", "website"] as const;

beforeAll(async () => {
  const events = parts.use(await testDatabase());
  const learning = parts.use(await testDatabase());
  const website = parts.use(await testDatabase());
  const filled = { learning: learning.url, events: events.url, website: website.url };
  await fillSystems({ urls: filled, persons: 60, today });
  const set = new pg.Pool({ connectionString: website.url, max: 1 });
  await set.query(
    "update web_visit set country = (array['NO', 'SE', 'DK'])[1 + abs(hashtext(visitor_id)) % 3]",
  );
  await set.end();
  mailing = parts.use(await startMailing());
  const access = { url: mailing.url, user: credentials.user, token: credentials.token };
  sources = {
    events: await createSqlSource("events", processor, eventsMapping(events.url)),
    learning: await createSqlSource("learning", processor, learningMapping(learning.url)),
    mailing: createRestSource("mailing", processor, mailingMapping(access)),
    website: await createSqlSource("website", processor, websiteMapping(website.url)),
  };
  for (const source of Object.values(sources)) parts.defer(() => source.close());
  const urls = { ...filled, mailing: mailing.databaseUrl };
  for (const key of keysOfSystems) {
    pools[key] = new pg.Pool({ connectionString: urls[key], max: 1 });
    parts.defer(() => pools[key].end());
  }
});
afterAll(() => parts.disposeAsync());

const asked: Readonly<Record<keyof typeof pools, Omit<CountRequest, "whom">>> = {
  events: { dimension: "EVENT", ...eventsModule.dimensions!.EVENT! },
  learning: { dimension: "COURSE", ...learningModule.dimensions!.COURSE! },
  mailing: { dimension: "LIST", ...mailingModule.dimensions!.LIST! },
  website: { dimension: "COUNTRY", ...websiteModule.dimensions!.COUNTRY! },
};

/** By hand: the persons of each group, whose keys may be left out or named. */
const byHand = {
  events: `select e."Title" as name, to_char(e."StartsAt" at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS') as at,
      count(distinct a."Id") filter (where COUNTED and lower(a."Email") <> '${canaryEmail}')::int as persons
    from "Registration" r join "Event" e on e."Id" = r."EventId" join "Attendee" a on a."Id" = r."AttendeeId"
    group by 1, 2 order by 1, 2`,
  learning: `select c.fullname as name, null as at,
      count(distinct u.id) filter (where COUNTED and u.id <> ${guest} and lower(u.email) <> '${canaryEmail}')::int as persons
    from mdl_course_completions m join mdl_course c on c.id = m.course join mdl_user u on u.id = m.userid
    group by 1 order by 1`,
  mailing: `select l.name, null as at, count(s.id) filter (where m.status <> 'unsubscribed' and COUNTED
      and lower(s.email) <> '${canaryEmail}')::int as persons
    from lists l left join subscriber_lists m on m.list_id = l.id left join subscribers s on s.id = m.subscriber_id
    group by l.id order by l.name`,
  // In a browser that one person alone has used.
  website: `select v.country as name, null as at,
      count(distinct c.contact_key) filter (where COUNTED and lower(c.email) <> '${canaryEmail}')::int as persons
    from web_visit v join (select visitor_id, min(contact_key) as contact_key from web_contact_browser group by 1
      having count(distinct contact_key) = 1 and count(*) = count(contact_key)) b using (visitor_id)
      join web_contact c using (contact_key)
    group by 1 order by 1`,
} as const;
const keyColumn = {
  events: 'a."Id"::text',
  learning: "u.id::text",
  mailing: "s.id::text",
  website: "c.contact_key",
} as const;
const people = {
  events: `select "Id"::text as key from "Attendee" order by "Email"`,
  learning: "select id::text as key from mdl_user order by email",
  mailing: "select id::text as key from subscribers order by email",
  website: "select contact_key as key from web_contact order by email",
} as const;
type Key = keyof typeof pools;

async function expected(key: Key, counted: string, keys: readonly string[] = []): Promise<CountedGroup[]> {
  const values = keys.length > 0 ? [keys] : [];
  const { rows } = await pools[key].query<CountedGroup>(
    byHand[key].replace("COUNTED", counted),
    values as unknown[],
  );
  return rows;
}

async function counted(key: Key, whom: WhomToCount): Promise<CountedGroup[]> {
  const groups = (await sources[key].countBy?.({ ...asked[key], whom }, { signal })) ?? [];
  return groups
    .map((group) => ({ ...group, at: group.at?.slice(0, 19) ?? null }))
    .toSorted((a, b) => compare(a.name, b.name) || compare(a.at, b.at));
}

const compare = (a: string | null, b: string | null) =>
  Buffer.compare(Buffer.from(a ?? ""), Buffer.from(b ?? ""));
const sorted = (groups: readonly CountedGroup[]) =>
  groups.toSorted((a, b) => compare(a.name, b.name) || compare(a.at, b.at));

const keys = async (key: Key) =>
  (await pools[key].query<{ key: string }>(people[key])).rows.map((row) => row.key);

test.each(keysOfSystems)("%s counts as SQL by hand: all, all but some, and some alone", async (key) => {
  const all = await counted(key, { except: [] });
  expect(all).toEqual(sorted(await expected(key, "true")));
  expect(all.length).toBeGreaterThan(2);
  expect(Math.max(...all.map(({ persons }) => persons))).toBeGreaterThan(2);
  const some = (await keys(key)).filter((_, n) => n % 3 === 0);
  const within = `${keyColumn[key]} = any($1)`;
  const without = await counted(key, { except: some });
  expect(without).toEqual(sorted(await expected(key, `not ${within}`, some)));
  expect(without).not.toEqual(all);
  expect(await counted(key, { only: some })).toEqual(sorted(await expected(key, within, some)));
  // A group stays there when nobody of it is counted: that somebody was left out does not show.
  const nobody = await counted(key, { only: [] });
  expect(nobody).toEqual(all.map((group) => ({ ...group, persons: 0 })));
  expect(await counted(key, { except: await keys(key) })).toEqual(nobody);
});

test("more than one request or statement has room for are counted in parts", async () => {
  const absent = {
    events: () => randomUUID(),
    learning: (n: number) => String(1_000_000 + n),
    mailing: (n: number) => String(1_000_000 + n),
    website: (n: number) => `nobody ${n}`,
  };
  for (const key of keysOfSystems) {
    const existing = await keys(key);
    const many = Array.from({ length: 2_500 }, (_, n) => existing[n * 7] ?? absent[key](n));
    many.push(...existing);
    const all = await counted(key, { except: [] });
    const nobody = all.map((group) => ({ ...group, persons: 0 }));
    expect(await counted(key, { only: many })).toEqual(all);
    expect(await counted(key, { except: many })).toEqual(nobody);
  }
});

test("a record that the system itself has marked as restricted is not counted", async () => {
  await using database = await testDatabase();
  const pool = new pg.Pool({ connectionString: database.url, max: 1 });
  await fillSystems({ urls: { events: database.url }, persons: 60, today });
  await pool.query('alter table "Attendee" add column "Locked" boolean');
  const mapping = eventsMapping(database.url);
  const { person } = mapping;
  const marked = {
    ...mapping,
    person: {
      ...person,
      notPersonal: { Locked: "a mark" },
      writes: { ...person.writes!, restriction: { column: "Locked", on: true, off: false } },
    },
  };
  const source = await createSqlSource("events", processor, marked);
  const count = async () =>
    (await source.countBy?.({ ...asked.events, whom: { except: [] } }, { signal })) ?? [];
  const before = await count();
  await pool.query(`update "Attendee" set "Locked" = (lower("Email") = 'kari.nordmann@example.com')`);
  const gone = before.reduce((sum, each) => sum + each.persons, 0);
  const left = (await count()).reduce((sum, each) => sum + each.persons, 0);
  const { rows } = await pool.query<{ n: number }>(
    `select count(distinct "EventId")::int as n from "Registration" r join "Attendee" a on a."Id" = r."AttendeeId"
     where lower(a."Email") = 'kari.nordmann@example.com'`,
  );
  expect(rows[0]?.n).toBeGreaterThan(0);
  expect(gone - left).toBe(rows[0]?.n);
  await source.close();
  await pool.end();
});

test("a table that does not show the canary is not counted", async () => {
  await using database = await testDatabase();
  const pool = new pg.Pool({ connectionString: database.url, max: 1 });
  await fillSystems({ urls: { events: database.url }, persons: 60, today });
  const source = await createSqlSource("events", processor, eventsMapping(database.url));
  const count = () => source.countBy?.({ ...asked.events, whom: { except: [] } }, { signal });
  await pool.query(
    `delete from "Registration" using "Attendee" a where a."Id" = "AttendeeId" and lower(a."Email") = '${canaryEmail}'`,
  );
  await expect(count()).rejects.toMatchObject({ reason: "CANARY_NOT_FOUND" });
  await pool.query(
    `delete from "CompetitionEntry" using "Attendee" a where a."Id" = "AttendeeId" and lower(a."Email") = '${canaryEmail}'`,
  );
  await pool.query(`delete from "Attendee" where lower("Email") = '${canaryEmail}'`);
  await expect(count()).rejects.toMatchObject({ reason: "CANARY_NOT_FOUND" });
  await source.close();
  await pool.end();
});

test("what the mapping cannot count by is said, not counted as nothing", async () => {
  const { counts: _, ...uncounted } = mailingMapping({
    url: mailing.url,
    user: credentials.user,
    token: credentials.token,
  });
  const source = createRestSource("mailing", processor, uncounted);
  const rest = source.countBy?.({ ...asked.mailing, whom: { except: [] } }, { signal });
  await expect(rest).rejects.toMatchObject({ reason: "NOT_COUNTABLE" });
  await source.close();
  const { events } = sources;
  const sql = events.countBy?.({ ...asked.events, name: "country", whom: { except: [] } }, { signal });
  await expect(sql).rejects.toMatchObject({ reason: "NOT_COUNTABLE" });
});

test("a filter that finds nothing to count is refused when the mapping is read", () => {
  const mapping = mailingMapping({ url: mailing.url, user: "", token: "" });
  const { paging: _, ...find } = mapping.find;
  expect(() => createRestSource("mailing", processor, { ...mapping, find })).toThrow(/map its paging/);
});
