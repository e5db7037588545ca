import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Role } from "../../src/access/vocabulary.ts";
import { keyedHash } from "../../src/store/keyed-hash.ts";
import { openStore, type Store } from "../../src/store/store.ts";
import { createPeople, type FindPerson } from "../../src/subjects/people.ts";
import type { Principal } from "../../src/subjects/principal.ts";
import { type TestDatabase, testDatabase } from "../setup/database.ts";

let database: TestDatabase;
let store: Store;
let find: FindPerson;
const key = randomBytes(32);

beforeAll(async () => {
  database = await testDatabase("gateway");
  store = await openStore({ url: database.url });
  find = createPeople(store, keyedHash(key, "sign-in"));
});
afterAll(async () => {
  await store.close(true);
  await database[Symbol.asyncDispose]();
});

const principal = (sub: string, changes: Partial<Principal> = {}): Principal => ({
  sub,
  issuer: "https://id.example",
  roles: new Set<Role>(["SUBJECT"]),
  identifiers: [{ kind: "EMAIL", value: `${sub}@example.com` }],
  authenticatedAt: null,
  authenticationContext: null,
  ...changes,
});

test("whoever signs in again is the same person, also under a changed address", async () => {
  const first = await find(principal("kari"));
  const again = await find(principal("kari", { identifiers: [{ kind: "EMAIL", value: "new@example.com" }] }));
  expect(again?.id).toBe(first?.id);
  expect(again?.identity.identifiers).toEqual([{ kind: "EMAIL", value: "new@example.com" }]);
});

test("the same name at another issuer is somebody else", async () => {
  const one = await find(principal("ola"));
  const other = await find(principal("ola", { issuer: "https://other.example" }));
  expect(other?.id).not.toBe(one?.id);
});

test("two replicas that meet a new person at once give one name", async () => {
  const replica = await openStore({ url: database.url });
  try {
    const there = createPeople(replica, keyedHash(key, "sign-in"));
    const found = await Promise.all(
      Array.from({ length: 20 }, (_, i) => (i % 2 ? find : there)(principal("together"))),
    );
    expect(new Set(found.map((person) => person?.id)).size).toBe(1);
  } finally {
    await replica.close(true);
  }
});

test.each([
  ["staff", { roles: new Set<Role>(["SUPPORT"]) }],
  ["nobody by role", { roles: new Set<Role>() }],
  ["without a verified identifier", { identifiers: [] }],
])("a caller who is %s is nobody's data subject, and leaves no trace", async (_, changes) => {
  const count = async () =>
    (await store.em.fork().execute<{ n: string }[]>("select count(*) n from subject"))[0]?.n;
  const before = await count();
  expect(await find(principal("somebody", changes))).toBeNull();
  expect(await count()).toBe(before);
});

test("the database knows a sign-in by a keyed hash alone", async () => {
  await find(principal("secret-sub"));
  const rows = JSON.stringify(await store.em.fork().execute("select * from sign_in, subject"));
  expect(rows).not.toContain("secret-sub");
  expect(rows).not.toContain("id.example");
  const hash = keyedHash(key, "sign-in")("https://id.example", "secret-sub");
  expect(rows).toContain(hash);
});

test("hashes of two uses, keys or ways to part the words never meet", () => {
  const hashes = [
    keyedHash(key, "sign-in")("a", "b"),
    keyedHash(key, "suppression")("a", "b"),
    keyedHash(randomBytes(32), "sign-in")("a", "b"),
    keyedHash(key, "sign-in")("ab"),
    keyedHash(key, "sign-in")("a", "b", ""),
    keyedHash(key, "sign-in")('a","b'),
  ];
  expect(new Set(hashes).size).toBe(6);
  for (const hash of hashes) expect(hash).toMatch(/^[0-9a-f]{64}$/);
});
