import fc from "fast-check";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expiryOf, firstKeptDay } from "../../src/access/expiry.ts";
import { startOfDay } from "../../src/access/holds.ts";
import type { RetentionRule } from "../../src/access/retention.ts";
import type { SqlMapping } from "../../src/connectors/sql/mapping.ts";
import { createSqlSource } from "../../src/connectors/sql/source.ts";
import type { Row } from "../../src/sources/contract.ts";
import type { ErasableSource } from "../../src/sources/erasures.ts";
import type { ExpiringSource } from "../../src/sources/expiring.ts";
import type { RecordLabel } from "../../src/sources/module.ts";
import { ownRecord } from "../../src/sources/writes.ts";
import { type TestDatabase, testDatabase } from "../setup/database.ts";
import { processor } from "./harness.ts";

/** Every way in which a column may have a moment or a day, over one table. */
const anchors = {
  moment: { column: "moment", as: "moment" },
  bare: "moment",
  stamp: { column: "stamp", as: "moment" },
  day: { column: "day", as: "date" },
  dayOfMoment: { column: "moment", as: "date" },
  seconds: { column: "seconds", as: "epochSeconds" },
  milliseconds: { column: "milliseconds", as: "epochMilliseconds" },
  text: { column: "words", as: "moment" },
} as const;
type Anchor = keyof typeof anchors;
const names = Object.keys(anchors) as readonly Anchor[];
const judged = names.filter((name) => name !== "text");

type Fields = "at" | "until" | "retainedUntil" | "note";
const others = ["moment", "stamp", "day", "seconds", "milliseconds", "words"];

function mappingFor(url: string): SqlMapping<"email" | "seen", Record<Anchor, Fields>> {
  return {
    connector: "sql",
    dialect: "postgresql",
    url,
    person: {
      table: "member",
      key: "id",
      identifiers: [{ kind: "EMAIL", column: "email" }],
      fields: { email: "email", seen: { column: "seen", as: "moment" } },
      notPersonal: { locked: "a mark" },
      writes: { fields: {}, restriction: { column: "locked", on: true, off: false } },
    },
    collections: Object.fromEntries(
      names.map((name) => [
        name,
        {
          table: "item",
          key: "id",
          parent: "member_id",
          fields: {
            at: anchors[name],
            until: { column: "until", as: "date" },
            retainedUntil: { column: "marked", as: "moment" },
            note: "note",
          },
          notPersonal: Object.fromEntries(others.map((column) => [column, "another form of the same"])),
        },
      ]),
    ) as SqlMapping<"email" | "seen", Record<Anchor, Fields>>["collections"],
    canary: { kind: "EMAIL", value: "canary@example.com" },
    erasures: {
      collections: Object.fromEntries(names.map((name) => [name, {}])) as Record<Anchor, object>,
      record: {},
    },
  };
}

let database: TestDatabase;
let pool: pg.Pool;
let source: ErasableSource;
let expiring: ExpiringSource;
beforeAll(async () => {
  database = await testDatabase();
  pool = new pg.Pool({ connectionString: database.url, max: 2 });
  await pool.query(`create table member (id int primary key, email text, seen timestamptz, locked boolean not null default false);
    create table item (id int primary key, member_id int references member, moment timestamptz, stamp timestamp, day date,
      seconds bigint, milliseconds bigint, words text, until date, marked timestamptz, note text);
    create index on item (member_id);
    insert into member values (1, 'canary@example.com', '2000-01-01'), (2, 'a@example.com', '2000-01-01'), (3, 'b@example.com', '2000-01-01')`);
  source = await createSqlSource("test", processor, mappingFor(database.url));
  expiring = source.expiring ?? expect.fail("it cannot be asked");
});
afterAll(async () => {
  await source.close();
  await pool.end();
  await database[Symbol.asyncDispose]();
});

interface Item {
  readonly at: Date | "infinity" | "-infinity" | null;
  readonly until: string | null;
  readonly marked: Date | null;
  readonly note: string | null;
}

async function hold(items: readonly Item[]): Promise<void> {
  const finite = (at: Item["at"]) => (at instanceof Date ? at : null);
  await pool.query("truncate item");
  await pool.query(
    `insert into item select n, 2, m, m at time zone 'UTC', (m at time zone 'UTC')::date, s, ms, m::text, u, k, note
     from unnest($1::int[], $2::timestamptz[], $3::bigint[], $4::bigint[], $5::date[], $6::timestamptz[], $7::text[])
       as t (n, m, s, ms, u, k, note)`,
    [
      items.map((_, at) => at + 10),
      items.map(({ at }) => (at instanceof Date ? at.toISOString() : at)),
      items.map(({ at }) => (finite(at) ? Math.floor((at!.valueOf() as number) / 1_000) : 0)),
      items.map(({ at }) => finite(at)?.getTime() ?? null),
      items.map(({ until }) => until),
      items.map(({ marked }) => marked?.toISOString() ?? null),
      items.map(({ note }) => note),
    ],
  );
  await pool.query(
    "insert into item (id, member_id, moment, stamp, day, seconds, milliseconds) values (1, 1, '2000-01-01', '2000-01-01', '2000-01-01', 946684800, 946684800000)",
  );
}

const options = () => ({ signal: AbortSignal.timeout(10_000) });

/** What the rule for one row makes of every row that the source shows. */
async function judgedByRow(name: Anchor, label: RecordLabel, asOf: string) {
  const by = { OVER: [] as string[], HELD: 0, UNDATED: 0, WITHIN: 0 };
  const [page] = await source.page(name, [{ recordKey: "2", first: 500 }], options());
  for (const { key, row } of page?.rows ?? []) {
    const expiry = expiryOf(row as Row, label, asOf);
    if (expiry === "OVER") by.OVER.push(key);
    else by[expiry]++;
  }
  return by;
}

const daysOf = (min: string, max: string) =>
  fc
    .date({ min: new Date(min), max: new Date(max), noInvalidDate: true })
    .map((date) => date.toISOString().slice(0, 10));
/** Month ends, leap days, the nights in which clocks change, the turn of the year: and any other day. */
const asOf = fc.oneof(
  daysOf("2015-01-01", "2035-12-31"),
  fc.constantFrom(
    "2024-02-29",
    "2025-02-28",
    "2026-03-01",
    "2025-03-30",
    "2025-03-31",
    "2025-10-26",
    "2025-10-27",
  ),
  fc.constantFrom("2026-01-01", "2025-12-31", "2026-06-30", "2026-07-01", "2025-05-31", "2025-08-31"),
);
const rule: fc.Arbitrary<RetentionRule> = fc.record(
  {
    period: fc.constantFrom("P30D", "P90D", "P1M", "P6M", "P1Y", "P2Y", "P3Y6M", "P5Y"),
    after: fc.constant("at"),
    fromEndOfAccountingYear: fc.constant(true as const),
  },
  { requiredKeys: ["period", "after"] },
);
const hour = 3_600_000;
/** On both sides of where it turns, to the second; and anywhere. */
const around = (turns: number) =>
  fc.oneof(
    fc
      .constantFrom(-25, -24, -13, -12, -2, -1, 0, 1, 2, 12, 13, 24, 25)
      .map((n) => new Date(turns + n * hour)),
    fc.constantFrom(-1_000, -1, 0, 1, 1_000).map((n) => new Date(turns + n)),
    fc.date({ min: new Date("2000-01-01"), max: new Date("2040-01-01"), noInvalidDate: true }),
  );

describe("what the source says of all rows is what the rule says of each", () => {
  it("over month ends, leap years, accounting years and summer time, however a column has its days", async () => {
    const seen = { OVER: 0, HELD: 0, UNDATED: 0, WITHIN: 0 };
    const cases = fc.record({ rule, asOf, onlyWith: fc.boolean() }).chain(({ rule, asOf, onlyWith }) => {
      const turn = startOfDay(firstKeptDay(rule, asOf)).getTime();
      const today = startOfDay(asOf).getTime();
      const item: fc.Arbitrary<Item> = fc.record({
        at: fc.oneof(
          { weight: 8, arbitrary: around(turn) },
          {
            weight: 1,
            arbitrary: fc.constantFrom(
              null,
              "infinity" as const,
              "-infinity" as const,
              new Date("0001-01-01T00:00:00Z"),
            ),
          },
        ),
        until: fc.option(around(today).map((at) => at.toISOString().slice(0, 10))),
        marked: fc.option(around(today), { freq: 2 }),
        note: fc.option(fc.constant("x")),
      });
      return fc.record({
        label: fc.constant<RecordLabel>({
          category: "PURCHASE",
          purposes: ["ORDER_FULFILMENT"],
          retention: rule,
          keptBy: [{ ground: "WARRANTY", until: "until", ...(onlyWith && { onlyWith: "note" }) }],
        }),
        asOf: fc.constant(asOf),
        items: fc.array(item, { minLength: 30, maxLength: 60 }),
      });
    });
    await fc.assert(
      fc.asyncProperty(cases, async ({ label, asOf, items }) => {
        await hold(items);
        const labels = Object.fromEntries(names.map((name) => [name, label]));
        for (const recordType of judged) {
          const asked = { recordType, asOf, labels };
          const byRow = await judgedByRow(recordType, label, asOf);
          const { rows } = await expiring.page(asked, null, options());
          const where = `${recordType} ${JSON.stringify(label.retention)} as of ${asOf}`;
          expect(
            rows.map(({ key }) => key),
            where,
          ).toEqual(byRow.OVER);
          expect(await expiring.count(asked, options()), where).toEqual({
            over: byRow.OVER.length,
            held: byRow.HELD,
            undated: byRow.UNDATED,
            left: 0,
          });
          seen.OVER += byRow.OVER.length;
          seen.HELD += byRow.HELD;
          seen.UNDATED += byRow.UNDATED;
          seen.WITHIN += byRow.WITHIN;
        }
      }),
      { numRuns: 60 },
    );
    // It has been about something.
    for (const n of Object.values(seen)) expect(n).toBeGreaterThan(1_000);
  }, 120_000);
});

const label: RecordLabel = {
  category: "PURCHASE",
  purposes: ["ORDER_FULFILMENT"],
  retention: { period: "P2Y", after: "at" },
  keptBy: [{ ground: "WARRANTY", until: "until" }],
};
const labels = {
  ...Object.fromEntries(names.map((name) => [name, label])),
  [ownRecord]: { ...label, keptBy: [], retention: { period: "P1Y", after: "seen" } },
} satisfies Record<string, RecordLabel>;
const of = (recordType: string) => ({ recordType, asOf: "2026-06-01", labels });
const old: Item = { at: new Date("2020-01-01"), until: null, marked: null, note: null };

it("says so where a column has its days as text", async () => {
  expect(await expiring.judges(of("moment"))).toBe(true);
  expect(await expiring.judges(of("text"))).toBe(false);
});

it("leaves alone what the system has restricted, and what is of no record", async () => {
  await hold([old, old, old]);
  await pool.query(
    "update item set member_id = 3 where id = 11; update item set member_id = null where id = 12",
  );
  await pool.query("update member set locked = true where id = 3");
  try {
    expect(await expiring.count(of("moment"), options())).toEqual({ over: 1, held: 0, undated: 0, left: 2 });
    const rows = [10, 11, 12].map((id) => ({ key: String(id), recordKeys: ["2"], identifiers: [] }));
    await expiring.end(of("moment"), rows, { ...options(), idempotencyKey: "x" });
    const { rows: left } = await pool.query<{ id: number }>("select id from item where id >= 10 order by id");
    expect(left.map(({ id }) => id)).toEqual([11, 12]);
  } finally {
    await pool.query("update member set locked = false");
  }
});

it("judges what it was given again: what has changed since stays", async () => {
  await hold([old, old, old, old]);
  const { rows } = await expiring.page(of("moment"), null, options());
  expect(rows).toHaveLength(4);
  await pool.query(
    "update item set moment = '2026-01-01' where id = 10; update item set until = '2027-01-01' where id = 11",
  );
  expect(await expiring.end(of("moment"), rows, { ...options(), idempotencyKey: "x" })).toEqual([]);
  expect(await expiring.end(of("moment"), rows, { ...options(), idempotencyKey: "x" })).toEqual([]);
  const { rows: left } = await pool.query<{ id: number }>("select id from item where id >= 10 order by id");
  expect(left.map(({ id }) => id)).toEqual([10, 11]);
});

it("ends no record before all that hangs on it, and counts it once nothing that hangs on it is kept", async () => {
  await hold([{ ...old, at: new Date("2025-12-01") }]);
  const own = of(ownRecord);
  const others = { over: 1, held: 1, undated: 0, left: 0 };
  expect(await expiring.count(own, options())).toEqual(others);
  await pool.query(
    "update item set moment = '2020-01-01', stamp = '2020-01-01', day = '2020-01-01', seconds = 1577836800, milliseconds = 1577836800000 where id = 10",
  );
  // Some of the collections over the table cannot be judged, and keep it therefore.
  expect(await expiring.count(own, options())).toEqual(others);
  expect((await expiring.page(own, null, options())).rows.map(({ key }) => key)).toEqual(["3"]);
  await expiring.end(own, [{ key: "2", recordKeys: ["2"], identifiers: [] }], {
    ...options(),
    idempotencyKey: "x",
  });
  expect((await pool.query("select 1 from member where id = 2")).rowCount).toBe(1);
  await pool.query("delete from item where member_id = 2");
  expect(await expiring.count(own, options())).toEqual({ over: 2, held: 0, undated: 0, left: 0 });
});

it("undoes what would take along something that is kept", async () => {
  await hold([old]);
  // A rule of the system's own.
  await pool.query(`create function gone() returns trigger language plpgsql as $$ begin
      delete from item where member_id = old.member_id and id <> old.id; return old; end $$;
    create trigger gone after delete on item for each row execute function gone()`);
  await pool.query("insert into item (id, member_id, moment) values (20, 2, '2026-05-01')");
  const rows = [{ key: "10", recordKeys: ["2"], identifiers: [] }];
  await expect(expiring.end(of("moment"), rows, { ...options(), idempotencyKey: "x" })).rejects.toMatchObject(
    { name: "SourceFailure" },
  );
  expect((await pool.query("select 1 from item where id in (10, 20)")).rowCount).toBe(2);
  await pool.query("drop trigger gone on item");
});
