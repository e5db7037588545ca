import { sql } from "kysely";
import { afterAll, beforeAll, expect, it } from "vitest";
import { countRequests, urgentRequests } from "../../src/requests/work-list.ts";
import { migrate, openStore, type Store } from "../../src/store/store.ts";
import { type Db, inTransaction } from "../../src/store/tables.ts";
import { latestConsent } from "../../src/subjects/consents.ts";
import { type TestDatabase, testDatabase } from "../setup/database.ts";

let database: TestDatabase;
let store: Store;
beforeAll(async () => {
  database = await testDatabase("gateway");
  store = await openStore({ url: database.url, poolSize: 2 });
  await migrate(store);
  await inTransaction(store, async (db) => {
    await sql`insert into subject (id, created_at) select gen_random_uuid(), now() from generate_series(1, 1000)`.execute(
      db,
    );
    await sql`insert into request (id, subject_id, kind, status, channel, received_at, due_at, completed_at, language)
      select gen_random_uuid(), s.id, 'RECTIFICATION', case when n = 1 then 'RUNNING' else 'COMPLETED' end, 'PORTAL',
        now(), now(), case when n = 1 then null else now() end, 'nb'
      from subject s, generate_series(1, 100) n`.execute(db);
    await sql`insert into consent_event (id, subject_id, purpose, status, at, by_role, channel, policy_version)
      select gen_random_uuid(), (select min(id::text)::uuid from subject), 'NEWSLETTER', 'GIVEN',
        now() - n * interval '1 minute', 'SUBJECT', 'PORTAL', '1'
      from generate_series(1, 10000) n`.execute(db);
  });
  await inTransaction(store, (db) => sql`analyze request, consent_event`.execute(db));
}, 120_000);
afterAll(async () => {
  await store.close(true);
  await database[Symbol.asyncDispose]();
});

/** Rows of a table that a piece of work reads, by its index or without. */
const rowsRead = (table: string, work: (db: Db) => Promise<unknown>) =>
  inTransaction(store, async (db) => {
    const read = async () => {
      const { rows } = await sql<{ n: number }>`
        select (seq_tup_read + coalesce(idx_tup_fetch, 0))::int as n from pg_stat_xact_user_tables
        where relname = ${table}`.execute(db);
      return rows[0]?.n ?? 0;
    };
    const before = await read();
    await work(db);
    return (await read()) - before;
  });

const open = { kinds: null, statuses: null, dueBefore: null };

it.each([
  ["those that are open", open],
  ["those that need somebody", { ...open, statuses: ["NEEDS_ATTENTION"] as const }],
])("of a hundred thousand requests, the work list reads %s", async (_which, wanted) => {
  expect(await rowsRead("request", (db) => urgentRequests(db, wanted, null, 21))).toBeLessThan(2_000);
  expect(await rowsRead("request", (db) => countRequests(db, wanted))).toBeLessThan(2_000);
});

it("of ten thousand times that somebody has said yes, a step reads the last", async () => {
  const read = await rowsRead("consent_event", async (db) => {
    const { rows } = await sql<{ id: string }>`select min(id::text) as id from subject`.execute(db);
    expect((await latestConsent(db, rows[0]?.id ?? "", "NEWSLETTER"))?.status).toBe("GIVEN");
  });
  expect(read).toBeLessThan(10);
});
