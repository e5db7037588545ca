import { CompiledQuery } from "kysely";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Database } from "../../src/connectors/sql/database.ts";
import { isRefusal, toFailure } from "../../src/connectors/sql/failure.ts";
import type { SqlMapping } from "../../src/connectors/sql/mapping.ts";
import { createSqlSource } from "../../src/connectors/sql/source.ts";
import type { Stored } from "../../src/connectors/sql/statement.ts";
import { SourceFailure } from "../../src/sources/contract.ts";
import type { Correction, WritableSource } from "../../src/sources/writes.ts";
import { type Collections, email, type Fields, processor, soon } from "./harness.ts";
import { mappingFor, sqlHarness, type SqlSystem, writtenColumns } from "./sql-harness.ts";
import { trying, writingConformance } from "./writing-conformance.ts";

writingConformance(sqlHarness, "integer");
writingConformance(sqlHarness, "uuid");

type Mapping = SqlMapping<Fields, Collections>;
const reason = (error: unknown) => (error instanceof SourceFailure ? error.reason : error);
const rename = (to: string, from = "Given Family") => ({ field: "name", from, to });

describe("the organisation's own tables, written to", () => {
  let system: SqlSystem;
  let source: WritableSource;
  beforeAll(async () => {
    system = await sqlHarness.make("integer");
    source = system.source;
  });
  afterAll(() => system[Symbol.asyncDispose]());

  const sql = (text: string, values: unknown[] = []) => system.store.pool.query(text, values);
  const outcome = (key: string, correction: Correction) =>
    source.rectify(key, correction, trying()).then(({ state }) => state, reason);
  const made = async (change: (mapping: Mapping) => Mapping) => {
    const other = await createSqlSource("test", processor, change(mappingFor(system.readerUrl)));
    return Object.assign(other, { [Symbol.asyncDispose]: () => other.close() });
  };

  describe("somebody else at the same row", () => {
    it("lets exactly one of two writers have it, and tells the other", async () => {
      for (let round = 0; round < 20; round++) {
        const key = await system.store.person({});
        const names = ["First Writer", "Second Writer"];
        const outcomes = await Promise.all(names.map((to) => source.rectify(key, rename(to), trying())));
        expect(outcomes.map(({ state }) => state).toSorted()).toEqual(["conflict", "done"]);
        const winner = names[outcomes.findIndex(({ state }) => state === "done")];
        const { given, family } = await system.store.stored(key);
        expect(`${given} ${family}`).toBe(winner);
      }
    });

    it("gives up in time while the row is locked, and writes nothing afterwards", async () => {
      const key = await system.store.person({});
      const before = await system.store.stored(key);
      const locker = await system.store.pool.connect();
      await locker.query("begin");
      await locker.query("select from person where id = $1 for update", [key]);
      const started = performance.now();
      expect(await outcome(key, rename("New Name"))).toBe("TIMED_OUT");
      expect(performance.now() - started).toBeLessThan(1_800);
      await locker.query("rollback");
      locker.release();
      await new Promise((resolve) => setTimeout(resolve, 200));
      expect(await system.store.stored(key)).toEqual(before);
      expect(await outcome(key, rename("New Name"))).toBe("done");
    });

    it("sees what was committed while it waited", async () => {
      const key = await system.store.person({});
      const other = await system.store.pool.connect();
      await other.query("begin");
      await other.query("update person set given = 'Changed' where id = $1", [key]);
      const waiting = source.rectify(key, rename("New Name"), trying());
      await new Promise((resolve) => setTimeout(resolve, 100));
      await other.query("commit");
      other.release();
      expect(await waiting).toEqual({ state: "conflict" });
    });

    it("writes nothing when its session is ended while it waits", async () => {
      const key = await system.store.person({});
      const locker = await system.store.pool.connect();
      await locker.query("begin");
      await locker.query("select from person where id = $1 for update", [key]);
      const waiting = outcome(key, rename("New Name"));
      await new Promise((resolve) => setTimeout(resolve, 100));
      await sql("select pg_terminate_backend(pid) from pg_stat_activity where usename = $1", [system.role]);
      expect(await waiting).toBe("UNREACHABLE");
      await locker.query("rollback");
      locker.release();
      expect(await system.store.stored(key)).toMatchObject({ given: "Given" });
      // Idle sessions were ended as well, and whoever is handed one before its end is noticed fails with it.
      await expect.poll(() => outcome(key, rename("New Name"))).toBe("done");
    });
  });

  it("keeps no row locked when it stands still in the middle", async () => {
    const key = await system.store.person({});
    const database = await Database.open({
      ...mappingFor(system.readerUrl),
      pool: { max: 1, statementTimeout: 200 },
    });
    const standing = database.write(async (run) => {
      await run(
        CompiledQuery.raw("update person set given = 'Half' where id = $1", [key]) as CompiledQuery<Stored>,
      );
      await new Promise((resolve) => setTimeout(resolve, 600));
    }, soon().signal);
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(await outcome(key, rename("New Name"))).toBe("done");
    expect(await standing.catch(reason)).toBe("UNREACHABLE");
    await database.close();
  });

  it("can write nothing outside a correction, however that ended", async () => {
    await sql(`create table trap (id bigint); grant insert, select on trap to ${system.role};
      create function spring() returns bigint language sql as 'insert into trap values (1) returning id';
      create view trapped as select id, person_id, label, spring() as since from tag;
      grant select on trapped to ${system.role}`);
    const key = await system.store.person({ email: "trapped@example.com" });
    await system.store.tag(key, "x");
    await sql("begin; select * from trapped; rollback");
    await using trapped = await made(({ collections, ...mapping }) => ({
      ...mapping,
      pool: { max: 1 },
      collections: { ...collections, tags: { ...collections.tags, table: "trapped" } },
    }));
    const springs = () => trapped.list("tags", [key], soon()).then(() => "sprung", reason);
    expect(await springs()).toBe("FAILED");
    const taken = `${"long".repeat(60)}@example.com`;
    const endings = [
      [rename("New Name"), "done"],
      [rename("Other Name"), "conflict"],
      [{ field: "email", from: "trapped@example.com", to: taken }, "refused"],
    ] as const;
    for (const [correction, state] of endings) {
      expect(await trapped.rectify(key, correction, trying())).toEqual({ state });
      expect(await springs()).toBe("FAILED");
    }
    expect((await sql("select from trap")).rowCount).toBe(0);
  });

  describe("values", () => {
    it.each([
      ["Kari Nordmann", "Kari", "Nordmann"],
      ["Kari Anne Nordmann", "Kari Anne", "Nordmann"],
      ["Prince", "", "Prince"],
      ["Kari  Nordmann", "Kari ", "Nordmann"],
      ["Åse Bjørnøy-Ægir", "Åse", "Bjørnøy-Ægir"],
    ])("divides %j into columns, and reads it as it was", async (to, given, family) => {
      const address = `divided${Math.random()}@example.com`;
      const key = await system.store.person({ email: address });
      expect(await source.rectify(key, rename(to), trying())).toEqual({ state: "done" });
      expect(await system.store.stored(key)).toMatchObject({ given, family });
      const [finding] = await source.find([email(address)], soon());
      expect(finding).toMatchObject({ state: "HELD", record: { fields: { name: to } } });
      expect(await source.rectify(key, rename(to), trying())).toEqual({ state: "done" });
    });

    it.each(["Kari ", " Nordmann", " ", ""])("refuses %j, which would be read otherwise", async (to) => {
      const key = await system.store.person({});
      expect(await outcome(key, rename(to))).toBe("refused");
      expect(await system.store.stored(key)).toMatchObject({ given: "Given", family: "Family" });
    });

    it("leaves the columns in between empty", async () => {
      await sql(
        `alter table person add column middle text; grant update (middle) on person to ${system.role}`,
      );
      await using source3 = await made(({ person, ...mapping }) => ({
        ...mapping,
        person: {
          ...person,
          fields: { ...person.fields, name: { columns: ["given", "middle", "family"], separator: " " } },
        },
      }));
      const key = await system.store.person({});
      await sql("update person set middle = 'Middle' where id = $1", [key]);
      const ended = await source3.rectify(key, rename("A B C D", "Given Middle Family"), trying());
      const { rows } = await sql("select given, middle, family from person where id = $1", [key]);
      await sql("alter table person drop column middle");
      expect(ended).toEqual({ state: "done" });
      expect(rows).toEqual([{ given: "A B C", middle: "", family: "D" }]);
    });

    const taken = "insert into person (family, changed) values ('Taken-name', now())";
    it.each([
      ["unique", `${taken}; create unique index rule on person (family)`, "drop index rule"],
      [
        "unique at the end of the transaction",
        `${taken}; alter table person add constraint rule unique (family) deferrable initially deferred`,
        "alter table person drop constraint rule",
      ],
      [
        "too long",
        "alter table person alter column family type varchar(9)",
        "alter table person alter column family type text",
      ],
      [
        "against a check",
        "alter table person add constraint rule check (family <> 'Taken-name') not valid",
        "alter table person drop constraint rule",
      ],
    ])("refuses what is %s, and writes nothing", async (_what, rule, without) => {
      await sql("truncate person cascade");
      await system.store.person({ family: "Canary-x", email: "canary@example.com", external: "c" });
      const key = await system.store.person({});
      await sql(rule);
      const before = await system.store.stored(key);
      const ended = await outcome(key, rename("New Taken-name"));
      await sql(without);
      expect(ended).toBe("refused");
      expect(await system.store.stored(key)).toEqual(before);
    });

    it("refuses what no text column holds", async () => {
      const key = await system.store.person({});
      expect(await outcome(key, rename("New\0Name"))).toBe("refused");
    });

    it.each([
      ["ER_DATA_TOO_LONG", { sqlState: "22001" }, true],
      ["ER_DUP_ENTRY", { sqlState: "23000" }, true],
      ["ER_LOCK_DEADLOCK", { sqlState: "40001" }, false],
      ["SQLITE_CONSTRAINT_UNIQUE", {}, true],
      ["SQLITE_BUSY", {}, false],
      ["EREQUEST", { number: 2627 }, true],
      ["EREQUEST", { number: 1205 }, false],
      ["40P01", {}, false],
      ["42501", {}, false],
    ])("knows a refusal of %s %j: %s", (code, more, refusal) => {
      const failure = toFailure(Object.assign(new Error("a value"), { code, ...more }));
      expect(isRefusal(failure)).toBe(refusal);
    });
  });

  describe("rules of the table's own", () => {
    const withTrigger = async (body: string, check: () => Promise<void>) => {
      await sql(`create or replace function rule() returns trigger language plpgsql as $$begin ${body} end$$;
        create trigger rule before update on person for each row execute function rule()`);
      try {
        await check();
      } finally {
        await sql("drop trigger rule on person");
      }
    };

    it.each(["return old;", "return null;", "new.family := left(new.family, 2); return new;"])(
      "does not take %j for done",
      async (body) => {
        const key = await system.store.person({});
        const before = await system.store.stored(key);
        await withTrigger(body, async () => {
          expect(await outcome(key, rename("New Surname"))).toBe("FAILED");
        });
        expect(await system.store.stored(key)).toEqual(before);
      },
    );

    it("takes another spelling of the same address for done", async () => {
      const key = await system.store.person({ email: "before@example.com" });
      const correction = { field: "email", from: "before@example.com", to: "after@example.com" };
      await withTrigger("new.email := upper(new.email); return new;", async () => {
        expect(await outcome(key, correction)).toBe("done");
      });
      expect((await system.store.stored(key)).email).toBe("AFTER@EXAMPLE.COM");
    });

    it("says that it may not write, not that nobody is there", async () => {
      const key = await system.store.person({});
      await sql(`revoke update on person from ${system.role}`);
      expect(await outcome(key, rename("New Name"))).toBe("FAILED");
      await sql(`grant update (${writtenColumns}) on person to ${system.role}; alter table person enable row level security;
        create policy seen on person for select using (true)`);
      expect(await outcome(key, rename("New Name"))).toBe("FAILED");
      await sql("drop policy seen on person");
      expect(await outcome(key, rename("New Name"))).toBe("CANARY_NOT_FOUND");
      expect(await source.restrict(key, true, trying()).catch(reason)).toBe("CANARY_NOT_FOUND");
      await sql("alter table person disable row level security");
      expect(await outcome(key, rename("New Name"))).toBe("done");
    });

    it("goes on when the table is changed under its statements", async () => {
      const key = await system.store.person({});
      expect(await outcome(key, rename("New Name"))).toBe("done");
      await sql("alter table person alter column family type varchar(100)");
      expect(await outcome(key, rename("Newer Name", "New Name"))).toBe("done");
      await sql("alter table person alter column family type text");
    });
  });

  it.each(["x", "", "1x", " 1", "999999999999999999999"])("finds nobody by the key %j", async (key) => {
    expect(await outcome(key, rename("New Name"))).toBe("absent");
    expect(await source.restrict(key, true, trying())).toEqual({ state: "absent" });
  });

  it.each(["0", " ", "+"])("finds nobody by a key with %j before it", async (prefix) => {
    const key = await system.store.person({});
    expect(await outcome(prefix + key, rename("New Name"))).toBe("absent");
    expect(await outcome(key, rename("New Name"))).toBe("done");
  });

  it.each(["constructor", "toString", "__proto__", "id", "password"])("has no field %s", async (field) => {
    const key = await system.store.person({});
    expect(await outcome(key, { field, from: null, to: "x" })).toBe("refused");
  });

  it("sets columns of moments in the unit that they count in", async () => {
    await sql(
      `alter table person add column seconds bigint, add column milliseconds bigint, add column clock timestamp;
      grant update (seconds, milliseconds, clock) on person to ${system.role}`,
    );
    await using touching = await made(({ person, ...mapping }) => ({
      ...mapping,
      person: {
        ...person,
        notPersonal: {
          ...person.notPersonal,
          seconds: "a test's",
          milliseconds: "a test's",
          clock: "a test's",
        },
        writes: {
          fields: { name: { kind: "TEXT" } },
          touched: [
            { column: "seconds", as: "epochSeconds" },
            { column: "milliseconds", as: "epochMilliseconds" },
            { column: "clock", as: "moment" },
          ],
        },
      },
    }));
    const key = await system.store.person({});
    const before = Date.now();
    expect(await touching.rectify(key, rename("New Name"), trying())).toEqual({ state: "done" });
    const { rows } = await sql(
      `select seconds * 1000 as a, milliseconds as b, extract(epoch from clock at time zone 'UTC') * 1000 as c
       from person where id = $1`,
      [key],
    );
    await sql("alter table person drop column seconds, drop column milliseconds, drop column clock");
    for (const at of Object.values(rows[0] ?? {}).map(Number)) {
      expect(at).toBeGreaterThanOrEqual(Math.floor(before / 1_000) * 1_000);
      expect(at).toBeLessThanOrEqual(Date.now());
    }
    expect(touching.capabilities).toMatchObject({ restricts: false, snapshots: [], suppresses: false });
    expect(await touching.restrict(key, true, trying())).toEqual({ state: "refused" });
  });

  it("marks with the system's own words", async () => {
    await sql(`alter table person add column status text; grant update (status) on person to ${system.role}`);
    await using worded = await made(({ person, ...mapping }) => ({
      ...mapping,
      person: {
        ...person,
        notPersonal: { ...person.notPersonal, status: "a test's" },
        writes: { fields: {}, restriction: { column: "status", on: "barred", off: "active" } },
      },
    }));
    const key = await system.store.person({});
    const status = async () => (await sql("select status from person where id = $1", [key])).rows[0];
    const marks: [boolean, string | null][] = [
      [false, null],
      [true, "barred"],
      [false, "active"],
    ];
    for (const [mark, expected] of marks) {
      expect(await worded.restrict(key, mark, trying())).toEqual({ state: "done" });
      expect(await status()).toEqual({ status: expected });
    }
    await sql("alter table person drop column status");
  });

  describe("a mapping that contradicts itself", () => {
    type Person = Mapping["person"];
    const writes = { fields: {} };
    const refusals: [string, (person: Person) => Person][] = [
      [
        "unheld is written, but not mapped",
        (p) => ({ ...p, writes: { fields: { unheld: { kind: "TEXT" } } } }),
      ],
      [
        "born is read by as, member or values",
        (p) => ({ ...p, writes: { fields: { born: { kind: "TEXT" } } } }),
      ],
      [
        "device is read by as, member or values",
        (p) => ({ ...p, writes: { fields: { device: { kind: "TEXT" } } } }),
      ],
      ["email is an identifier (EMAIL)", (p) => ({ ...p, writes: { fields: { email: { kind: "TEXT" } } } })],
      [
        "name cannot be divided",
        (p) => ({
          ...p,
          fields: { ...p.fields, name: { columns: ["given", "family"], separator: "" } },
          writes: { fields: { name: { kind: "TEXT" } } },
        }),
      ],
      [
        "name is in a joined table",
        (p) => ({
          ...p,
          joins: [{ table: "subject", alias: "subject", on: ["id", "id"] }],
          fields: { ...p.fields, name: "subject.title" },
          notPersonal: { ...p.notPersonal, given: "x", family: "x" },
          writes: { fields: { name: { kind: "TEXT" } } },
        }),
      ],
      [
        "person.id is the key",
        (p) => ({ ...p, writes: { ...writes, touched: [{ column: "id", as: "moment" }] } }),
      ],
      [
        "person.touched is written, but there is no such column",
        (p) => ({ ...p, writes: { ...writes, touched: [{ column: "touched", as: "moment" }] } }),
      ],
      [
        "person.phone is written in two ways",
        (p) => ({
          ...p,
          writes: {
            fields: { phone: { kind: "PHONE" } },
            restriction: { column: "phone", on: "x", off: "" },
          },
        }),
      ],
      [
        "a restriction is off by what it is on by",
        (p) => ({ ...p, writes: { ...writes, restriction: { column: "restricted", on: true, off: true } } }),
      ],
      [
        "tags repeats unheld, which is not mapped",
        (p) => ({ ...p, writes: { ...writes, snapshots: [{ collection: "tags", repeats: ["unheld"] }] } }),
      ],
      ["person.restricted is neither mapped", (p) => ({ ...p, notPersonal: { password: "a credential" } })],
    ];

    it.each(refusals)("stops the start: %s", async (message, change) => {
      const starting = made(({ person, ...mapping }) => ({ ...mapping, person: change(person) }));
      await expect(starting).rejects.toMatchObject({
        name: "MappingError",
        message: expect.stringContaining(message) as string,
      });
    });

    it("stops the start: snapshots in a collection that there is not", async () => {
      const mapping: SqlMapping<string, Record<string, string>> = mappingFor(system.readerUrl);
      const snapshots = [{ collection: "postcards", repeats: ["name"] }];
      const person = { ...mapping.person, writes: { fields: {}, snapshots } };
      await expect(createSqlSource("test", processor, { ...mapping, person })).rejects.toThrow(
        "snapshots in postcards, which is no collection",
      );
    });
  });
});
