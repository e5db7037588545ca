import { describe, expect, it } from "vitest";
import { none } from "./erasing-conformance.ts";
import { soon } from "./harness.ts";
import { stage } from "./sql-erasing-stage.ts";

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
      const from = await tables.with((erasures) => ({
        ...erasures,
        traces: (erasures.traces ?? []).map((place) => ({ ...place, nobody: [0], where: { note: null } })),
      }));
      const whose = await somebody();
      const address = whose.identifiers[0]?.value ?? "";
      await tables.trace("0", address);
      await sql("insert into trace (person_id, email, note) values ('0', $1, 'elsewhere')", [address]);
      expect(await erase(whose, "traces")).toBe("done");
      expect(await count("trace where email = $1", [address])).toBe(2);
      expect(await erase(whose, "traces", { from })).toBe("done");
      expect(await count("trace where email = $1 and note = 'elsewhere'", [address])).toBe(1);
      await sql("delete from trace where person_id = '0'");
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
