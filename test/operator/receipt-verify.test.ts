import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CompactSign, generateKeyPair } from "jose";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ended, erase } from "../requests/erasing.ts";
import { openWorld, type World } from "../requests/world.ts";
import { runCommand, runUnread } from "./run.ts";

const eva = "eva.enebo@example.com";

let world: World;
let folder: string;
let receipt: string;
beforeAll(async () => {
  world = await openWorld();
  folder = await mkdtemp(join(tmpdir(), "innsyn-receipt-"));
  const { request } = await erase(world, eva);
  await world.until(request.id, ...ended);
  // As the person gets it.
  const { data } = await world.gateway.query<{ request: { receipt: string } }>(
    "query($id: ID!) { request(id: $id) { receipt } }",
    { id: request.id },
    { as: eva },
  );
  receipt = data?.request.receipt ?? "";
});
afterAll(async () => {
  await rm(folder, { recursive: true });
  await world[Symbol.asyncDispose]();
});

const own = () => ({
  INNSYN_CONFIG: "innsyn.config.ts",
  DATABASE_URL: world.gateway.databaseUrl,
  INNSYN_MASTER_KEY: world.gateway.masterKey.toString("base64"),
});

async function verify(text: string, ...words: readonly string[]) {
  const file = join(folder, "receipt.jws");
  await writeFile(file, text);
  return runCommand("receipt-verify", own(), ...words, file);
}

test("a genuine receipt: 0, with what was done where, what is kept, and the head of the trail", async () => {
  const ended = await verify(receipt);
  expect(ended).toMatchObject({ code: 0, err: "" });
  expect(ended.out).toMatch(/^Genuine: erasure-receipt\+jws, signed with the key \S+\.$/m);
  expect(ended.out).toMatch(/^ {2}mailing: ERASE record DONE \(1\)$/m);
  expect(ended.out).toMatch(/^ {2}mailing: VERIFY DONE$/m);
  expect(ended.out).toContain("Nothing is kept.");
  expect(ended.out).toMatch(/^Head of the audit trail then: [0-9a-f]{64}/m);
});

test("whoever reads the first line alone is told no more: 0, and nothing went wrong", async () => {
  expect(await runUnread("receipt-verify", own(), receipt)).toMatchObject({ code: 0, err: "" });
});

test("by the key that the gateway publishes, without the gateway's own: 0", async () => {
  const ended = await verify(receipt, "--jwks", new URL("/.well-known/jwks.json", world.gateway.url).href);
  expect(ended.code).toBe(0);
});

test("given itself, as a person copies it out of an answer: 0", async () => {
  const ended = await runCommand("receipt-verify", own(), receipt);
  expect(ended).toMatchObject({ code: 0, err: "" });
});

test("nothing in it names the person", () => {
  const [, payload = ""] = receipt.split(".");
  const said = Buffer.from(payload, "base64url").toString();
  expect(said).toContain('"right":"GDPR Art. 17"');
  expect(said.toLowerCase()).not.toMatch(/eva|enebo|@/);
});

test("one that was changed, or signed by another: 1", async () => {
  const [header = "", payload = "", signature = ""] = receipt.split(".");
  const told = JSON.parse(Buffer.from(payload, "base64url").toString()) as object;
  const changed = Buffer.from(JSON.stringify({ ...told, kept: [{}] })).toString("base64url");
  expect(await verify([header, changed, signature].join("."))).toMatchObject({ code: 1 });
  const { privateKey } = await generateKeyPair("ES256");
  const protectedHeader = JSON.parse(Buffer.from(header, "base64url").toString()) as { alg: string };
  const forged = await new CompactSign(Buffer.from(payload, "base64url"))
    .setProtectedHeader(protectedHeader)
    .sign(privateKey);
  expect(await verify(forged)).toMatchObject({ code: 1 });
  expect((await verify("no receipt at all")).code).toBe(1);
});

test("what cannot be read is no verdict: 2, with what to do", async () => {
  const missing = await runCommand("receipt-verify", own(), join(folder, "nowhere.jws"));
  expect(missing).toMatchObject({ code: 2, out: "" });
  expect(missing.err).toMatch(/^The receipt could not be read from \S+nowhere\.jws \(ENOENT\)\.\nUsage: /);
  for (const [jwks, said] of [
    [join(folder, "no-keys.json"), "could not be read from"],
    [join(folder, "receipt.jws"), "holds no JSON Web Key Set"],
    [new URL("/.well-known/nothing", world.gateway.url).href, "answers 404"],
    ["http://127.0.0.1:1/", "does not answer"],
  ] as const) {
    const { code, err } = await verify(receipt, "--jwks", jwks);
    expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining(said) });
    expect(err).not.toContain("    at ");
  }
  const unset = await runCommand("receipt-verify", {}, "--nonsense");
  expect(unset.code).toBe(2);
  expect(unset.err).toContain("Usage: npm run --silent receipt:verify");
});
