import { parseArgs } from "node:util";
import { setInterval } from "node:timers/promises";
import pg from "pg";
import { built } from "./built.ts";
import { keyringOf } from "./keyring.ts";
import { load, type Target } from "./load.ts";
import { median } from "./median.ts";
import { type Address, start } from "./processes.ts";
import { accessQuery } from "./queries.ts";
import { startSystems } from "./systems.ts";
import type { WriterFigures, WriterSettings } from "./trail-writer.ts";

const { values: options } = parseArgs({ options: { json: { type: "boolean", default: false } } });

const rounds = 4;
const seconds = 8;
/** With the writer's start and warm-up. */
const roundSeconds = seconds + 5;
const kinds = ["plain", "chained"] as const;

/** A look at one record: what staff do all day. */
const smallLook = {
  coordinates: [
    "DataSubject.crm",
    ...["name", "email", "phone", "customerNumber", "orders"].map((f) => `CustomerRecord.${f}`),
  ],
  categories: ["IDENTITY", "CONTACT", "PURCHASE"],
  sources: ["crm"],
} satisfies WriterSettings["look"];

type TrailAccess = Pick<WriterSettings, "databaseUrl" | "auditKey">;

interface Round extends WriterFigures {
  /** Full access queries of the gateway, beside the writer. */
  readonly queriesPerSecond: number;
  /** Age in milliseconds of the oldest entry that waits for its seal, sampled. */
  readonly lags: readonly number[];
}

async function measure() {
  await using parts = new AsyncDisposableStack();
  const open = <T extends { stop(): Promise<void> }>(part: T) => parts.adopt(part, (p) => p.stop());
  const { settings, tokens } = open(await startSystems((line) => process.stderr.write(`${line}\n`)));
  const gateway = open(await start<typeof settings, Address>("./gateway.ts", settings));
  const access = { databaseUrl: settings.databaseUrl, auditKey: (await keyringOf(settings)).key("audit") };
  const client = new pg.Client({ connectionString: settings.databaseUrl });
  await client.connect();
  parts.defer(() => client.end());
  await emptyTrail(client);
  const target = await targetOf(gateway.ready.url, tokens.hundred);
  await load(target, 10);

  const figures: Record<(typeof kinds)[number], Round[]> = { plain: [], chained: [] };
  for (let round = 0; round < rounds; round++)
    for (const kind of round % 2 === 0 ? kinds : kinds.toReversed())
      figures[kind].push(await measureRound(kind, access, target, client));
  return {
    plain: typical(figures.plain),
    chained: typical(figures.chained),
    verified: await verify(access),
  };
}

async function measureRound(
  kind: WriterSettings["kind"],
  { databaseUrl, auditKey }: TrailAccess,
  target: Target,
  client: pg.Client,
): Promise<Round> {
  const stopped = new AbortController();
  const lags = sampleLags(client, stopped.signal);
  const queries = load(target, roundSeconds);
  const writer = await start<WriterSettings, WriterFigures>("./trail-writer.ts", {
    kind,
    databaseUrl,
    auditKey,
    look: smallLook,
    seconds,
  });
  stopped.abort();
  await writer.stop();
  const { requestsPerSecond } = await queries;
  return { ...writer.ready, queriesPerSecond: requestsPerSecond, lags: await lags };
}

async function sampleLags(client: pg.Client, signal: AbortSignal): Promise<readonly number[]> {
  const lags: number[] = [];
  try {
    for await (const _ of setInterval(200, undefined, { signal })) {
      const { rows } = await client.query<{ lag: number }>(`select coalesce((
          select extract(epoch from clock_timestamp() - at) * 1000 from audit_entry
          where sequence = (select min(sequence) from audit_unsealed)), 0)::float as lag`);
      lags.push(rows[0]?.lag ?? Number.NaN);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  return lags;
}

function typical(rounds: readonly Round[]) {
  const of = (name: Exclude<keyof Round, "lags">) => median(rounds.map((round) => round[name]));
  const lags = rounds.flatMap(({ lags }) => lags);
  return {
    entriesPerSecond: of("entriesPerSecond"),
    p50: of("p50"),
    p99: of("p99"),
    queriesPerSecond: of("queriesPerSecond"),
    medianLag: median(lags),
    greatestLag: Math.max(...lags),
    each: rounds.map(({ entriesPerSecond }) => Math.round(entriesPerSecond)),
  };
}

/** Of earlier runs; as the owner of the tables may. */
async function emptyTrail(client: pg.Client): Promise<void> {
  const tables = ["audit_entry", "audit_seal"];
  for (const table of tables) await client.query(`alter table ${table} disable trigger only_added_to`);
  await client.query("truncate audit_entry, audit_seal, audit_unsealed");
  for (const table of tables) await client.query(`alter table ${table} enable trigger only_added_to`);
}

async function verify({ databaseUrl, auditKey }: TrailAccess) {
  const { openStore } = await built<typeof import("../src/store/store.ts")>("store/store");
  const { verifyTrail } = await built<typeof import("../src/audit/verify.ts")>("audit/verify");
  const store = await openStore({ url: databaseUrl, poolSize: 1 });
  try {
    const started = performance.now();
    const { intact, entries, seals, unsealed } = await verifyTrail(store, auditKey);
    if (!intact) throw new Error("the trail is broken");
    return { entries, seals, unsealed, seconds: (performance.now() - started) / 1_000 };
  } finally {
    await store.close(true);
  }
}

async function targetOf(url: string, token: string): Promise<Target> {
  const body = JSON.stringify({ query: accessQuery });
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const response = await fetch(url, { method: "POST", headers, body });
  const expected = await response.text();
  if (response.status !== 200 || expected.includes(`"errors"`))
    throw new Error(`${url} answered ${response.status}`);
  return { url, token, body, expected };
}

function table({ plain, chained, verified }: Awaited<ReturnType<typeof measure>>): string {
  const row = (name: string, figures: typeof plain) =>
    `  ${name.padEnd(28)} ${figures.entriesPerSecond.toFixed(0).padStart(7)} entries/s   p50 ${figures.p50.toFixed(1)} ms   p99 ${figures.p99.toFixed(1)} ms   beside ${figures.queriesPerSecond.toFixed(1)} queries/s   (${figures.each.join(", ")})`;
  return [
    "Entries written as fast as the trail takes them, next to full access queries",
    row("plain", plain),
    row("with MACs, chained", chained),
    `  ${"ratio".padEnd(28)} ${(chained.entriesPerSecond / plain.entriesPerSecond).toFixed(2).padStart(7)}`,
    `  ${"oldest entry without seal".padEnd(28)} ${chained.medianLag.toFixed(0).padStart(7)} ms   at most ${chained.greatestLag.toFixed(0)} ms`,
    `  ${"verified".padEnd(28)} ${(verified.entries / verified.seconds).toFixed(0).padStart(7)} entries/s   ${verified.entries} in ${verified.seals} seals, ${verified.unsealed} unsealed`,
  ].join("\n");
}

const measured = await measure();
process.stdout.write(`${options.json ? JSON.stringify(measured) : table(measured)}\n`);
