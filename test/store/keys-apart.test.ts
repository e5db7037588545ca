import { randomBytes, randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { fixedMasterKeys } from "../../src/store/master-keys.ts";
import { createPersonKeys } from "../../src/store/person-keys.ts";
import { migrate, openStore, type Store } from "../../src/store/store.ts";
import { type TestDatabase, testDatabase } from "../setup/database.ts";
import { openPerson } from "./persons.ts";

const personKeys = createPersonKeys(fixedMasterKeys(randomBytes(32)));
const column = "identifier.sealed_value";

let database: TestDatabase;
let store: Store;
beforeAll(async () => {
  database = await testDatabase();
  store = await openStore({ url: database.url });
});
afterAll(async () => {
  await store.close(true);
  await database[Symbol.asyncDispose]();
});

test("keys that lay with the persons are moved apart as they are, and none stays where it was", async () => {
  await store.migrator.up({ to: "20261123-requests" });
  const [kari, merged] = [randomUUID(), randomUUID()];
  const { key, wrappedKey, masterKeyId } = await personKeys.create(kari);
  const run = (text: string, values: readonly unknown[] = []) =>
    store.em.fork().execute<object[]>(text, values);
  await run("insert into subject (id, created_at, wrapped_key, master_key_id) values (?, now(), ?, ?)", [
    kari,
    wrappedKey,
    masterKeyId,
  ]);
  await run("insert into subject (id, created_at, merged_into) values (?, now(), ?)", [merged, kari]);
  await migrate(store);
  const opened = await openPerson(store, personKeys, kari);
  expect(opened.unseal(key.seal("kari", column), column)).toBe("kari");
  expect(await run("select subject_id from keys.person_key")).toEqual([{ subject_id: kari }]);
  const wrapped = await run(
    `select table_schema || '.' || table_name as place from information_schema.columns
     where column_name = 'wrapped_key' order by 1`,
  );
  expect(wrapped).toEqual([{ place: "keys.person_key" }, { place: "public.keyring" }]);
});
