import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createAuditTrail } from "../../src/audit/trail.ts";
import { verifyTrail } from "../../src/audit/verify.ts";
import { openTrails, type Trails } from "./harness.ts";

let trails: Trails;
beforeAll(async () => {
  trails = await openTrails();
});
afterAll(() => trails[Symbol.asyncDispose]());

/** Three seals of three entries each, 1 to 9; 10 and 11 wait. */
beforeEach(async () => {
  await trails.empty();
  await trails.behind(
    "alter table audit_entry drop constraint if exists audit_entry_id_key",
    "alter table audit_entry add constraint audit_entry_id_key unique (id)",
  );
  for (const first of [1, 4, 7]) {
    await trails.writeUnsealed(...[first, first + 1, first + 2].map((n) => `r${n}`));
    await trails.seal();
  }
  await trails.writeUnsealed("r10", "r11");
});

const allOf =
  "at, event, actor_role, subject_ref, purpose, request_id, coordinates, categories, sources, actor_ref, sealed_actor_name, detail, mac";
const copy = (from: number, to: number, id = "id") =>
  `insert into audit_entry (sequence, id, ${allOf}) overriding system value select ${to}, ${id}, ${allOf} from audit_entry where sequence = ${from}`;
const queue = (sequence: number) => `insert into audit_unsealed values (${sequence})`;
const anyId = "alter table audit_entry drop constraint audit_entry_id_key";
const swapSequences = (a: number, b: number) => [
  `update audit_entry set sequence = -1 where sequence = ${a}`,
  `update audit_entry set sequence = ${a} where sequence = ${b}`,
  `update audit_entry set sequence = ${b} where sequence = -1`,
];
const change = (set: string, sequence = 5) => `update audit_entry set ${set} where sequence = ${sequence}`;
const changeSeal = (set: string, number = 2) => `update audit_seal set ${set} where number = ${number}`;

/** Found, and found again after the sealer has been by and others have written. */
async function expectBroken(fault: string, firstBroken: number | null, expectedHead?: string): Promise<void> {
  const found = { intact: false, fault, firstBroken: firstBroken === null ? null : String(firstBroken) };
  expect(await trails.verify(expectedHead)).toMatchObject(found);
  await trails.writeUnsealed("more");
  await trails.seal();
  expect(await trails.verify(expectedHead)).toMatchObject(found);
}

test("what nobody has touched is intact", async () => {
  expect(await trails.verify()).toEqual({
    intact: true,
    entries: 11,
    seals: 3,
    unsealed: 2,
    firstBroken: null,
    fault: null,
    head: expect.stringMatching(/^[0-9a-f]{64}$/),
  });
});

test("an empty trail is intact, and has a head", async () => {
  await trails.empty();
  const { head, ...integrity } = await trails.verify();
  expect(integrity).toMatchObject({ intact: true, entries: 0, seals: 0, firstBroken: null });
  expect(head).toMatch(/^[0-9a-f]{64}$/);
  expect(await trails.verify(head)).toMatchObject({ intact: true });
});

const changes: readonly (readonly [string, string])[] = [
  ["id", "id = gen_random_uuid()"],
  ["at", "at = at + interval '1 microsecond'"],
  ["at", "at = (to_char(at, 'YYYY-MM-DD HH24:MI:SS.US TZ') || ' BC')::timestamptz"],
  ["at", "at = 'infinity'"],
  ["event", "event = 'REFUSED'"],
  ["actor_role", "actor_role = 'DPO'"],
  ["actor_role", "actor_role = null"],
  ["actor_ref", "actor_ref = 'e51f'"],
  ["actor_ref", "actor_ref = subject_ref, subject_ref = actor_ref"],
  ["sealed_actor_name", "sealed_actor_name = 'another'"],
  ["sealed_actor_name", "sealed_actor_name = null"],
  ["subject_ref", "subject_ref = '0b6e'"],
  ["subject_ref", "subject_ref = ''"],
  ["purpose", "purpose = 'AUDIT'"],
  ["request_id", "request_id = request_id || ' '"],
  ["coordinates", "coordinates = coordinates[1:1]"],
  ["coordinates", "coordinates = array[coordinates[2], coordinates[1]]"],
  ["coordinates", "coordinates = array[coordinates]"],
  ["coordinates", "coordinates = array[array_to_string(coordinates, ',')]"],
  ["coordinates", "coordinates = coordinates || null::text"],
  ["categories", "categories = '{}'"],
  ["categories", "categories = sources, sources = categories"],
  ["sources", "sources = '{learning}'"],
  ["detail", "detail = null"],
  ["detail", "detail = '2'"],
  ["mac", "mac = sha256(mac)"],
  ["mac", "mac = ''"],
];

describe("a changed entry is found", () => {
  test.each(changes)("%s: %s", async (_, set) => {
    await trails.behind(change(set));
    await expectBroken("CHANGED", 5);
  });

  test("in each of its columns", async () => {
    const columns = await trails.sql<{ name: string }>(
      "select column_name as name from information_schema.columns where table_name = 'audit_entry'",
    );
    const tried = new Set(["sequence", ...changes.map(([column]) => column)]);
    expect(columns.map(({ name }) => name).sort()).toEqual([...tried].sort());
  });

  test("while it waits for its seal", async () => {
    await trails.behind(change("detail = '2'", 10));
    await expectBroken("CHANGED", 10);
    expect(await trails.sql("select * from audit_unsealed")).toEqual([{ sequence: "10" }]);
  });

  test("and the first of several is named", async () => {
    await trails.behind(
      change("detail = '2'", 8),
      change("event = 'READ!'", 3),
      "delete from audit_entry where sequence = 5",
    );
    await expectBroken("CHANGED", 3);
  });
});

describe("found is", () => {
  test.each<readonly [string, string, number, readonly string[]]>([
    ["a removed entry", "REMOVED", 5, ["delete from audit_entry where sequence = 5"]],
    ["the removed first entry", "REMOVED", 1, ["delete from audit_entry where sequence = 1"]],
    ["the removed last sealed entry", "REMOVED", 9, ["delete from audit_entry where sequence = 9"]],
    ["all entries removed", "REMOVED", 1, ["delete from audit_entry"]],
    ["a removed entry that waits", "REMOVED", 10, ["delete from audit_entry where sequence = 10"]],
    ["a removed place in the queue", "INSERTED", 10, ["delete from audit_unsealed where sequence = 10"]],
    ["a place in the queue for nothing", "REMOVED", 50, [queue(50)]],
    ["a changed copy", "INSERTED", 50, [copy(5, 50, "gen_random_uuid()")]],
    ["a changed copy in the queue", "CHANGED", 50, [copy(5, 50, "gen_random_uuid()"), queue(50)]],
    ["an entry before the first", "INSERTED", 0, [copy(5, 0, "gen_random_uuid()")]],
    ["an exact copy", "INSERTED", 50, [anyId, copy(5, 50)]],
    ["an exact copy in the queue", "INSERTED", 50, [anyId, copy(5, 50), queue(50)]],
    ["an exact copy before the first, in the queue", "INSERTED", 0, [anyId, copy(5, 0), queue(0)]],
    ["an exact copy of one that waits", "INSERTED", 50, [anyId, copy(10, 50), queue(50)]],
    [
      "an exact copy in the place of another",
      "MOVED",
      5,
      [anyId, "delete from audit_entry where sequence = 5", copy(4, 5)],
    ],
    ["two neighbours that changed places", "MOVED", 4, swapSequences(4, 5)],
    ["two of different seals that changed places", "MOVED", 3, swapSequences(8, 3)],
    [
      "two whose contents changed places",
      "MOVED",
      2,
      [
        anyId,
        `update audit_entry e set (id, ${allOf}) = (select o.id, ${allOf.replaceAll(/(\w+)/g, "o.$1")}
          from audit_entry o where o.sequence = 8 - e.sequence) where e.sequence in (2, 6)`,
      ],
    ],
    ["one moved to another sequence", "REMOVED", 5, [change("sequence = 50")]],
    ["one moved to the queue", "REMOVED", 5, [change("sequence = 50"), queue(50)]],
  ])("%s", async (_, fault, firstBroken, statements) => {
    await trails.behind(...statements);
    await expectBroken(fault, firstBroken);
  });

  test.each([
    ["that is none of the gateway's", 50, [copy(5, 50, "gen_random_uuid()"), queue(50)]],
    ["that is a copy", 50, [anyId, copy(5, 50), queue(50)]],
    ["that is not there", 50, [queue(50)]],
  ])("an entry %s, which is never sealed, while the others are", async (_, sequence, statements) => {
    await trails.behind(...statements);
    await trails.seal();
    expect(await trails.sql("select * from audit_unsealed")).toEqual([{ sequence: String(sequence) }]);
    expect(await trails.verify()).toMatchObject({ intact: false, seals: 4, firstBroken: String(sequence) });
  });

  test("an entry sealed twice", async () => {
    await trails.behind(queue(5));
    await trails.seal();
    await expectBroken("SEALED_TWICE", 5);
  });
});

describe("of the seals, found is", () => {
  const forged = `insert into audit_seal select 4, head, sealed_at, '{10,11}', macs, sha256(head) from audit_seal where number = 3`;
  test.each<readonly [string, string, number, readonly string[]]>([
    ["another number", "SEAL_BROKEN", 7, [changeSeal("number = 9", 3)]],
    ["another predecessor", "SEAL_BROKEN", 4, [changeSeal("previous_head = sha256(previous_head)")]],
    ["another time", "SEAL_BROKEN", 4, [changeSeal("sealed_at = sealed_at + interval '1 microsecond'")]],
    ["an end of time", "SEAL_BROKEN", 4, [changeSeal("sealed_at = '-infinity'")]],
    ["an entry less", "SEAL_BROKEN", 4, [changeSeal("sequences = '{4,5}'")]],
    ["another order", "SEAL_BROKEN", 4, [changeSeal("sequences = '{4,6,5}'")]],
    ["no entry", "INSERTED", 4, [changeSeal("sequences = '{}'")]],
    ["an entry without a number", "SEAL_BROKEN", 4, [changeSeal("sequences = '{4,null,6}'")]],
    ["room between entries", "SEAL_BROKEN", 4, [changeSeal("sequences = '{4,5,6,null}'")]],
    ["other macs", "SEAL_BROKEN", 4, [changeSeal("macs = overlay(macs placing 'x' from 70)")]],
    ["macs cut off", "SEAL_BROKEN", 4, [changeSeal("macs = substring(macs for 33)")]],
    ["another head", "SEAL_BROKEN", 4, [changeSeal("head = sha256(head)")]],
    ["one removed", "INSERTED", 4, ["delete from audit_seal where number = 2"]],
    [
      "one removed with its entries",
      "SEAL_BROKEN",
      7,
      ["delete from audit_seal where number = 2", "delete from audit_entry where sequence between 4 and 6"],
    ],
    [
      "the first removed with its entries",
      "SEAL_BROKEN",
      4,
      ["delete from audit_seal where number = 1", "delete from audit_entry where sequence < 4"],
    ],
    ["the last removed", "INSERTED", 7, ["delete from audit_seal where number = 3"]],
    ["all removed", "INSERTED", 1, ["truncate audit_seal"]],
    [
      "two that changed places",
      "SEAL_BROKEN",
      4,
      ["update audit_seal set number = case number when 2 then -3 else -2 end where number in (2, 3)"].concat(
        "update audit_seal set number = -number where number < 0",
      ),
    ],
    ["a forged one", "SEAL_BROKEN", 10, [forged, "delete from audit_unsealed"]],
  ])("%s", async (_, fault, firstBroken, statements) => {
    await trails.behind(...statements);
    await expectBroken(fault, firstBroken);
  });
});

describe("a head that was written down", () => {
  const cut = [
    "delete from audit_seal where number = 3",
    "delete from audit_entry where sequence between 7 and 9",
  ];

  test("is known for ever, however much is added", async () => {
    const { head } = await trails.verify();
    await trails.seal();
    expect((await trails.verify()).head).not.toBe(head);
    expect(await trails.verify(head.toUpperCase())).toMatchObject({ intact: true, entries: 11 });
  });

  test("tells that the end was cut off with its entries, which nothing else does", async () => {
    const { head } = await trails.verify();
    await trails.behind(...cut);
    expect(await trails.verify()).toMatchObject({ intact: true, entries: 8 });
    await expectBroken("HEAD_UNKNOWN", null, head);
  });

  test("tells that the whole trail was replaced by one under the same key", async () => {
    const { head } = await trails.verify();
    await trails.empty();
    await expectBroken("HEAD_UNKNOWN", null, head);
  });

  test("that the chain never had is not known", async () => {
    await expectBroken("HEAD_UNKNOWN", null, "00".repeat(32));
  });
});

test("a trail made under another key is not ours", async () => {
  await trails.empty();
  const other = createAuditTrail(trails.store, { key: randomBytes(32) });
  await trails.writeUnsealed("ours");
  await other.close();
  // The other's sealer takes nothing that is not its own.
  expect(await trails.verify()).toMatchObject({ intact: true, unsealed: 1, seals: 0 });
  await trails.seal();
  expect(await verifyTrail(trails.store, randomBytes(32))).toMatchObject({
    intact: false,
    fault: "SEAL_BROKEN",
    firstBroken: "1",
  });
});

test("known limit: an entry removed before its seal, with its place in the queue, is missed by nobody", async () => {
  await trails.behind(
    "delete from audit_entry where sequence = 10",
    "delete from audit_unsealed where sequence = 10",
  );
  expect(await trails.verify()).toMatchObject({ intact: true, entries: 10 });
});
