import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createSqlSource } from "../../src/connectors/sql/source.ts";
import { learningMapping } from "../../src/demo/systems/learning/mapping.ts";
import { guest } from "../../src/demo/systems/learning/schema.ts";
import { testDatabase } from "../setup/database.ts";

const kari = "kari.nordmann@example.com";
const options = () => ({ signal: AbortSignal.timeout(20_000), idempotencyKey: crypto.randomUUID() });
const tables = ["mdl_course_completions", "mdl_feedback_value"] as const;

/**
 * Somebody with a copy of the whole database from before the erasure, who wants to know which of the guest's rows were
 * Kari's: \`old\` has that copy, \`public\` what is left.
 */
describe("what is left of a learner's courses and answers", () => {
  const parts = new AsyncDisposableStack();
  let client: pg.Client;
  let userId: string;
  beforeAll(async () => {
    const database = parts.use(await testDatabase("learning"));
    client = new pg.Client({ connectionString: database.url });
    await client.connect();
    parts.defer(() => client.end());
    await client.query("create schema old");
    const named = await rows<{ name: string }>(
      "select tablename as name from pg_tables where schemaname = 'public'",
    );
    for (const { name } of named) await client.query(`create table old.${name} as select * from ${name}`);
    const [user] = await rows<{ id: string }>("select id from mdl_user where email = $1", [kari]);
    userId = user?.id ?? "";

    const mapping = learningMapping(database.url);
    const source = await createSqlSource(
      "learning",
      { name: "Demo", country: "NO", agreement: "none" },
      mapping,
    );
    parts.defer(() => source.close());
    const whose = { recordKey: userId, identifiers: [{ kind: "EMAIL", value: kari } as const] };
    for (const { recordType } of source.capabilities.erases)
      expect(await source.erase({ whose, recordType, kept: new Map() }, options())).toEqual({
        state: "done",
      });
  });
  afterAll(() => parts.disposeAsync());

  const rows = async <R extends object>(sql: string, values: unknown[] = []) =>
    (await client.query<R>(sql, values)).rows;
  const count = async (sql: string, values: unknown[] = []) =>
    (await rows<{ n: number }>(`select count(*)::int as n from ${sql}`, values))[0]?.n ?? 0;
  /** Her rows as they were, and the guest's as they are. */
  const pair = (table: string) =>
    `old.${table} was join ${table} now on was.userid = $1 and now.userid = ${guest}`;

  it.each(tables)("is all there, among others': %s", async (table) => {
    const had = await count(`old.${table} where userid = $1`, [userId]);
    const guests = await count(`old.${table} where userid = ${guest}`);
    expect(had).toBeGreaterThan(0);
    expect(guests).toBeGreaterThan(had);
    expect(await count(`${table} where userid = ${guest}`)).toBe(had + guests);
    expect(await count(`${table} where userid = $1`, [userId])).toBe(0);
  });

  it.each(tables)("has no key that it had, nor one next to it: %s", async (table) => {
    expect(await count(`${pair(table)} and now.id = was.id`, [userId])).toBe(0);
    expect(await count(`${table} now where userid = ${guest} and id > 0`)).toBe(0);
    // What came together does not stand together, and neither in the order in which it was.
    const fresh = await rows<{ position: number }>(
      `select position::int from (select id, row_number() over (order by id) as position from ${table} where userid = ${guest}) g
       where id not in (select id from old.${table}) order by 1`,
    );
    const [first, last] = [fresh[0]?.position ?? 0, fresh.at(-1)?.position ?? 0];
    expect(last - first).toBeGreaterThan(fresh.length);
  });

  it("has no moment that anything else of hers has", async () => {
    const moments = `(select timecompleted as at from mdl_course_completions where userid = ${guest}
      union all select timemodified from mdl_feedback_value where userid = ${guest}) now`;
    const hers = `(select timecompleted as at from old.mdl_course_completions where userid = $1
      union all select timemodified from old.mdl_feedback_value where userid = $1
      union all select timecreated from old.mdl_logstore_standard_log where $1 in (userid, relateduserid)
      union all select extract(epoch from "startedAt")::bigint from old.mdl_session_trace where userid = $1
      union all select timecreated from old.mdl_user where id = $1
      union all select lastlogin from old.mdl_user where id = $1) was`;
    expect(await count(hers, [userId])).toBeGreaterThan(30);
    expect(await count(`${hers} join ${moments} using (at)`, [userId])).toBe(0);
    const exact =
      "at is not null and (to_timestamp(at) at time zone 'UTC')::text not like '%-01-01 00:00:00'";
    expect(await count(`${moments} where ${exact}`)).toBe(0);
  });

  it("has no grade that is exact, and no text that is anybody's own", async () => {
    const unusual = (of: string) => `${of}mdl_course_completions where userid = $1 and grade % 10 <> 0`;
    expect(await count(unusual("old."), [userId])).toBeGreaterThan(0);
    expect(await count(unusual(""), [guest])).toBe(0);
    // Of a text that stays there are so many that it is nobody's.
    const texts = await rows<{ value: string; n: number }>(
      `select now.value, count(*)::int as n from mdl_feedback_value now where userid = ${guest} and value is not null group by 1`,
    );
    expect(texts.length).toBeGreaterThan(0);
    for (const { n } of texts) expect(n).toBeGreaterThan(4);
    const own =
      "old.mdl_feedback_value where userid = $1 and value not in ('Ja', 'Nei', 'Svært bra', 'Vet ikke')";
    expect(await count(own, [userId])).toBeGreaterThan(0);
    expect(
      await count(`mdl_feedback_value where userid = ${guest} and value in (select value from ${own})`, [
        userId,
      ]),
    ).toBe(0);
  });

  it("is joined with nothing of hers: neither account, nor log, nor session", async () => {
    for (const [table, columns] of [
      ["mdl_session_trace", ["userid"]],
      ["mdl_logstore_standard_log", ["userid", "relateduserid"]],
    ] as const)
      for (const column of columns) expect(await count(`${table} where ${column} = $1`, [userId])).toBe(0);
    // The account that stays says of nobody whose it was.
    const [account] = await rows<Record<string, unknown>>("select * from mdl_user where id = $1", [userId]);
    const [before] = await rows<Record<string, unknown>>("select * from old.mdl_user where id = $1", [
      userId,
    ]);
    const same = Object.keys(account ?? {}).filter((column) => account?.[column] === before?.[column]);
    expect(same).toEqual(["id", "lang"]);
  });

  it.each(tables)("is never the one row that fits: %s", async (table) => {
    // Whoever knows what she took or was asked does not find out by it how she did, when, or what she said.
    const fits = {
      mdl_course_completions: "now.course = was.course and now.level = was.level and now.state = was.state",
      mdl_feedback_value: "now.feedback = was.feedback and now.item = was.item",
    }[table];
    const alone = await rows(
      `select was.id from ${pair(table)} and ${fits} group by was.id having count(*) < 3`,
      [userId],
    );
    expect(alone).toEqual([]);
  });
});
