import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";

/**
 * Tells a process from a later one with the same number, after a restart of the machine too. Undefined: there is no
 * such process.
 */
export async function processIdentity(pid: number): Promise<string | undefined> {
  if (!exists(pid)) return undefined;
  if (process.platform === "linux") return linuxIdentity(pid);
  // Windows tells no start time cheaply: the number has to do.
  if (process.platform === "win32") return String(pid);
  const found = await promisify(execFile)("ps", ["-p", String(pid), "-o", "lstart="]).catch(() => undefined);
  return found?.stdout.trim();
}

/** Start time in clock ticks since boot: the 22nd field of proc_pid_stat(5). */
async function linuxIdentity(pid: number): Promise<string | undefined> {
  const [stat, boot] = await Promise.all([
    readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined),
    readFile("/proc/sys/kernel/random/boot_id", "utf8").catch(() => ""),
  ]);
  // The second field is the program's name in brackets, and may hold spaces and brackets.
  const fields = stat?.slice(stat.lastIndexOf(")") + 2).split(" ");
  // A zombie has ended; only its parent has not noticed.
  if (fields === undefined || fields[0] === "Z") return undefined;
  return `${boot.trim()}/${fields[19]}`;
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Another user's.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
