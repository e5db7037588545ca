import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SourceFailure } from "../../src/sources/contract.ts";
import type { Correction, WritableSource } from "../../src/sources/writes.ts";
import { type Harness, type Manner, soon, type System } from "./harness.ts";
import type { KeyType, PersonRow } from "./system.ts";

export const trying = (signal = soon().signal) => ({ signal, idempotencyKey: randomUUID() });

export const nobody: Readonly<Record<KeyType, string>> = {
  integer: "999999999",
  uuid: "00000000-0000-4000-8000-000000000000",
  text: "p/nobody",
};

/**
 * What every connector must do when it is written to. The mapping of the harness writes `email` (kind EMAIL), `name`
 * (at most 60 characters) and `phone` (kind PHONE, NATIONAL_GROUPED), marks `restricted`, and says that `tags` repeat
 * the name. The system takes no e-mail address of more than 200 characters, and sets `changed` when it is written to.
 */
export function writingConformance(harness: Harness, keyType: KeyType): void {
  describe(`${harness.name} over ${keyType} keys, written to`, () => {
    let system: System;
    let source: WritableSource;
    beforeAll(async () => {
      system = await harness.make(keyType);
      source = system.source;
    });
    afterAll(() => system[Symbol.asyncDispose]());

    const rectify = (key: string, correction: Correction, options = trying()) =>
      source.rectify(key, correction, options);
    const restrict = (key: string, restricted: boolean) => source.restrict(key, restricted, trying());
    const person = (row: PersonRow = {}) => system.store.person(row);
    const stored = (key: string) => system.store.stored(key);

    it("says what it can do", () => {
      expect(source.capabilities.rectifies).toEqual(new Set(["email", "name", "phone"]));
      expect(source.capabilities.snapshots).toEqual([{ collection: "tags", repeats: ["name"] }]);
      expect(source.capabilities.restricts).toBe(true);
    });

    describe("rectify", () => {
      it.each([
        {
          field: "email",
          from: "before@example.com",
          to: "after@example.com",
          row: { email: "after@example.com" },
        },
        { field: "name", from: "Given Family", to: "New Name", row: { given: "New", family: "Name" } },
        {
          field: "name",
          from: "Given Family",
          to: "Kari Anne Berg",
          row: { given: "Kari Anne", family: "Berg" },
        },
        { field: "phone", from: "900 00 000", to: "+4722334455", row: { phone: "22 33 44 55" } },
      ])("writes $field as the mapping says, and nothing else", async ({ row, ...correction }) => {
        const key = await person({ email: "before@example.com" });
        const other = await person({ email: "before@example.com" });
        const [before, untouched] = [await stored(key), await stored(other)];
        expect(await rectify(key, correction)).toEqual({ state: "done" });
        const after = await stored(key);
        expect(after).toEqual({ ...before, ...row, changed: after.changed });
        expect(Date.now() - Date.parse(after.changed)).toBeLessThan(60_000);
        expect(await stored(other)).toEqual(untouched);
      });

      it.each([
        'O\'Hara "Bob" D',
        "\\' or 1=1 --",
        "$1 ${key} {key}",
        "Bjørnstjerne Ærå 😀",
        "<b>A & B</b>",
        "a%2F ?b=c#",
      ])("writes %j as it is", async (to) => {
        const key = await person();
        expect(await rectify(key, { field: "name", from: "Given Family", to })).toEqual({ state: "done" });
        const { given, family } = await stored(key);
        expect(`${given} ${family}`).toBe(to);
      });

      it("writes where there was nothing", async () => {
        const key = await person({ phone: null });
        const correction = { field: "phone", from: null, to: "+4722334455" };
        expect(await rectify(key, correction)).toEqual({ state: "done" });
        expect((await stored(key)).phone).toBe("22 33 44 55");
      });

      it("is done the second time too, and writes once", async () => {
        const key = await person();
        const correction = { field: "phone", from: "900 00 000", to: "+4722334455" };
        const options = trying();
        expect(await rectify(key, correction, options)).toEqual({ state: "done" });
        const after = await stored(key);
        expect(await rectify(key, correction, options)).toEqual({ state: "done" });
        expect(await rectify(key, correction)).toEqual({ state: "done" });
        expect(await stored(key)).toEqual(after);
      });

      it.each([
        { field: "phone", row: { phone: "0047 22 33 44 55" }, to: "+4722334455" },
        { field: "email", row: { email: "Some.Body@Example.COM" }, to: "some.body@example.com" },
      ])("leaves a $field that says the same in another way", async ({ field, row, to }) => {
        const key = await person(row);
        const before = await stored(key);
        expect(await rectify(key, { field, from: "another", to })).toEqual({ state: "done" });
        expect(await stored(key)).toEqual(before);
      });

      it.each([
        { field: "name", from: "Somebody Else", to: "New Name" },
        { field: "name", from: null, to: "New Name" },
        { field: "email", from: "before@example.com", to: "after@example.com" },
        { field: "phone", from: "911 11 111", to: "+4722334455" },
      ])("leaves a $field alone that changed since it said $from", async (correction) => {
        const key = await person({ email: "meanwhile@example.com" });
        const before = await stored(key);
        expect(await rectify(key, correction)).toEqual({ state: "conflict" });
        expect(await stored(key)).toEqual(before);
      });

      it("finds nobody by a key that is not there", async () => {
        const correction = { field: "name", from: "Given Family", to: "New Name" };
        expect(await rectify(nobody[keyType], correction)).toEqual({ state: "absent" });
      });

      it.each([
        {
          field: "email",
          from: "short@example.com",
          to: `${"long".repeat(60)}@example.com`,
          why: "the system does not take",
        },
        {
          field: "name",
          from: "Given Family",
          to: `${"x".repeat(60)} y`,
          why: "is longer than the mapping allows",
        },
        {
          field: "phone",
          from: "900 00 000",
          to: "not a number",
          why: "cannot be written in the form asked for",
        },
        { field: "born", from: "1980-02-03", to: "1980-03-02", why: "is in a field that is only read" },
        { field: "unheld", from: null, to: "value", why: "is in a field that is not held" },
        { field: "nonsense", from: null, to: "value", why: "is in a field that there is not" },
      ])("refuses a value that $why", async ({ field, from, to }) => {
        const key = await person({ email: "short@example.com" });
        const before = await stored(key);
        expect(await rectify(key, { field, from, to })).toEqual({ state: "refused" });
        expect(await stored(key)).toEqual(before);
      });
    });

    describe("restrict", () => {
      it("sets the mark and takes it away, however often it is asked to", async () => {
        const key = await person();
        for (const mark of [true, true, false, false, true]) {
          expect(await restrict(key, mark)).toEqual({ state: "done" });
          expect((await stored(key)).restricted).toBe(mark);
        }
      });

      it("writes nothing where it is so already", async () => {
        const key = await person();
        const before = await stored(key);
        expect(await restrict(key, false)).toEqual({ state: "done" });
        expect(await stored(key)).toEqual(before);
      });

      it("finds nobody by a key that is not there", async () => {
        expect(await restrict(nobody[keyType], true)).toEqual({ state: "absent" });
      });
    });

    it("refuses to suppress where its capabilities do not promise it", async () => {
      const expected = source.capabilities.suppresses ? "absent" : "refused";
      expect(await source.suppress(nobody[keyType], true, trying())).toEqual({ state: expected });
    });

    describe("when the system behaves badly", () => {
      const reason = (error: unknown) => (error instanceof SourceFailure ? error.reason : error);

      it.each<[Manner, string]>([
        ["slow", "TIMED_OUT"],
        ["down", "UNREACHABLE"],
      ])("writes nothing while it is %s, and once when it is well again", async (manner, expected) => {
        const key = await person();
        const before = await stored(key);
        const correction = { field: "name", from: "Given Family", to: "New Name" };
        await system.behave(manner);
        const failed = await rectify(key, correction, trying(AbortSignal.timeout(400))).catch(reason);
        await system.behave("polite");
        expect(failed).toBe(expected);
        await new Promise((resolve) => setTimeout(resolve, 300));
        expect(await stored(key)).toEqual(before);
        expect(await rectify(key, correction)).toEqual({ state: "done" });
        expect(await stored(key)).toMatchObject({ given: "New", family: "Name" });
      });

      it("does not begin when the time is over already", async () => {
        const key = await person();
        const before = [await stored(key), system.calls()];
        const correction = { field: "name", from: "Given Family", to: "New Name" };
        expect(await rectify(key, correction, trying(AbortSignal.abort())).catch(reason)).toBe("TIMED_OUT");
        expect(await source.restrict(key, true, trying(AbortSignal.abort())).catch(reason)).toBe("TIMED_OUT");
        expect([await stored(key), system.calls()]).toEqual(before);
      });

      it("names no value in a failure", async () => {
        const key = await person();
        await system.behave("down");
        const error: unknown = await rectify(key, {
          field: "name",
          from: "Given Family",
          to: "Secret Name",
        }).catch((e: unknown) => e);
        await system.behave("polite");
        expect(error).toBeInstanceOf(SourceFailure);
        for (let e = error; e instanceof Error; e = e.cause) {
          expect(`${e.message} ${e.stack} ${JSON.stringify(e)}`).not.toMatch(/Secret|Given/);
        }
      });
    });
  });
}
