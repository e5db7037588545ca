import { describe, expect, it } from "vitest";
import { ownRecord } from "../../src/sources/writes.ts";
import { keeping, none, reason } from "./erasing-conformance.ts";
import { soon } from "./harness.ts";
import { stage } from "./sql-erasing-stage.ts";
import { trying } from "./writing-conformance.ts";

describe("the organisation's own tables, while they are made to forget", () => {
  const tables = stage();
  const {
    count,
    erase,
    eraseAll,
    held,
    remains,
    somebody,
    source,
    sql,
    store,
    system,
    withRule,
    withTrigger,
  } = tables;

  describe("a system that has it otherwise", () => {
    it.each(["letters", "tags", "traces", ownRecord])("swallows the deletion of %s", async (type) => {
      const whose = await somebody();
      await store().tag(whose.recordKey, "x");
      await tables.trace(whose.recordKey, "x@example.com");
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
      await sql(`grant insert on trace to ${system().role}`);
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
      await sql(`revoke delete on letter from ${system().role}`);
      expect(await erase(whose, "letters")).toBe("FAILED");
      await sql(`grant delete on letter to ${system().role}`);
      expect(await held(whose)).toEqual(before);
    });

    it("hides what names people beside their records: that there is nothing is not believed", async () => {
      const whose = await somebody();
      await tables.trace(whose.recordKey, whose.identifiers[0]?.value ?? "");
      const trusting = await tables.with((erasures) => ({
        ...erasures,
        traces: (erasures.traces ?? []).map((place) => ({ ...place, canary: "HAS_NOTHING" as const })),
      }));
      await sql("alter table trace enable row level security");
      const said = [
        await erase(whose, "traces"),
        await remains(whose),
        await source().tally(whose, soon()).catch(reason),
      ];
      const believed = await erase(whose, "traces", { from: trusting });
      await sql("alter table trace disable row level security");
      expect(said).toEqual(["CANARY_NOT_FOUND", "CANARY_NOT_FOUND", "CANARY_NOT_FOUND"]);
      expect(believed).toBe("done");
      expect(await erase(whose, "traces")).toBe("done");
      expect((await held(whose))["trace"]).toEqual([]);
    });

    it.each(["letter", "tag", "trace", "person"])(
      "does not let %s be read: nothing is counted",
      async (table) => {
        const whose = await somebody();
        await sql(`revoke select on ${table} from ${system().role}`);
        const said = [await remains(whose), await source().tally(whose, soon()).catch(reason)];
        await sql(`grant select on ${table} to ${system().role}`);
        expect(said).toEqual(["FAILED", "FAILED"]);
      },
    );

    it("takes along what the law keeps with what names the person: it is undone", async () => {
      const whose = await somebody();
      await tables.trace(whose.recordKey, whose.identifiers[0]?.value ?? "");
      const before = await held(whose);
      const kept = keeping("letters", await store().letterKeys(whose.recordKey));
      const taking = "delete from letter where person_id::text = old.person_id; return null;";
      await withTrigger("after delete on trace for each row", taking, async () => {
        expect(await erase(whose, "traces", { kept })).toBe("refused");
      });
      expect(await held(whose)).toEqual(before);
      expect(await erase(whose, "traces", { kept })).toBe("done");
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
          const outcome = await source().erase({ whose, recordType: "letters", kept: none }, trying());
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
            system().role,
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
          source()
            .rectify(whose.recordKey, correction, trying())
            .then(({ state }) => state, reason),
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
});
