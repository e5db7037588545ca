import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MappingError } from "../../src/connectors/match.ts";
import { escapeLike } from "../../src/connectors/sql/find.ts";
import type { SqlMapping } from "../../src/connectors/sql/mapping.ts";
import { createSqlSource } from "../../src/connectors/sql/source.ts";
import { conformance } from "./conformance.ts";
import { type Collections, email, type Fields, processor, soon } from "./harness.ts";
import { mappingFor, sqlHarness, type SqlSystem } from "./sql-harness.ts";

conformance(sqlHarness, "integer");
conformance(sqlHarness, "uuid");

describe("the organisation's own tables", () => {
  let system: SqlSystem;
  beforeAll(async () => {
    system = await sqlHarness.make("integer");
  });
  afterAll(() => system[Symbol.asyncDispose]());

  type Mapping = SqlMapping<Fields, Collections>;
  const created = async (change: (mapping: Mapping) => Mapping) => {
    const source = await createSqlSource("test", processor, change(mappingFor(system.readerUrl)));
    await source.close();
  };

  it.each(['"Last, First" <Named@Example.com>', "Named <named@example.com> ", "  named@example.com  "])(
    "finds an address that is stored as %j",
    async (stored) => {
      const key = await system.store.person({ email: stored });
      const [finding] = await system.source.find([email("named@example.com")], soon());
      await system.store.pool.query("delete from person where id = $1", [key]);
      expect(finding).toMatchObject({ state: "HELD", record: { key, fields: { email: stored } } });
    },
  );

  it("does not take another's display name for an address", async () => {
    await system.store.person({ email: "<display@example.com> <other@example.com>" });
    await system.store.person({ email: "Not <displayXname@example.com>" });
    const found = await system.source.find(
      [email("display@example.com"), email("display_name@example.com")],
      soon(),
    );
    expect(found).toEqual([{ state: "NOT_HELD" }, { state: "NOT_HELD" }]);
  });

  it("escapes every wildcard of LIKE", async () => {
    const text = fc.string({ unit: fc.constantFrom("%", "_", "|", "[", "]", "\\", "a", "b"), maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(text, text, async (value, other) => {
        const { rows } = await system.store.pool.query<{ own: boolean; like: boolean }>(
          "select $1::text like $2 escape '|' as own, $3::text like $2 escape '|' as like",
          [value, escapeLike(value), other],
        );
        expect(rows).toEqual([{ own: true, like: value === other }]);
      }),
    );
  });

  it("refuses a mapping that leaves a column out, and names each", async () => {
    const refused = created(({ person, ...mapping }) => {
      const { notPersonal: _, ...rest } = person;
      return {
        ...mapping,
        person: { ...rest, other: [{ name: "x", column: "nickname", category: "IDENTITY" }] },
      };
    });
    await expect(refused).rejects.toBeInstanceOf(MappingError);
    await expect(refused).rejects.toThrow(
      /person\.nickname is mapped, but there is no such column\n.*person\.restricted is neither mapped.*\n.*person\.password is neither mapped/,
    );
  });

  it("refuses tables that are not there, and orders that would lose rows without a value", async () => {
    const { letters, ...collections } = mappingFor("").collections;
    await expect(
      created((m) => ({ ...m, collections: { ...collections, letters: { ...letters, table: "lettre" } } })),
    ).rejects.toThrow("table lettre is not there");
    const order = { column: "sent", direction: "desc" } as const;
    await expect(
      created((m) => ({ ...m, collections: { ...collections, letters: { ...letters, order } } })),
    ).rejects.toThrow("letter.sent may be null");
  });

  it("says what to install for another dialect", async () => {
    await expect(created((mapping) => ({ ...mapping, dialect: "mssql" }))).rejects.toThrow(
      "npm install @mikro-orm/mssql",
    );
  });

  it("starts while the database is down, and checks the mapping when it is back", async () => {
    await system.behave("down");
    const mapping = mappingFor(system.readerUrl);
    const { notPersonal: _, ...person } = mapping.person;
    const good = await createSqlSource("test", processor, mapping);
    const bad = await createSqlSource("test", processor, { ...mapping, person });
    expect(await good.health(soon())).toEqual({ ok: false, detail: "UNREACHABLE" });
    await system.behave("polite");
    expect(await good.health(soon())).toMatchObject({ ok: true });
    expect((await bad.health(soon())).detail).toContain("person.password is neither mapped");
    await expect(bad.find([email("x@example.com")], soon())).rejects.toMatchObject({ reason: "FAILED" });
    await Promise.all([good.close(), bad.close()]);
  });

  it("cancels on the server what takes too long, and keeps its connections", async () => {
    const waiting = async () => {
      const { rows } = await system.store.pool.query(
        "select from pg_stat_activity where usename = $1 and wait_event_type = 'Lock'",
        [system.role],
      );
      return rows.length;
    };
    await system.behave("slow");
    const found = Array.from({ length: 4 }, () => system.source.find([email("x@example.com")], soon()));
    await expect(Promise.any(found.map((f) => f.catch((error: unknown) => error)))).resolves.toMatchObject({
      reason: "TIMED_OUT",
    });
    await Promise.allSettled(found);
    expect(await waiting()).toBe(0);
    await system.behave("polite");
    expect(await system.source.find([email("x@example.com")], soon())).toEqual([{ state: "NOT_HELD" }]);
  });

  it("goes on when a table is changed under its statements", async () => {
    await system.store.person({ email: "altered@example.com" });
    const find = () => system.source.find([email("altered@example.com")], soon());
    await find();
    await system.store.pool.query("alter table person alter column weight type text");
    expect(await find()).toMatchObject([{ state: "HELD", record: { fields: { weight: "70.500000" } } }]);
    expect(await find()).toMatchObject([{ state: "HELD" }]);
  });

  it("can write nothing", async () => {
    await system.store.pool
      .query(`create table trap (id bigint); grant insert, select on trap to ${system.role};
      create function spring() returns bigint language sql as 'insert into trap values (1) returning id';
      create view spy as select id, email, spring() as sprung from person; grant select on spy to ${system.role}`);
    const mapping = mappingFor(system.readerUrl);
    const person = {
      ...mapping.person,
      table: "spy",
      fields: { ...mapping.person.fields, name: null, phone: null, weight: null, born: null, device: null },
    };
    const { updatedAt: _u, other: _o, notPersonal: _n, writes: _w, ...rest } = person;
    const source = await createSqlSource("test", processor, {
      ...mapping,
      person: {
        ...rest,
        identifiers: [{ kind: "EMAIL", column: "email" }],
        notPersonal: { sprung: "a test's" },
        other: [{ name: "sprung", column: "sprung", category: "TECHNICAL" }],
      },
    });
    await expect(source.find([email("x@example.com")], soon())).rejects.toMatchObject({ reason: "FAILED" });
    expect((await system.store.pool.query("select from trap")).rowCount).toBe(0);
    await source.close();
  });

  it("lists and counts what is nested in rows", async () => {
    const key = await system.store.person({ email: "nested@example.com" });
    await system.store.letters(key, ["2024-01-01T00:00:00Z", "2024-01-02T00:00:00Z"]);
    const letters = await system.store.letterKeys(key);
    await system.store.click(letters[1] ?? "", "https://example.com/a");
    await system.store.click(letters[1] ?? "", "https://example.com/b");
    expect(await system.source.list("letters.clicks", letters, soon())).toEqual([
      [],
      [{ url: "https://example.com/a" }, { url: "https://example.com/b" }],
    ]);
    expect(await system.source.count([key], soon())).toEqual([5]);
  });

  it("asks once for a batch of pages, lists and counts", async () => {
    const people = await Promise.all(Array.from({ length: 20 }, () => system.store.person({})));
    const before = system.calls();
    await system.source.page(
      "letters",
      people.map((recordKey) => ({ recordKey, first: 5 })),
      soon(),
    );
    await system.source.list("tags", people, soon());
    await system.source.count(people, soon());
    expect(system.calls() - before).toBe(3);
  });

  it("reads no more rows than a page has, and one", async () => {
    const key = await system.store.person({ email: "big@example.com" });
    await system.store.letters(
      key,
      Array.from({ length: 20_000 }, (_, n) => new Date(1.6e12 + n * 1_000).toISOString()),
    );
    await system.store.pool.query("analyze letter");
    const rowsRead = async () => {
      const { rows } = await system.store.pool.query<{ n: string }>(
        `select pg_stat_force_next_flush(), idx_tup_fetch + seq_tup_read as n from pg_stat_user_tables where relname = 'letter'`,
      );
      return Number(rows[0]?.n);
    };
    // A session tells what it read when it ends.
    const pages = async (first: number, times: number, start?: string) => {
      const source = await createSqlSource("test", processor, mappingFor(system.readerUrl));
      let after = start;
      for (let n = 0; n < times; n++) {
        const [page] = await source.page("letters", [{ recordKey: key, first, after }], soon());
        after = page?.rows.at(-1)?.cursor;
      }
      await source.close();
      await new Promise((resolve) => setTimeout(resolve, 300));
      return after;
    };
    const deep = await pages(15_000, 1);
    const before = await rowsRead();
    await pages(10, 10, deep);
    expect((await rowsRead()) - before).toBeLessThanOrEqual(10 * 12);
  });
});
