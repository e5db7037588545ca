import { randomBytes, randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Unreadable } from "../../src/store/cipher.ts";
import { fixedMasterKeys, masterKey } from "../../src/store/master-keys.ts";
import { createPersonKeys, KeyDestroyed } from "../../src/store/person-keys.ts";
import { openStore, type Store } from "../../src/store/store.ts";
import { UnknownMasterKey } from "../../src/store/wrapping.ts";
import { type TestDatabase, testDatabase } from "../setup/database.ts";
import { insertPerson, openPerson } from "./persons.ts";

const master = randomBytes(32);
const personKeys = createPersonKeys(fixedMasterKeys(master));
const column = "identifier.sealed_value";
const text = "kari.nordmann@example.com";

let database: TestDatabase;
let store: Store;
beforeAll(async () => {
  database = await testDatabase("gateway");
  store = await openStore({ url: database.url });
});
afterAll(async () => {
  await store.close(true);
  await database[Symbol.asyncDispose]();
});

test("what is sealed under a person's key opens after a journey through the database", async () => {
  const { id, key } = await insertPerson(store, personKeys);
  const sealed = key.seal(text, column);
  const opened = await openPerson(store, personKeys, id);
  expect(opened.unseal(sealed, column)).toBe(text);
});

test("not in another column, nor under another person's key", async () => {
  const [kari, ola] = await Promise.all([insertPerson(store, personKeys), insertPerson(store, personKeys)]);
  const sealed = kari.key.seal(text, column);
  expect(() => kari.key.unseal(sealed, "restriction.sealed_reason")).toThrow(Unreadable);
  expect(() => ola.key.unseal(sealed, column)).toThrow(Unreadable);
});

test("a wrapped key given to another person does not open", async () => {
  const id = randomUUID();
  const wrapped = await personKeys.create(id);
  await personKeys.open(id, wrapped);
  await expect(personKeys.open(randomUUID(), wrapped)).rejects.toThrow(Unreadable);
});

test("a key that is destroyed says so", async () => {
  const { id } = await insertPerson(store, personKeys);
  await store.em.fork().execute("delete from keys.person_key where subject_id = ?", [id]);
  await expect(openPerson(store, personKeys, id)).rejects.toThrow(KeyDestroyed);
});

test("under an unknown master key the error names it, and what to set", async () => {
  const { id } = await insertPerson(store, personKeys);
  const stranger = createPersonKeys(fixedMasterKeys(randomBytes(32)));
  const refused = openPerson(store, stranger, id);
  await expect(refused).rejects.toThrow(UnknownMasterKey);
  await expect(refused).rejects.toThrow(masterKey(master).id);
  await expect(refused).rejects.toThrow(/INNSYN_MASTER_KEY .*INNSYN_OTHER_MASTER_KEYS/);
});

test("a master key's id is the same everywhere, and another for another key", () => {
  expect(masterKey(Buffer.alloc(32)).id).toMatch(/^[0-9a-f]{16}$/);
  expect(masterKey(Buffer.from(master)).id).toBe(masterKey(new Uint8Array(master)).id);
  expect(masterKey(Buffer.alloc(32, 1)).id).not.toBe(masterKey(Buffer.alloc(32, 2)).id);
});
