import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { InvalidCursor, type Page, type Source, SourceFailure } from "../../src/sources/contract.ts";
import { normalise } from "../../src/subjects/identifiers.ts";
import { email, external, type Harness, soon, type System } from "./harness.ts";
import { canaryAddress, type KeyType } from "./system.ts";

/** What every connector must do with a system that behaves as real ones do (design: source-systems). */
export function conformance(harness: Harness, keyType: KeyType): void {
  describe(`${harness.name} over ${keyType} keys`, () => {
    let system: System;
    let source: Source;
    beforeAll(async () => {
      system = await harness.make(keyType);
      source = system.source;
    });
    afterAll(() => system[Symbol.asyncDispose]());

    const findOne = async (identity: ReturnType<typeof email> | ReturnType<typeof external>) => {
      const [finding] = await source.find([identity], soon());
      if (!finding) throw new Error("no answer");
      return finding;
    };
    const onePage = async (recordKey: string, first: number, after?: string): Promise<Page> => {
      const [page] = await source.page("letters", [{ recordKey, first, after }], soon());
      if (!page) throw new Error("no answer");
      return page;
    };
    const allPages = async (recordKey: string, first: number, between?: () => Promise<void>) => {
      const rows: Page["rows"][number][] = [];
      for (let after: string | undefined; ;) {
        const page = await onePage(recordKey, first, after);
        rows.push(...page.rows);
        if (!page.hasNextPage) return rows;
        after = page.rows.at(-1)?.cursor;
        await between?.();
      }
    };

    describe("find", () => {
      it("gives the record as held, read as the mapping says", async () => {
        const key = await system.store.person({
          email: "whole@example.com",
          external: "W-1",
          weight: "0.100000",
        });
        await system.store.tag(key, "one");
        const finding = await findOne(email("whole@example.com"));
        expect(finding).toMatchObject({
          state: "HELD",
          foundBy: [{ kind: "EMAIL", value: "whole@example.com" }],
          record: {
            key,
            fields: { email: "whole@example.com", name: "Given Family", born: "1980-02-03", unheld: null },
            other: [{ name: "external", value: "W-1", category: "TECHNICAL" }],
            updatedAt: "2024-05-06T05:08:09.123456Z",
          },
        });
        expect(finding.state === "HELD" && finding.record.fields).toMatchObject({
          weight: "0.100000",
          device: "phone",
        });
      });

      it("answers a batch of a hundred in the order asked, with one call", async () => {
        const addresses = Array.from({ length: 100 }, (_, n) => `batch${n}@example.com`);
        for (const address of addresses.slice(0, 60)) await system.store.person({ email: address });
        const before = system.calls();
        const found = await source.find(addresses.map(email), soon());
        expect(system.calls() - before).toBe(1);
        expect(found.map((f) => (f.state === "HELD" ? f.record.fields["email"] : f.state))).toEqual([
          ...addresses.slice(0, 60),
          ...Array<string>(40).fill("NOT_HELD"),
        ]);
      });

      it.each(["%", "_", "*", "w%@example.com", "wild_ard@example.com", "%@%", "wild*@example.com", "?"])(
        "takes %s for no wildcard",
        async (identifier) => {
          await system.store.person({ email: `wildcard@example.com`, external: "wildcard" });
          expect(await findOne(email(identifier))).toEqual({ state: "NOT_HELD" });
          expect(await findOne(external(identifier))).toEqual({ state: "NOT_HELD" });
        },
      );

      it.each([
        "' or '1'='1",
        "') or 1=1 --",
        "x') union select * from person --",
        "'; drop table person; --",
        "\\' or 1=1 --",
        "\\",
        '" or ""="',
        "$1",
        "\u0000' or 1=1 --",
        "a\nb",
      ])("cannot be broken out of by %j", async (identifier) => {
        expect(await findOne(external(identifier))).toEqual({ state: "NOT_HELD" });
        expect(await findOne(email(`${identifier}@example.com`))).toEqual({ state: "NOT_HELD" });
        expect(await findOne(email(canaryAddress))).toMatchObject({ state: "HELD" });
      });

      it("finds any identifier that is stored, and nobody else by it", async () => {
        const spiteful = fc.string({
          unit: fc.constantFrom(
            "'",
            '"',
            "\\",
            "%",
            "_",
            "*",
            ")",
            "(",
            ";",
            "-",
            "a",
            "B",
            "ø",
            " ",
            "[",
            "|",
            "😀",
            "$",
            "\n",
          ),
          minLength: 1,
          maxLength: 8,
        });
        await fc.assert(
          fc.asyncProperty(
            fc.uniqueArray(fc.oneof(spiteful, fc.string({ minLength: 1 })), { maxLength: 5 }),
            async (texts) => {
              const values = [...new Set(texts.flatMap((text) => normalise("EXTERNAL_ID", text) ?? []))];
              const storable = values.filter((value) => !value.includes("\0"));
              const keys = await Promise.all(
                storable.map((value) => system.store.person({ external: value })),
              );
              const found = await source.find(storable.map(external), soon());
              await system.store.pool.query("delete from person where id::text = any($1)", [keys]);
              expect(found.map((f) => (f.state === "HELD" ? f.record.key : f.state))).toEqual(keys);
            },
          ),
          { numRuns: 60 },
        );
      });

      it("does not mind letter case and decomposed letters", async () => {
        await system.store.person({ email: "BJØRN.Åse@Example.COM" });
        await system.store.person({ email: "gørild.åmot@example.com".normalize("NFD") });
        expect(await findOne(email("bjørn.åse@example.com"))).toMatchObject({ state: "HELD" });
        expect(await findOne(email("gørild.åmot@example.com"))).toMatchObject({ state: "HELD" });
      });

      it("shows nobody when two records answer to one identifier", async () => {
        await system.store.person({ email: "shared@example.com", external: "shared-a" });
        await system.store.person({ email: "Shared@example.com", external: "shared-b" });
        const finding = await findOne(email("shared@example.com"));
        if (finding?.state !== "NEEDS_REVIEW") expect.fail(finding?.state);
        // In the order of the system's own keys, which may be random.
        const held = finding.records.map(({ identifiers }) =>
          identifiers.map(({ value }) => value).join(" "),
        );
        expect(held.sort()).toEqual(["shared@example.com shared-a", "shared@example.com shared-b"]);
        expect(await findOne(external("shared-a"))).toMatchObject({ state: "HELD" });
      });

      it("shows nobody when one person's identifiers lead to two records", async () => {
        await system.store.person({ email: "split@example.com" });
        await system.store.person({ external: "split" });
        const identifiers = [...email("split@example.com").identifiers, ...external("split").identifiers];
        const [finding] = await source.find([{ identifiers }], soon());
        expect(finding).toMatchObject({ state: "NEEDS_REVIEW", records: { length: 2 } });
      });

      it("reports a record for each identity that it answers to", async () => {
        const key = await system.store.person({ email: "both@example.com", external: "both" });
        const found = await source.find([email("both@example.com"), external("both")], soon());
        expect(found).toMatchObject([
          { state: "HELD", record: { key }, foundBy: [{ kind: "EMAIL" }] },
          { state: "HELD", record: { key }, foundBy: [{ kind: "EXTERNAL_ID" }] },
        ]);
      });

      it("leaves out identifiers of a kind that the system cannot be asked by", async () => {
        const [finding] = await source.find(
          [{ identifiers: [{ kind: "PHONE", value: "+4790000000" }] }],
          soon(),
        );
        expect(finding).toEqual({ state: "NOT_HELD" });
      });

      it("shows malformed values as held", async () => {
        const key = await system.store.person({
          email: "malformed@example.com",
          born: "31.02.19xx",
          settings: { device: { name: { nested: 1 } } },
        });
        await system.store.letters(key, ["infinity"]);
        const finding = await findOne(email("malformed@example.com"));
        expect(finding).toMatchObject({ record: { fields: { born: "31.02.19xx" } } });
        expect(String(finding.state === "HELD" && finding.record.fields["device"])).toContain("nested");
        expect((await onePage(key, 1)).rows[0]?.row).toMatchObject({ sent: "infinity" });
      });
    });

    describe("page", () => {
      it("pages thousands of rows whole and without doubles while rows come in", async () => {
        const key = await system.store.person({ email: "reader@example.com" });
        const sent = Array.from({ length: 2_500 }, (_, n) => new Date(1.7e12 + n).toISOString());
        await system.store.letters(key, sent);
        const rows = await allPages(key, 100, () => system.store.letters(key, [new Date().toISOString()]));
        expect(rows.map(({ row }) => row["sent"])).toEqual(
          sent.map((moment) => moment.replace(/0*Z$/, "Z").replace(/\.Z$/, "Z")).reverse(),
        );
        expect(rows[0]?.row).toMatchObject({ subject: "News", opened: true, ip: "192.0.2.7" });
      });

      it("pages equal, missing and microsecond values by key", async () => {
        const key = await system.store.person({ email: "ties@example.com" });
        const moments = [
          "2024-01-01T00:00:00.000001Z",
          "2024-01-01T00:00:00.000002Z",
          "2023-01-01T00:00:00Z",
        ];
        await system.store.letters(key, [...moments.flatMap((m) => [m, m, m]), null, null, null, null]);
        const keys = await system.store.letterKeys(key);
        for (const first of [1, 2, 3, 5, 13]) {
          expect((await allPages(key, first)).map((row) => row.key)).toEqual(keys);
        }
      });

      it("answers several requests of one batch, each its own rows", async () => {
        const people = await Promise.all([0, 1, 2].map(() => system.store.person({})));
        for (const [n, key] of people.entries()) {
          await system.store.letters(
            key,
            Array.from({ length: n + 1 }, (_, at) => `202${n}-01-0${at + 1}T00:00:00Z`),
          );
        }
        const pages = await source.page(
          "letters",
          people.map((recordKey) => ({ recordKey, first: 2 })),
          soon(),
        );
        expect(
          pages.map(({ rows, hasNextPage }) => [rows.map(({ row }) => row["sent"]), hasNextPage]),
        ).toEqual([
          [["2020-01-01T00:00:00Z"], false],
          [["2021-01-02T00:00:00Z", "2021-01-01T00:00:00Z"], false],
          [["2022-01-03T00:00:00Z", "2022-01-02T00:00:00Z"], true],
        ]);
      });

      it("refuses cursors that it never gave out", async () => {
        const key = await system.store.person({ email: "cursor@example.com" });
        await system.store.letters(key, ["2024-01-01T00:00:00Z", "2024-01-02T00:00:00Z"]);
        const { rows } = await onePage(key, 1);
        const given = rows[0]?.cursor ?? "";
        const forged = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
        const tampered = [
          "",
          "x",
          `${given}=`,
          `${given}A`,
          given.slice(0, -3),
          forged([]),
          forged(["letters"]),
          forged({ a: 1 }),
          forged(["tags", "1", "1"]),
          forged(["letters", "nonsense", "nonsense"]),
          forged(["letters", "\0", "\0"]),
          forged(["letters", null, null]),
          forged(["letters", { a: 1 }, "1"]),
          forged(["letters", "nonsense"]),
        ];
        for (const after of tampered) {
          await expect(onePage(key, 1, after), after).rejects.toBeInstanceOf(InvalidCursor);
        }
        expect((await onePage(key, 1, given)).rows).toHaveLength(1);
      });
    });

    it("reads short lists whole, and counts what a record has", async () => {
      const key = await system.store.person({ email: "lists@example.com" });
      await system.store.letters(key, ["2024-01-01T00:00:00Z", "2024-01-02T00:00:00Z"]);
      await system.store.tag(key, "a");
      await system.store.tag(key, "b");
      const other = await system.store.person({});
      const [tags, none] = await source.list("tags", [key, other], soon());
      const since = "2023-11-14T22:13:20.000Z";
      expect([...(tags ?? [])].sort((a, b) => String(a["label"]).localeCompare(String(b["label"])))).toEqual([
        { label: "a", since },
        { label: "b", since },
      ]);
      expect(none).toEqual([]);
      expect(await source.count([other, key], soon())).toEqual([1, 5]);
    });

    describe("when the system behaves badly", () => {
      const misbehaving = async (manner: Parameters<System["behave"]>[0], check: () => Promise<void>) => {
        await system.behave(manner);
        try {
          await check();
        } finally {
          await system.behave("polite");
        }
        expect(await findOne(email(canaryAddress)), "recovers").toMatchObject({ state: "HELD" });
      };
      const failure = async (signal = soon()) =>
        source.find([email("nobody@example.com")], signal).then(
          () => "answered",
          (error: unknown) => (error instanceof SourceFailure ? error.reason : error),
        );

      it("is healthy when polite", async () => {
        expect(await source.health(soon())).toMatchObject({ ok: true });
      });

      it("does not say NOT_HELD when it may see nobody", () =>
        misbehaving("blind", async () => {
          expect(await failure()).toBe("CANARY_NOT_FOUND");
          expect(await source.health(soon())).toEqual({ ok: false, detail: "CANARY_NOT_FOUND" });
        }));

      it("gives up a slow system when its time is over", () =>
        misbehaving("slow", async () => {
          const started = performance.now();
          expect(await failure({ signal: AbortSignal.timeout(200) })).toBe("TIMED_OUT");
          expect(performance.now() - started).toBeLessThan(600);
        }));

      it("does not ask when the time is over already", async () => {
        const before = system.calls();
        expect(await failure({ signal: AbortSignal.abort() })).toBe("TIMED_OUT");
        expect(system.calls()).toBe(before);
      });

      it("says that a system is down, and goes on when it is back", () =>
        misbehaving("down", async () => {
          expect(await failure()).toBe("UNREACHABLE");
          expect(await source.health(soon())).toEqual({ ok: false, detail: "UNREACHABLE" });
        }));

      it("names no value in a failure", async () => {
        await system.behave("down");
        const error: unknown = await source
          .find([email("secret@example.com")], soon())
          .catch((e: unknown) => e);
        await system.behave("polite");
        expect(error).toBeInstanceOf(SourceFailure);
        for (let e = error; e instanceof Error; e = e.cause) {
          expect(`${e.message} ${e.stack} ${JSON.stringify(e)}`).not.toContain("secret");
        }
      });
    });
  });
}
