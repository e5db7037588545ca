import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { decodeJwt } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { demoAccounts } from "../../src/demo/identity/demo-accounts.ts";
import type { IdentitySettings } from "../../src/demo/identity/settings.ts";

const source = (path: string) => fileURLToPath(new URL(`../../src/demo/${path}`, import.meta.url));

/** The issuer as `npm start` runs it, with all that it writes to the console. */
class IssuerProcess {
  readonly #child;
  readonly issuer: Promise<string>;
  output = "";

  constructor(settings: IdentitySettings) {
    this.#child = spawn(process.execPath, [source("identity/main.ts")], {
      env: {},
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      serialization: "advanced",
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => (this.output += text));
    }
    this.issuer = once(this.#child, "message").then(([message]) => String(message.ready?.issuer));
    this.#child.send({ settings });
  }

  async stop(): Promise<number> {
    const exited = once(this.#child, "exit");
    this.#child.disconnect();
    const [code] = await exited;
    return Number(code);
  }
}

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function token(...args: string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    execFile(process.execPath, [source("token.ts"), ...args], (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}

describe("the issuer's process", () => {
  let folder: string;
  let idp: IssuerProcess;
  let issuer: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "innsyn-identity-"));
    idp = new IssuerProcess({
      port: 0,
      folder,
      accounts: demoAccounts,
      redirectUris: ["http://127.0.0.1:4000/graphiql"],
      tokenLifetimeSeconds: 3600,
    });
    issuer = await idp.issuer;
  });
  afterAll(async () => {
    await rm(folder, { recursive: true });
  });

  test("gives the token command a token, and nothing else on the console", async () => {
    const { code, stdout, stderr } = await token("kari.nordmann@example.com", "--issuer", issuer);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/);
    expect(decodeJwt(stdout.trim())).toMatchObject({ iss: issuer, email: "kari.nordmann@example.com" });
  });

  test("signs in with a second factor on request", async () => {
    const { stdout } = await token("dpo@intech.example", "--mfa", "--issuer", issuer);
    expect(decodeJwt(stdout.trim())).toMatchObject({ acr: "urn:innsyn:demo:mfa", roles: ["innsyn-dpo"] });
  });

  test("has the command say in one line whom there is, when there is no such person", async () => {
    const { code, stdout, stderr } = await token("nobody@example.com", "--issuer", issuer);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(/^Nobody in the demo has .+\n$/);
    for (const { emails } of demoAccounts) expect(stderr).toContain(emails[0]);
  });

  test("writes nothing to the console, whatever is asked of it", async () => {
    await fetch(`${issuer}/interaction/x`, { method: "POST", body: "account=kari.nordmann%40example.com" });
    await fetch(`${issuer}/auth?client_id=unknown&login_hint=kari.nordmann%40example.com`);
    await fetch(`${issuer}/token`, {
      method: "POST",
      body: "{",
      headers: { "content-type": "application/json" },
    });
    await fetch(`${issuer}/me`, { headers: { authorization: "Bearer kari.nordmann@example.com" } });
    await fetch(`${issuer}/nowhere`);
    expect(idp.output).toBe("");
  });

  test("ends with its parent, and the command then says to start the demo", async () => {
    expect(await idp.stop()).toBe(0);
    const { code, stdout, stderr } = await token("kari.nordmann@example.com", "--issuer", issuer);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(/^[^\n]*npm start[^\n]*\n$/);
  });
});

test.each([[[]], [["a@example.com", "b@example.com"]], [["--unknown"]]])(
  "the token command explains itself when called with %j",
  async (args) => {
    const { code, stdout, stderr } = await token(...args);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toContain("Usage: npm run --silent token -- EMAIL");
  },
);
