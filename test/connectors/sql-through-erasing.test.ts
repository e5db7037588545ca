import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { createSqlSource } from "../../src/connectors/sql/source.ts";
import type { ErasableSource, Kept, OfRecord } from "../../src/sources/erasures.ts";
import { ownRecord } from "../../src/sources/writes.ts";
import { keeping, none, reason } from "./erasing-conformance.ts";
import { email, processor, soon } from "./harness.ts";
import { sqlErasingHarness, type SqlErasingSystem } from "./sql-erasing-harness.ts";
import { canaryAddress } from "./system.ts";
import { deviceTables, throughDevices } from "./through-devices.ts";
import { trying } from "./writing-conformance.ts";

describe.each(["integer", "text"] as const)("what hangs on what a person alone used (%s keys)", (keyType) => {
  let erasing: SqlErasingSystem;
  let source: ErasableSource;
  let persons = 0;
  const sql = <R extends object>(text: string, values: unknown[] = []) =>
    erasing.system.store.pool.query<R>(text, values).then(({ rows }) => rows);

  const use = (device: string, person: string) =>
    sql(
      `insert into device_use (device, person_id, told) values ($1, $2::${keyType === "integer" ? "bigint" : "text"}, now())`,
      [device, person],
    );
  const read = async (device: string, count = 1) =>
    (
      await sql<{ id: string }>(
        `insert into reading (device, sent, kind, opened, ip)
         select $1, timestamptz '2024-01-01' + n * interval '1 minute', 1, true, '192.0.2.7' from generate_series(1, $2) n
         returning id::text`,
        [device, count],
      )
    ).map(({ id }) => id);
  const readings = async (device: string) =>
    (await sql("select from reading where device = $1", [device])).length;
  const links = async (device: string) =>
    (await sql("select from device_use where device = $1", [device])).length;

  /** Somebody who alone uses these devices, as an erasure reads them. */
  async function readAs(...devices: readonly string[]): Promise<OfRecord> {
    const address = `person${persons++}@example.com`;
    await erasing.system.store.person({ email: address });
    const [found] = await source.find([email(address)], soon());
    if (found?.state !== "HELD") throw new Error(found?.state);
    const { key: recordKey, identifiers } = found.record;
    for (const device of devices) await use(device, recordKey);
    const things = (await source.usedAlone?.(recordKey, soon())) ?? expect.fail("it cannot say");
    return { recordKey, identifiers, things };
  }
  const erase = (whose: OfRecord, recordType: string, kept: Kept = none) =>
    source.erase({ whose, recordType, kept }, trying()).then(({ state }) => state, reason);
  const remains = async (whose: OfRecord, kept: Kept = none) =>
    (await source.remains(whose, kept, soon())).map(({ place, count }) => `${place} ${count}`);

  /** What the system does, as a rule of its own, when it is no longer known who used a device. */
  const rule = (when: string, body: string) =>
    sql(`create function rule() returns trigger language plpgsql security definer as $$ begin ${body} end $$;
      create ${when} for each row execute function rule()`);
  const another =
    "insert into reading (device, sent, kind, opened) values (old.device, now(), 1, true); return old;";

  beforeAll(async () => {
    erasing = await sqlErasingHarness.make(keyType);
    await sql(deviceTables(keyType, erasing.system.role));
    const [canary] = await sql<{ id: string }>("select id::text from person where email = $1", [
      canaryAddress,
    ]);
    await use("canary's", canary?.id ?? "");
    await read("canary's");
    source = await createSqlSource("test", processor, throughDevices(erasing.system.readerUrl));
  });
  afterEach(() => sql("drop function if exists rule cascade"));
  afterAll(async () => {
    await source.close();
    await erasing[Symbol.asyncDispose]();
  });

  it("is known by the things that the person alone used, once each", async () => {
    const [one, two] = [await readAs("one's", "one's", "both's"), await readAs("both's")];
    expect(one.things).toEqual({ letters: ["both's", "one's"] });
    expect(two.things).toEqual({ letters: [] });
  });

  it("is found when it comes after the things are forgotten, and goes at the next try", async () => {
    const whose = await readAs("late");
    await read("late", 3);
    for (const type of ["letters", "tags", ownRecord]) expect(await erase(whose, type)).toBe("done");
    expect(await remains(whose)).toEqual([]);
    await read("late", 2);
    expect(await remains(whose)).toEqual(["reading 2"]);
    expect(await erase(whose, "letters")).toBe("done");
    expect(await remains(whose)).toEqual([]);
    expect(await readings("late")).toBe(0);
    expect(await erase(whose, "letters")).toBe("absent");
  });

  it("is found where somebody else has deleted who used the things", async () => {
    const whose = await readAs("emptied");
    await read("emptied", 2);
    await sql("delete from device_use where device = 'emptied'");
    expect((await source.tally(whose, soon())).get("letters")).toBe(2);
    expect(await remains(whose)).toEqual(["reading 2", "person 1"]);
    expect(await erase(whose, "letters")).toBe("done");
    expect(await readings("emptied")).toBe(0);
  });

  it("goes with the last that says who used a thing, whatever has come since it was read", async () => {
    const whose = await readAs("own");
    expect(await erase(whose, "letters")).toBe("done");
    await use("new since", whose.recordKey);
    await read("own", 2);
    const [letter] = await read("new since", 2);
    await sql("insert into click (letter_id, url) values ($1, 'https://example.com')", [letter]);
    expect(await erase(whose, "tags")).toBe("done");
    expect([await readings("own"), await readings("new since"), await links("new since")]).toEqual([0, 0, 0]);
    expect(await sql("select from click where letter_id::text = $1", [letter])).toEqual([]);
  });

  it("goes where the system itself writes it when a thing is forgotten", async () => {
    const whose = await readAs("noted");
    await rule("trigger rule after delete on device_use", another);
    expect(await erase(whose, "tags")).toBe("done");
    expect([await links("noted"), await readings("noted")]).toEqual([0, 0]);
  });

  it("is said to be left where the system writes it at the end of the transaction, until it goes", async () => {
    const whose = await readAs("deferred");
    await rule("constraint trigger rule after delete on device_use deferrable initially deferred", another);
    expect(await erase(whose, "tags")).toBe("done");
    expect(await readings("deferred")).toBe(1);
    expect(await remains(whose)).toEqual(["reading 1", "person 1"]);
    expect(await erase(whose, "letters")).toBe("done");
    expect(await remains(whose)).toEqual(["person 1"]);
  });

  it("is somebody else's once they are known to use the thing", async () => {
    const whose = await readAs("passed on");
    for (const type of ["letters", "tags"]) await erase(whose, type);
    await readAs("passed on");
    await read("passed on", 2);
    expect(await remains(whose)).toEqual(["person 1"]);
    await erase(whose, "letters");
    expect(await readings("passed on")).toBe(2);
  });

  it("is nobody's where somebody else has come to use the thing since it was read", async () => {
    const whose = await readAs("joined");
    await readAs("joined");
    await read("joined", 2);
    for (const type of ["letters", "tags"]) expect(await erase(whose, type)).toBe("done");
    expect(await remains(whose)).toEqual(["person 1"]);
    expect([await readings("joined"), await links("joined")]).toEqual([2, 2]);
  });

  it("stays where it is kept, also when who used the thing goes", async () => {
    const whose = await readAs("kept");
    const [first = "", second = ""] = await read("kept", 3);
    const kept = keeping("letters", [first, second]);
    expect(await erase(whose, "tags", kept)).toBe("done");
    expect([await readings("kept"), await links("kept")]).toEqual([2, 0]);
    expect(await remains(whose, kept)).toEqual(["person 1"]);
    expect(await remains(whose)).toEqual(["reading 2", "person 1"]);
  });

  it("is there with who used the thing, or neither is, where the system breaks off", async () => {
    const whose = await readAs("broken");
    await rule("trigger rule after delete on device_use", "raise exception 'no';");
    await erase(whose, "letters");
    await read("broken", 2);
    expect(await erase(whose, "tags")).toBe("FAILED");
    expect(await links("broken")).toBe(1);
    await sql("drop function rule cascade");
    expect(await erase(whose, "tags")).toBe("done");
    expect([await links("broken"), await readings("broken")]).toEqual([0, 0]);
  });

  it("is waited for where it is being written as who used the thing goes, so far as it is known of", async () => {
    const whose = await readAs("meanwhile");
    const visitor = await erasing.system.store.pool.connect();
    try {
      await visitor.query("begin");
      await visitor.query(
        "insert into reading (device, sent, kind, opened) values ('meanwhile', now(), 1, true)",
      );
      for (const type of ["letters", "tags"]) await erase(whose, type);
      await visitor.query("commit");
    } finally {
      visitor.release();
    }
    expect(await remains(whose)).toEqual(["reading 1", "person 1"]);
    expect(await erase(whose, "letters")).toBe("done");
    expect(await readings("meanwhile")).toBe(0);
  });

  it("goes in batches, in bounded memory, before who used the thing does", async () => {
    const whose = await readAs();
    await use("busy", whose.recordKey);
    await read("busy", 20_000);
    const before = process.memoryUsage().heapUsed;
    let highest = 0;
    const watching = setInterval(() => (highest = Math.max(highest, process.memoryUsage().heapUsed)), 5);
    await rule(
      "trigger rule before delete on device_use",
      "if (select count(*) > 0 from reading where device = old.device) then raise exception 'still read'; end if; return old;",
    );
    let state: unknown = "retry";
    for (let calls = 0; state === "retry" && calls < 10; calls++) state = await erase(whose, "tags");
    clearInterval(watching);
    expect(state).toBe("done");
    expect([await links("busy"), await readings("busy")]).toEqual([0, 0]);
    expect(highest - before).toBeLessThan(60_000_000);
  }, 30_000);
});
