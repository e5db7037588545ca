import { spawn } from "node:child_process";
import { chown, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

import type { Account } from "./account.ts";
import { type ClusterState, clusterOf, markFinished } from "./place.ts";

/**
 * Makes the cluster: UTF-8, with the built-in locale that knows every letter's case and is the same on every
 * machine, and a password for everyone.
 */
export async function makeCluster(
  initdb: string,
  state: ClusterState,
  account: Account | undefined,
  durable: boolean,
): Promise<void> {
  const passwordFile = join(state.home, "password.new");
  await writeFile(passwordFile, state.password, { mode: 0o600 });
  if (account !== undefined) await chown(passwordFile, account.uid, account.gid);
  const options = {
    pgdata: clusterOf(state),
    username: "postgres",
    pwfile: passwordFile,
    auth: "scram-sha-256",
    encoding: "UTF8",
    locale: "C",
    "locale-provider": "builtin",
    "builtin-locale": "C.UTF-8",
  };
  const words = Object.entries(options).map(([name, value]) => `--${name}=${value}`);
  if (!durable) words.push("--no-sync");
  try {
    await run(initdb, words, state.home, account);
  } finally {
    await rm(passwordFile, { force: true });
  }
  await markFinished(state);
}

function run(
  program: string,
  options: readonly string[],
  cwd: string,
  account: Account | undefined,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, options, {
      cwd,
      env: { LC_ALL: "C" },
      stdio: ["ignore", "ignore", "pipe"],
      ...account,
    });
    let complaint = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => (complaint += text));
    child.once("error", (cause) => {
      reject(
        new Error("PostgreSQL's initdb could not be started; as root: start as an ordinary user.", { cause }),
      );
    });
    child.once("close", (code) => {
      if (code === 0) resolve();
      else reject(new Error(`PostgreSQL's initdb failed (exit code ${code}): ${complaint.trim()}`));
    });
  });
}
