import { chmod, mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { demoMasterKeys, readMasterKeyFile } from "../../src/demo/master-key.ts";
import { alone } from "../../src/demo/master-key-rotation.ts";
import { startDemo, type Demo } from "../../src/demo/start.ts";
import { openKeyring } from "../../src/store/keyring.ts";
import type { MasterKeys } from "../../src/store/master-keys.ts";
import { createPersonKeys } from "../../src/store/person-keys.ts";
import { migrate, openStore, type Store } from "../../src/store/store.ts";
import { insertPerson, keysOfGateway, openPerson, personsByMasterKey } from "../store/persons.ts";
import { runCommand } from "./run.ts";
import { placeOfDatabases } from "../setup/place.ts";

let folder: string;
let demo: Demo;
let store: Store;
/** The running gateway's, opened once, at its start. */
let gateway: MasterKeys;
beforeAll(async () => {
  folder = await mkdtemp(join(await placeOfDatabases(), "innsyn-rotation-"));
  // As root: where PostgreSQL's account can follow.
  await chmod(folder, 0o755);
  demo = await startDemo({
    folder,
    persons: 50,
    gatewayPort: 4000,
    ports: { issuer: 0, mailing: 0, outside: 0 },
    onProgress: () => undefined,
  });
  store = await openStore({ url: demo.databaseUrl });
  await migrate(store);
  gateway = await demoMasterKeys(folder);
  await openKeyring(store, gateway);
});
afterAll(async () => {
  await store.close(true);
  await demo.stop();
  await rm(folder, { recursive: true });
});

const rotateKeys = (env: NodeJS.ProcessEnv = {}) =>
  runCommand("keys-rotate", { INNSYN_DATA: folder, ...env });
const ids = async () => (await readMasterKeyFile(folder)).map(({ id }) => id);

test("while it is still starting, the demo is not there yet", async () => {
  const ended = await rotateKeys();
  expect(ended).toEqual({
    code: 1,
    out: "",
    err: "The demo is not running: start it first, with npm start\n",
  });
  await demo.announce("http://127.0.0.1:4000");
});

test("the running gateway reads and enrols through two rotations without a new start", async () => {
  const personKeys = createPersonKeys(gateway);
  const hash = (await openKeyring(store, gateway)).hash("sign-in")("kari");
  const kari = await insertPerson(store, personKeys);
  const [first] = await ids();

  const ended = await rotateKeys();
  expect(ended.err).toBe("");
  expect(ended.code).toBe(0);
  const [second, ...others] = await ids();
  expect(others).toEqual([first]);
  const all = (await keysOfGateway(store)) + 1;
  expect(ended.out).toContain(
    `current master key ${second}: ${all}.\nKeys still wrapped with an earlier one: 0.`,
  );
  expect((await stat(join(folder, "master.key"))).mode & 0o777).toBe(0o600);
  for (const line of (await readFile(join(folder, "master.key"), "utf8")).trim().split("\n"))
    expect(ended.out).not.toContain(line.slice(0, 20));

  const sealed = kari.key.seal("kari", "c");
  expect((await openPerson(store, personKeys, kari.id)).unseal(sealed, "c")).toBe("kari");
  const ola = await insertPerson(store, personKeys);
  expect(await personsByMasterKey(store)).toEqual({ [second!]: 2 });

  expect((await rotateKeys()).code).toBe(0);
  const [third, ...kept] = await ids();
  expect(kept).toEqual([second]);
  for (const { id } of [kari, ola]) await openPerson(store, personKeys, id);
  expect(await personsByMasterKey(store)).toEqual({ [third!]: 2 });
  expect((await openKeyring(store, await demoMasterKeys(folder))).hash("sign-in")("kari")).toBe(hash);
});

test("one rotation at a time writes the file", async () => {
  const before = await ids();
  const ended = await alone(demo.databaseUrl, () => rotateKeys());
  expect(ended.code).toBe(1);
  expect(ended.err).toBe("Another keys:rotate is under way for this demo: wait until it is done.\n");
  expect(await ids()).toEqual(before);
});

test("another database than the running gateway's is refused before a key is made", async () => {
  const before = await ids();
  const ended = await rotateKeys({ DATABASE_URL: demo.databaseUrl.replace(/innsyn$/, "other") });
  expect(ended.code).toBe(1);
  expect(ended.err).toMatch(
    /^Set DATABASE_URL as it was when the demo was started: its gateway uses postgresql:\/\/127/,
  );
  expect(await ids()).toEqual(before);
  expect((await rotateKeys({ DATABASE_URL: demo.databaseUrl })).code).toBe(0);
});
