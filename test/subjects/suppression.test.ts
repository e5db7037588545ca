import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Identifier } from "../../src/sources/contract.ts";
import type { Person } from "../../src/sources/data-subject.ts";
import { dbOf, inTransaction } from "../../src/store/tables.ts";
import { claimsFor } from "../../src/subjects/claims.ts";
import { identifierHash, remember } from "../../src/subjects/people.ts";
import { keyOfPerson } from "../../src/subjects/person-key.ts";
import {
  countReappearances,
  forgetReappearances,
  noteReappearance,
  openReappearance,
  recordIn,
  settleReappearances,
} from "../../src/subjects/reappearance-rows.ts";
import { liftSuppression, suppress, suppressedBy } from "../../src/subjects/suppression.ts";
import { email, makeWorld, number, type SystemName, type World } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await makeWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

let count = 0;
beforeEach(() => {
  count += 1;
});
const name = (local: string) => email(`${local}.${count}@example.com`);
const db = () => dbOf(world.parts.store);
const hash = (identifier: Identifier) => identifierHash(world.parts.keyring.hash("identifier"))(identifier);
const recordHash = (system: SystemName, key: string) => world.parts.keyring.hash("record")(system, key);

/** Somebody of whom nothing is left but the hashes of what they went by. */
async function erased(
  who: string,
  identifiers: readonly Identifier[] = [name(who)],
  sources: readonly string[] | null = null,
): Promise<Person> {
  const person = await world.signIn(`${who}.${count}`, ...identifiers);
  await inTransaction(world.parts.store, async (tx) => {
    await tx.deleteFrom("identifier").where("subject_id", "=", person.id).execute();
    await tx.deleteFrom("sign_in").where("subject_id", "=", person.id).execute();
    await suppress(tx, { subjectId: person.id, requestId: null, hashes: identifiers.map(hash), sources });
  });
  return person;
}

const open = (subjectId: string) =>
  db()
    .selectFrom("reappearance")
    .selectAll()
    .where("subject_id", "=", subjectId)
    .where("decided_at", "is", null)
    .orderBy("source")
    .execute();

describe("a person who was erased from a source and comes up in it again", () => {
  test("is shown to themself, to nobody on the staff, and waits for the DPO", async () => {
    const before = await erased("kari");
    const key = await world.record("crm", name("kari"), number(`K-${count}`));
    const kari = await world.signIn(`again.${count}`, name("kari"));
    expect(kari.id).not.toBe(before.id);
    expect(await world.own(kari, "crm")).toMatchObject({ state: "HELD", record: { key } });
    expect(await world.staff(kari.id, "crm")).toEqual({
      state: "NEEDS_REVIEW",
      problem: "ERASED_BEFORE",
      records: [],
    });
    const [waiting, ...more] = await open(before.id);
    expect(more).toEqual([]);
    if (!waiting) throw new Error("nothing waits");
    expect(waiting).toMatchObject({ source: "crm", record_hash: recordHash("crm", key) });
    expect(recordIn(await keyOfPerson(db(), world.parts, before.id), waiting)).toEqual({
      recordKey: key,
      identifiers: [name("kari"), number(`K-${count}`)],
    });
    // It is on no list but the DPO's own.
    expect(await world.reviews(kari.id)).toEqual([]);
  });

  test("waits once, however often and however many at once look", async () => {
    const before = await erased("kari");
    await world.record("crm", name("kari"));
    const kari = await world.signIn(`again.${count}`, name("kari"));
    await Promise.all(
      Array.from({ length: 8 }, (_, n) => (n % 2 ? world.own(kari, "crm") : world.staff(kari.id, "crm"))),
    );
    await world.own(kari, "crm");
    expect(await open(before.id)).toHaveLength(1);
  });

  test("waits once for each record", async () => {
    const before = await erased("kari");
    await world.record("crm", name("kari"));
    await world.record("crm", name("kari"));
    await world.record("learning", name("kari"));
    const kari = await world.signIn(`again.${count}`, name("kari"));
    expect(await world.own(kari, "crm")).toMatchObject({ problem: "SEVERAL_RECORDS" });
    expect(await world.staff(kari.id, "crm")).toMatchObject({ problem: "ERASED_BEFORE", records: [] });
    await world.own(kari, "learning");
    expect((await open(before.id)).map(({ source }) => source)).toEqual(["crm", "crm", "learning"]);
    // What else there is to settle stays on the list for that, whoever has looked last.
    expect(await world.reviews(kari.id)).toEqual(["crm"]);
  });

  test("is found by any identifier of then, also when nobody signs in", async () => {
    const before = await erased("kari", [name("kari"), number(`K-${count}`)]);
    await world.record("crm", name("new"), number(`K-${count}`));
    const found = await world.people.enrolFound(name("new"));
    expect(await world.staff(found.id, "crm")).toMatchObject({ problem: "ERASED_BEFORE" });
    expect(await open(before.id)).toHaveLength(1);
  });

  test("waits beside the record that staff have linked", async () => {
    const before = await erased("kari");
    const linked = await world.record("crm", number(`L-${count}`));
    const again = await world.record("crm", name("kari"));
    const kari = await world.signIn(`again.${count}`, name("kari"));
    await world.link(kari.id, "crm", number(`L-${count}`), linked);
    expect(await world.staff(kari.id, "crm")).toMatchObject({ state: "HELD", record: { key: linked } });
    expect(await open(before.id)).toMatchObject([{ record_hash: recordHash("crm", again) }]);
  });
});

describe("it is no reappearance", () => {
  test("where the law keeps the record of that very person", async () => {
    const before = await erased("kari");
    const key = await world.record("crm", name("kari"));
    await inTransaction(world.parts.store, (tx) =>
      remember(tx, world.parts, before.id, "LINKED", [name("kari")], "crm", recordHash("crm", key)),
    );
    expect(await world.staff(before.id, "crm")).toMatchObject({ state: "HELD", record: { key } });
    const again = await world.record("crm", name("kari"));
    const kari = await world.signIn(`again.${count}`, name("kari"));
    await world.own(kari, "crm");
    expect(await open(before.id)).toMatchObject([{ record_hash: recordHash("crm", again) }]);
  });

  test("in a source that the erasure was not about", async () => {
    const before = await erased("kari", [name("kari")], ["learning"]);
    await world.record("crm", name("kari"));
    await world.record("learning", name("kari"));
    const kari = await world.signIn(`again.${count}`, name("kari"));
    expect(await world.staff(kari.id, "crm")).toMatchObject({ state: "HELD" });
    expect(await world.staff(kari.id, "learning")).toMatchObject({ problem: "ERASED_BEFORE" });
    expect((await open(before.id)).map(({ source }) => source)).toEqual(["learning"]);
    expect(await suppressedBy(db(), "learning", [hash(name("kari"))])).toEqual([before.id]);
    expect(await suppressedBy(db(), "crm", [hash(name("kari"))])).toEqual([]);
  });

  test("of anybody else", async () => {
    await erased("kari");
    await world.record("crm", name("ola"));
    const ola = await world.signIn(`ola.${count}`, name("ola"));
    const before = await countReappearances(db());
    expect(await world.staff(ola.id, "crm")).toMatchObject({ state: "HELD" });
    expect(await countReappearances(db())).toBe(before);
  });

  test("once the suppression is lifted, and again once the person was erased anew", async () => {
    const before = await erased("kari");
    await world.record("crm", name("kari"));
    await inTransaction(world.parts.store, (tx) => liftSuppression(tx, before.id));
    const kari = await world.signIn(`again.${count}`, name("kari"));
    expect(await world.staff(kari.id, "crm")).toMatchObject({ state: "HELD" });
    expect(await open(before.id)).toEqual([]);
    const order = { subjectId: before.id, requestId: null, hashes: [hash(name("kari"))], sources: null };
    for (let n = 0; n < 2; n++) await inTransaction(world.parts.store, (tx) => suppress(tx, order));
    expect(await world.staff(kari.id, "crm")).toMatchObject({ problem: "ERASED_BEFORE" });
    expect(await open(before.id)).toHaveLength(1);
  });
});

test("what waits is settled once, and comes up again only when the record is seen anew", async () => {
  const before = await erased("kari");
  await world.record("crm", name("kari"));
  const kari = await world.signIn(`again.${count}`, name("kari"));
  await world.own(kari, "crm");
  const [waiting] = await open(before.id);
  const settle = () =>
    inTransaction(world.parts.store, async (tx) =>
      settleReappearances(
        tx,
        await keyOfPerson(tx, world.parts, before.id),
        { id: waiting?.id ?? "" },
        { decision: "ERASE_AGAIN", because: "An old list was read in", requestId: null },
      ),
    );
  expect(await settle()).toBe(1);
  expect(await settle()).toBe(0);
  expect(await openReappearance(db(), waiting?.id ?? "")).toBeNull();
  // No erasure came of it, and there it is still.
  await world.own(kari, "crm");
  expect(await open(before.id)).toHaveLength(1);
});

test("forgotten anew, the person still waits for the DPO, who can act once the record is seen again", async () => {
  const before = await erased("kari");
  await world.record("crm", name("kari"));
  const kari = await world.signIn(`again.${count}`, name("kari"));
  await world.own(kari, "crm");
  await inTransaction(world.parts.store, (tx) => forgetReappearances(tx, before.id));
  const [waiting] = await open(before.id);
  expect(waiting).toMatchObject({ sealed_record: null });
  await world.own(kari, "crm");
  const [seen, ...more] = await open(before.id);
  expect(more).toEqual([]);
  expect(seen).toMatchObject({ id: waiting?.id, seen_at: waiting?.seen_at });
  expect(seen?.sealed_record).not.toBeNull();
});

test("merged into another, the person comes up again as that one, and what was sealed opens with that one's key", async () => {
  const before = await erased("kari");
  const key = await world.record("crm", name("kari"));
  const kari = await world.signIn(`again.${count}`, name("kari"));
  await world.own(kari, "crm");
  const other = await world.signIn(`other.${count}`, name("other"));
  await world.people.absorb(other.id, [before.id]);
  expect(await open(before.id)).toEqual([]);
  const [waiting] = await open(other.id);
  if (!waiting) throw new Error("nothing waits");
  const opened = recordIn(await keyOfPerson(db(), world.parts, other.id), waiting);
  expect(opened).toMatchObject({ recordKey: key });
  expect(await suppressedBy(db(), "crm", [hash(name("kari"))])).toEqual([other.id]);
  await world.own(kari, "crm");
  expect(await open(other.id)).toHaveLength(1);
});

test("nothing is noted of whom the list does not have any more when it comes to it", async () => {
  const before = await erased("kari");
  const sighting = {
    subjectId: before.id,
    record: { source: "crm", recordHash: recordHash("crm", "7"), identifierHashes: [hash(name("kari"))] },
    recordKey: "7",
    identifiers: [name("kari")],
  };
  const lifting = inTransaction(world.parts.store, async (tx) => {
    await tx.selectFrom("subject").select("id").where("id", "=", before.id).forNoKeyUpdate().execute();
    const noted = noteReappearance(world.parts, sighting);
    await Promise.race([noted, new Promise((resolve) => setTimeout(resolve, 200))]);
    await liftSuppression(tx, before.id);
    return { noted };
  });
  expect(await (await lifting).noted).toBe(false);
});

test("whether a record names an erased person costs no statement beyond that for whom it answers to", async () => {
  const statements: string[] = [];
  const counted = db().withPlugin({
    transformQuery({ node }) {
      statements.push(node.kind);
      return node;
    },
    transformResult: async ({ result }) => result,
  });
  const claims = claimsFor(counted)();
  const record = {
    source: "crm",
    recordHash: recordHash("crm", `unknown-${count}`),
    identifierHashes: [hash(name("nobody")), hash(number(`N-${count}`))],
  };
  expect(await claims.load(record)).toEqual([]);
  expect(await claims.reappeared(record)).toEqual([]);
  expect(statements).toHaveLength(1);
});
