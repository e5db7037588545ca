import { randomUUID } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import { sql } from "kysely";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { goThrough, takeNotices } from "../../src/requests/policy-notices.ts";
import { type Db, dbOf, inTransaction } from "../../src/store/tables.ts";
import { absorb } from "../../src/subjects/absorb.ts";
import { confirmIdentifier } from "../../src/subjects/confirmed.ts";
import type { Identifier } from "../../src/sources/contract.ts";
import { setClock } from "../setup/clock.ts";
import { email, openRegister, principal, type Register } from "../subjects/world.ts";

let register: Register;
let db: Db;
beforeAll(async () => {
  register = await openRegister();
  db = dbOf(register.parts.store);
});
afterAll(() => register[Symbol.asyncDispose]());

/** Names and a version that no other test has. */
let count = 0;
let version = "";
beforeEach(() => {
  count++;
  version = `2029-01-01.${count}`;
});
const name = (local: string) => email(`${local}.${count}@example.com`);

const found = async (identifier: Identifier) => (await register.people.enrolFound(identifier)).id;
/** Found, and an address shown to be theirs by a code. */
async function shown(identifier: Identifier): Promise<string> {
  const id = await found(identifier);
  await inTransaction(register.parts.store, (tx) => confirmIdentifier(tx, register.parts, id, identifier));
  return id;
}
const unite = (into: string, from: string) =>
  inTransaction(register.parts.store, (tx) => absorb(tx, register.parts.personKeys, into, [from]));

async function publish(): Promise<void> {
  await sql`insert into privacy_policy (version, published_at, text, language, changes, requires_consent, is_told)
    values (${version}, gateway_now(), ${version}, 'nb', 'Kortere.', false, true)`.execute(db);
  await db.insertInto("policy_telling").values({ version, told_through: null }).execute();
}
async function goThroughAll(): Promise<void> {
  for (let isThrough = false; !isThrough;) ({ isThrough } = await goThrough(db, version));
}
const notices = (...ids: readonly string[]) =>
  db
    .selectFrom("policy_notice")
    .select(["id", "subject_id as subjectId", "state", "attempts"])
    .where("version", "=", version)
    .where("subject_id", "in", [...ids])
    .orderBy("subject_id")
    .execute();
async function noticeOf(id: string) {
  const [notice] = await notices(id);
  return notice ?? expect.fail("no notice");
}

interface Noted {
  readonly state: string;
  readonly attempts?: number;
}

describe("of two notices of one version, where two persons become one", () => {
  const told = { state: "TOLD", attempts: 1 };
  const untold = { state: "NO_ADDRESS" };
  const tried = { state: "PENDING", attempts: 2 };
  const waiting = { state: "PENDING", attempts: 0 };

  test.for<readonly [string, own: Noted, other: Noted, kept: "own" | "other"]>([
    ["that they were told stands", tried, told, "other"],
    ["that they were told stands, whoever it was", told, tried, "own"],
    ["that they were told stands, also over no address", untold, told, "other"],
    ["what can be sent goes before what could not", untold, waiting, "other"],
    ["what can be sent goes before what could not, whose it is", waiting, { ...untold, attempts: 3 }, "own"],
    ["what may have been sent goes before what was not", waiting, tried, "other"],
    ["what may have been sent goes before what was not, whose it is", tried, waiting, "own"],
    ["of two alike the person's own stays", waiting, waiting, "own"],
  ])("%s", async ([, own, other, kept]) => {
    await publish();
    const into = await found(name("into"));
    const from = await found(name("from"));
    const ids = { own: randomUUID(), other: randomUUID() };
    const at = new Date();
    await db
      .insertInto("policy_notice")
      .values(
        [
          { id: ids.own, subject_id: into, ...own },
          { id: ids.other, subject_id: from, ...other },
        ].map((each) => ({
          ...each,
          version,
          next_attempt_at: at,
          told_at: each.state === "TOLD" ? at : null,
        })),
      )
      .execute();
    await unite(into, from);
    const { state, attempts = 0 } = { own, other }[kept];
    expect(await notices(into, from)).toEqual([{ id: ids[kept], subjectId: into, state, attempts }]);
    const toldAt = await sql`select told_at from policy_notice where id = ${ids[kept]}`.execute(db);
    expect(toldAt.rows).toEqual([{ told_at: state === "TOLD" ? at : null }]);
  });

  test("what is of different versions stays", async () => {
    const [into, from] = [await shown(name("into")), await shown(name("from"))];
    const versions = [version, `${version}-2`];
    for (const each of versions) {
      version = each;
      await publish();
      await goThroughAll();
    }
    await unite(into, from);
    const left = db.selectFrom("policy_notice").select("version").where("subject_id", "in", [into, from]);
    expect((await left.orderBy("version").execute()).map((each) => each.version)).toEqual(versions);
  });

  test("whoever had no address is sent the letter of the one with whom they have it", async () => {
    const into = await found({ kind: "PHONE", value: `+479123${String(count).padStart(4, "0")}` });
    const from = await shown(name("from"));
    await publish();
    await goThroughAll();
    expect((await noticeOf(into)).state).toBe("NO_ADDRESS");
    const { id } = await noticeOf(from);
    await unite(into, from);
    const due = await takeNotices(db, 1_000, 60);
    const theirs = due.filter((each) => each.version === version && [into, from].includes(each.subjectId));
    expect(theirs).toMatchObject([{ id, subjectId: into }]);
  });
});

describe("who is told of a version", () => {
  const signIn = async (...identifiers: readonly Identifier[]) => {
    const person = await register.people.ofCaller(principal(`leser.${count}`, ...identifiers));
    return person?.id ?? expect.fail("a person was taken for staff");
  };
  const clock: Parameters<typeof setClock>[0] = {
    rows: async <Row>(statement: string) => (await sql.raw<Row>(statement).execute(db)).rows,
  };
  /** Found since, and gone through before the other, who has not been gone through yet. */
  async function foundBefore(other: string): Promise<string> {
    for (let n = 0; ; n++) {
      const id = await found(name(`siden.${n}`));
      if (id > other) continue;
      await db
        .updateTable("policy_telling")
        .set({ told_through: id })
        .where("version", "=", version)
        .execute();
      return id;
    }
  }
  /** The last of some, so that others may well come before. */
  async function lastShown(): Promise<string> {
    const ids: string[] = [];
    for (let n = 0; n < 6; n++) ids.push(await shown(name(`kjent.${n}`)));
    return ids.toSorted().at(-1) ?? expect.fail("nobody");
  }

  test("whoever was known before, and has signed in for the first time since", async () => {
    await shown(name("leser"));
    await publish();
    const id = await signIn(name("leser"));
    await goThroughAll();
    expect(await notices(id)).toMatchObject([{ state: "PENDING" }]);
  });

  test("whoever was known before by the clock that it was published by, whatever a replica's own says", async () => {
    await setClock(clock, new Date("2001-01-01T00:00:00Z"));
    try {
      const id = await shown(name("leser"));
      await publish();
      await goThroughAll();
      expect(await notices(id)).toMatchObject([{ state: "PENDING" }]);
    } finally {
      await setClock(clock, null);
    }
  });

  test("nobody for one who was met later as well", async () => {
    await publish();
    const from = await shown(name("leser"));
    const id = await signIn(name("leser"));
    await goThroughAll();
    expect(await notices(id, from)).toEqual([]);
  });

  test("whoever is one with somebody known before, and was gone through already", async () => {
    const from = await lastShown();
    await publish();
    const into = await foundBefore(from);
    await unite(into, from);
    await goThroughAll();
    expect(await notices(into, from)).toMatchObject([{ subjectId: into, state: "PENDING" }]);
  });

  test.for([
    ["gone through already", foundBefore],
    ["not gone through yet", () => found(name("siden"))],
  ] as const)(
    "nobody who is one with somebody who was forgotten before, and was %s",
    async ([, foundSince]) => {
      const from = await lastShown();
      await db
        .updateTable("subject")
        .set({ forgotten_at: sql<Date>`gateway_now()` })
        .where("id", "=", from)
        .execute();
      await publish();
      const into = await foundSince(from);
      await unite(into, from);
      await goThroughAll();
      expect(await notices(into, from)).toEqual([]);
    },
  );

  test("whoever becomes one with somebody known before while all are gone through, once", async () => {
    const from = await shown(name("leser"));
    await publish();
    const into = await found(name("siden"));
    let going: Promise<void> | undefined;
    await inTransaction(register.parts.store, async (tx) => {
      await absorb(tx, register.parts.personKeys, into, [from]);
      going = goThroughAll();
      await Promise.race([going, somebodyWaits()]);
    });
    await going;
    expect(await notices(into, from)).toMatchObject([{ subjectId: into, state: "PENDING" }]);
  });
});

async function somebodyWaits(): Promise<void> {
  const waiting = sql<{ n: number }>`select count(*)::int as n from pg_locks where not granted
    and pid in (select pid from pg_stat_activity where datname = current_database())`;
  while ((await waiting.execute(db)).rows[0]?.n === 0) await setTimeout(5);
}
