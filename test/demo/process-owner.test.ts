import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, expect, test } from "vitest";

import { AlreadyRunning, currentRun, own } from "../../src/demo/process/owner.ts";
import { runScript, until } from "./scripts.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "innsyn-owner-"));
});
afterEach(() => rm(folder, { recursive: true }));

const script = () => runScript("owner.ts", folder);

test("a second owner is refused, and told whom to ask where", async () => {
  const first = await script();
  expect(await first.line()).toBe("owns");
  await expect(own(folder)).rejects.toThrow(AlreadyRunning);
  await expect(own(folder)).rejects.toThrow(`at http://127.0.0.1:4000 (process ${first.pid})`);
  expect(await currentRun(folder)).toMatchObject({ pid: first.pid, gateway: "http://127.0.0.1:4000" });
});

test("what a killed owner left is taken over, and nothing else is left lying about", async () => {
  const first = await script();
  await first.line();
  first.kill("SIGKILL");
  await until(async () => (await currentRun(folder)) === undefined);
  const ownership = await own(folder);
  expect(await currentRun(folder)).toMatchObject({ pid: process.pid });
  await ownership.release();
  expect(await readdir(folder)).toEqual([]);
});

test("another program that got the number of a killed owner is no owner", async () => {
  const innocent = await script();
  await innocent.line();
  const file = join(folder, "run.json");
  const run = JSON.parse(await readFile(file, "utf8")) as object;
  await writeFile(file, JSON.stringify({ ...run, identity: "an earlier process" }));
  await expect(own(folder)).resolves.toBeDefined();
});

test("a file cut short is taken over", async () => {
  await writeFile(join(folder, "run.json"), '{"pid":');
  await expect(own(folder)).resolves.toBeDefined();
});

test("of several that start at once over a stale file, one owns the folder", async () => {
  await writeFile(join(folder, "run.json"), JSON.stringify({ pid: 1, startedAt: "", identity: "long gone" }));
  const starters = await Promise.all(Array.from({ length: 4 }, script));
  const said = await Promise.all(starters.map((starter) => starter.line()));
  expect(said.filter((line) => line === "owns")).toHaveLength(1);
  expect(said.filter((line) => line.startsWith("Innsyn already runs"))).toHaveLength(3);
});
