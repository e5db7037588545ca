import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

import { freePort } from "../process/ports.ts";
import type { Account } from "./account.ts";
import { type ClusterState, clusterOf } from "./place.ts";

export interface RunningServer {
  readonly port: number;
  readonly exited: Promise<void>;
  stop(): Promise<void>;
}

export interface LaunchOptions {
  readonly port?: number;
  readonly durable: boolean;
}

const STARTING_TIME_MS = 30_000;
const STOPPING_TIME_MS = 10_000;
const ATTEMPTS = 20;

/** A failed start that may go well a moment later: the port was taken, or a killed server's last backend lives on. */
const PASSING = /Address already in use|could not bind|shared memory block/;

/**
 * Runs `$2…` as this very process, and a watcher beside it that signals `$0` to it once standard input ends without a
 * line: that is, once our process is gone. The watcher is no child of PostgreSQL, which would wonder about it.
 */
const WITH_WATCHER = `
exec 3<&0
( ( read -r line || { read -r pid < "$1/postmaster.pid" && [ "$pid" = "$$" ] && kill -s "$0" "$$"; } ) <&3 >/dev/null 2>&1 & )
shift
exec "$@" </dev/null 3<&-`;

export async function launch(
  postgres: string,
  state: ClusterState,
  account: Account | undefined,
  options: LaunchOptions,
): Promise<RunningServer> {
  let remembered = state.port ?? 0;
  for (let attempt = 1; ; attempt++) {
    const port = options.port ?? (await freePort(remembered));
    try {
      return await launchOnce(postgres, state, account, { port, durable: options.durable });
    } catch (error) {
      const passing = error instanceof Error && PASSING.test(error.message);
      if (!passing || attempt === ATTEMPTS) throw error;
      remembered = 0;
      await delay(100);
    }
  }
}

async function launchOnce(
  postgres: string,
  state: ClusterState,
  account: Account | undefined,
  options: Required<LaunchOptions>,
): Promise<RunningServer> {
  const cluster = clusterOf(state);
  const logFile = join(state.home, "log");
  const stopSignal = options.durable ? "SIGINT" : "SIGQUIT";
  const command = [postgres, "-D", cluster, ...settings(options).flatMap((setting) => ["-c", setting])];
  const log = openSync(logFile, "w", 0o600);
  const [program = postgres, ...words] =
    process.platform === "win32"
      ? command
      : ["/bin/sh", "-c", WITH_WATCHER, stopSignal.slice(3), cluster, ...command];
  const child = spawn(program, words, {
    cwd: state.home,
    // In a group of its own: Ctrl-C in the terminal is for us, who close in good order.
    detached: process.platform !== "win32",
    env: { LC_ALL: "C", TZ: "UTC" },
    stdio: ["pipe", log, log],
    ...account,
  });
  closeSync(log);
  child.stdin?.on("error", () => undefined);
  const exited = new Promise<void>((resolve) => {
    child.once("exit", () => resolve());
    child.once("error", () => resolve());
  });
  const stop = () => stopServer(child, exited, stopSignal);
  try {
    await ready(child, cluster);
  } catch (error) {
    await stop();
    const told = await readFile(logFile, "utf8").catch(() => "");
    throw new Error(`PostgreSQL did not start: ${told.trim().split("\n").slice(-5).join("\n")}`, {
      cause: error,
    });
  }
  return { port: options.port, exited, stop };
}

function settings({ port, durable }: Required<LaunchOptions>): readonly string[] {
  return [
    `port=${port}`,
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "max_connections=200",
    "timezone=UTC",
    // The log holds what happens to the server, and none of the values that failed statements quote.
    "log_min_messages=log",
    "log_min_error_statement=panic",
    "log_error_verbosity=terse",
    "log_checkpoints=off",
    ...(durable ? [] : ["fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum=off"]),
  ];
}

/** PostgreSQL writes its state into the eighth line of its lock file. */
async function ready(child: ChildProcess, cluster: string): Promise<void> {
  const deadline = Date.now() + STARTING_TIME_MS;
  while (child.exitCode === null && child.signalCode === null && child.pid !== undefined) {
    const lines = (await readFile(join(cluster, "postmaster.pid"), "utf8").catch(() => "")).split("\n");
    if (lines[0] === String(child.pid) && lines[7]?.trim() === "ready") return;
    if (Date.now() > deadline) throw new Error(`not ready after ${STARTING_TIME_MS} ms`);
    await delay(10);
  }
  throw new Error("ended while starting");
}

async function stopServer(child: ChildProcess, exited: Promise<void>, signal: NodeJS.Signals): Promise<void> {
  // A line tells the watcher that nobody is gone.
  child.stdin?.end("\n");
  child.kill(signal);
  const force = setTimeout(() => child.kill("SIGQUIT"), STOPPING_TIME_MS);
  await exited;
  clearTimeout(force);
}
