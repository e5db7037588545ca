import { readFile, realpath, stat } from "node:fs/promises";
import { dirname } from "node:path";

/** A user of the machine that PostgreSQL runs as. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

const NOBODY: Account = { uid: 65534, gid: 65534 };

/**
 * PostgreSQL refuses to run as root. Undefined: run as who we are; otherwise the owner of the cluster that is there
 * already, the machine's `postgres`, or `nobody`.
 */
export async function serverAccount(cluster: string | undefined): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const owner = cluster === undefined ? undefined : await stat(cluster);
  if (owner !== undefined && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };
  const accounts = await readFile("/etc/passwd", "utf8").catch(() => "");
  return named(accounts, "postgres") ?? named(accounts, "nobody") ?? NOBODY;
}

/** @param accounts as in passwd(5) */
function named(accounts: string, name: string): Account | undefined {
  const fields = accounts
    .split("\n")
    .find((line) => line.startsWith(`${name}:`))
    ?.split(":");
  const uid = Number(fields?.[2]);
  const gid = Number(fields?.[3]);
  return uid > 0 && gid > 0 ? { uid, gid } : undefined;
}

/** Whether the account may enter every folder above the path, and the path itself; a file: read it. */
export async function canReach(path: string, account: Account | undefined): Promise<boolean> {
  if (account === undefined) return true;
  let here = await realpath(path).catch(() => undefined);
  while (here !== undefined) {
    const found = await stat(here);
    const shift = found.uid === account.uid ? 6 : found.gid === account.gid ? 3 : 0;
    const needed = found.isDirectory() ? 0o1 : 0o4;
    if (((found.mode >> shift) & needed) === 0) return false;
    const above = dirname(here);
    here = above === here ? undefined : above;
    if (here === undefined) return true;
  }
  return false;
}
