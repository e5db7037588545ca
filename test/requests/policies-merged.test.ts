import { randomUUID } from "node:crypto";
import { sql } from "kysely";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { goThrough, takeNotices } from "../../src/requests/policy-notices.ts";
import { type Db, dbOf, inTransaction } from "../../src/store/tables.ts";
import { absorb } from "../../src/subjects/absorb.ts";
import { confirmIdentifier } from "../../src/subjects/confirmed.ts";
import type { Identifier } from "../../src/sources/contract.ts";
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

  test("whoever had no address is sent the letter of the one with whom they have it", async () => {
    const into = await found({ kind: "PHONE", value: `+479123${String(count).padStart(4, "0")}` });
    const from = await shown(name("from"));
    await publish();
    await goThroughAll();
    expect((await noticeOf(into)).state).toBe("NO_ADDRESS");
    const { id } = await noticeOf(from);
    await unite(into, from);
    const due = await takeNotices(db, 100, 60);
    expect(due.filter((each) => each.version === version)).toMatchObject([{ id, subjectId: into }]);
  });
});
