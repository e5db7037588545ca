import { execFile } from "node:child_process";
import { readFile, readlink, realpath, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";

/** How a postmaster is asked to end, and how long it gets: fast, immediate, force. */
const INSISTENCE = [
  ["SIGINT", 10_000],
  ["SIGQUIT", 5_000],
  ["SIGKILL", 5_000],
] as const;

/**
 * Ends the server that an earlier run left on this cluster, and clears away the lock file of one that is gone. Only
 * for who owns the data folder.
 *
 * @throws Error when it cannot be ended
 */
export async function endOrphan(cluster: string, onProgress: (line: string) => void): Promise<void> {
  const lockFile = join(cluster, "postmaster.pid");
  const pid = await readPid(lockFile);
  if (pid === undefined) return;
  if (await isServerOf(cluster, pid)) {
    onProgress(`Stopping the PostgreSQL that an earlier run left behind (process ${pid})`);
    await end(cluster, pid);
  }
  // Its number may belong to another program by now, which PostgreSQL would take for a server.
  await rm(lockFile, { force: true });
}

async function end(cluster: string, pid: number): Promise<void> {
  for (const [signal, patienceMs] of INSISTENCE) {
    try {
      process.kill(pid, signal);
    } catch {
      return;
    }
    const deadline = Date.now() + patienceMs;
    while (Date.now() < deadline) {
      if (!(await isServerOf(cluster, pid))) return;
      await delay(20);
    }
  }
  throw new Error(`PostgreSQL of an earlier run (process ${pid}) does not end. End it, and start again.`);
}

async function readPid(lockFile: string): Promise<number | undefined> {
  const text = await readFile(lockFile, "utf8").catch(() => "");
  const pid = Number.parseInt(text, 10);
  return pid > 0 ? pid : undefined;
}

/** Process numbers are used again: the one in the lock file must still be PostgreSQL, and on this cluster. */
async function isServerOf(cluster: string, pid: number): Promise<boolean> {
  if (process.platform === "linux") {
    // A postmaster's working directory is its cluster.
    const folder = await readlink(`/proc/${pid}/cwd`).catch(() => undefined);
    return folder !== undefined && folder === (await realpath(cluster));
  }
  if (process.platform === "win32") return false;
  const command = await promisify(execFile)("ps", ["-p", String(pid), "-o", "command="]).catch(
    () => undefined,
  );
  return command !== undefined && command.stdout.includes("postgres") && command.stdout.includes(cluster);
}
