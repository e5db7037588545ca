import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { parseArgs } from "node:util";
import { compactVerify, createLocalJWKSet, errors, type JSONWebKeySet } from "jose";
import { z } from "zod";
import { BadConfiguration } from "../config/environment.ts";
import { receiptKey } from "../requests/receipt-key.ts";
import { openKeyring } from "../store/keyring.ts";
import { runCommand, say } from "./command.ts";
import { openReached, reachGateway } from "./reach.ts";

const usage = `Usage: npm run --silent receipt:verify -- [--jwks URL|FILE] [RECEIPT|FILE]
Verifies a receipt of the gateway (compact JWS, ES256), and says what it says. It may be given itself, or the file that it
is in; without either it is read from standard input.
Exit code 0: genuine, 1: not genuine, 2: it could not be verified.
  --jwks  the gateway's keys, as it publishes them at /.well-known/jwks.json; absent: of the gateway that the environment describes`;

/** As `requests/erasure-receipt.ts` writes it; of a consent's receipt there is none. */
const erasure = z.looseObject({
  jti: z.string(),
  controller: z.string(),
  erased_at: z.string(),
  done: z.array(
    z.looseObject({
      source: z.string(),
      action: z.string(),
      record_type: z.string().nullable(),
      result: z.string().nullable(),
      count: z.number().nullable(),
    }),
  ),
  kept: z.array(
    z.looseObject({
      source: z.string(),
      record_type: z.string(),
      count: z.number(),
      until: z.string(),
      legal_ground: z.string(),
    }),
  ),
  audit: z.looseObject({ head: z.string() }).nullable(),
});

const keySet = z.looseObject({ keys: z.array(z.looseObject({ kty: z.string() })) });

/** RFC 7515 § 7.1: three parts, the first of which begins a JSON object. */
const compactJws = /^eyJ[\w-]*\.[\w-]+\.[\w-]+$/;

await runCommand(async () => {
  const { jwks, given } = options();
  const receipt = (await receiptIn(given)).trim();
  const keys = createLocalJWKSet(jwks === undefined ? await ownKeys() : await keysAt(jwks));
  try {
    const { payload, protectedHeader } = await compactVerify(receipt, keys, { algorithms: ["ES256"] });
    say(`Genuine: ${protectedHeader.typ ?? "JWS"}, signed with the key ${protectedHeader.kid ?? ""}.`);
    describe(JSON.parse(new TextDecoder().decode(payload)));
    return 0;
  } catch (error) {
    if (!(error instanceof errors.JOSEError)) throw error;
    say(`NOT genuine: ${error.message} (${error.code}).`);
    return 1;
  }
}, 2);

function options(): { readonly jwks: string | undefined; readonly given: string | undefined } {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: { jwks: { type: "string" } },
    });
    if (positionals.length > 1) throw new BadConfiguration(usage);
    return { jwks: values.jwks, given: positionals[0] };
  } catch {
    throw new BadConfiguration(usage);
  }
}

async function receiptIn(given: string | undefined): Promise<string> {
  if (given === undefined) return text(process.stdin);
  return compactJws.test(given) ? given : readText(given, "The receipt");
}

async function readText(file: string, what: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    const reason = error instanceof Error && "code" in error ? String(error.code) : String(error);
    throw new BadConfiguration(`${what} could not be read from ${file.slice(0, 200)} (${reason}).\n${usage}`);
  }
}

async function ownKeys(): Promise<JSONWebKeySet> {
  const reached = await reachGateway();
  const store = await openReached(reached);
  try {
    const keyring = await openKeyring(store, reached.masterKeys);
    return { keys: [receiptKey({ keyring }).publicJwk] };
  } finally {
    await store.close(true);
  }
}

async function keysAt(where: string): Promise<JSONWebKeySet> {
  const set = keySet.safeParse(
    asJson(await (/^https?:/.test(where) ? fetched(where) : readText(where, "--jwks"))),
  );
  if (!set.success) throw new BadConfiguration(`--jwks: ${where} holds no JSON Web Key Set (RFC 7517).`);
  return set.data;
}

async function fetched(url: string): Promise<string> {
  const answer = await fetch(url).catch(() => null);
  if (!answer?.ok)
    throw new BadConfiguration(`--jwks: ${url} ${answer ? `answers ${answer.status}` : "does not answer"}.`);
  return answer.text();
}

function asJson(words: string): unknown {
  try {
    return JSON.parse(words);
  } catch {
    return undefined;
  }
}

function describe(record: unknown): void {
  const read = erasure.safeParse(record);
  if (!read.success) return say(JSON.stringify(record, null, 2));
  const { jti, controller, erased_at, done, kept, audit } = read.data;
  say(`Request ${jti} of ${controller}, erased at ${erased_at}.`);
  for (const { source, action, record_type, result, count } of done)
    say(`  ${source}: ${said(action, record_type, result, count === null ? null : `(${count})`)}`);
  if (kept.length === 0) say("Nothing is kept.");
  for (const { source, record_type, count, until, legal_ground } of kept)
    say(`Kept in ${source}: ${count} of ${record_type} until ${until} (${legal_ground}).`);
  if (audit) say(`Head of the audit trail then: ${audit.head} (npm run audit:verify -- --head …)`);
}

function said(...words: readonly (string | null)[]): string {
  return words.filter((word) => word !== null).join(" ");
}
