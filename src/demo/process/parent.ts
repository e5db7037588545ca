import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";

import type { ToChild, ToParent } from "./child.ts";

export interface Child<R> {
  readonly ready: R;
  /** Exit code; a child killed by a signal counts as -1. */
  readonly exited: Promise<number>;
  /** Closes it in good order, by force after 5 s. Done when the process is gone. */
  stop(): Promise<void>;
}

const STOPPING_TIME_MS = 5_000;

/**
 * Starts an entry file that calls `runChild` (name it by `siblingEntry`) and waits until it serves. The child ends by itself when this process is gone, however that came about.
 */
export async function startChild<S, R>(entry: URL, settings: S): Promise<Child<R>> {
  const child = fork(entry, {
    // Nothing inherited: the options of a test runner or of the shell are not the child's.
    env: {},
    execArgv: [],
    serialization: "advanced",
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  const exited = new Promise<number>((resolve) => {
    child.once("exit", (code) => resolve(code ?? -1));
    child.once("error", () => resolve(-1));
  });
  const stop = () => stopChild(child, exited);
  try {
    const ready = await readiness<S, R>(child, settings, fileURLToPath(entry));
    return { ready, exited, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The entry file beside the caller, as TypeScript in tests and as JavaScript once compiled. */
export function siblingEntry(callerUrl: string, name: string): URL {
  const ending = callerUrl.endsWith(".ts") ? ".ts" : ".js";
  return new URL(`./${name}${ending}`, callerUrl);
}

function readiness<S, R>(child: ChildProcess, settings: S, name: string): Promise<R> {
  return new Promise<R>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) => {
      reject(new Error(`${name} ended before it was ready (${signal ?? `exit code ${code}`}).`));
    });
    child.once("message", (message) => {
      const told = message as ToParent<R>;
      if ("ready" in told) resolve(told.ready);
      else reject(new Error(`${name} could not start: ${told.failed}`));
    });
    const message: ToChild<S> = { settings };
    child.send({ ...message }, (error) => {
      if (error !== null) reject(error);
    });
  });
}

async function stopChild(child: ChildProcess, exited: Promise<number>): Promise<void> {
  // Losing the channel is the one signal that every platform delivers.
  if (child.connected) child.disconnect();
  const force = setTimeout(() => child.kill("SIGKILL"), STOPPING_TIME_MS);
  await exited;
  clearTimeout(force);
}
