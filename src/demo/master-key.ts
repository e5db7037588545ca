import { randomBytes } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** The demo's own key, made once and readable by its owner alone. */
export async function demoMasterKey(folder: string): Promise<Uint8Array> {
  const file = join(folder, "master.key");
  const kept = await readFile(file, "utf8").catch(() => undefined);
  if (kept !== undefined) return Buffer.from(kept, "base64");
  const key = randomBytes(32);
  await mkdir(folder, { recursive: true });
  await writeFile(file, key.toString("base64"), { mode: 0o600, flag: "wx" });
  return key;
}
