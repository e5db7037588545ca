import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { afterEach, beforeEach, expect, test } from "vitest";

import { connected } from "../../src/demo/postgres/administration.ts";
import { currentRun } from "../../src/demo/process/owner.ts";
import type { Demo } from "../../src/demo/start.ts";
import { runScript, type Script, until } from "./scripts.ts";
import { placeOfDatabases } from "../setup/place.ts";

type Told = Pick<Demo, "databaseUrl" | "issuer" | "systems" | "outside" | "accounts">;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(await placeOfDatabases(), "innsyn-demo-"));
  // As root: where PostgreSQL's account can follow.
  await chmod(folder, 0o755);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function startDemo(): Promise<{ script: Script; told: Told; lines: string[] }> {
  const script = await runScript("demo.ts", folder);
  const lines = [await script.line()];
  while (!lines.at(-1)?.startsWith("ready ")) lines.push(await script.line());
  return { script, lines, told: JSON.parse(lines.at(-1)?.slice("ready ".length) ?? "") as Told };
}

async function stop(script: Script): Promise<void> {
  script.kill("SIGTERM");
  expect(await script.exited).toBe(0);
}

const count = async (url: string, table: string) =>
  connected(
    url,
    async (client) => (await client.query(`select count(*)::int as n from ${table}`)).rows[0]?.n as number,
  );

async function subscribers({ systems: { mailing } }: Told): Promise<Response> {
  const authorization = `Basic ${Buffer.from(`${mailing.user}:${mailing.token}`).toString("base64")}`;
  return fetch(`${mailing.url}/api/subscribers`, { headers: { authorization } });
}

async function control(...words: readonly string[]): Promise<{ code: unknown; said: string }> {
  const path = fileURLToPath(new URL("../../src/demo/control.ts", import.meta.url));
  const child = spawn(process.execPath, [path, "--folder", folder, ...words], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text) => (said += text));
  const [code] = await once(child, "close");
  return { code, said };
}

const password = (url: string) => new URL(url).password;

/** The first line that a mail server says. */
async function greetingOf(smtpUrl: string): Promise<string> {
  const socket = connect(Number(new URL(smtpUrl).port), "127.0.0.1");
  const [said] = await once(socket, "data");
  socket.destroy();
  return String(said);
}

test("every part answers, and none is left when it stops", async () => {
  const { script, told } = await startDemo();
  expect(await count(told.systems.crm, "kontakt")).toBeGreaterThan(0);
  expect((await fetch(`${told.issuer}/.well-known/openid-configuration`)).status).toBe(200);
  expect((await subscribers(told)).status).toBe(200);
  expect(await (await fetch(told.outside.url)).text()).toContain("No message yet");
  expect(told.accounts.length).toBeGreaterThan(10);
  await connected(told.databaseUrl, (client) => client.query("create table of_the_gateway ()"));

  const run = await readFile(join(folder, "run.json"), "utf8");
  expect(JSON.parse(run)).toMatchObject({
    pid: script.pid,
    gateway: "http://127.0.0.1:4000",
    issuer: told.issuer,
    outside: told.outside.url,
  });
  const { systems, outside, databaseUrl } = told;
  const secrets = [
    systems.mailing.token,
    outside.partnerToken,
    ...[databaseUrl, outside.smtpUrl].map(password),
  ];
  for (const secret of secrets) expect(run).not.toContain(secret);

  await stop(script);
  expect(await readdir(folder)).not.toContain("run.json");
  for (const url of [told.issuer, systems.mailing.url, outside.url])
    await expect(fetch(url)).rejects.toThrow();
  await expect(greetingOf(outside.smtpUrl)).rejects.toThrow("ECONNREFUSED");
  await expect(count(told.systems.crm, "kontakt")).rejects.toThrow("ECONNREFUSED");
});

test("a system's user may enter its own database and no other", async () => {
  const { script, told } = await startDemo();
  const trespass = Object.assign(new URL(told.systems.crm), { pathname: "/innsyn" }).href;
  await expect(connected(trespass, async () => undefined)).rejects.toThrow("permission denied");
  await stop(script);
});

test("killed at any moment of the first start, the next start has everything", async () => {
  const whole = await startDemo();
  const persons = await count(whole.told.systems.crm, "kontakt");
  await stop(whole.script);
  for (const moment of ["starting", "Making", "Filling", "50 persons", "ready"]) {
    await rm(folder, { recursive: true });
    const killed = await runScript("demo.ts", folder);
    let line = "";
    while (!line.includes(moment)) line = await killed.line();
    killed.kill("SIGKILL");
    await killed.exited;
    const { script, told } = await startDemo();
    expect(await count(told.systems.crm, "kontakt"), moment).toBe(persons);
    expect((await subscribers(told)).status, moment).toBe(200);
    await stop(script);
  }
}, 120_000);

test("a second start is refused while the first runs", async () => {
  const { script } = await startDemo();
  const second = spawn(
    process.execPath,
    [fileURLToPath(new URL("children/demo.ts", import.meta.url)), folder],
    {
      stdio: ["ignore", "ignore", "pipe"],
    },
  );
  let said = "";
  second.stderr.setEncoding("utf8").on("data", (text) => (said += text));
  const [code] = await once(second, "close");
  expect(code).toBe(1);
  expect(said).toContain(
    `Innsyn already runs from this folder at http://127.0.0.1:4000 (process ${script.pid})`,
  );
  expect(await currentRun(folder)).toMatchObject({ pid: script.pid });
  await stop(script);
});

test("a system can be stopped and started from another terminal, and a stopped one is back at the next start", async () => {
  const first = await startDemo();
  const { crm, learning } = first.told.systems;
  expect(await control("stop", "crm")).toMatchObject({ code: 0 });
  await expect(count(crm, "kontakt")).rejects.toThrow("not currently accepting connections");
  expect(await count(learning, "mdl_user")).toBeGreaterThan(0);
  expect(await control("start", "crm")).toMatchObject({ code: 0 });
  expect(await count(crm, "kontakt")).toBeGreaterThan(0);

  const changed =
    "update kontakt set mobil = '+47 400 00 009' where epost = 'kari.nordmann@example.com' returning mobil";
  expect(await control("sql", "crm", changed)).toEqual({ code: 0, said: '{"mobil":"+47 400 00 009"}\n' });
  expect(await control("sql", "crm", "delete from kontakt where false")).toMatchObject({
    said: "No rows.\n",
  });
  expect(await control("sql", "nothing", "select 1")).toMatchObject({ code: 1 });

  expect(await control("misbehave", "error-500")).toMatchObject({ code: 0 });
  expect((await subscribers(first.told)).status).toBe(500);
  expect(await control("behave")).toMatchObject({ code: 0 });
  expect((await subscribers(first.told)).status).toBe(200);

  await control("stop", "mailing");
  expect((await subscribers(first.told)).status).toBe(500);
  await stop(first.script);
  const second = await startDemo();
  expect((await subscribers(second.told)).status).toBe(200);
  await stop(second.script);
});

test("the partner and the mail server can be stopped and started, and what the partner was told be listed", async () => {
  const { script, told } = await startDemo();
  const tell = () =>
    fetch(`${told.outside.url}/notices`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${told.outside.partnerToken}`,
        "content-type": "application/json",
        "idempotency-key": "7",
      },
      body: JSON.stringify({ id: "7", event: "OBJECTION", at: "2026-01-01T00:00:00Z", identifiers: [] }),
    });
  const greeting = () => greetingOf(told.outside.smtpUrl);

  expect(await control("notices")).toEqual({ code: 0, said: "No notices.\n" });
  expect(await control("stop", "partner")).toMatchObject({
    code: 0,
    said: expect.stringContaining("start partner"),
  });
  expect((await tell()).status).toBe(503);
  expect(await greeting()).toMatch(/^220 /);
  expect(await control("start", "partner")).toMatchObject({ code: 0 });
  expect((await tell()).status).toBe(201);
  expect(JSON.parse((await control("notices")).said)).toMatchObject({ id: "7", deliveries: 1 });

  expect(await control("stop", "mail")).toMatchObject({ code: 0 });
  expect(await greeting()).toMatch(/^421 /);
  expect((await tell()).status).toBe(200);
  expect(await control("start", "mail")).toMatchObject({ code: 0 });
  expect(await greeting()).toMatch(/^220 /);
  await stop(script);
}, 60_000);

test("the demo's commands say what to do when it is not running, or asked for nonsense", async () => {
  expect(await control("stop", "crm")).toMatchObject({ code: 1, said: expect.stringContaining("npm start") });
  expect(await control("dance")).toMatchObject({ code: 1, said: expect.stringContaining("Usage") });
});

test("a part that ends by itself is reported", async () => {
  const { script, told } = await startDemo();
  const cluster = (await readdir(join(folder, "postgres"))).find((name) => name.startsWith("cluster-")) ?? "";
  const pid = Number.parseInt(
    await readFile(join(folder, "postgres", cluster, "postmaster.pid"), "utf8"),
    10,
  );
  process.kill(pid, "SIGQUIT");
  expect(await script.line()).toBe("broken PostgreSQL");
  await stop(script);
  await until(async () =>
    fetch(told.issuer).then(
      () => false,
      () => true,
    ),
  );
});
