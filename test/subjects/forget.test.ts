import { setTimeout } from "node:timers/promises";
import { sql } from "kysely";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { verifyTrail } from "../../src/audit/verify.ts";
import { marksOf } from "../../src/requests/withheld.ts";
import { Unreadable } from "../../src/store/cipher.ts";
import { dbOf, inTransaction, sealedColumn } from "../../src/store/tables.ts";
import { lockPerson } from "../../src/subjects/decision-rows.ts";
import { EmployeeNames } from "../../src/subjects/employee-names.ts";
import { forgetPerson, type KeptLink } from "../../src/subjects/forget.ts";
import { remember } from "../../src/subjects/people.ts";
import { keyOfPerson } from "../../src/subjects/person-key.ts";
import { replaceKey } from "../../src/subjects/rekey.ts";
import { fill, looked, sealedIn, sealedPlaces } from "./remembered.ts";
import { email, number, openRegister, principal, type Register } from "./world.ts";

/** Where nothing can be taken away: it must not be legible. */
const onlyAddedTo = "audit_entry.sealed_actor_name";

let register: Register;
beforeAll(async () => void (register = await openRegister()));
afterAll(() => register[Symbol.asyncDispose]());

let kari: string;
let count = 0;
const address = () => email(`kari.${count}@example.com`);
const signIn = async () => {
  const person = await register.people.ofCaller(principal(`kari.${count}`, address()));
  return person?.id ?? "";
};
beforeEach(async () => {
  count++;
  kari = await signIn();
});

const db = () => dbOf(register.parts.store);
const kept = (): KeptLink => ({ source: "crm", identifier: number(`K-${count}`), recordHash: "r" });
const forget = (id: string, keep: readonly KeptLink[] = []) =>
  inTransaction(register.parts.store, async (tx) =>
    forgetPerson(tx, register.parts, await lockPerson(tx, id), { keep }),
  );
const placesOf = async (id: string) => {
  const places = await sealedPlaces(db());
  return Promise.all(
    places.map(async (place) => ({
      place: `${place.table}.${place.column}`,
      sealed: await sealedIn(db(), place, id),
    })),
  );
};
const keep = (requestId: string, source: string) =>
  sql`insert into retained (id, request_id, source, record_type, count, until, ground)
    values (gen_random_uuid(), ${requestId}, ${source}, 'conversations', 1, '2099-12-31', 'BOOKKEEPING')`.execute(
    db(),
  );
const rowsOf = (table: "sign_in" | "consent_event" | "match_review", id: string) =>
  db().selectFrom(table).selectAll().where("subject_id", "=", id).execute();

describe("a fresh key in the place of a person's", () => {
  test("opens nothing that was sealed before, in any column, nor does the former one open what comes after", async () => {
    await fill(register.parts, kari);
    const before = await placesOf(kari);
    const former = await keyOfPerson(db(), register.parts, kari);
    const fresh = await inTransaction(register.parts.store, (tx) => replaceKey(tx, register.parts, kari));
    expect(before.length).toBeGreaterThan(10);
    for (const { place, sealed } of before)
      for (const each of sealed) expect(() => fresh.unseal(each, place)).toThrow(Unreadable);
    const after = fresh.seal("kari", "a");
    expect((await keyOfPerson(db(), register.parts, kari)).unseal(after, "a")).toBe("kari");
    expect(() => former.unseal(after, "a")).toThrow(Unreadable);
  });

  test("stands only if all else does", async () => {
    const sealed = (await keyOfPerson(db(), register.parts, kari)).seal("kari", "a");
    const rolledBack = inTransaction(register.parts.store, async (tx) => {
      await replaceKey(tx, register.parts, kari);
      throw new Error("rolled back");
    });
    await expect(rolledBack).rejects.toThrow("rolled back");
    expect((await keyOfPerson(db(), register.parts, kari)).unseal(sealed, "a")).toBe("kari");
  });
});

describe("whoever is forgotten", () => {
  test("is gone from every place in which anything lies under a person's key", async () => {
    const ola = (await register.people.ofCaller(principal(`ola.${count}`, email(`ola.${count}@example.com`))))
      ?.id;
    for (const id of [kari, ola ?? ""]) await fill(register.parts, id);
    const [before, others] = [await placesOf(kari), await placesOf(ola ?? "")];
    // A place that this fills not is one of which nobody knows whether it is emptied: fill it in remembered.ts.
    expect(before.filter(({ sealed }) => sealed.length === 0)).toEqual([]);
    await forget(kari, [kept()]);
    const left = (await placesOf(kari)).filter(({ sealed }) => sealed.length > 0);
    expect(left.map(({ place, sealed }) => [place, sealed.length])).toEqual([
      [onlyAddedTo, 1],
      [sealedColumn("disclosure", "sealed_authority"), 1],
      [sealedColumn("disclosure", "sealed_legal_ground"), 1],
      [sealedColumn("identifier", "sealed_value"), 1],
    ]);
    const key = await keyOfPerson(db(), register.parts, kari);
    const [name, authority, , link] = left.map(({ sealed }) => sealed[0] ?? Buffer.alloc(0));
    expect(() => key.unseal(name ?? Buffer.alloc(0), onlyAddedTo)).toThrow(Unreadable);
    // To whom the law had data handed over is to be accounted for: it is sealed anew.
    const place = sealedColumn("disclosure", "sealed_authority");
    expect(key.unseal(authority ?? Buffer.alloc(0), place)).toBe("Lensmannen");
    expect(key.unseal(link ?? Buffer.alloc(0), "identifier.sealed_value")).toBe(`K-${count}`);
    expect(await placesOf(ola ?? "")).toEqual(others);
  });

  test("is known by what leads to the records that are kept, and by nothing else", async () => {
    await fill(register.parts, kari);
    await forget(kari, [kept()]);
    const person = await register.people.byId(kari);
    expect(person?.identity.identifiers).toEqual([]);
    expect(person?.links).toEqual(new Map([["crm", [number(`K-${count}`)]]]));
    expect(person?.standing).toMatchObject({ restrictedIn: new Set(), objections: new Set() });
    expect(await rowsOf("match_review", kari)).toEqual([]);
    expect(await register.people.knownBy(address())).toEqual([]);
    const [link] = await db().selectFrom("identifier").selectAll().where("subject_id", "=", kari).execute();
    expect(link).toMatchObject({ origin: "LINKED", source: "crm", record_hash: "r" });
  });

  test("has what is withheld from them withheld still in what is kept, also as one with somebody else", async () => {
    const requestId = await fill(register.parts, kari);
    const [mark] = await marksOf(db(), register.parts, kari);
    await keep(requestId, "crm");
    // Nothing of what is in this system is kept.
    await sql`insert into withheld select gen_random_uuid(), subject_id, request_id, 'learning', record_type, field, text_hash,
      sealed_passages, sealed_because, at from withheld where subject_id = ${kari}`.execute(db());
    await forget(kari, [kept()]);
    expect(await marksOf(db(), register.parts, kari)).toEqual([mark]);
    await forget(kari, [kept()]);
    expect(await marksOf(db(), register.parts, kari)).toEqual([mark]);

    await sql`delete from sign_in where subject_id = ${kari}`.execute(db());
    const into = await register.people.enrolFound(email(`kari.${count}@example.net`));
    expect(await register.people.absorb(into.id, [kari])).toEqual([kari]);
    expect(await marksOf(db(), register.parts, into.id)).toEqual([mark]);
    await sql`update retained set ended_at = now() where request_id = ${requestId}`.execute(db());
    await forget(into.id);
    expect(await marksOf(db(), register.parts, into.id)).toEqual([]);
  });

  test("is read with what is withheld from them, also where they are forgotten in the middle of it", async () => {
    await keep(await fill(register.parts, kari), "crm");
    const [mark] = await marksOf(db(), register.parts, kari);
    let reading: ReturnType<typeof marksOf> | undefined;
    await inTransaction(register.parts.store, async (tx) => {
      await lockPerson(tx, kari);
      await sql`lock table withheld in access exclusive mode`.execute(tx);
      reading = marksOf(db(), register.parts, kari);
      // It has the key by then, and no rows.
      const isHeld = () =>
        sql`select 1 from pg_locks where relation = 'withheld'::regclass and not granted`.execute(tx);
      for (let rows = 0; rows === 0;) rows = (await isHeld()).rows.length;
      await forgetPerson(tx, register.parts, kari, { keep: [kept()] });
    });
    expect(await reading).toEqual([mark]);
  });

  test("keeps what shows how they were dealt with, without a word of it", async () => {
    const requestId = await fill(register.parts, kari);
    await forget(kari);
    expect(await rowsOf("sign_in", kari)).toHaveLength(1);
    expect(await rowsOf("consent_event", kari)).toMatchObject([
      { purpose: "NEWSLETTER", status: "WITHDRAWN" },
    ]);
    const request = await db()
      .selectFrom("request")
      .selectAll()
      .where("id", "=", requestId)
      .executeTakeFirst();
    expect(request).toMatchObject({ status: "REFUSED", refusal_code: "NO_LEGAL_GROUND", digest: null });
    const of = (table: "request_step" | "request_event") =>
      db().selectFrom(table).selectAll().where("request_id", "=", requestId).execute();
    expect(await of("request_step")).toMatchObject([
      { action: "RECTIFY", result: "DONE", sealed_work: null },
    ]);
    expect((await of("request_event")).map(({ event }) => event)).toEqual(["RECEIVED", "NOTED"]);
  });

  test("twice is forgotten as well, and so is what came between", async () => {
    await fill(register.parts, kari);
    await forget(kari, [kept()]);
    const once = await register.people.byId(kari);
    await forget(kari, [kept()]);
    expect(await register.people.byId(kari)).toEqual(once);
    await fill(register.parts, kari);
    await forget(kari);
    const left = (await placesOf(kari)).filter(({ sealed }) => sealed.length > 0);
    expect(left.map(({ place }) => place)).toEqual([
      onlyAddedTo,
      sealedColumn("disclosure", "sealed_authority"),
      sealedColumn("disclosure", "sealed_legal_ground"),
    ]);
    const key = await keyOfPerson(db(), register.parts, kari);
    // Also what was sealed anew once before.
    for (const each of left[1]?.sealed ?? [])
      expect(key.unseal(each, left[1]?.place ?? "")).toBe("Lensmannen");
  });

  test("and signs in again is the same person, known by what the token says", async () => {
    await fill(register.parts, kari);
    await forget(kari);
    expect(await signIn()).toBe(kari);
    expect((await register.people.byId(kari))?.identity.identifiers).toEqual([address()]);
  });

  test("and goes on with the sign-in of before is not written down again, until they ask for something", async () => {
    const before = { ...principal(`kari.${count}`, address()), authenticatedAt: new Date() };
    await fill(register.parts, kari);
    await forget(kari);
    const self = await register.people.ofCaller(before);
    expect(self).toMatchObject({ id: kari, identity: { identifiers: [address()] }, proven: true });
    expect(await register.people.knownBy(address())).toEqual([]);
    await register.people.rememberCaller(before);
    expect(await register.people.knownBy(address())).toEqual([kari]);
    await forget(kari);
    await register.people.ofCaller({ ...before, authenticatedAt: new Date(Date.now() + 1_000) });
    expect(await register.people.knownBy(address())).toEqual([kari]);
  });

  test("leaves nothing under the former key when something is written down meanwhile", async () => {
    for (let round = 0; round < 20; round++) {
      const writing = Array.from({ length: 4 }, async (_, at) => {
        await setTimeout(at);
        await inTransaction(register.parts.store, (tx) =>
          remember(tx, register.parts, kari, "LINKED", [number(`K-${round}-${at}`)], "crm"),
        );
      });
      await Promise.all([...writing, forget(kari)]);
      await register.people.byId(kari);
    }
  });
});

describe("the trail of whoever is forgotten", () => {
  const names = async () => {
    const entries = await register.parts.store.em
      .fork()
      .execute<{ sealed: Buffer }[]>(
        "select sealed_actor_name as sealed from audit_entry where subject_ref = ? order by sequence",
        [kari],
      );
    const opening = new EmployeeNames(db(), register.parts.personKeys);
    return Promise.all(entries.map(({ sealed }) => opening.open(kari, sealed)));
  };

  test("names nobody of before, names whoever looks from then on, and is intact", async () => {
    await looked(register.parts, kari, "Sara Support");
    expect(await names()).toEqual(["Sara Support"]);
    await forget(kari);
    await looked(register.parts, kari, "Dagny Personvern");
    expect(await names()).toEqual([null, "Dagny Personvern"]);
    const verified = await verifyTrail(register.parts.store, register.parts.keyring.key("audit"));
    expect(verified).toMatchObject({ intact: true, unsealed: 0, fault: null });
    expect(verified.entries).toBeGreaterThan(1);
  });
});
