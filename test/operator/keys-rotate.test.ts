import { randomBytes } from "node:crypto";
import { afterEach, beforeEach, expect, test } from "vitest";
import { verifyTrail } from "../../src/audit/verify.ts";
import { openKeyring } from "../../src/store/keyring.ts";
import { fixedMasterKeys, masterKey } from "../../src/store/master-keys.ts";
import { createPersonKeys } from "../../src/store/person-keys.ts";
import { openStore, type Store } from "../../src/store/store.ts";
import { type TestDatabase, testDatabase } from "../setup/database.ts";
import { insertPerson, keysOfGateway, openPerson, personsByMasterKey } from "../store/persons.ts";
import { runCommand } from "./run.ts";

const [earlier, next, stranger] = [randomBytes(32), randomBytes(32), randomBytes(32)];
const text = (...keys: readonly Buffer[]) => keys.map((key) => key.toString("base64")).join(",");
const idOf = (key: Buffer) => masterKey(key).id;

let database: TestDatabase;
let store: Store;
let id: string;
/** The gateway's own keys, and one person's. */
let kept: number;
beforeEach(async () => {
  database = await testDatabase("gateway");
  store = await openStore({ url: database.url });
  await openKeyring(store, fixedMasterKeys(earlier));
  ({ id } = await insertPerson(store, createPersonKeys(fixedMasterKeys(earlier))));
  kept = (await keysOfGateway(store)) + 1;
});
afterEach(async () => {
  await store.close(true);
  await database[Symbol.asyncDispose]();
});

const run = (env: NodeJS.ProcessEnv) =>
  runCommand("keys-rotate", { INNSYN_CONFIG: "innsyn.config.ts", DATABASE_URL: database.url, ...env });

/** No key, whole or half, and no password is told. */
function expectNoSecret(said: string): void {
  for (const key of [earlier, next, stranger]) {
    expect(said).not.toContain(key.toString("base64").slice(0, 20));
    expect(said).not.toContain(key.toString("hex").slice(0, 20));
  }
  expect(said).not.toContain(new URL(database.url).password);
}

test("everything is wrapped with the current key, and it says what to do next", async () => {
  const env = { INNSYN_MASTER_KEY: text(next), INNSYN_OTHER_MASTER_KEYS: text(earlier) };
  const first = await run(env);
  expect(first.err).toBe("");
  expect(first.code).toBe(0);
  expect(first.out).toContain(
    `current master key ${idOf(next)}: ${kept}.\nKeys still wrapped with an earlier one: 0.`,
  );
  expect(first.out).toContain("take the earlier ones out of\nINNSYN_OTHER_MASTER_KEYS");
  expectNoSecret(first.out);
  const alone = fixedMasterKeys(next);
  await openKeyring(store, alone);
  await openPerson(store, createPersonKeys(alone), id);

  const entries = await store.em
    .fork()
    .execute<{ event: string; detail: string }[]>("select * from audit_entry");
  expect(entries.map(({ event, detail }) => ({ event, detail }))).toEqual([
    { event: "KEYS_ROTATED", detail: `${kept} keys, now under ${idOf(next)}` },
  ]);
  const key = (await openKeyring(store, alone)).key("audit");
  expect(await verifyTrail(store, key)).toMatchObject({ intact: true, entries: 1 });

  const again = await run(env);
  expect(again.code).toBe(0);
  expect(again.out).toContain(
    `current master key ${idOf(next)}: 0.\nKeys still wrapped with an earlier one: 0.`,
  );
});

test("without the earlier key nothing is changed; it names the key and the variable", async () => {
  const ended = await run({ INNSYN_MASTER_KEY: text(next), INNSYN_OTHER_MASTER_KEYS: text(stranger) });
  expect(ended.code).toBe(1);
  expect(ended.out).toContain(
    `Keys still wrapped with ${idOf(earlier)}: ${kept}; name that key in INNSYN_OTHER_MASTER_KEYS and run this again.`,
  );
  expect(ended.out).not.toContain("an earlier one: 0");
  expectNoSecret(ended.out + ended.err);
  expect(await personsByMasterKey(store)).toEqual({ [idOf(earlier)]: 1 });
});

test.each([
  ["no master key", { DATABASE_URL: "postgres://u:p@127.0.0.1:1/x" }, /^Set INNSYN_MASTER_KEY /],
  ["a bad other key", { INNSYN_OTHER_MASTER_KEYS: "hemmelig" }, /^INNSYN_OTHER_MASTER_KEYS must be /],
  [
    "keys but no configuration",
    { INNSYN_CONFIG: "", INNSYN_MASTER_KEY: text(next) },
    /^Set INNSYN_CONFIG too/,
  ],
  ["no demo", { INNSYN_CONFIG: "", INNSYN_DATA: "/nowhere" }, /^The demo is not running: start it first/],
])("%s: one line that says what to do, and exit code 1", async (_, env, line) => {
  const { code, out, err } = await run(env);
  expect(err).toMatch(line);
  expect(err.trim().split("\n")).toHaveLength(1);
  expect(out).toBe("");
  expect(code).toBe(1);
  expectNoSecret(err);
});

test("a database that no gateway has started on, or that does not answer", async () => {
  await using empty = await testDatabase();
  const unmade = await run({ DATABASE_URL: empty.url, INNSYN_MASTER_KEY: text(next) });
  expect(unmade.err).toBe("DATABASE_URL: no gateway of this version has started on this database yet.\n");
  expect(unmade.code).toBe(1);
  const closed = "postgres://innsyn:s3cret-word@127.0.0.1:1/innsyn";
  const silent = await run({ DATABASE_URL: closed, INNSYN_MASTER_KEY: text(next) });
  expect(silent.err).toMatch(/^DATABASE_URL: .*ECONNREFUSED 127\.0\.0\.1:1\b.*\n$/);
  expect(silent.err).not.toContain("s3cret-word");
  expect(silent.code).toBe(1);
});
