import { randomBytes } from "node:crypto";
import { link, mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { type MasterKey, type MasterKeys, masterKey } from "../store/master-keys.ts";

/**
 * The demo's master keys: a file that its owner alone may read, one key in base64 per line, the current one first.
 * It is read again where that matters, so that a rotation beside the running demo just works.
 */
export async function demoMasterKeys(folder: string): Promise<MasterKeys> {
  await mkdir(folder, { recursive: true });
  let known = await readOrMake(folder);
  const find = (id: string) => known.find((key) => key.id === id) ?? null;
  const reread = async () => (known = await readMasterKeyFile(folder));
  return {
    current: async () => firstOf(await reread()),
    async byId(id) {
      const found = find(id);
      if (found !== null) return found;
      await reread();
      return find(id);
    },
  };
}

/** @throws Error naming the line that holds no key */
export async function readMasterKeyFile(folder: string): Promise<readonly MasterKey[]> {
  const file = fileIn(folder);
  const lines = (await readFile(file, "utf8")).trim().split("\n");
  return lines.map((line, index) => {
    const bytes = Buffer.from(line, "base64");
    if (bytes.length === 32 && bytes.toString("base64") === line.trim()) return masterKey(bytes);
    throw new Error(`${file}, line ${index + 1}: expected 32 bytes in base64`);
  });
}

/** Replaces the file in one step. Once this resolves, the keys outlive the machine's going down. */
export async function writeMasterKeyFile(folder: string, keys: readonly MasterKey[]): Promise<void> {
  const draft = await writeDraft(folder, keys);
  await rename(draft, fileIn(folder));
  await syncFolder(folder);
}

const fileIn = (folder: string) => join(folder, "master.key");

function firstOf([first]: readonly MasterKey[]): MasterKey {
  if (first === undefined) throw new Error("the file of the master keys is empty");
  return first;
}

async function readOrMake(folder: string): Promise<readonly MasterKey[]> {
  try {
    return await readMasterKeyFile(folder);
  } catch (error) {
    if (!hasCode(error, "ENOENT")) throw error;
  }
  const draft = await writeDraft(folder, [masterKey(randomBytes(32))]);
  try {
    // A link is made whole or not at all; whoever made it first has made the key.
    await link(draft, fileIn(folder));
    await syncFolder(folder);
  } catch (error) {
    if (!hasCode(error, "EEXIST")) throw error;
  } finally {
    await rm(draft);
  }
  return readMasterKeyFile(folder);
}

async function writeDraft(folder: string, keys: readonly MasterKey[]): Promise<string> {
  const draft = `${fileIn(folder)}.${process.pid}-${randomBytes(4).toString("hex")}`;
  const file = await open(draft, "wx", 0o600);
  try {
    // Whatever the umask is.
    await file.chmod(0o600);
    await file.writeFile(keys.map(({ bytes }) => `${Buffer.from(bytes).toString("base64")}\n`).join(""));
    await file.sync();
  } finally {
    await file.close();
  }
  return draft;
}

async function syncFolder(folder: string): Promise<void> {
  // Windows opens no folders.
  if (process.platform === "win32") return;
  const handle = await open(folder, "r");
  await handle.sync().finally(() => handle.close());
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
