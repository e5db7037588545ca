import { createHash } from "node:crypto";
import { readFile, rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { signIn } from "../src/demo/identity/client.ts";
import { askSystem } from "../src/demo/databases.ts";
import { demoMasterKeys } from "../src/demo/master-key.ts";
import { runningServer } from "../src/demo/postgres/server.ts";
import { startDemo } from "../src/demo/start.ts";
import { type Address, start } from "./processes.ts";
import type { BenchSettings } from "./settings.ts";

const { values: options } = parseArgs({ options: { deliveries: { type: "string", default: "1000000" } } });
const deliveries = Number(options.deliveries);

/** Bytes that an export may take at most, resident, beyond what the gateway has without one. */
const bound = 150 * 2 ** 20;
/** What Node gives itself on a machine of half a gigabyte; where there is much more, it keeps garbage for longer. */
const small = ["--max-old-space-size=256", "--max-semi-space-size=8"];

const folder = fileURLToPath(new URL("../.data/bench-export", import.meta.url));
const reader = "stor.leser@example.com";

/** Keys above every one that the demo gives. */
async function lengthen(): Promise<void> {
  const server = await runningServer(folder);
  if (!server) throw new Error("the demo's database is not running");
  const [held] = await askSystem(
    server,
    "mailing",
    `select count(*)::int as n from deliveries d join subscribers s on s.id = d.subscriber_id where lower(s.email) = '${reader}'`,
  );
  const more = deliveries - ((held as { readonly n: number } | undefined)?.n ?? 0);
  await askSystem(
    server,
    "mailing",
    `insert into deliveries (id, subscriber_id, campaign_id, sent_at)
      select 2000000000 + n, s.id, 1 + n % 12, timestamptz '2024-01-01' - n * interval '1 minute'
      from subscribers s, generate_series(1, ${more}) n where lower(s.email) = '${reader}' on conflict do nothing`,
  );
  await askSystem(server, "mailing", "analyze deliveries");
}

/** Bytes, resident: now, and at most since the process began. */
async function memoryOf(pid: number) {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  const bytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(status)?.[1]) * 1024;
  return { now: bytes("VmRSS"), peak: bytes("VmHWM") };
}

interface Shown {
  readonly status: string;
  readonly steps: readonly { readonly source: string; readonly outcome: { readonly count: number | null } }[];
  readonly download: { readonly url: string; readonly sha256: string; readonly size: string } | null;
}

const megabytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(0)} MiB`;

await rm(folder, { recursive: true, force: true });
await using parts = new AsyncDisposableStack();
const demo = await startDemo({
  folder,
  persons: 50,
  gatewayPort: 4_000,
  ports: { issuer: 0, mailing: 0, outside: 0 },
  onProgress: (line) => process.stderr.write(`${line}\n`),
});
parts.defer(() => demo.stop());
const { issuer, databaseUrl, systems, outside } = demo;
await lengthen();
const { bytes: masterKey } = await (await demoMasterKeys(folder)).current();
const settings: BenchSettings = { issuer, databaseUrl, systems, outside, masterKey };
const gateway = await start<BenchSettings, Address>("./gateway.ts", settings, small);
parts.defer(() => gateway.stop());
const token = await signIn({ issuer, email: reader });
const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
const ask = async <T>(query: string, variables: object = {}): Promise<T> => {
  const answer = await fetch(gateway.ready.url, {
    method: "POST",
    headers,
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = (await answer.json()) as { readonly data: T; readonly errors?: unknown };
  if (errors !== undefined) throw new Error(JSON.stringify(errors));
  return data;
};

await ask("{ me { holdings { state } } }");
const before = await memoryOf(gateway.pid);
const started = performance.now();
const { requestExport } = await ask<{ requestExport: { request: { id: string } } }>(
  "mutation { requestExport(input: { format: JSON }) { ... on RequestPayload { request { id } } ... on Refusal { message } } }",
);
const { id } = requestExport.request;
let shown: Shown;
let last = 0;
do {
  await new Promise((resolve) => setTimeout(resolve, 500));
  ({ request: shown } = await ask<{ request: Shown }>(
    "query ($id: ID!) { request(id: $id) { status steps { source outcome { count } } download { url sha256 size } } }",
    { id },
  ));
  const seconds = Math.round((performance.now() - started) / 10_000);
  if (seconds > last)
    process.stderr.write(`${(last = seconds) * 10} s ${megabytes((await memoryOf(gateway.pid)).now)}\n`);
} while (shown.download === null);
const made = performance.now();
const hash = createHash("sha256");
let size = 0;
const archive = await fetch(shown.download.url, { headers });
for await (const piece of archive.body ?? []) {
  hash.update(piece);
  size += piece.length;
}
const fetched = performance.now();
if (hash.digest("hex") !== shown.download.sha256)
  throw new Error("the archive is not the one that was promised");
const after = await memoryOf(gateway.pid);
const read = shown.steps.reduce((sum, { outcome }) => sum + (outcome.count ?? 0), 0);
process.stdout.write(
  [
    `rows read            ${read}`,
    `made in              ${((made - started) / 1_000).toFixed(1)} s`,
    `fetched in           ${((fetched - made) / 1_000).toFixed(1)} s, ${megabytes(size)}`,
    `resident before      ${megabytes(before.now)}`,
    `resident at most     ${megabytes(after.peak)}`,
    `the export's part    ${megabytes(after.peak - before.peak)}, bound ${megabytes(bound)}`,
    "",
  ].join("\n"),
);
if (after.peak - before.peak > bound) process.exitCode = 1;
