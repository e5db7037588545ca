import { fork } from "node:child_process";
import type { ToChild, ToParent } from "../src/demo/process/child.ts";

export interface Running<R> {
  readonly ready: R;
  readonly pid: number;
  stop(): Promise<void>;
}

/** What each measured server tells once it listens. */
export interface Address {
  readonly url: string;
}

/** Runs an entry file that calls `runChild`, in a process of its own and as in production. */
export async function start<S, R>(
  entry: string,
  settings: S,
  execArgv: readonly string[] = [],
): Promise<Running<R>> {
  const child = fork(new URL(entry, import.meta.url), {
    env: { NODE_ENV: "production" },
    execArgv: [...execArgv],
    serialization: "advanced",
    // Standard output is ours: with --json there is one object on it.
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const told = new Promise<ToParent<R>>((resolve, reject) => {
    child.once("message", (message) => resolve(message as ToParent<R>));
    child.once("exit", (code) => reject(new Error(`${entry} ended with ${code} before it was ready`)));
    child.once("error", reject);
  });
  const message: ToChild<S> = { settings };
  child.send({ ...message });
  const answer = await told;
  const stop = async () => {
    if (child.connected) child.disconnect();
    await exited;
  };
  if ("ready" in answer) return { ready: answer.ready, pid: child.pid ?? 0, stop };
  await stop();
  throw new Error(`${entry} could not start: ${answer.failed}`);
}
