import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import { onTestFinished } from "vitest";

export interface Script {
  readonly pid: number;
  /** The next line of standard output; throws when there is none. */
  line(): Promise<string>;
  kill(signal: NodeJS.Signals): void;
  readonly exited: Promise<number | null>;
}

/** Runs a script of `children/` as a process of its own, which is gone when the test is over. */
export async function runScript(name: string, ...words: readonly string[]): Promise<Script> {
  const path = fileURLToPath(new URL(`./children/${name}`, import.meta.url));
  return watched(spawn(process.execPath, [path, ...words], { stdio: ["ignore", "pipe", "inherit"] }));
}

export async function watched(child: ChildProcess): Promise<Script> {
  onTestFinished(() => void child.kill("SIGKILL"));
  const exited = new Promise<number | null>((resolve) => child.once("exit", resolve));
  await once(child, "spawn");
  if (child.stdout === null || child.pid === undefined) throw new Error("Its output is not piped.");
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    pid: child.pid,
    exited,
    kill: (signal) => void child.kill(signal),
    async line() {
      const next = await lines.next();
      if (next.done === true) throw new Error("The script ended without another line.");
      return next.value;
    },
  };
}

export async function until(condition: () => Promise<boolean>, timeMs = 8_000): Promise<void> {
  const deadline = Date.now() + timeMs;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error("It did not come about in time.");
    await delay(25);
  }
}
