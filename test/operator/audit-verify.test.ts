import { randomBytes } from "node:crypto";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createAuditTrail } from "../../src/audit/trail.ts";
import { openKeyring } from "../../src/store/keyring.ts";
import { fixedMasterKeys } from "../../src/store/master-keys.ts";
import { openStore, type Store } from "../../src/store/store.ts";
import { entry } from "../audit/harness.ts";
import { type TestDatabase, testDatabase } from "../setup/database.ts";
import { runCommand } from "./run.ts";

const masterKey = randomBytes(32);

let database: TestDatabase;
let store: Store;
beforeEach(async () => {
  database = await testDatabase("gateway");
  store = await openStore({ url: database.url });
  const keyring = await openKeyring(store, fixedMasterKeys(masterKey));
  const trail = createAuditTrail(store, { key: keyring.key("audit") });
  await Promise.all(["r1", "r2", "r3"].map((id) => trail.record(entry(id))));
  await trail.close();
});
afterEach(async () => {
  await store.close(true);
  await database[Symbol.asyncDispose]();
});

const own = () => ({
  INNSYN_CONFIG: "innsyn.config.ts",
  DATABASE_URL: database.url,
  INNSYN_MASTER_KEY: masterKey.toString("base64"),
});
const run = (words: readonly string[] = [], env: NodeJS.ProcessEnv = own()) =>
  runCommand("audit-verify", env, ...words);
const behind = (sql: string) =>
  store.em.fork().execute(`begin; set local session_replication_role = replica; ${sql}; commit`);

test("an intact trail: 0, with what there is and the head, which is good to give the next time", async () => {
  const first = await run();
  expect(first).toMatchObject({ code: 0, err: "" });
  expect(first.out).toMatch(
    /^Entries {2}3, of which 0 wait for their seal\nSeals {4}1\nHead {5}[0-9a-f]{64}\nIntact\.\n$/,
  );
  const head = /Head +(\w+)/.exec(first.out)?.[1] ?? "";
  expect(await run(["--head", head])).toMatchObject({ code: 0, out: first.out });
});

test("a broken one: 1, with the first entry and what is wrong with it", async () => {
  await behind("update audit_entry set detail = 'another' where sequence = 2");
  const ended = await run();
  expect(ended.code).toBe(1);
  expect(ended.out).toContain("BROKEN from entry 2 on: it is not what the gateway wrote (CHANGED).");
});

test("a head that the chain never had: 1", async () => {
  const ended = await run(["--head", "ab".repeat(32)]);
  expect(ended.code).toBe(1);
  expect(ended.out).toContain("BROKEN: the chain has never had the head that was given");
});

test.each<readonly [string, readonly string[], () => NodeJS.ProcessEnv, RegExp]>([
  ["no head", ["--head", "abc"], own, /^--head must be 64 hexadecimal digits/],
  ["an unknown option", ["--heads"], own, /^Usage: npm run audit:verify/],
  ["no key", [], () => ({ ...own(), INNSYN_MASTER_KEY: "" }), /^Set INNSYN_MASTER_KEY /],
  [
    "another key",
    [],
    () => ({ ...own(), INNSYN_MASTER_KEY: randomBytes(32).toString("base64") }),
    /master key that is not here.*INNSYN_OTHER_MASTER_KEYS/,
  ],
  ["no database", [], () => ({ ...own(), DATABASE_URL: "postgresql://u:p@127.0.0.1:1/x" }), /ECONNREFUSED/],
  ["no demo", [], () => ({ INNSYN_DATA: "/nowhere" }), /^The demo is not running/],
])("what cannot be verified, for %s: 2, with what to set", async (_, words, env, says) => {
  const ended = await run(words, env());
  expect(ended).toMatchObject({ code: 2, out: "" });
  expect(ended.err).toMatch(says);
  expect(ended.err).not.toContain(masterKey.toString("base64").slice(0, 20));
});

test("a database that no gateway has started on: 2", async () => {
  await using empty = await testDatabase();
  const ended = await run([], { ...own(), DATABASE_URL: empty.url });
  expect(ended).toMatchObject({ code: 2, err: expect.stringMatching(/^DATABASE_URL: no gateway/) });
});
