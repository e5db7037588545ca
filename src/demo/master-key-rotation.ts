import { randomBytes } from "node:crypto";
import { masterKey } from "../store/master-keys.ts";
import { readMasterKeyFile, writeMasterKeyFile } from "./master-key.ts";
import { connected } from "./postgres/administration.ts";

/** Makes a new key the current one. */
export async function addMasterKey(folder: string): Promise<void> {
  await writeMasterKeyFile(folder, [masterKey(randomBytes(32)), ...(await readMasterKeyFile(folder))]);
}

/**
 * Drops the keys that nothing needs; the previous one stays, since the gateway may just be wrapping with it.
 * @param used ids of the keys that wrap something
 */
export async function dropMasterKeys(folder: string, used: ReadonlySet<string>): Promise<void> {
  const keys = await readMasterKeyFile(folder);
  const needed = keys.filter(({ id }, place) => place < 2 || used.has(id));
  if (needed.length < keys.length) await writeMasterKeyFile(folder, needed);
}

/** Two rotations at once would each write the file: a key that one of them made could be lost. */
export class RotationUnderWay extends Error {
  override readonly name = "RotationUnderWay";
}

/** @throws RotationUnderWay; a rotation that is killed gives way by itself */
export function alone<T>(databaseUrl: string, work: () => Promise<T>): Promise<T> {
  return connected(databaseUrl, async (client) => {
    const { rows } = await client.query<{ mine: boolean }>(
      "select pg_try_advisory_lock(hashtext('innsyn-demo-master-keys')) as mine",
    );
    if (rows[0]?.mine !== true) {
      throw new RotationUnderWay("Another keys:rotate is under way for this demo: wait until it is done.");
    }
    return work();
  });
}
