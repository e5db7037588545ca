import { AsyncLocalStorage } from "node:async_hooks";
import { randomBytes, randomUUID } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import { sql } from "kysely";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Role } from "../../src/access/vocabulary.ts";
import type { Identifier } from "../../src/sources/contract.ts";
import { fixedMasterKeys } from "../../src/store/master-keys.ts";
import { createPersonKeys, KeyDestroyed } from "../../src/store/person-keys.ts";
import { openStore } from "../../src/store/store.ts";
import { dbOf, inTransaction } from "../../src/store/tables.ts";
import { UnknownMasterKey } from "../../src/store/wrapping.ts";
import { absorb, reasonColumn } from "../../src/subjects/absorb.ts";
import { confirmIdentifier } from "../../src/subjects/confirmed.ts";
import { createMatchNotes } from "../../src/subjects/match-notes.ts";
import { createPeople, type People, remember } from "../../src/subjects/people.ts";
import { keyOfPerson } from "../../src/subjects/person-key.ts";
import { recordConsent, restrict } from "../setup/standing.ts";
import { email, number, openRegister, principal, type Register } from "./world.ts";

let register: Register;
let people: People;
beforeAll(async () => {
  register = await openRegister();
  ({ people } = register);
});
afterAll(() => register[Symbol.asyncDispose]());

/** Names that no other test has. */
let count = 0;
beforeEach(() => {
  count++;
});
const name = (local: string) => email(`${local}.${count}@example.com`);
const signIn = async (sub: string, ...identifiers: readonly Identifier[]) => {
  const person = await people.ofCaller(principal(`${sub}.${count}`, ...identifiers));
  if (person === null) throw new Error("a person was taken for staff");
  return person;
};
const stored = (id: string) =>
  dbOf(register.parts.store)
    .selectFrom("identifier")
    .select(["origin", "source", "kind"])
    .where("subject_id", "=", id)
    .orderBy("origin")
    .execute();
const persons = async () =>
  (await dbOf(register.parts.store).selectFrom("subject").select("id").execute()).length;
const subject = (id: string) =>
  dbOf(register.parts.store)
    .selectFrom("subject")
    .leftJoin("keys.person_key", "subject_id", "id")
    .select(["id", "wrapped_key", "master_key_id", "merged_into"])
    .where("id", "=", id)
    .executeTakeFirstOrThrow();

describe("a caller", () => {
  test("who signs in again is the same person, under a changed address too, and the former is no longer theirs", async () => {
    const first = await signIn("kari", name("kari"));
    expect(first.identity.identifiers).toEqual([name("kari")]);
    const again = await signIn("kari", name("new"), name("newer"));
    expect(again.id).toBe(first.id);
    expect(again.identity.identifiers).toEqual([name("new"), name("newer")]);
    expect((await people.byId(first.id))?.identity.identifiers.toSorted(byValue)).toEqual([
      name("new"),
      name("newer"),
    ]);
    expect(await people.knownBy(name("kari"))).toEqual([]);
    expect(await people.knownBy(name("newer"))).toEqual([first.id]);
    const next = await signIn("another", name("kari"));
    expect(next.id).not.toBe(first.id);
    expect(await people.knownBy(name("kari"))).toEqual([next.id]);
  });

  test("of the same name at another issuer is somebody else", async () => {
    const one = await signIn("ola", name("ola"));
    const other = await people.ofCaller({ ...principal(`ola.${count}`), namespace: "https://other.example" });
    expect(other?.id).not.toBe(one.id);
  });

  test("met by two replicas at once is one", async () => {
    const replica = await openStore({ url: register.url });
    try {
      const there = createPeople({ ...register.parts, store: replica });
      const met = await Promise.all(
        Array.from({ length: 20 }, (_, i) =>
          (i % 2 ? people : there).ofCaller(principal(`together.${count}`, name("a"), name("b"))),
        ),
      );
      expect(new Set(met.map((person) => person?.id)).size).toBe(1);
      expect(await stored(met[0]!.id)).toHaveLength(2);
    } finally {
      await replica.close(true);
    }
  });

  test("without a verified identifier is somebody, with none", async () => {
    const person = await signIn("unverified");
    expect(person).toMatchObject({ identity: { identifiers: [] }, proven: false });
    expect((await signIn("unverified")).id).toBe(person.id);
    expect(await stored(person.id)).toEqual([]);
  });

  test("whose later token lacks the claim is looked for by nothing; the register keeps what it had", async () => {
    const { id } = await signIn("kari", name("kari"));
    expect(await signIn("kari")).toMatchObject({ id, identity: { identifiers: [] } });
    expect((await people.byId(id))?.identity.identifiers).toEqual([name("kari")]);
    expect(await people.knownBy(name("kari"))).toEqual([id]);
  });

  test("who shares a verified address with another is another person", async () => {
    const anne = await signIn("anne", name("anne"), name("berg"));
    const per = await signIn("per", name("per"), name("berg"));
    expect(anne.id).not.toBe(per.id);
    expect(new Set(await people.knownBy(name("berg")))).toEqual(new Set([anne.id, per.id]));
    expect((await signIn("anne", name("anne"), name("berg"))).id).toBe(anne.id);
  });

  test.each([
    ["staff", new Set<Role>(["SUPPORT"])],
    ["nobody by role", new Set<Role>()],
  ])("who is %s is nobody's data subject, and leaves no trace", async (_, roles) => {
    const before = await persons();
    expect(await people.ofCaller({ ...principal(`staff.${count}`, name("staff")), roles })).toBeNull();
    expect(await persons()).toBe(before);
    expect(await people.knownBy(name("staff"))).toEqual([]);
  });
});

describe("an id", () => {
  test.each([
    "",
    "kari",
    "1",
    "00000000-0000-4000-8000-00000000000",
    "'; drop table subject; --",
    "00000000-0000-4000-8000-000000000000",
  ])("%j is nobody's", async (id) => {
    expect(await people.byId(id)).toBeNull();
  });

  test("is the person's in capitals too", async () => {
    const { id } = await signIn("kari", name("kari"));
    expect((await people.byId(id.toUpperCase()))?.id).toBe(id);
  });
});

describe("whom staff have found", () => {
  test("is enrolled once, however often they are found at once", async () => {
    const before = await persons();
    const found = await Promise.all(Array.from({ length: 10 }, () => people.enrolFound(name("found"))));
    expect(new Set(found.map(({ id }) => id)).size).toBe(1);
    expect(found[0]).toMatchObject({ identity: { identifiers: [name("found")] }, proven: false });
    expect(await persons()).toBe(before + 1);
  });

  test("is whoever has shown the identifier to be theirs, where there is such a one", async () => {
    const { id } = await signIn("kari", name("kari"));
    expect((await people.enrolFound(name("kari"))).id).toBe(id);
  });

  test("is written to where they have shown last that they read it, and nowhere that staff alone have named", async () => {
    const { store } = register.parts;
    const { id } = await signIn("kari", name("old"));
    await inTransaction(store, (db) => confirmIdentifier(db, register.parts, id, name("new")));
    await inTransaction(store, (db) => remember(db, register.parts, id, "FOUND", [name("named")]));
    const kari = await people.byId(id);
    expect(kari?.identity.identifiers).toEqual([name("old"), name("new"), name("named")]);
    expect(kari?.shown).toEqual([name("new"), name("old")]);
  });

  test("becomes one with whoever signs in by the identifier, and all that is settled comes along", async () => {
    const { store } = register.parts;
    const found = await people.enrolFound(name("kari"));
    await recordConsent(register.parts, found.id, consent("NEWSLETTER"));
    await restrict(register.parts, found.id, { sources: ["crm"], reason: "Bestridt", since: new Date(0) });
    await inTransaction(store, async (db) => {
      await remember(db, register.parts, found.id, "LINKED", [number(`K-${count}`)], "crm");
      const key = await keyOfPerson(db, register.parts, found.id);
      await db
        .insertInto("match_decision")
        .values({
          id: randomUUID(),
          subject_id: found.id,
          source: "crm",
          decision: "UNLINKED",
          record_hashes: ["not hers"],
          sealed_reason: key.seal("Ringte", reasonColumn),
          decided_by: "dpo",
          at: new Date(),
        })
        .execute();
    });

    const kari = await signIn("kari", name("kari"));
    expect(kari.id).not.toBe(found.id);
    expect(kari).toMatchObject({
      links: new Map([["crm", [number(`K-${count}`)]]]),
      notTheirs: new Set(["not hers"]),
      standing: { restrictedIn: new Set(["crm"]), consents: new Set(["NEWSLETTER"]) },
    });
    const key = await keyOfPerson(dbOf(store), register.parts, kari.id);
    for (const [table, reason] of [
      ["match_decision", "Ringte"],
      ["restriction", "Bestridt"],
    ] as const) {
      const rows = await dbOf(store)
        .selectFrom(table)
        .select("sealed_reason")
        .where("subject_id", "=", kari.id)
        .execute();
      expect(rows.map(({ sealed_reason }) => key.unseal(sealed_reason, reasonColumn))).toEqual([reason]);
    }
    expect(await subject(found.id)).toMatchObject({
      wrapped_key: null,
      master_key_id: null,
      merged_into: kari.id,
    });
    expect(await stored(found.id)).toEqual([]);
    expect(await people.byId(found.id)).toEqual(await people.byId(kari.id));
    expect((await people.byIds([found.id])).map(({ id }) => id)).toEqual([kari.id]);
    expect(await people.knownBy(name("kari"))).toEqual([kari.id]);
    expect((await people.enrolFound(name("kari"))).id).toBe(kari.id);
  });

  test("stays one person when the sign-in comes at the same time, whichever is first", async () => {
    for (let round = 0; round < 40; round++) {
      const address = name(`round-${round}`);
      const both = [() => people.enrolFound(address), () => signIn(`racer-${round}`, address)];
      const [one, other] = await Promise.all((round % 2 ? both : both.reverse()).map((start) => start()));
      const known = await people.knownBy(address);
      expect(known).toHaveLength(1);
      for (const { id } of [one!, other!]) expect((await people.byId(id))?.id).toBe(known[0]);
    }
  });

  test("leaves nothing under a key that is gone when something is written down meanwhile", async () => {
    for (let round = 0; round < 20; round++) {
      const found = await people.enrolFound(name(`link-${round}`));
      const [linked] = await Promise.allSettled([
        inTransaction(register.parts.store, (db) =>
          remember(db, register.parts, found.id, "LINKED", [number(`K-${count}-${round}`)], "crm"),
        ),
        createMatchNotes(register.parts, people).review(found.id, "crm", "SEVERAL_RECORDS"),
        signIn(`linked-${round}`, name(`link-${round}`)),
      ]);
      const kari = await signIn(`linked-${round}`, name(`link-${round}`));
      expect(await stored(found.id)).toEqual([]);
      expect(kari.links.has("crm")).toBe(linked.status === "fulfilled");
      if (linked.status === "rejected") expect(linked.reason).toBeInstanceOf(KeyDestroyed);
      const left = await dbOf(register.parts.store)
        .selectFrom("match_review")
        .select("source")
        .where("subject_id", "=", found.id)
        .execute();
      expect(left).toEqual([]);
    }
  });

  test("keeps what a code has shown to be theirs, also where they sign in with another address", async () => {
    const found = await people.enrolFound(name("letter"));
    await inTransaction(register.parts.store, (db) =>
      confirmIdentifier(db, register.parts, found.id, name("mailbox")),
    );
    const kari = await signIn("kari", name("kari"));
    await people.absorb(kari.id, [found.id]);
    expect((await stored(kari.id)).map(({ origin }) => origin)).toEqual(["CONFIRMED", "VERIFIED"]);
    await signIn("kari", name("kari"));
    expect((await people.enrolFound(name("mailbox"))).id).toBe(kari.id);
  });

  test("is put on no work list while, or after, they become one with another", async () => {
    const { store } = register.parts;
    const found = await people.enrolFound(name("found"));
    const kari = await signIn("kari", name("kari"));
    const notes = createMatchNotes(register.parts, people);
    const review = () => notes.review(found.id, "crm", "SEVERAL_RECORDS");
    // Within a transaction's own calls, every statement is the transaction's.
    const elsewhere = AsyncLocalStorage.snapshot();
    let meanwhile: Promise<void> | undefined;
    await inTransaction(store, async (db) => {
      await absorb(db, register.parts.personKeys, kari.id, [found.id]);
      await Promise.race([(meanwhile = elsewhere(review)), elsewhere(somebodyWaits)]);
    });
    await meanwhile;
    await review();
    const { rows } = await sql`select from match_review where subject_id = ${found.id}`.execute(dbOf(store));
    expect(rows).toEqual([]);
  });

  test("does not hold up, or fail, a reference that is noted meanwhile", async () => {
    for (let round = 0; round < 20; round++) {
      const found = await people.enrolFound(name(`reference-${round}`));
      const notes = createMatchNotes(register.parts, people);
      const referred = (value: string) => notes.referred(found.id, "crm", [number(`K-${count}-${value}`)]);
      await referred("first");
      await Promise.all([
        referred("second"),
        referred("third"),
        signIn(`referred-${round}`, name(`reference-${round}`)),
      ]);
      expect(await stored(found.id)).toEqual([]);
    }
  });

  test("of two with one address each, both become one with whoever has shown both", async () => {
    const found = [await people.enrolFound(name("a")), await people.enrolFound(name("b"))];
    await Promise.all([
      people.absorb(
        (await signIn("both")).id,
        found.map(({ id }) => id),
      ),
      signIn("both", name("a"), name("b")),
    ]);
    const { id } = await signIn("both", name("a"), name("b"));
    for (const each of found) expect((await people.byId(each.id))?.id).toBe(id);
  });

  test("and has since signed in is merged with nobody", async () => {
    const [one, other] = [await signIn("one", name("one")), await signIn("other", name("other"))];
    await people.absorb(one.id, [other.id]);
    expect((await people.byId(other.id))?.id).toBe(other.id);
    expect((await subject(other.id)).wrapped_key).not.toBeNull();
  });
});

describe("a person", () => {
  test("whose key is destroyed cannot be read, and says so", async () => {
    const { id } = await signIn("gone", name("gone"));
    await dbOf(register.parts.store).deleteFrom("keys.person_key").where("subject_id", "=", id).execute();
    await expect(people.byId(id)).rejects.toThrow(KeyDestroyed);
    await expect(signIn("gone", name("new"))).rejects.toThrow(KeyDestroyed);
  });

  test("whose key a master key wraps that is not here cannot be read, and it is named", async () => {
    const { id } = await signIn("kari", name("kari"));
    const { master_key_id } = await subject(id);
    const elsewhere = createPersonKeys(fixedMasterKeys(randomBytes(32)));
    const there = createPeople({ ...register.parts, personKeys: elsewhere });
    await expect(there.byId(id)).rejects.toThrow(UnknownMasterKey);
    await expect(there.byId(id)).rejects.toThrow(master_key_id ?? "none");
  });

  test("who said yes and no at the same moment said no", async () => {
    const { id } = await signIn("kari", name("kari"));
    for (const status of ["WITHDRAWN", "GIVEN"] as const)
      await recordConsent(register.parts, id, { ...consent("NEWSLETTER"), status });
    expect((await people.byId(id))?.standing.consents).toEqual(new Set());
  });
});

test("the database holds no name, address or number that can be read", async () => {
  await signIn("secret-sub", name("secret-address"));
  await people.enrolFound(number("K-secret-number"));
  for (const table of ["subject", "sign_in", "identifier"]) {
    const { rows } = await sql<{ row: string }>`
      select to_jsonb(t)::text as row from ${sql.table(table)} t`.execute(dbOf(register.parts.store));
    const text = rows.map(({ row }) => row).join("\n");
    expect(text).not.toMatch(/secret|id\.example/);
    expect(text).not.toContain(Buffer.from("secret").toString("hex"));
  }
});

/** Resolves when a statement waits for another's lock. */
async function somebodyWaits(): Promise<void> {
  const waiting = sql<{ n: number }>`select count(*)::int as n from pg_locks where not granted
    and pid in (select pid from pg_stat_activity where datname = current_database())`;
  while ((await waiting.execute(dbOf(register.parts.store))).rows[0]?.n === 0) await setTimeout(5);
}

const byValue = (a: Identifier, b: Identifier) => a.value.localeCompare(b.value);
const consent = (purpose: "NEWSLETTER") => ({
  purpose,
  status: "GIVEN" as const,
  at: new Date("2026-01-02T03:04:05Z"),
  byRole: "SUBJECT" as const,
  channel: "PORTAL",
  policyVersion: "2018-05-30",
});
