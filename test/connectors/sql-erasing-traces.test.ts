import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Whose } from "../../src/sources/erasures.ts";
import { ownRecord } from "../../src/sources/writes.ts";
import { none } from "./erasing-conformance.ts";
import { soon } from "./harness.ts";
import { erasures, sqlErasingHarness, type SqlErasingSystem } from "./sql-erasing-harness.ts";
import { stage } from "./sql-erasing-stage.ts";
import type { KeyType } from "./system.ts";
import { trying } from "./writing-conformance.ts";

describe("what names a person beside their record in the organisation's own tables", () => {
  const tables = stage();
  const { count, erase, eraseAll, held, named, remains, somebody, source, sql } = tables;

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
        await tables.trace(null, each);
      const before = await count("trace");
      expect((await source().tally(whose, soon())).get("traces")).toBe(3);
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
          // No database folds these, and no list of spellings has them all.
          ...["Åse.bJØRNøY@example.com", stored].flatMap((each) => [
            `GET /confirm?to=${encodeURIComponent(each)}`,
            `GET /confirm/${encodeURI(each)}`,
            `{"to":"${each.replaceAll(/[^\p{ASCII}]/gu, (letter) => `\\u00${letter.charCodeAt(0).toString(16)}`)}"}`,
          ]),
          `${stored.toLowerCase()}.1712345678`,
        ];
        for (const each of spellings) await tables.trace(null, each);
        const before = await count("trace");
        expect(await erase(whose, "traces")).toBe("done");
        expect(await count("trace")).toBe((before ?? 0) - spellings.length);
      },
    );

    it("are not looked for in rows of another's, whatever those say", async () => {
      const [whose, other] = [await somebody(), await somebody()];
      const address = whose.identifiers[0]?.value ?? "";
      await tables.trace(other.recordKey, address);
      await tables.trace(other.recordKey, `forwarded by ${address}`);
      const before = await held(other);
      await eraseAll(whose);
      expect(await held(other)).toEqual(before);
      expect(await remains(whose)).toEqual([]);
    });

    it("of somebody without a record are those that give no other's key, in any spelling", async () => {
      const other = await somebody();
      const address = "Ingen.Konto@example.com";
      await tables.trace(null, `Ingen <${address}>`);
      await tables.trace(other.recordKey, `kopi til ${address}`);
      await tables.trace(null, `x.${address}`);
      const whose = {
        recordKey: null,
        identifiers: [{ kind: "EMAIL", value: address.toLowerCase() } as const],
      };
      const before = await count("trace");
      expect(await remains(whose)).toEqual([["traces", "trace", 1]]);
      expect(await erase(whose, "traces")).toBe("done");
      expect(await remains(whose)).toEqual([]);
      expect(await count("trace")).toBe((before ?? 0) - 1);
      expect(await count("trace where email ilike $1", [`%${address}`])).toBe(2);
      await sql("delete from trace where email ilike $1", [`%${address}`]);
    });

    it("are looked for in rows whose key is nobody's, and only where they are said to be", async () => {
      const { recordKey: guest } = await somebody();
      const from = await tables.with((erasures) => ({
        ...erasures,
        traces: (erasures.traces ?? []).map((place) => ({
          ...place,
          nobody: [Number(guest)],
          where: { note: null },
        })),
      }));
      const whose = await somebody();
      const address = whose.identifiers[0]?.value ?? "";
      await tables.trace(guest, address);
      await sql("insert into trace (person_id, email, note) values ($1, $2, 'elsewhere')", [guest, address]);
      expect(await erase(whose, "traces")).toBe("done");
      expect(await count("trace where email = $1", [address])).toBe(2);
      expect(await erase(whose, "traces", { from })).toBe("done");
      expect(await count("trace where email = $1 and note = 'elsewhere'", [address])).toBe(1);
      await sql("delete from trace where person_id = $1", [guest]);
    });

    describe("of a record that was deleted before", () => {
      /** Somebody with rows of a record that is there no more, as a system's own deletion leaves them. */
      const left = async (says: (address: string) => string = (address) => address) => {
        const whose = await somebody();
        const address = whose.identifiers[0]?.value ?? "";
        const former = await somebody(0);
        await tables.trace(former.recordKey, says(address));
        await sql("delete from person where id = $1", [former.recordKey]);
        return { whose, address, former: former.recordKey };
      };

      it("go by the identifiers, in the plan, the erasure and the verification alike", async () => {
        const { whose, former } = await left((address) => `deleted ${address}`);
        expect((await source().tally(whose, soon())).get("traces")).toBe(1);
        expect(await remains(whose)).toContainEqual(["traces", "trace", 1]);
        expect(await erase(whose, "traces")).toBe("done");
        expect(await count("trace where person_id = $1", [former])).toBe(0);
        expect((await source().tally(whose, soon())).get("traces")).toBe(0);
      });

      it("are of nobody with another address", async () => {
        const { whose, former } = await left(() => "stranger@example.com");
        expect((await source().tally(whose, soon())).get("traces")).toBe(0);
        await eraseAll(whose);
        expect(await count("trace where person_id = $1", [former])).toBe(1);
        await sql("delete from trace where person_id = $1", [former]);
      });

      it.each(["system", "n/a", "7f1e0000-0000-4000-8000-000000000000", "999999999999", " 999999998 "])(
        "are nobody's where %s stands for a key",
        async (key) => {
          const whose = await somebody();
          await tables.trace(key, whose.identifiers[0]?.value ?? "");
          expect(await erase(whose, "traces")).toBe("done");
          expect(await count("trace where person_id = $1", [key])).toBe(0);
        },
      );

      it.each<[string, (key: string) => string]>([
        ["padded", (key) => ` ${key} `],
        ["with zeros before it", (key) => `000${key}`],
        ["as a decimal", (key) => `${key}.0`],
        ["beyond what a key is compared as", (key) => `${key}.5`],
      ])("are another's where the key of a record is written %s", async (_, written) => {
        const [whose, other] = [await somebody(), await somebody()];
        const key = written(other.recordKey);
        await tables.trace(key, whose.identifiers[0]?.value ?? "");
        await eraseAll(whose);
        expect(await count("trace where person_id = $1", [key])).toBe(1);
        await sql("delete from trace where person_id = $1", [key]);
      });

      it("are another's who comes back before they go", async () => {
        const { whose, former } = await left();
        await sql("insert into person (id, email, changed) values ($1, 'back@example.com', now())", [former]);
        await eraseAll(whose);
        expect(await count("trace where person_id = $1", [former])).toBe(1);
      });

      it("are not believed to be nobody's by a table that does not show who is there", async () => {
        const { whose, former } = await left();
        const { role } = tables.system();
        await tables.withRule(
          `alter table person enable row level security;
           create policy own on person for select to ${role} using (id = ${Number(whose.recordKey)})`,
          "drop policy own on person; alter table person disable row level security",
          async () => {
            expect(await erase(whose, "traces")).toBe("CANARY_NOT_FOUND");
          },
        );
        expect(await count("trace where person_id = $1", [former])).toBe(1);
        expect(await erase(whose, "traces")).toBe("done");
        expect(await count("trace where person_id = $1", [former])).toBe(0);
      });

      it("are all found, also among many of others' who are there", async () => {
        const [whose, other] = [await somebody(), await somebody()];
        const address = whose.identifiers[0]?.value ?? "";
        await sql(
          `insert into trace (person_id, email, note)
           select case when n % 3 = 0 then $1 else (500000000 + n)::text end, $2, 'many' from generate_series(1, 1800) n`,
          [other.recordKey, address],
        );
        expect((await source().tally(whose, soon())).get("traces")).toBe(1200);
        expect(await erase(whose, "traces")).toBe("done");
        expect(await count("trace where note = 'many'")).toBe(600);
        expect(await count("trace where note = 'many' and person_id = $1", [other.recordKey])).toBe(600);
        await sql("delete from trace where note = 'many'");
      });
    });

    describe("of a record that the system has only marked as deleted", () => {
      const emptied = {
        ...erasures.record.reduced?.overwrite,
        given: "",
        family: "",
        restricted: true,
        changed: { yearOf: "moment" },
      } as const;
      const marking = () =>
        tables.with((said) => ({
          ...said,
          record: { stays: { overwrite: emptied, keeps: {} } },
          traces: [
            ...(said.traces ?? []),
            {
              table: "person",
              key: "id",
              where: { given: "deleted" },
              named: [{ column: "family", by: "EMAIL", within: true }],
              overwrite: emptied,
              canary: "HAS_NOTHING",
            },
          ],
        }));
      /** As such systems do, with a note of it beside. */
      const marked = async (given: string, address: string) => {
        const { recordKey } = await somebody(0);
        await sql("update person set given = $2, family = $3 where id = $1", [
          recordKey,
          given,
          `${address}.1795706196`,
        ]);
        await tables.trace(recordKey, `deleted ${address}`);
        return recordKey;
      };

      it("go, with what is left in the record, which stays as an emptied one", async () => {
        const from = await marking();
        const whose = await somebody();
        const address = whose.identifiers[0]?.value ?? "";
        const former = await marked("deleted", address);
        expect((await from.tally(whose, soon())).get("traces")).toBe(2);
        expect(await remains(whose, none, from)).toEqual(
          expect.arrayContaining([
            ["traces", "trace", 1],
            ["traces", "person", 1],
          ]),
        );
        expect(await erase(whose, "traces", { from })).toBe("done");
        expect(await count("trace where person_id = $1", [former])).toBe(0);
        const { rows } = await sql("select given, family, email, phone from person where id = $1", [former]);
        expect(rows).toEqual([{ given: "", family: "", email: null, phone: null }]);
        expect((await from.tally(whose, soon())).get("traces")).toBe(0);
        // What is written down of it later is nobody's as well.
        await tables.trace(former, `cleaned up ${address}`);
        expect(await erase(whose, "traces", { from })).toBe("done");
        expect(await count("trace where person_id = $1", [former])).toBe(0);
      });

      it("stay where the record is not so marked, whatever it says", async () => {
        const from = await marking();
        const whose = await somebody();
        const other = await marked("Given", whose.identifiers[0]?.value ?? "");
        const before = await held({ recordKey: other, identifiers: [] });
        for (const type of ["letters", "tags", "traces", ownRecord])
          expect(await erase(whose, type, { from })).toMatch(/done|absent/);
        expect(await held({ recordKey: other, identifiers: [] })).toEqual(before);
      });

      it("are not what is left of the person's own record", async () => {
        const from = await marking();
        const whose = await somebody();
        await sql("update person set given = 'deleted', family = email || '.1795706196' where id = $1", [
          whose.recordKey,
        ]);
        expect(Object.fromEntries(await from.tally(whose, soon()))).toMatchObject({ traces: 0, record: 1 });
        for (const type of ["letters", "tags", "traces", ownRecord])
          expect(await erase(whose, type, { from })).toMatch(/done|absent/);
        expect(await remains(whose, none, from)).toEqual([]);
      });
    });

    it("in another's row are told of where the column holds nothing else, and left alone", async () => {
      const from = await tables.with((said) => ({
        ...said,
        traces: (said.traces ?? []).map((place) => ({
          ...place,
          named: [...place.named, { column: "note", by: "EMAIL" } as const],
        })),
      }));
      const [whose, other] = [await somebody(), await somebody()];
      const address = whose.identifiers[0]?.value ?? "";
      await sql(
        `insert into trace (person_id, email, note) values ($1, $2, null), ($1, null, $2), ($1, null, 'to ' || $2),
         ($1, null, $3), ($4, null, $2), (null, null, $2)`,
        [other.recordKey, address, `x${address}`, whose.recordKey],
      );
      const others = await held(other);
      expect((await from.tally(whose, soon())).get("traces")).toBe(2);
      expect(await remains(whose, none, from)).toContainEqual(["traces", "trace", 1]);
      for (const type of ["letters", "tags", "traces", ownRecord])
        expect(await erase(whose, type, { from })).toMatch(/done|absent/);
      expect(await held(other)).toEqual(others);
      expect(await from.remains(whose, none, soon())).toEqual([
        { recordType: "traces", place: "trace", count: 1, ofOthers: true },
      ]);
      // Shared with somebody, it is not known to be the person's.
      expect(await remains({ ...whose, identifiers: [] }, none, from)).toEqual([]);
      await sql("delete from trace where person_id = $1", [other.recordKey]);
      expect(await remains(whose, none, from)).toEqual([]);
    });

    it("in another's row of a collection are told of, whoever that is, and left alone", async () => {
      const from = await tables.with((said) => ({
        ...said,
        collections: { ...said.collections, tags: { identifiers: [{ kind: "EMAIL", column: "label" }] } },
      }));
      const [whose, other] = [await somebody(), await somebody()];
      const address = whose.identifiers[0]?.value ?? "";
      await sql("insert into tag (person_id, label) values ($1, upper($3)), ($2, $3), ($2, 'of ' || $3)", [
        whose.recordKey,
        other.recordKey,
        address,
      ]);
      const others = await held(other);
      const booked = { recordType: "tags", place: "tag", count: 1, ofOthers: true };
      expect((await from.tally(whose, soon())).get("tags")).toBe(1);
      expect(await from.remains(whose, none, soon())).toContainEqual(booked);
      for (const type of ["letters", "tags", "traces", ownRecord])
        expect(await erase(whose, type, { from })).toMatch(/done|absent/);
      expect(await held(other)).toEqual(others);
      expect(await from.remains(whose, none, soon())).toEqual([booked]);
      await sql("delete from person where id = $1", [other.recordKey]);
      expect(await from.remains(whose, none, soon())).toEqual([booked]);
    });

    it("are rows on which something hangs that names the person, and go with it", async () => {
      const along = { table: "trace_field", key: "id", parent: "trace_id" };
      await sql(`create table trace_field (id bigint generated always as identity primary key, trace_id bigint not null
          references trace, value text);
        grant select, update, delete on trace_field to ${tables.system().role}`);
      const from = await tables.with((said) => ({
        ...said,
        traces: (said.traces ?? []).map((place) => ({
          ...place,
          along: [along],
          named: [...place.named, { column: "value", by: "EMAIL", within: true, of: "trace_field" } as const],
        })),
      }));
      const [whose, other] = [await somebody(), await somebody()];
      const address = whose.identifiers[0]?.value ?? "";
      const form = async (key: string | null, values: readonly string[]) => {
        const { rows } = await sql<{ id: string }>("insert into trace (person_id) values ($1) returning id", [
          key,
        ]);
        for (const value of values)
          await sql("insert into trace_field (trace_id, value) values ($1, $2)", [rows[0]?.id, value]);
      };
      await form(null, ["A Name", address.toUpperCase(), "900 00 000"]);
      await form(null, ["A Name", `x${address}`]);
      await form(other.recordKey, ["Another Name", `forwarded by ${address}`]);
      await form(whose.recordKey, ["A Name"]);
      await form("888888888", [`<${address}>`, "A Name"]);
      expect((await from.tally(whose, soon())).get("traces")).toBe(3);
      expect(await erase(whose, "traces", { from })).toBe("done");
      const { rows } = await sql<{ value: string }>("select value from trace_field order by id");
      expect(rows.map(({ value }) => value)).toEqual([
        "A Name",
        `x${address}`,
        "Another Name",
        `forwarded by ${address}`,
      ]);
      expect(await count("trace where id in (select trace_id from trace_field)")).toBe(2);
      expect(await remains(whose, none, from)).not.toContainEqual(expect.arrayContaining(["traces"]));
      await sql("drop table trace_field");
    });

    it("lose the person where the row stays", async () => {
      const from = await tables.with((erasures) => ({
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
      expect((await source().tally(whose, soon())).get("traces")).toBe(3);
      expect(await erase(whose, "traces")).toBe("done");
      expect(await count("trace where note = 'long'")).toBe(65_000 - 3);
      expect(await count("trace where email like '%' || $1", [address])).toBe(0);
      await sql("delete from trace where note = 'long'");
    });
  });
});

describe.each<[KeyType, (key: string) => string]>([
  ["uuid", (key) => key.toUpperCase()],
  ["uuid", (key) => `{${key.replaceAll("-", "")}}`],
  ["text", (key) => ` ${key}`],
])("traces by keys that are %s, written in another way", (keyType, written) => {
  let erasing: SqlErasingSystem;
  beforeAll(async () => {
    erasing = await sqlErasingHarness.make(keyType);
  });
  afterAll(() => erasing[Symbol.asyncDispose]());

  it("are another's while that one is there, and nobody's afterwards", async () => {
    const { store } = erasing.system;
    const value = "former@example.com";
    const [recordKey, other] = [await store.person({ email: value }), await store.person({})];
    await erasing.trace(written(other), value);
    const erased = async () => {
      const whose: Whose = { recordKey, identifiers: [{ kind: "EMAIL", value }] };
      await erasing.source.erase({ whose, recordType: "traces", kept: none }, trying());
      const { rows } = await store.pool.query("select from trace where email = $1", [value]);
      return rows.length === 0;
    };
    expect(await erased()).toBe(false);
    await store.pool.query("delete from person where id = $1", [other]);
    expect(await erased()).toBe(true);
  });
});
