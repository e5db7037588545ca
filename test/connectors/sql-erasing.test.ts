import { describe, expect, it } from "vitest";
import type { Kept, OfRecord } from "../../src/sources/erasures.ts";
import { ownRecord } from "../../src/sources/writes.ts";
import { erasingConformance, keeping, none, reason, until } from "./erasing-conformance.ts";
import { soon } from "./harness.ts";
import { sqlErasingHarness } from "./sql-erasing-harness.ts";
import { stage } from "./sql-erasing-stage.ts";
import { trying } from "./writing-conformance.ts";

erasingConformance(sqlErasingHarness, "integer");
erasingConformance(sqlErasingHarness, "uuid");
erasingConformance(sqlErasingHarness, "text");

describe("the organisation's own tables, made to forget", () => {
  const tables = stage();
  const { count, erase, held, remains, somebody, source, sql, store, system, withRule, withTrigger } = tables;

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
        grant select, update, delete on envelope to ${system().role}`);
      const along = [{ table: "envelope", key: "id", parent: "letter" }];
      const from = await tables.with(({ collections, ...rest }) => ({
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
    it("say of what never was that it never was, and of 1970 its year, where neither may be empty", async () => {
      await tables.withRule(
        "alter table tag alter column since set not null",
        "alter table tag alter column since drop not null",
        async () => {
          const everybodys = await store().person({ given: "Nobody" });
          const from = await tables.with((said) => ({
            ...said,
            collections: {
              ...said.collections,
              tags: {
                anonymise: {
                  parent: everybodys,
                  key: "NEGATIVE",
                  overwrite: { label: null, since: { yearOf: "epochSeconds" } },
                  keeps: {},
                },
              },
            },
          }));
          const whose = await somebody();
          for (const since of [0, 86_400, 1_700_000_000])
            await sql("insert into tag (person_id, label, since) values ($1, 'a', $2)", [
              whose.recordKey,
              since,
            ]);
          expect(await erase(whose, "tags", { from })).toBe("done");
          const { rows } = await sql<{ since: string }>(
            "select since from tag where person_id = $1 order by since",
            [everybodys],
          );
          expect(rows.map(({ since }) => Number(since))).toEqual([0, 0, Date.UTC(2023, 0, 1) / 1_000]);
        },
      );
    });

    it("cannot be told from each other, nor led back", async () => {
      const everybodys = await store().person({ given: "Nobody" });
      const from = await tables.with(({ collections, ...rest }) => ({
        ...rest,
        collections: {
          ...collections,
          tags: {
            anonymise: {
              parent: everybodys,
              key: "NEGATIVE",
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
      const { rows: keys } = await sql<{ id: string }>("select id::text from tag");
      for (const whose of two) {
        expect(await erase(whose, "tags", { from })).toBe("done");
        expect(await erase(whose, "tags", { from })).toBe("done");
        expect(await remains(whose, none, from)).not.toContainEqual(expect.arrayContaining(["tags"]));
        expect((await held(whose))["tag"]).toEqual([]);
      }
      expect(await count("tag")).toBe(all);
      expect(
        await count("tag where person_id = $1 and (id >= 0 or id::text = any($2))", [
          everybodys,
          keys.map(({ id }) => id),
        ]),
      ).toBe(0);
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

    it("are not done where the system holds on to their keys", async () => {
      const whose = await somebody();
      await store().tag(whose.recordKey, "yes");
      const from = await tables.with(({ collections, ...rest }) => ({
        ...rest,
        collections: {
          ...collections,
          tags: {
            anonymise: { parent: 0, key: "NEGATIVE", overwrite: { label: null, since: null }, keeps: {} },
          },
        },
      }));
      const before = await held(whose);
      await withTrigger("before update on tag for each row", "new.id := old.id; return new;", async () => {
        expect(await erase(whose, "tags", { from })).toBe("FAILED");
      });
      expect(await held(whose)).toEqual(before);
    });

    it("get keys that are free, in tables with keys of their own kind", async () => {
      await using texts = await sqlErasingHarness.make("text");
      const everybodys = await texts.system.store.person({ given: "Nobody" });
      const from = await texts.with(({ collections, ...rest }) => ({
        ...rest,
        collections: {
          ...collections,
          tags: {
            anonymise: {
              parent: everybodys,
              key: "UUID",
              overwrite: { label: null, since: null },
              keeps: {},
            },
          },
        },
      }));
      const recordKey = await texts.system.store.person({ email: "many@example.com" });
      const { pool } = texts.system.store;
      await pool.query("insert into tag (person_id, label) select $1, 'x' from generate_series(1, 1200)", [
        recordKey,
      ]);
      const whose: OfRecord = { recordKey, identifiers: [] };
      expect(await erase(whose, "tags", { from })).toBe("done");
      const { rows } = await pool.query<{ id: string }>("select id from tag where person_id = $1", [
        everybodys,
      ]);
      expect(rows).toHaveLength(1_200);
      for (const { id } of rows) expect(id).toMatch(/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/);
    });

    it("are refused where there is nobody to give them to", async () => {
      const whose = await somebody();
      await store().tag(whose.recordKey, "yes");
      const from = await tables.with(({ collections, ...rest }) => ({
        ...rest,
        collections: {
          ...collections,
          tags: {
            anonymise: { parent: 0, key: "NEGATIVE", overwrite: { label: null, since: null }, keeps: {} },
          },
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
        expect(await source().keep({ whose, recordType: type, kept }, trying())).toEqual({ state: "done" });
      const before = (await versions()).rows;
      expect(await source().keep({ whose, recordType: "letters", kept }, trying())).toEqual({
        state: "done",
      });
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
      expect(await source().keep({ whose, recordType: "letters", kept }, trying())).toEqual({
        state: "done",
      });
      expect(await held(other)).toEqual(before);
      const tags = keeping("tags", ["1"]);
      expect(await source().keep({ whose, recordType: "tags", kept: tags }, trying())).toEqual({
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
      const from = await tables.with(({ record: { mark }, ...rest }) => ({
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

  it.each(["x", "", "1x", " 1", "999999999999999999999"])("finds nobody by the key %j", async (recordKey) => {
    const whose: OfRecord = { recordKey, identifiers: [] };
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
    expect(system().source.capabilities.erases).toEqual([]);
    const whose = await somebody();
    const before = await held(whose);
    expect(await erase(whose, ownRecord, { from: system().source })).toBe("refused");
    expect(await system().source.keep({ whose, recordType: "letters", kept: none }, trying())).toEqual({
      state: "refused",
    });
    expect(await system().source.tally(whose, soon()).catch(reason)).toBe("FAILED");
    const { records } = await system().source.identified(null, soon());
    expect(records.map(({ key }) => key)).toContain(whose.recordKey);
    expect(await held(whose)).toEqual(before);
  });
});
