import { parseArgs } from "node:util";
import type { Fault, Integrity } from "../audit/integrity.ts";
import { verifyTrail } from "../audit/verify.ts";
import { BadConfiguration } from "../config/environment.ts";
import { DemoNotRunning } from "../demo/running.ts";
import { openKeyring } from "../store/keyring.ts";
import { openStore } from "../store/store.ts";
import { UnknownMasterKey } from "../store/wrapping.ts";
import { reachGateway } from "./reach.ts";

const usage = `Usage: npm run audit:verify [-- --head HEX]
Recomputes the audit trail. Exit code 0: intact, 1: broken, 2: it could not be verified.
  --head  a head that was written down earlier: must occur in the chain`;

/** What stopped us, in words that say what to do. */
class Advice extends Error {}

const faults: Readonly<Record<Fault, string>> = {
  CHANGED: "it is not what the gateway wrote",
  REMOVED: "it was written, and is not there",
  INSERTED:
    "it is in no seal and waits for none, or is a copy of another: put in later, or its seal was removed",
  MOVED: "it is a genuine entry in the place of another",
  SEALED_TWICE: "two seals have it",
  SEAL_BROKEN:
    "it is the first of a seal that is not the gateway's, or does not follow on the one before: a seal was changed or removed",
  HEAD_UNKNOWN: "the chain has never had the head that was given: it was cut off, or replaced",
};

async function verify(): Promise<Integrity> {
  const expectedHead = head();
  const { databaseUrl, masterKeys } = await reachGateway();
  const store = await openStore({ url: databaseUrl, poolSize: 2 });
  try {
    const made = await store.em
      .fork()
      .execute<object[]>("select 1 where to_regclass('audit_seal') is not null");
    if (made.length === 0)
      throw new Advice("DATABASE_URL: no gateway of this version has started on this database yet.");
    const keyring = await openKeyring(store, masterKeys);
    return await verifyTrail(store, keyring.key("audit"), { expectedHead });
  } finally {
    await store.close(true);
  }
}

function head(): string | undefined {
  const given = options().head;
  if (given === undefined || /^[0-9a-f]{64}$/i.test(given)) return given;
  throw new Advice(`--head must be 64 hexadecimal digits, as this command prints it.\n${usage}`);
}

function options() {
  try {
    return parseArgs({ options: { head: { type: "string" } } }).values;
  } catch {
    throw new Advice(usage);
  }
}

function report({ entries, unsealed, seals, head, fault, firstBroken }: Integrity): string {
  return [
    `Entries  ${entries}, of which ${unsealed} wait for their seal`,
    `Seals    ${seals}`,
    `Head     ${head}`,
    fault === null
      ? "Intact."
      : `BROKEN${firstBroken === null ? "" : ` from entry ${firstBroken} on`}: ${faults[fault]} (${fault}).`,
  ].join("\n");
}

try {
  const integrity = await verify();
  process.stdout.write(`${report(integrity)}\n`);
  process.exitCode = integrity.intact ? 0 : 1;
} catch (error) {
  process.stderr.write(`${reasonOf(error)}\n`);
  process.exitCode = 2;
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const expected = [Advice, BadConfiguration, DemoNotRunning, UnknownMasterKey].some(
    (kind) => error instanceof kind,
  );
  return expected ? error.message : (error.stack ?? error.message);
}
