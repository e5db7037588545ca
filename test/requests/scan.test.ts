import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type ScanOutcome, scanForErased } from "../../src/requests/scan.ts";
import { InvalidCursor, SourceFailure } from "../../src/sources/contract.ts";
import type { IdentifiedRecord, IdentifiedRecords } from "../../src/sources/erasures.ts";
import { dbOf, inTransaction } from "../../src/store/tables.ts";
import { identifierHash } from "../../src/subjects/people.ts";
import { suppress } from "../../src/subjects/suppression.ts";
import { email, openRegister, principal, type Register } from "../subjects/world.ts";

let register: Register;
beforeAll(async () => {
  register = await openRegister();
});
afterAll(() => register[Symbol.asyncDispose]());

let count = 0;
beforeEach(async () => {
  count += 1;
  const db = dbOf(register.parts.store);
  for (const table of ["reappearance", "suppressed_identifier", "suppression_scan"] as const)
    await db.deleteFrom(table).execute();
});
const name = (local: string) => email(`${local}.${count}@example.com`);

async function erased(who: string): Promise<string> {
  const person = await register.people.ofCaller(principal(`${who}.${count}`, name(who)));
  const hash = identifierHash(register.parts.keyring.hash("identifier"));
  const subjectId = person?.id ?? expect.fail();
  const order = { subjectId, requestId: null, hashes: [hash(name(who))], sources: null };
  await inTransaction(register.parts.store, (db) => suppress(db, order));
  return subjectId;
}

/** A system of many records, page by page; the number of the next stands for where to go on. */
class System {
  readonly asked: (string | null)[] = [];
  readonly records: readonly IdentifiedRecord[];
  readonly size = 10;
  /** What stands against the page that begins there. */
  readonly obstacles = new Map<string | null, Error>();

  constructor(records: readonly IdentifiedRecord[]) {
    this.records = records;
  }

  async identified(after: string | null): Promise<IdentifiedRecords> {
    this.asked.push(after);
    const obstacle = this.obstacles.get(after);
    if (obstacle) throw obstacle;
    const from = Number(after ?? 0);
    const next = from + this.size;
    const records = this.records.slice(from, next);
    return { records, next: next < this.records.length ? String(next) : null };
  }
}

const system = (...erasedAt: readonly (readonly [number, string])[]) =>
  new System(
    Array.from({ length: 45 }, (_, n) => ({
      key: String(n),
      identifiers: [name(`other${n}`), ...erasedAt.flatMap(([at, who]) => (at === n ? [name(who)] : []))],
      restricted: false,
    })),
  );

async function scan(source: System): Promise<ScanOutcome> {
  const told: ScanOutcome[] = [];
  const sources = new Map([["crm", source]]);
  const onScan = (_: string, outcome: ScanOutcome) => void told.push(outcome);
  const outcome = await scanForErased({ register: register.parts, sources, onScan }, "crm");
  expect(told).toEqual([outcome]);
  return outcome;
}

const found = async () => {
  const rows = await dbOf(register.parts.store).selectFrom("reappearance").select("subject_id").execute();
  return rows.map(({ subject_id }) => subject_id).toSorted();
};

test("finds whoever was erased on whichever page, once, and nobody else", async () => {
  const [kari, ola] = [await erased("kari"), await erased("ola")];
  const source = system([3, "kari"], [29, "ola"], [44, "ola"]);
  for (let n = 0; n < 2; n++) expect(await scan(source)).toBe("ok");
  expect(await found()).toEqual([kari, ola, ola].toSorted());
  expect(source.asked).toEqual([null, "10", "20", "30", "40", null, "10", "20", "30", "40"]);
});

test("reads nobody where there is nobody to look for", async () => {
  const source = system();
  expect(await scan(source)).toBe("nobody");
  expect(source.asked).toEqual([]);
});

test("goes on from where the source could not say, and from the start after the end", async () => {
  const kari = await erased("kari");
  const source = system([3, "kari"], [25, "kari"]);
  source.obstacles.set("20", new SourceFailure("UNREACHABLE"));
  for (let n = 0; n < 2; n++) expect(await scan(source)).toBe("failed");
  expect(await found()).toEqual([kari]);
  source.obstacles.clear();
  expect(await scan(source)).toBe("ok");
  expect(await found()).toEqual([kari, kari]);
  expect(source.asked).toEqual([null, "10", "20", "20", "20", "30", "40"]);
  expect(await scan(source)).toBe("ok");
  expect(source.asked.slice(7)).toEqual([null, "10", "20", "30", "40"]);
});

test("begins anew where the source does not know any more where it was", async () => {
  await erased("kari");
  const source = system();
  source.obstacles.set("20", new InvalidCursor());
  expect(await scan(source)).toBe("failed");
  source.obstacles.clear();
  expect(await scan(source)).toBe("ok");
  expect(source.asked).toEqual([null, "10", "20", null, "10", "20", "30", "40"]);
});

test("says nothing of where it is that names anybody", async () => {
  await erased("kari");
  const source = system();
  source.obstacles.set("20", new SourceFailure("UNREACHABLE"));
  await scan(source);
  const [kept] = await dbOf(register.parts.store).selectFrom("suppression_scan").selectAll().execute();
  // A nonce, two bytes that say nothing, and a tag.
  expect(kept?.cursor).toHaveLength(12 + "20".length + 16);
  expect(Buffer.from(kept?.cursor ?? []).subarray(12, 14)).not.toEqual(Buffer.from("20"));
});

test("lets a fault of its own be told, and goes on from there", async () => {
  await erased("kari");
  const source = system();
  source.obstacles.set("20", new TypeError("a fault"));
  const told: ScanOutcome[] = [];
  const onScan = (_: string, outcome: ScanOutcome) => void told.push(outcome);
  const parts = { register: register.parts, sources: new Map([["crm", source]]), onScan };
  await expect(scanForErased(parts, "crm")).rejects.toThrow("a fault");
  expect(told).toEqual(["failed"]);
  source.obstacles.clear();
  expect(await scan(source)).toBe("ok");
  expect(source.asked.slice(3)).toEqual(["20", "30", "40"]);
});
