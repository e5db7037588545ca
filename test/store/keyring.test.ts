import { createHmac, randomBytes } from "node:crypto";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Unreadable } from "../../src/store/cipher.ts";
import { keyedHash } from "../../src/store/keyed-hash.ts";
import { type KeyUse, openKeyring } from "../../src/store/keyring.ts";
import { fixedMasterKeys, masterKey } from "../../src/store/master-keys.ts";
import { createPersonKeys } from "../../src/store/person-keys.ts";
import { openStore, type Store } from "../../src/store/store.ts";
import { UnknownMasterKey } from "../../src/store/wrapping.ts";
import { type TestDatabase, testDatabase } from "../setup/database.ts";
import { insertPerson } from "./persons.ts";

const uses: readonly KeyUse[] = ["sign-in", "identifier", "record", "actor", "audit"];
const master = randomBytes(32);

let database: TestDatabase;
let store: Store;
beforeEach(async () => {
  database = await testDatabase("gateway");
  store = await openStore({ url: database.url });
});
afterEach(async () => {
  await store.close(true);
  await database[Symbol.asyncDispose]();
});

const hashes = async (keys: ReturnType<typeof fixedMasterKeys>) => {
  const keyring = await openKeyring(store, keys);
  return uses.map((use) => keyring.hash(use)("kari"));
};

test("replicas that start at once on a new database have the same keys, and so has a later one", async () => {
  const replicas = await Promise.all(Array.from({ length: 6 }, () => openStore({ url: database.url })));
  try {
    const keyrings = await Promise.all(replicas.map((each) => openKeyring(each, fixedMasterKeys(master))));
    const keys = keyrings.map((keyring) => uses.map((use) => Buffer.from(keyring.key(use)).toString("hex")));
    expect(new Set(keys.map((each) => each.join())).size).toBe(1);
    expect(new Set(keys[0]).size).toBe(uses.length);
    for (const key of keys[0] ?? []) expect(key).toMatch(/^[0-9a-f]{64}$/);
    const later = await openKeyring(store, fixedMasterKeys(master));
    expect(Buffer.from(later.key("audit")).toString("hex")).toBe(keys[0]?.at(-1));
  } finally {
    await Promise.all(replicas.map((each) => each.close(true)));
  }
});

test("hashes of two uses, and of parts cut otherwise, never meet", async () => {
  const keyring = await openKeyring(store, fixedMasterKeys(master));
  const made = [
    ...uses.map((use) => keyring.hash(use)("a", "b")),
    keyring.hash("sign-in")("ab"),
    keyring.hash("sign-in")("a", "b", ""),
    keyring.hash("sign-in")('a","b'),
  ];
  expect(new Set(made).size).toBe(made.length);
  expect(keyring.hash("record")("a", "b")).toBe(keyedHash(keyring.key("record"))("a", "b"));
  const plain = createHmac("sha256", keyring.key("record")).update('["a","b"]').digest("hex");
  expect(keyring.hash("record")("a", "b")).toBe(plain);
});

test("the keys are random: the same master key in another database gives others", async () => {
  await using other = await testDatabase("gateway");
  const there = await openStore({ url: other.url });
  try {
    const [here, elsewhere] = await Promise.all(
      [store, there].map((each) => openKeyring(each, fixedMasterKeys(master))),
    );
    expect(here?.hash("sign-in")("kari")).not.toBe(elsewhere?.hash("sign-in")("kari"));
  } finally {
    await there.close(true);
  }
});

test("another master key is refused by a message that names what to set, and changes nothing", async () => {
  const before = await hashes(fixedMasterKeys(master));
  const refused = openKeyring(store, fixedMasterKeys(randomBytes(32)));
  await expect(refused).rejects.toThrow(UnknownMasterKey);
  await expect(refused).rejects.toThrow(/INNSYN_MASTER_KEY .*INNSYN_OTHER_MASTER_KEYS/);
  await expect(refused).rejects.toThrow(masterKey(master).id);
  expect(await hashes(fixedMasterKeys(master))).toEqual(before);
  // Half-way through a rotation the key is one of the others.
  expect(await hashes(fixedMasterKeys(randomBytes(32), [master]))).toEqual(before);
});

test("a person whose key is wrapped with a master key that is gone stops the start", async () => {
  await hashes(fixedMasterKeys(master));
  const [gone, kept] = [randomBytes(32), randomBytes(32)];
  for (const each of [master, kept, kept, gone, master]) {
    await insertPerson(store, createPersonKeys(fixedMasterKeys(each)));
  }
  await expect(openKeyring(store, fixedMasterKeys(master, [kept]))).rejects.toThrow(masterKey(gone).id);
  await openKeyring(store, fixedMasterKeys(master, [kept, gone]));
});

test("a wrapped key moved to another row does not open", async () => {
  await hashes(fixedMasterKeys(master));
  await store.em
    .fork()
    .execute(
      "update keyring set wrapped_key = (select wrapped_key from keyring where name = 'audit') where name = 'record'",
    );
  await expect(openKeyring(store, fixedMasterKeys(master))).rejects.toThrow(Unreadable);
});
