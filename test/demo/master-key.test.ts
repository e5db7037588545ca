import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { demoMasterKeys, readMasterKeyFile } from "../../src/demo/master-key.ts";
import { addMasterKey, dropMasterKeys } from "../../src/demo/master-key-rotation.ts";
import { masterKey } from "../../src/store/master-keys.ts";

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "innsyn-keys-"));
  file = join(folder, "master.key");
});
afterEach(() => rm(folder, { recursive: true }));

const mode = async () => ((await stat(file)).mode & 0o777).toString(8);
const ids = async () => (await readMasterKeyFile(folder)).map(({ id }) => id);

test("it is made once, for its owner alone, however many ask for it at once", async () => {
  const asked = await Promise.all(Array.from({ length: 8 }, () => demoMasterKeys(folder)));
  const keys = await Promise.all(asked.map(async (each) => (await each.current()).id));
  expect(new Set(keys)).toEqual(new Set(await ids()));
  expect(await ids()).toHaveLength(1);
  expect(await mode()).toBe("600");
  expect(await readdir(folder)).toEqual(["master.key"]);
});

test.each(["0000", "0077", "0777"])("under a umask of %s too", async (umask) => {
  const module = fileURLToPath(new URL("../../src/demo/master-key.ts", import.meta.url));
  const script = `process.umask(0o${umask}); await (await import(process.argv[1])).demoMasterKeys(process.argv[2]);`;
  const { status, stderr } = spawnSync(
    process.execPath,
    ["--input-type=module", "--eval", script, module, folder],
    { encoding: "utf8" },
  );
  expect(stderr).toBe("");
  expect(status).toBe(0);
  expect(await mode()).toBe("600");
});

test("a file of an earlier version, one key without a line's end, is read as it is", async () => {
  const key = Buffer.alloc(32, 9);
  await writeFile(file, key.toString("base64"), { mode: 0o600 });
  expect((await (await demoMasterKeys(folder)).current()).bytes).toEqual(key);
});

test("a new key is seen without a new start: as the current one, and by its name", async () => {
  const running = await demoMasterKeys(folder);
  const other = await demoMasterKeys(folder);
  const first = await running.current();
  await chmod(file, 0o644);
  await addMasterKey(folder);
  expect(await mode()).toBe("600");
  const second = await running.current();
  expect(second.id).not.toBe(first.id);
  expect(await ids()).toEqual([second.id, first.id]);
  expect((await other.byId(second.id))?.bytes).toEqual(second.bytes);
  expect((await other.byId(first.id))?.bytes).toEqual(first.bytes);
  expect(await other.byId(masterKey(Buffer.alloc(32)).id)).toBeNull();
});

test("keys are dropped that wrap nothing, but not the previous one", async () => {
  const first = (await (await demoMasterKeys(folder)).current()).id;
  for (let more = 0; more < 3; more++) await addMasterKey(folder);
  const [fourth, third] = await ids();
  await dropMasterKeys(folder, new Set([fourth!, first]));
  expect(await ids()).toEqual([fourth, third, first]);
  expect(await mode()).toBe("600");
  await dropMasterKeys(folder, new Set([fourth!]));
  expect(await ids()).toEqual([fourth, third]);
});

test("a line that holds no key is named, and not repeated", async () => {
  await demoMasterKeys(folder);
  const secret = Buffer.alloc(31, 5).toString("base64");
  await writeFile(file, `${(await readFile(file, "utf8")) + secret}\n`);
  await expect(demoMasterKeys(folder)).rejects.toThrow(/master\.key, line 2: expected 32 bytes in base64$/);
});
