import { expect, onTestFinished, test } from "vitest";

import { startChild } from "../../src/demo/process/parent.ts";
import { processIdentity } from "../../src/demo/process/identity.ts";
import { runScript, until } from "./scripts.ts";

interface Echo {
  readonly word: string;
  readonly pid: number;
  readonly environment: readonly string[];
}

const echo = new URL("./children/echo.ts", import.meta.url);
const isGone = async (pid: number) => (await processIdentity(pid)) === undefined;

test("a child gets its settings by message alone, serves, and ends when stopped", async () => {
  const child = await startChild<unknown, Echo>(echo, { word: "hei" });
  expect(child.ready).toMatchObject({ word: "hei", environment: [] });
  await child.stop();
  expect(await child.exited).toBe(0);
  expect(await isGone(child.ready.pid)).toBe(true);
});

test("a child that cannot start says why", async () => {
  await expect(startChild(echo, { word: "", fail: true })).rejects.toThrow("asked to fail");
});

test("a child that ends before it serves is an error", async () => {
  const quitter = new URL("./children/quitter.ts", import.meta.url);
  await expect(startChild(quitter, {})).rejects.toThrow("before it was ready (exit code 3)");
});

test.each(["SIGTERM", "SIGKILL"] as const)(
  "a child does not outlive a parent ended by %s",
  async (signal) => {
    const parent = await runScript("parent.ts");
    const child = Number(await parent.line());
    expect(await isGone(child)).toBe(false);
    parent.kill(signal);
    await until(() => isGone(child));
  },
);

test("Ctrl-C, which reaches the whole group, is left to the parent", async () => {
  const child = await startChild<unknown, Echo>(echo, { word: "hei" });
  process.kill(child.ready.pid, "SIGINT");
  process.kill(child.ready.pid, "SIGHUP");
  await child.stop();
  expect(await child.exited).toBe(0);
});

test.each(["directly", "shell"])("the end of the process that started us (%s) is noticed", async (how) => {
  const grandparent = await runScript("grandparent.ts", how);
  const watcher = Number(await grandparent.line());
  onTestFinished(async () => {
    if (!(await isGone(watcher))) process.kill(watcher, "SIGKILL");
  });
  expect(await isGone(watcher)).toBe(false);
  grandparent.kill("SIGKILL");
  await until(() => isGone(watcher));
});
