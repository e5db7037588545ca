import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { basename } from "node:path";

interface Process {
  readonly parent: number;
  /** Its program's name. */
  readonly name: string;
}

/**
 * Calls `gone` once when the process that started this one has ended. `npm start` forwards Ctrl-C and SIGTERM, but an
 * npm killed by force cannot, and would leave us running.
 *
 * @returns stops watching
 */
export function watchParent(gone: () => void, everyMs = 500): () => void {
  const parent = process.ppid;
  const starter = behindShell(parent);
  const timer = setInterval(() => {
    if (process.ppid === parent && isAlive(parent) && isAlive(starter)) return;
    clearInterval(timer);
    gone();
  }, everyMs);
  timer.unref();
  return () => clearInterval(timer);
}

/** npm puts a shell between, which would outlive it and wait for us. */
function behindShell(pid: number): number {
  const found = describe(pid);
  return found !== undefined && found.parent > 0 && /^-?[a-z]*sh$|^busybox$/.test(found.name)
    ? found.parent
    : pid;
}

/** Read at once: a moment later the starter might be gone, and unknown. */
function describe(pid: number): Process | undefined {
  try {
    if (process.platform === "linux") {
      // proc_pid_stat(5): pid (name) state parent …
      const [, name, parent] =
        /^\d+ \((.*)\) \S (\d+)/s.exec(readFileSync(`/proc/${pid}/stat`, "utf8")) ?? [];
      return name === undefined ? undefined : { name, parent: Number(parent) };
    }
    if (process.platform === "win32") return undefined;
    const told = execFileSync("ps", ["-p", String(pid), "-o", "ppid=,comm="], { encoding: "utf8" });
    const [, parent, name] = /^\s*(\d+)\s+(.*)$/.exec(told.trimEnd()) ?? [];
    return name === undefined ? undefined : { name: basename(name), parent: Number(parent) };
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
