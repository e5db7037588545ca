import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SourceFailure } from "../../src/sources/contract.ts";
import type { ErasableSource, Kept, OfRecord, Whose } from "../../src/sources/erasures.ts";
import { ownRecord } from "../../src/sources/writes.ts";
import { type Manner, soon, type System } from "./harness.ts";
import type { KeyType, SystemStore } from "./system.ts";
import { nobody, trying } from "./writing-conformance.ts";

/** A system that can be made to forget. */
export interface ErasingSystem extends AsyncDisposable {
  readonly system: System;
  /** Erases letters but for those that are kept, tags, traces and the record; a kept record loses address and phone. */
  readonly source: ErasableSource;
  /** Leaves a row beside the record, of a person by key and address, or of an address alone. */
  trace(key: string | null, email: string): Promise<void>;
}

export interface ErasingHarness {
  readonly name: string;
  make(keyType: KeyType): Promise<ErasingSystem>;
}

export const none: Kept = new Map();
export const until = "2031-12-31";
export const keeping = (recordType: string, keys: readonly string[]): Kept =>
  new Map([[recordType, keys.map((key) => ({ key, until }))]]);
export const reason = (error: unknown) => (error instanceof SourceFailure ? error.reason : error);

/** Everything that is held of a person, row by row, as the tables have it. */
export async function heldOf(
  { pool }: SystemStore,
  key: string,
): Promise<Readonly<Record<string, string[]>>> {
  const held: Record<string, string[]> = {};
  for (const [table, column] of [
    ["person", "id"],
    ["letter", "person_id"],
    ["tag", "person_id"],
    ["trace", "person_id"],
  ] as const) {
    const { rows } = await pool.query<{ line: string }>(
      `select t::text as line from ${table} t where ${column}::text = $1 order by 1`,
      [key],
    );
    held[table] = rows.map(({ line }) => line);
  }
  return held;
}

const nothing = { person: [], letter: [], tag: [], trace: [] };

/** What every connector must do when it is made to forget. The canary has a letter, a tag and a trace. */
export function erasingConformance(harness: ErasingHarness, keyType: KeyType): void {
  describe(`${harness.name} over ${keyType} keys, made to forget`, () => {
    let erasing: ErasingSystem;
    let source: ErasableSource;
    let store: SystemStore;
    beforeAll(async () => {
      erasing = await harness.make(keyType);
      ({ source } = erasing);
      ({ store } = erasing.system);
    });
    afterAll(() => erasing[Symbol.asyncDispose]());

    let people = 0;
    const somebody = async (letters = 3): Promise<OfRecord> => {
      const value = `erased${++people}@example.com`;
      const recordKey = await store.person({ email: value });
      await store.letters(
        recordKey,
        Array.from({ length: letters }, (_, n) => new Date(1.7e12 + n).toISOString()),
      );
      await store.tag(recordKey, "one");
      await erasing.trace(recordKey, value);
      return { recordKey, identifiers: [{ kind: "EMAIL", value }] };
    };
    const erase = (whose: Whose, recordType: string, kept = none, options = trying()) =>
      source.erase({ whose, recordType, kept }, options).then(({ state }) => state, reason);
    const types = () => source.capabilities.erases.map(({ recordType }) => recordType);
    const held = ({ recordKey }: OfRecord) => heldOf(store, recordKey);
    const absent: OfRecord = {
      recordKey: nobody[keyType],
      identifiers: [{ kind: "EMAIL", value: "nobody@example.com" }],
    };

    it("says what it erases, dependants first", () => {
      expect(types()).toEqual(["letters", "tags", "traces", ownRecord]);
    });

    it("forgets one record type after the other, of one person alone", async () => {
      const [whose, other] = [await somebody(), await somebody()];
      const [before, others] = [await held(whose), await held(other)];
      expect(Object.fromEntries(await source.tally(whose, soon()))).toEqual({
        letters: 3,
        tags: 1,
        traces: 1,
        record: 1,
      });
      expect(await erase(whose, "letters")).toBe("done");
      expect(await held(whose)).toEqual({ ...before, letter: [] });
      expect(
        (await source.remains(whose, none, soon())).map(({ recordType, count }) => [recordType, count]),
      ).toEqual(
        expect.arrayContaining([
          ["tags", 1],
          ["traces", 1],
          [ownRecord, 1],
        ]),
      );
      for (const type of ["tags", "traces", ownRecord]) expect(await erase(whose, type), type).toBe("done");
      expect(await held(whose)).toEqual(nothing);
      expect(await source.remains(whose, none, soon())).toEqual([]);
      expect([...(await source.tally(whose, soon())).values()]).toEqual([0, 0, 0, 0]);
      expect(await held(other)).toEqual(others);
    });

    it("is done, or has nothing to do, however often it is asked", async () => {
      const whose = await somebody();
      for (const type of types()) {
        const options = trying();
        expect(await erase(whose, type, none, options)).toBe("done");
        expect(await erase(whose, type, none, options)).toBe(type === ownRecord ? "absent" : "done");
      }
      for (const type of types()) expect(await erase(whose, type)).toBe("absent");
    });

    it("finds nobody by a key that is not there, and leaves everybody as they are", async () => {
      const other = await somebody();
      const before = await held(other);
      for (const type of types()) expect(await erase(absent, type), type).toBe("absent");
      expect(await source.remains(absent, none, soon())).toEqual([]);
      expect([...(await source.tally(absent, soon())).values()]).toEqual([0, 0, 0, 0]);
      expect(await held(other)).toEqual(before);
    });

    it("goes by the identifiers alone where there is no record, and takes nothing else", async () => {
      const [other, value] = [await somebody(), `unrecorded${++people}@example.com`];
      const before = await held(other);
      const whose: Whose = { recordKey: null, identifiers: [{ kind: "EMAIL", value }] };
      const left = async () =>
        (await source.remains(whose, none, soon())).map(({ recordType, count }) => [recordType, count]);
      expect(await left()).toEqual([]);
      for (const type of types()) expect(await erase(whose, type), type).toBe("absent");
      await erasing.trace(null, value);
      expect(Object.fromEntries(await source.tally(whose, soon()))).toEqual({
        letters: 0,
        tags: 0,
        traces: 1,
        record: 0,
      });
      expect(await left()).toEqual([["traces", 1]]);
      expect(await erase(whose, "traces")).toBe("done");
      expect(await erase(whose, "traces")).toBe("absent");
      expect(await left()).toEqual([]);
      const { rows } = await store.pool.query("select from trace where email = $1", [value]);
      expect(rows).toEqual([]);
      expect(await held(other)).toEqual(before);
    });

    it("asks for nobody, and takes nothing, where nothing names them", async () => {
      const others = await store.pool.query("select t::text as line from trace t order by 1");
      const whose: Whose = { recordKey: null, identifiers: [] };
      for (const type of types()) expect(await erase(whose, type), type).toBe("absent");
      expect(await source.remains(whose, none, soon())).toEqual([]);
      expect([...(await source.tally(whose, soon())).values()]).toEqual([0, 0, 0, 0]);
      expect((await store.pool.query("select t::text as line from trace t order by 1")).rows).toEqual(
        others.rows,
      );
    });

    it("refuses a record type that there is not", async () => {
      const whose = await somebody();
      const before = await held(whose);
      expect(await erase(whose, "nonsense")).toBe("refused");
      expect(await held(whose)).toEqual(before);
    });

    it("leaves what the law keeps as it is, byte for byte", async () => {
      const whose = await somebody(30);
      const before = await held(whose);
      const keys = await store.letterKeys(whose.recordKey);
      const [first = "", second = "", last = ""] = [keys[0], keys[11], keys.at(-1)];
      const kept = keeping("letters", [first, second, last]);
      expect(await erase(whose, "letters", kept)).toBe("done");
      const after = await held(whose);
      expect((await store.letterKeys(whose.recordKey)).toSorted()).toEqual([first, second, last].toSorted());
      expect(before["letter"]).toEqual(expect.arrayContaining(after["letter"] ?? []));
      expect(after).toEqual({ ...before, letter: after["letter"] });
      const left = async (of: Kept) =>
        (await source.remains(whose, of, soon())).find(({ recordType }) => recordType === "letters")?.count;
      expect(await left(kept)).toBeUndefined();
      expect(await left(keeping("letters", [first]))).toBe(2);
      expect(await left(none)).toBe(3);
      expect(await erase(whose, "letters")).toBe("done");
      expect((await held(whose))["letter"]).toEqual([]);
    });

    it("takes out of a record that is kept all that the law does not need", async () => {
      const whose = await somebody();
      const kept = keeping(ownRecord, [whose.recordKey]);
      expect(await erase(whose, ownRecord, kept)).toBe("done");
      expect(await erase(whose, ownRecord, kept)).toBe("done");
      const { given, family, email, phone } = await store.stored(whose.recordKey);
      expect([given, family, email ?? "", phone ?? ""]).toEqual(["Given", "Family", "", ""]);
      const left = (await source.remains(whose, kept, soon())).map(({ recordType }) => recordType);
      expect(left).not.toContain(ownRecord);
      expect((await source.remains(whose, none, soon())).map(({ recordType }) => recordType)).toContain(
        ownRecord,
      );
      expect(await erase(whose, "letters")).toBe("done");
      expect(await erase(whose, ownRecord)).toBe("done");
      expect((await held(whose))["person"]).toEqual([]);
    });

    it("goes through everybody, some at a time, and says by what they are known", async () => {
      const whose = await somebody();
      const spelled = await store.person({ email: "Some.Body@Example.COM", external: "X-1" });
      const found = new Map<string, unknown>();
      for (let after: string | null = null, more = true; more;) {
        const { records, next } = await source.identified(after, soon());
        for (const { key, identifiers } of records) {
          expect(found.has(key)).toBe(false);
          found.set(key, identifiers);
        }
        more = next !== null;
        after = next;
      }
      const { rows } = await store.pool.query<{ key: string }>("select id::text as key from person");
      expect([...found.keys()].toSorted()).toEqual(rows.map(({ key }) => key).toSorted());
      expect(found.get(whose.recordKey)).toEqual(whose.identifiers);
      expect(found.get(spelled)).toEqual([
        { kind: "EMAIL", value: "some.body@example.com" },
        { kind: "EXTERNAL_ID", value: "X-1" },
      ]);
    });

    it("says of everybody whether the system itself has them restricted", async () => {
      const [marked, freed, never] = [await somebody(), await somebody(), await somebody()];
      for (const { recordKey } of [marked, freed])
        expect(await source.restrict(recordKey, true, trying())).toEqual({ state: "done" });
      expect(await source.restrict(freed.recordKey, false, trying())).toEqual({ state: "done" });
      const said = new Map<string, boolean>();
      for (let after: string | null = null, more = true; more;) {
        const { records, next } = await source.identified(after, soon());
        for (const { key, restricted } of records) said.set(key, restricted);
        more = next !== null;
        after = next;
      }
      expect([marked, freed, never].map(({ recordKey }) => said.get(recordKey))).toEqual([
        true,
        false,
        false,
      ]);
    });

    describe("when the system behaves badly", () => {
      it.each<[Manner, string]>([
        ["slow", "TIMED_OUT"],
        ["down", "UNREACHABLE"],
      ])("says so while it is %s, and ends as if it had not been", async (manner, expected) => {
        const whose = await somebody();
        await erasing.system.behave(manner);
        const failed = await Promise.all([
          erase(whose, ownRecord, none, trying(AbortSignal.timeout(400))),
          source.remains(whose, none, { signal: AbortSignal.timeout(400) }).catch(reason),
          source.tally(whose, { signal: AbortSignal.timeout(400) }).catch(reason),
          source.identified(null, { signal: AbortSignal.timeout(400) }).catch(reason),
        ]);
        await erasing.system.behave("polite");
        expect(failed).toEqual([expected, expected, expected, expected]);
        await new Promise((resolve) => setTimeout(resolve, 300));
        for (const type of types()) expect(await erase(whose, type), type).toMatch(/done|absent/);
        expect(await held(whose)).toEqual(nothing);
      });

      it("does not say that anything is gone when it may see nobody", async () => {
        const whose = await somebody();
        await erasing.system.behave("blind");
        const unrecorded: Whose = { ...absent, recordKey: null };
        const said = [
          await erase(absent, ownRecord),
          await erase(unrecorded, "traces"),
          await source.remains(unrecorded, none, soon()).catch(reason),
          await source.tally(unrecorded, soon()).catch(reason),
          await erase(whose, ownRecord),
          await source.remains(whose, none, soon()).catch(reason),
          await source.tally(whose, soon()).catch(reason),
          await source.identified(null, soon()).catch(reason),
        ];
        await erasing.system.behave("polite");
        for (const each of said) expect(["CANARY_NOT_FOUND", "MALFORMED_ANSWER"]).toContain(each);
      });

      it("does not begin when the time is over already", async () => {
        const whose = await somebody();
        const before = [await held(whose), erasing.system.calls()];
        for (const type of types())
          expect(await erase(whose, type, none, trying(AbortSignal.abort()))).toBe("TIMED_OUT");
        expect([await held(whose), erasing.system.calls()]).toEqual(before);
      });

      it("goes on where it was when its time was over half-way", async () => {
        const [whose, other] = [await somebody(400), await somebody()];
        const others = await held(other);
        const kept = keeping("letters", (await store.letterKeys(whose.recordKey)).slice(7, 9));
        const states = new Set<unknown>();
        for (let patience = 1; ; patience *= 2) {
          const state = await erase(whose, "letters", kept, trying(AbortSignal.timeout(patience)));
          states.add(state);
          if (state === "done") break;
        }
        expect(states).toContain("TIMED_OUT");
        expect((await store.letterKeys(whose.recordKey)).toSorted()).toEqual(
          kept
            .get("letters")
            ?.map(({ key }) => key)
            .toSorted(),
        );
        expect(await held(other)).toEqual(others);
      });

      it("names no value of a person in a failure", async () => {
        const whose = await somebody();
        await erasing.system.behave("down");
        const errors: unknown[] = await Promise.all([
          source.remains(whose, none, soon()).catch((error: unknown) => error),
          source
            .erase({ whose, recordType: "traces", kept: none }, trying())
            .catch((error: unknown) => error),
        ]);
        await erasing.system.behave("polite");
        for (const error of errors) {
          expect(error).toBeInstanceOf(SourceFailure);
          for (let each = error; each instanceof Error; each = each.cause)
            expect(`${each.message} ${each.stack} ${JSON.stringify(each)}`).not.toContain("erased");
        }
      });
    });
  });
}
