import { randomBytes } from "node:crypto";
import { fileURLToPath } from "node:url";
import { spawn } from "node:child_process";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openKeyring } from "../../src/store/keyring.ts";
import { fixedMasterKeys, masterKey } from "../../src/store/master-keys.ts";
import { createPersonKeys } from "../../src/store/person-keys.ts";
import { keysByMasterKey, rotate } from "../../src/store/rotate.ts";
import { openStore, type Store } from "../../src/store/store.ts";
import { watched } from "../demo/scripts.ts";
import { type TestDatabase, testDatabase } from "../setup/database.ts";
import { insertPerson, type Kept, keysOfGateway, openPerson, personsByMasterKey } from "./persons.ts";

const PERSONS = 2_000;
const column = "identifier.sealed_value";
const [earlier, next] = [randomBytes(32), randomBytes(32)];
const [earlierId, nextId] = [masterKey(earlier).id, masterKey(next).id];
/** As the gateway has them before its replicas are started anew, and after. */
const before = fixedMasterKeys(earlier, [next]);
const after = fixedMasterKeys(next, [earlier]);

let database: TestDatabase;
let store: Store;
let hash: string;
let ownKeys: number;
let persons: Kept[];
beforeEach(async () => {
  database = await testDatabase("gateway");
  store = await openStore({ url: database.url });
  hash = (await openKeyring(store, before)).hash("sign-in")("kari");
  ownKeys = await keysOfGateway(store);
  const personKeys = createPersonKeys(before);
  persons = [];
  for (let made = 0; made < PERSONS; made += 100) {
    persons.push(...(await Promise.all(Array.from({ length: 100 }, () => insertPerson(store, personKeys)))));
  }
});
afterEach(async () => {
  await store.close(true);
  await database[Symbol.asyncDispose]();
});

function startRotation() {
  const script = fileURLToPath(new URL("./children/rotate.ts", import.meta.url));
  const words = [database.url, next.toString("base64"), earlier.toString("base64")];
  return watched(spawn(process.execPath, [script, ...words], { stdio: ["ignore", "pipe", "inherit"] }));
}

/** Opens every person's key with the given master keys, and what was sealed under it long before. */
async function expectAllOpen(keys: typeof after, sealed: readonly Buffer[]): Promise<void> {
  const personKeys = createPersonKeys(keys);
  for (const [at, { id }] of persons.entries()) {
    const key = await openPerson(store, personKeys, id);
    expect(key.unseal(sealed[at] ?? Buffer.alloc(0), column)).toBe(id);
  }
}

test("killed half-way, it is carried on; the gateway enrols and reads all the while", async () => {
  const sealed = persons.map(({ id, key }) => key.seal(id, column));
  const done = new AbortController();
  const enrolled: Kept[] = [];
  const gateway = {
    // One replica has the new key already, the other not yet.
    async enrol(keys: typeof after) {
      const personKeys = createPersonKeys(keys);
      while (!done.signal.aborted) enrolled.push(await insertPerson(store, personKeys));
    },
    async read(keys: typeof after) {
      const personKeys = createPersonKeys(keys);
      let reads = 0;
      for (let at = 0; !done.signal.aborted; at = (at + 7) % PERSONS, reads++) {
        const key = await openPerson(store, personKeys, persons[at]!.id);
        expect(key.unseal(sealed[at]!, column)).toBe(persons[at]!.id);
      }
      return reads;
    },
  };
  const serving = Promise.all([
    gateway.read(before),
    gateway.read(after),
    gateway.enrol(before),
    gateway.enrol(after),
  ]);
  // Seen at once, not only where it is awaited.
  serving.catch(() => done.abort());

  const killed = await startRotation();
  while (Number(await killed.line()) < 300);
  killed.kill("SIGKILL");
  expect(await killed.exited).toBe(null);
  const halfWay = await personsByMasterKey(store);
  expect(halfWay[earlierId]).toBeGreaterThan(500);
  expect(halfWay[nextId]).toBeGreaterThan(250);

  const resumed = await startRotation();
  expect(await resumed.exited).toBe(0);
  done.abort();
  const [readBefore, readAfter] = await serving;
  expect(readBefore).toBeGreaterThan(50);
  expect(readAfter).toBeGreaterThan(50);
  expect(enrolled.length).toBeGreaterThan(50);

  // Whom the replica with the earlier key enrolled last is for one more, short rotation.
  const { remaining, unreadable } = await rotate(store, after);
  expect([...remaining]).toEqual([]);
  expect(unreadable).toBe(0);
  expect(await personsByMasterKey(store)).toEqual({ [nextId]: PERSONS + enrolled.length });
  expect([...(await keysByMasterKey(store))]).toEqual([[nextId, PERSONS + enrolled.length + ownKeys]]);
  const alone = fixedMasterKeys(next);
  await expectAllOpen(alone, sealed);
  expect((await openKeyring(store, alone)).hash("sign-in")("kari")).toBe(hash);
}, 60_000);

test("two side by side share the work, and a third finds nothing to do", async () => {
  const sealed = persons.map(({ id, key }) => key.seal(id, column));
  const there = await openStore({ url: database.url });
  try {
    const both = await Promise.all([store, there].map((each) => rotate(each, after, { batchSize: 50 })));
    expect(both.map(({ remaining }) => remaining.size)).toEqual([0, 0]);
    const rewrapped = both.map((each) => each.rewrapped);
    expect(rewrapped.reduce((sum, each) => sum + each)).toBe(PERSONS + ownKeys);
    for (const each of rewrapped) expect(each).toBeGreaterThan(0);
  } finally {
    await there.close(true);
  }
  expect(await rotate(store, after)).toEqual({ rewrapped: 0, remaining: new Map(), unreadable: 0 });
  await expectAllOpen(fixedMasterKeys(next), sealed);
}, 60_000);

test("a key that is destroyed stays destroyed", async () => {
  const gone = persons.slice(0, 3).map(({ id }) => id);
  await store.em
    .fork()
    .execute("delete from keys.person_key where subject_id = any(?::uuid[])", [`{${gone}}`]);
  expect((await rotate(store, after)).remaining.size).toBe(0);
  expect(await personsByMasterKey(store)).toEqual({ [nextId]: PERSONS - 3 });
});

test("rows that another transaction holds are rewrapped when it lets go", async () => {
  const [held] = persons;
  const holder = store.em.fork();
  await holder.begin();
  await holder.execute("select 1 from keys.person_key where subject_id = ? for update", [held!.id]);
  let rewrapped = 0;
  const rotation = rotate(store, after, { onProgress: (sofar) => (rewrapped = sofar) });
  await expect.poll(() => rewrapped, { timeout: 10_000 }).toBe(PERSONS + ownKeys - 1);
  await holder.commit();
  expect(await rotation).toEqual({ rewrapped: PERSONS + ownKeys, remaining: new Map(), unreadable: 0 });
});

test("what cannot be rewrapped is counted, and keeps nothing else from it", async () => {
  const stranger = randomBytes(32);
  await insertPerson(store, createPersonKeys(fixedMasterKeys(stranger)));
  const [one, other] = persons.map(({ id }) => id);
  await store.em.fork().execute(
    `update keys.person_key set wrapped_key = (select wrapped_key from keys.person_key where subject_id = ?)
       where subject_id = ?`,
    [other, one],
  );
  const rotation = await rotate(store, after);
  expect(rotation.rewrapped).toBe(PERSONS + ownKeys - 1);
  expect(rotation.unreadable).toBe(1);
  expect(Object.fromEntries(rotation.remaining)).toEqual({ [masterKey(stranger).id]: 1, [earlierId]: 1 });
});
