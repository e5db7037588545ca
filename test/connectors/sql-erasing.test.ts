import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ErasableSource, Kept, Whose } from "../../src/sources/erasures.ts";
import { ownRecord } from "../../src/sources/writes.ts";
import { erasingConformance, heldOf, keeping, none, reason, until } from "./erasing-conformance.ts";
import { soon } from "./harness.ts";
import { sqlErasingHarness, type SqlErasingSystem } from "./sql-erasing-harness.ts";
import { trying } from "./writing-conformance.ts";

erasingConformance(sqlErasingHarness, "integer");
erasingConformance(sqlErasingHarness, "uuid");
erasingConformance(sqlErasingHarness, "text");

describe("the organisation's own tables, made to forget", () => {
  let erasing: SqlErasingSystem;
  let source: ErasableSource;
  beforeAll(async () => {
    erasing = await sqlErasingHarness.make("integer");
    ({ source } = erasing);
  });
  afterAll(() => erasing[Symbol.asyncDispose]());

  const store = () => erasing.system.store;
  const sql = <R extends object>(text: string, values: unknown[] = []) => store().pool.query<R>(text, values);
  const count = async (text: string, values: unknown[] = []) =>
    (await sql<{ n: number }>(`select count(*)::int as n from ${text}`, values)).rows[0]?.n;
  const held = ({ recordKey }: Whose) => heldOf(store(), recordKey);
  const erase = (whose: Whose, recordType: string, { kept = none, from = source, options = trying() } = {}) =>
    from.erase({ whose, recordType, kept }, options).then(({ state }) => state, reason);
  const remains = (whose: Whose, kept: Kept = none, from = source) =>
    from
      .remains(whose, kept, soon())
      .then((left) => left.map(({ recordType, place, count: n }) => [recordType, place, n]), reason);
  const eraseAll = async (whose: Whose) => {
    for (const type of ["letters", "tags", "traces", ownRecord])
      expect(await erase(whose, type)).toMatch(/done|absent/);
  };

  let people = 0;
  const named = async (address: string, letters = 0): Promise<Whose> => {
    const recordKey = await store().person({ email: address });
    await store().letters(
      recordKey,
      Array.from({ length: letters }, (_, n) => new Date(1.7e12 + n).toISOString()),
    );
    const value = address.normalize("NFKC").toLowerCase();
    return { recordKey, identifiers: [{ kind: "EMAIL", value }] };
  };
  const somebody = (letters = 3) => named(`table${++people}@example.com`, letters);

  /** A rule of the system's own, for as long as a test takes. */
  const withTrigger = async (on: string, body: string, check: () => Promise<void>) => {
    await sql(`create or replace function rule() returns trigger language plpgsql as $$begin ${body} end$$;
      create trigger rule ${on} execute function rule()`);
    const table = /on (\w+)/.exec(on)?.[1];
    try {
      await check();
    } finally {
      await sql(`drop trigger rule on ${table}`);
    }
  };
  const withRule = async (rule: string, undo: string, check: () => Promise<void>) => {
    await sql(rule);
    try {
      await check();
    } finally {
      await sql(undo);
    }
  };

  describe("what is inside a row", () => {
    it("goes before it, and stays where it is kept", async () => {
      const [whose, other] = [await somebody(), await somebody()];
      for (const { recordKey } of [whose, other])
        for (const letter of await store().letterKeys(recordKey))
          for (let n = 0; n < 3; n++) await store().click(letter, `https://example.com/${n}`);
      const [first = ""] = await store().letterKeys(whose.recordKey);
      const clicks = await count("click");
      await withRule(
        "alter table click add constraint c foreign key (letter_id) references letter",
        "alter table click drop constraint c",
        async () => {
          expect(await erase(whose, "letters", { kept: keeping("letters", [first]) })).toBe("done");
        },
      );
      expect(await count("click")).toBe((clicks ?? 0) - 6);
      expect(await count("click where letter_id = $1", [first])).toBe(3);
      expect(await erase(whose, "letters")).toBe("done");
      expect(await count("click")).toBe((clicks ?? 0) - 9);
    });

    it("goes from tables that are not shown as well", async () => {
      await sql(`create table envelope (id bigint generated always as identity primary key, letter bigint references letter, line text);
        grant select, update, delete on envelope to ${erasing.system.role}`);
      const along = [{ table: "envelope", key: "id", parent: "letter" }];
      const from = await erasing.with(({ collections, ...rest }) => ({
        ...rest,
        collections: { ...collections, letters: { ...collections.letters, along } },
      }));
      const [whose, other] = [await somebody(), await somebody()];
      await sql(
        "insert into envelope (letter, line) select id, 'Gata 1' from letter where person_id = any($1)",
        [[whose.recordKey, other.recordKey]],
      );
      expect(await erase(whose, "letters")).toBe("refused");
      const [first = ""] = await store().letterKeys(whose.recordKey);
      expect(await erase(whose, "letters", { from, kept: keeping("letters", [first]) })).toBe("done");
      expect(await count("envelope")).toBe(4);
      expect(await count("envelope where letter = $1", [first])).toBe(1);
    });
  });

  describe("rows that survive without their person", () => {
    it("cannot be told from each other, nor led back", async () => {
      const everybodys = await store().person({ given: "Nobody" });
      const from = await erasing.with(({ collections, ...rest }) => ({
        ...rest,
        collections: {
          ...collections,
          tags: {
            anonymise: {
              parent: everybodys,
              overwrite: { label: { oneOf: ["yes", "no"] }, since: { yearOf: "epochSeconds" } },
              keeps: {},
            },
          },
        },
      }));
      expect(from.capabilities.erases.find(({ recordType }) => recordType === "tags")?.manner).toBe(
        "ANONYMISE",
      );
      const two = [await somebody(), await somebody()];
      for (const [n, { recordKey }] of two.entries())
        for (const label of ["yes", `I am person ${n}`, "no"])
          await sql("insert into tag (person_id, label, since) values ($1, $2, $3)", [
            recordKey,
            label,
            1_700_000_000 + n * 977,
          ]);
      const all = await count("tag");
      for (const whose of two) {
        expect(await erase(whose, "tags", { from })).toBe("done");
        expect(await erase(whose, "tags", { from })).toBe("done");
        expect(await remains(whose, none, from)).not.toContainEqual(expect.arrayContaining(["tags"]));
        expect((await held(whose))["tag"]).toEqual([]);
      }
      expect(await count("tag")).toBe(all);
      const { rows } = await sql<{ label: string | null; since: string; n: number }>(
        "select label, since::text, count(*)::int as n from tag where person_id = $1 group by 1, 2 order by 1 nulls last",
        [everybodys],
      );
      // Each twice: whoever knows what one of them answered, and when, does not find which row it is.
      const since = String(Date.UTC(2023) / 1_000);
      expect(rows).toEqual([
        { label: "no", since, n: 2 },
        { label: "yes", since, n: 2 },
        { label: null, since, n: 2 },
      ]);
    });

    it("are refused where there is nobody to give them to", async () => {
      const whose = await somebody();
      await store().tag(whose.recordKey, "yes");
      const from = await erasing.with(({ collections, ...rest }) => ({
        ...rest,
        collections: {
          ...collections,
          tags: { anonymise: { parent: 0, overwrite: { label: null, since: null }, keeps: {} } },
        },
      }));
      const before = await held(whose);
      await withRule(
        "alter table tag add constraint t foreign key (person_id) references person not valid",
        "alter table tag drop constraint t",
        async () => expect(await erase(whose, "tags", { from })).toBe("refused"),
      );
      expect(await held(whose)).toEqual(before);
    });
  });

  describe("what the law keeps", () => {
    it("is marked, with its day, once", async () => {
      const whose = await somebody();
      const [first = "", second = "", third = ""] = await store().letterKeys(whose.recordKey);
      const kept: Kept = new Map([
        [
          "letters",
          [
            { key: first, until },
            { key: second, until: "2029-06-30" },
          ],
        ],
        [ownRecord, [{ key: whose.recordKey, until }]],
      ]);
      const versions = () =>
        sql("select xmin, id from letter where person_id = $1 order by id", [whose.recordKey]);
      for (const type of ["letters", ownRecord, "tags"])
        expect(await source.keep({ whose, recordType: type, kept }, trying())).toEqual({ state: "done" });
      const before = (await versions()).rows;
      expect(await source.keep({ whose, recordType: "letters", kept }, trying())).toEqual({ state: "done" });
      expect((await versions()).rows).toEqual(before);
      const { rows } = await sql(
        "select id::text, held, held_until::text as day from letter where person_id = $1",
        [whose.recordKey],
      );
      expect(rows).toEqual(
        expect.arrayContaining([
          { id: first, held: true, day: until },
          { id: second, held: true, day: "2029-06-30" },
          { id: third, held: false, day: null },
        ]),
      );
      expect((await store().stored(whose.recordKey)).restricted).toBe(true);
    });

    it("is marked in nobody else's rows, and refused where there is no mark", async () => {
      const [whose, other] = [await somebody(), await somebody()];
      const before = await held(other);
      const kept = keeping("letters", await store().letterKeys(other.recordKey));
      expect(await source.keep({ whose, recordType: "letters", kept }, trying())).toEqual({ state: "done" });
      expect(await held(other)).toEqual(before);
      const tags = keeping("tags", ["1"]);
      expect(await source.keep({ whose, recordType: "tags", kept: tags }, trying())).toEqual({
        state: "refused",
      });
    });

    it.each([
      ["letter", "foreign key (person_id) references person on delete cascade"],
      ["letter", "foreign key (person_id) references person"],
    ])("is not taken along with its record: %s %s", async (table, constraint) => {
      const whose = await somebody();
      const before = await held(whose);
      const kept = keeping("letters", (await store().letterKeys(whose.recordKey)).slice(0, 1));
      await withRule(
        `alter table ${table} add constraint hanging ${constraint} not valid`,
        `alter table ${table} drop constraint hanging`,
        async () => expect(await erase(whose, ownRecord, { kept })).toBe("refused"),
      );
      expect(await held(whose)).toEqual(before);
    });

    it.each([
      "delete from tag where person_id = old.person_id;",
      "update tag set label = 'changed' where person_id = old.person_id;",
      "delete from click using letter l where l.id = letter_id and l.person_id = old.person_id;",
    ])("is not changed by what the system does of its own: %s", async (doing) => {
      const whose = await somebody();
      await store().tag(whose.recordKey, "kept");
      const { rows } = await sql<{ id: string }>("select id::text from tag where person_id = $1", [
        whose.recordKey,
      ]);
      const [letter = "", ...gone] = await store().letterKeys(whose.recordKey);
      await store().click(letter, "https://example.com/kept");
      const kept = new Map([
        ...keeping(
          "tags",
          rows.map(({ id }) => id),
        ),
        ...keeping("letters", [letter]),
      ]);
      const before = await held(whose);
      expect(gone).toHaveLength(2);
      await withTrigger("after delete on letter for each row", `${doing} return null;`, async () => {
        expect(await erase(whose, "letters", { kept })).toBe("refused");
      });
      expect(await held(whose)).toEqual(before);
      expect(await erase(whose, "letters", { kept })).toBe("done");
    });

    it("is not given up with the record where the mapping does not say what of it is kept", async () => {
      const from = await erasing.with(({ record: { mark }, ...rest }) => ({
        ...rest,
        record: { ...(mark && { mark }) },
      }));
      const whose = await somebody();
      const kept = keeping(ownRecord, [whose.recordKey]);
      const before = await held(whose);
      expect(await erase(whose, ownRecord, { from, kept })).toBe("refused");
      expect(await remains(whose, kept, from)).toContainEqual([ownRecord, "person", 1]);
      expect(await held(whose)).toEqual(before);
    });
  });

  describe("a system that has it otherwise", () => {
    it.each(["letters", "tags", "traces", ownRecord])("swallows the deletion of %s", async (type) => {
      const whose = await somebody();
      await store().tag(whose.recordKey, "x");
      await erasing.trace(whose.recordKey, "x@example.com");
      const table = { letters: "letter", tags: "tag", traces: "trace", [ownRecord]: "person" }[type] ?? "";
      const before = await held(whose);
      await withTrigger(`before delete on ${table} for each row`, "return null;", async () => {
        expect(await erase(whose, type)).toBe("FAILED");
      });
      expect(await held(whose)).toEqual(type === ownRecord ? { ...before, trace: before["trace"] } : before);
      expect(await remains(whose)).toContainEqual(expect.arrayContaining([type, table]));
    });

    it("makes a mark of the deletion, and keeps the address in another place", async () => {
      const whose = await somebody();
      const softly =
        "update person set restricted = true, given = old.email, email = null where id = old.id; return null;";
      await withTrigger("before delete on person for each row", softly, async () => {
        expect(await erase(whose, ownRecord)).toBe("FAILED");
      });
      expect(await remains(whose)).toContainEqual([ownRecord, "person", 1]);
    });

    it("brings back what was deleted, at the end of the transaction", async () => {
      const whose = await somebody();
      await sql(`create function revive() returns trigger language plpgsql security definer as
          $$begin insert into person select old.*; return null; end$$;
        create constraint trigger rule after delete on person deferrable initially deferred
          for each row execute function revive()`);
      const outcome = await erase(whose, ownRecord);
      await sql("drop trigger rule on person; drop function revive");
      expect(outcome).toBe("FAILED");
      expect(await remains(whose)).toContainEqual([ownRecord, "person", 1]);
      expect(await erase(whose, ownRecord)).toBe("done");
      expect((await held(whose))["person"]).toEqual([]);
    });

    it.each(["return old;", "return null;", "new.phone := old.phone; return new;"])(
      "does not overwrite a record that is kept: %s",
      async (body) => {
        const whose = await somebody();
        const before = await held(whose);
        const kept = keeping(ownRecord, [whose.recordKey]);
        await withTrigger("before update on person for each row", body, async () => {
          expect(await erase(whose, ownRecord, { kept })).toBe("FAILED");
        });
        expect(await held(whose)).toEqual(before);
        expect(await remains(whose, kept)).toContainEqual([ownRecord, "person", 1]);
      },
    );

    it("refuses because of what hangs on the record", async () => {
      const whose = await somebody();
      const before = await held(whose);
      await withRule(
        "alter table letter add constraint l foreign key (person_id) references person not valid",
        "alter table letter drop constraint l",
        async () => {
          expect(await erase(whose, ownRecord)).toBe("refused");
          expect(await held(whose)).toEqual(before);
          await eraseAll(whose);
        },
      );
      expect((await held(whose))["person"]).toEqual([]);
    });

    it("writes down what it deletes: that goes as well", async () => {
      const whose = await somebody();
      const noting = `insert into trace (person_id, email, note) values
        (null, 'member "' || upper(old.email) || '" deleted', 'by the system'); return null;`;
      await sql(`grant insert on trace to ${erasing.system.role}`);
      await withTrigger("after delete on person for each row", noting, async () => {
        expect(await erase(whose, "traces")).toBe("done");
        expect(await erase(whose, ownRecord)).toBe("done");
      });
      expect(await count("trace where note = 'by the system'")).toBe(0);
      expect(await remains(whose)).toEqual([["letters", "letter", 3]]);
    });

    it("lets nobody delete: that is no refusal, and nothing is said to be done", async () => {
      const whose = await somebody();
      const before = await held(whose);
      await sql(`revoke delete on letter from ${erasing.system.role}`);
      expect(await erase(whose, "letters")).toBe("FAILED");
      await sql(`grant delete on letter to ${erasing.system.role}`);
      expect(await held(whose)).toEqual(before);
    });

    it("hides rows: nothing is said of them", async () => {
      const whose = await somebody();
      await sql("alter table letter enable row level security");
      const said = [await erase(whose, "letters"), await remains(whose)];
      await sql("alter table letter disable row level security");
      expect(said).toEqual(["CANARY_NOT_FOUND", "CANARY_NOT_FOUND"]);
      expect(await erase(whose, "letters")).toBe("done");
    });
  });

  describe("traces", () => {
    it.each([
      ["a%b@example.com", ["axb@example.com", "ab@example.com"]],
      ["a_c@example.com", ["axc@example.com", "abc@example.com"]],
      ["o'brien@example.com", ["obrien@example.com"]],
      ["a|b@example.com", ["ab@example.com", "b@example.com"]],
      ["a+[x]@example.com", ["ax@example.com", "a@example.com"]],
      ["\\d@example.com", ["d@example.com", "1@example.com"]],
      ["berg@example.com", ["anne.berg@example.com", "anne-berg@example.com", "berg@example.com.au"]],
    ])("of %s are of nobody with another address", async (address, strangers) => {
      const whose = await named(address);
      for (const each of [address, address.toUpperCase(), `"A B" <${address}>`, ...strangers])
        await erasing.trace(null, each);
      const before = await count("trace");
      expect((await source.tally(whose, soon())).get("traces")).toBe(3);
      expect(await erase(whose, "traces")).toBe("done");
      expect(await count("trace")).toBe((before ?? 0) - 3);
      expect(await count("trace where email = any($1)", [strangers])).toBe(strangers.length);
      await sql("delete from trace where email = any($1)", [strangers]);
    });

    it.each(["Åse.Bjørnøy@Example.com", "ÅSE.BJØRNØY@EXAMPLE.COM"])(
      "are found in every spelling of %s",
      async (stored) => {
        const whose = await named(stored);
        const spellings = [
          stored,
          stored.normalize("NFD"),
          stored.toLowerCase(),
          String.raw`{"to":"\u00e5se.bj\u00f8rn\u00f8y@example.com"}`,
          `https://example.com/?to=${encodeURIComponent(stored.toLowerCase())}`,
          `${stored.toLowerCase()}.1712345678`,
        ];
        for (const each of spellings) await erasing.trace(null, each);
        const before = await count("trace");
        expect(await erase(whose, "traces")).toBe("done");
        expect(await count("trace")).toBe((before ?? 0) - spellings.length);
      },
    );

    it("are not looked for in rows of another's, whatever those say", async () => {
      const [whose, other] = [await somebody(), await somebody()];
      const address = whose.identifiers[0]?.value ?? "";
      await erasing.trace(other.recordKey, address);
      await erasing.trace(other.recordKey, `forwarded by ${address}`);
      const before = await held(other);
      await eraseAll(whose);
      expect(await held(other)).toEqual(before);
      expect(await remains(whose)).toEqual([]);
    });

    it("are looked for in rows whose key is nobody's, and only where they are said to be", async () => {
      const from = await erasing.with((erasures) => ({
        ...erasures,
        traces: (erasures.traces ?? []).map((place) => ({ ...place, nobody: [0], where: { note: null } })),
      }));
      const whose = await somebody();
      const address = whose.identifiers[0]?.value ?? "";
      await erasing.trace("0", address);
      await sql("insert into trace (person_id, email, note) values ('0', $1, 'elsewhere')", [address]);
      expect(await erase(whose, "traces")).toBe("done");
      expect(await count("trace where email = $1", [address])).toBe(2);
      expect(await erase(whose, "traces", { from })).toBe("done");
      expect(await count("trace where email = $1 and note = 'elsewhere'", [address])).toBe(1);
      await sql("delete from trace where person_id = '0'");
    });

    it("lose the person where the row stays", async () => {
      const from = await erasing.with((erasures) => ({
        ...erasures,
        traces: (erasures.traces ?? []).map((place) => ({
          ...place,
          overwrite: { person_id: null, email: "slettet", note: { oneOf: ["opened"] } },
        })),
      }));
      const whose = await somebody();
      await sql("insert into trace (person_id, email, note) values ($1, $2, 'opened'), ($1, $2, 'said so')", [
        whose.recordKey,
        whose.identifiers[0]?.value,
      ]);
      expect(await erase(whose, "traces", { from })).toBe("done");
      expect(await remains(whose, none, from)).not.toContainEqual(expect.arrayContaining(["traces"]));
      const { rows } = await sql("select person_id, note from trace where email = 'slettet' order by note");
      expect(rows).toEqual([
        { person_id: null, note: "opened" },
        { person_id: null, note: null },
      ]);
      await sql("delete from trace where email = 'slettet'");
    });

    it("are found in a long log, wherever they are", async () => {
      const whose = await somebody();
      const address = whose.identifiers[0]?.value ?? "";
      await sql(
        `insert into trace (email, note) select case when n % 22000 = 7 then 'to ' || $1 else 'to person' || n || '@example.com' end, 'long'
         from generate_series(1, 65000) n`,
        [address],
      );
      expect((await source.tally(whose, soon())).get("traces")).toBe(3);
      expect(await erase(whose, "traces")).toBe("done");
      expect(await count("trace where note = 'long'")).toBe(65_000 - 3);
      expect(await count("trace where email like '%' || $1", [address])).toBe(0);
      await sql("delete from trace where note = 'long'");
    });
  });

  describe("20,000 rows", () => {
    it("go in batches, in bounded memory, but for those that are kept", async () => {
      const whose = await somebody(20_000);
      const keys = await store().letterKeys(whose.recordKey);
      const kept = keeping(
        "letters",
        keys.filter((_, n) => n % 40 === 0),
      );
      const before = process.memoryUsage().heapUsed;
      let highest = 0;
      const watching = setInterval(() => (highest = Math.max(highest, process.memoryUsage().heapUsed)), 5);
      let calls = 0;
      for (let state: unknown = "retry"; state === "retry"; calls++)
        state = await erase(whose, "letters", { kept, options: trying(AbortSignal.timeout(20_000)) });
      clearInterval(watching);
      expect((await store().letterKeys(whose.recordKey)).toSorted()).toEqual(
        kept
          .get("letters")
          ?.map(({ key }) => key)
          .toSorted(),
      );
      expect(highest - before).toBeLessThan(60_000_000);
      expect(calls).toBeLessThan(10);
      expect(await remains(whose, kept)).toEqual([[ownRecord, "person", 1]]);
    });

    it("are left to the next call when the system is slow", async () => {
      const whose = await somebody(4_000);
      await withTrigger(
        "before delete on letter for each statement",
        "perform pg_sleep(0.8); return null;",
        async () => {
          const outcome = await source.erase({ whose, recordType: "letters", kept: none }, trying());
          expect(outcome.state === "retry" && outcome.at.getTime() - Date.now()).toBeLessThanOrEqual(0);
        },
      );
      const left = await count("letter where person_id = $1", [whose.recordKey]);
      expect(left).toBeGreaterThan(0);
      expect(left).toBeLessThan(4_000);
      expect(await erase(whose, "letters")).toBe("done");
      expect(await count("letter where person_id = $1", [whose.recordKey])).toBe(0);
    });
  });

  describe("somebody else at the same rows", () => {
    it("ends the session half-way: what was begun is undone, and the rest goes at the next call", async () => {
      const whose = await somebody(2_000);
      await withTrigger(
        "before delete on letter for each statement",
        "perform pg_sleep(0.2); return null;",
        async () => {
          const going = erase(whose, "letters");
          await expect
            .poll(() => count("letter where person_id = $1", [whose.recordKey]), { interval: 20 })
            .toBe(1_500);
          await sql("select pg_terminate_backend(pid) from pg_stat_activity where usename = $1", [
            erasing.system.role,
          ]);
          expect(await going).toBe("UNREACHABLE");
        },
      );
      const left = (await count("letter where person_id = $1", [whose.recordKey])) ?? 0;
      expect(left % 500).toBe(0);
      await expect.poll(() => erase(whose, "letters")).toBe("done");
      expect((await held(whose))["letter"]).toEqual([]);
    });

    it("erases the same person: each row once, and neither waits for ever", async () => {
      const whose = await somebody(1_500);
      const two = await Promise.all(["letters", "letters"].map((type) => erase(whose, type)));
      expect(two).toEqual(["done", "done"]);
      const ends = await Promise.all([ownRecord, ownRecord].map((type) => erase(whose, type)));
      expect(ends.toSorted()).toEqual(["absent", "done"]);
    });

    it("corrects the record meanwhile: it is corrected and gone, or gone", async () => {
      for (let round = 0; round < 10; round++) {
        const whose = await somebody();
        const correction = { field: "name", from: "Given Family", to: "New Name" };
        const [corrected, erased] = await Promise.all([
          source.rectify(whose.recordKey, correction, trying()).then(({ state }) => state, reason),
          erase(whose, ownRecord),
        ]);
        expect(["done", "absent"]).toContain(corrected);
        expect(erased).toBe("done");
        expect((await held(whose))["person"]).toEqual([]);
      }
    });

    it("adds rows meanwhile: none is left when it is done", async () => {
      const whose = await somebody(1_000);
      const adding = (async () => {
        for (let n = 0; n < 20; n++) await store().letters(whose.recordKey, [new Date().toISOString()]);
      })();
      expect(["done", "FAILED"]).toContain(await erase(whose, "letters"));
      await adding;
      expect(await erase(whose, "letters")).toBe("done");
      expect((await held(whose))["letter"]).toEqual([]);
    });

    it("holds a row: it is given up in time, and nothing is half done", async () => {
      const whose = await somebody();
      const before = await held(whose);
      const locker = await store().pool.connect();
      await locker.query("begin");
      await locker.query("select from letter where person_id = $1 for update", [whose.recordKey]);
      expect(await erase(whose, "letters")).toBe("TIMED_OUT");
      await locker.query("rollback");
      locker.release();
      expect(await held(whose)).toEqual(before);
      expect(await erase(whose, "letters")).toBe("done");
    });
  });

  it.each(["x", "", "1x", " 1", "999999999999999999999"])("finds nobody by the key %j", async (recordKey) => {
    const whose: Whose = { recordKey, identifiers: [] };
    for (const type of ["letters", "tags", ownRecord]) expect(await erase(whose, type)).toBe("absent");
  });

  it.each(["0", " ", "+"])("finds nobody by a key with %j before it", async (prefix) => {
    const whose = await somebody();
    const before = await held(whose);
    const other = { ...whose, recordKey: prefix + whose.recordKey, identifiers: [] };
    for (const type of ["letters", "tags", ownRecord]) expect(await erase(other, type)).toBe("absent");
    expect(await held(whose)).toEqual(before);
  });

  it("is never asked to by a mapping that does not say how, and names everybody all the same", async () => {
    const { system } = erasing;
    expect(system.source.capabilities.erases).toEqual([]);
    const whose = await somebody();
    const before = await held(whose);
    expect(await erase(whose, ownRecord, { from: system.source })).toBe("refused");
    expect(await system.source.keep({ whose, recordType: "letters", kept: none }, trying())).toEqual({
      state: "refused",
    });
    expect(await system.source.tally(whose, soon()).catch(reason)).toBe("FAILED");
    expect(await held(whose)).toEqual(before);
  });
});
