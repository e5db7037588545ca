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

const usage = `Usage: npm run --silent receipt:verify -- [--jwks URL|FILE] FILE
Verifies a receipt of the gateway (compact JWS, ES256), and says what it says. Without FILE it is read from standard input.
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

await runCommand(async () => {
  const { jwks, file } = options();
  const receipt = (file === undefined ? await text(process.stdin) : await readFile(file, "utf8")).trim();
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

function options(): { readonly jwks: string | undefined; readonly file: string | undefined } {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: { jwks: { type: "string" } },
    });
    if (positionals.length > 1) throw new BadConfiguration(usage);
    return { jwks: values.jwks, file: positionals[0] };
  } catch {
    throw new BadConfiguration(usage);
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
  const isUrl = /^https?:/.test(where);
  const found: unknown = isUrl
    ? await (await fetch(where)).json()
    : JSON.parse(await readFile(where, "utf8"));
  const set = z.looseObject({ keys: z.array(z.looseObject({ kty: z.string() })) }).safeParse(found);
  if (!set.success) throw new BadConfiguration(`--jwks: ${where} holds no JSON Web Key Set (RFC 7517).`);
  return set.data;
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
