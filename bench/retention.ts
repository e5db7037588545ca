import { readFile, rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import pg from "pg";
import { signIn } from "../src/demo/identity/client.ts";
import { mfaContext } from "../src/demo/identity/settings.ts";
import { demoMasterKeys } from "../src/demo/master-key.ts";
import { startDemo } from "../src/demo/start.ts";
import { canary } from "../src/demo/systems/canary.ts";
import { retentionByHand } from "./hand-written/retention.ts";
import { median } from "./median.ts";
import { type Address, start } from "./processes.ts";
import { rows } from "./retention-rows.ts";
import type { BenchSettings } from "./settings.ts";

/** How many times as long as the hand-written statements a review may take, and bytes beyond what the gateway has without. */
const bounds = { ratio: 2, memory: 100 * 2 ** 20 };
/** What Node gives itself on a machine of half a gigabyte; where there is much more, it keeps garbage for longer. */
const small = ["--max-old-space-size=256", "--max-semi-space-size=8"];
const rounds = 5;
const { values: options } = parseArgs({
  options: {
    /** Has what was found erased as well, and measures that. */
    erase: { type: "boolean", default: false },
    /** One row in so many: erasing all of it takes its time. */
    fewer: { type: "string", default: "1" },
  },
});
const folder = fileURLToPath(new URL("../.data/bench-retention", import.meta.url));
const systems = ["crm", "learning", "events", "website"] as const;

interface Review {
  readonly id: string;
  readonly asOf: string;
  readonly status: string;
  readonly items: readonly {
    readonly source: string;
    readonly recordType: string;
    readonly fields: readonly string[] | null;
    readonly action: string;
    readonly count: number;
    readonly state: string;
    readonly remaining: number | null;
  }[];
}
const shape = "id asOf status items { source recordType fields action count state remaining }";

/** Bytes, resident: now, and at most since the process began. */
async function memoryOf(pid: number) {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  const bytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(status)?.[1]) * 1024;
  return { now: bytes("VmRSS"), peak: bytes("VmHWM") };
}
const megabytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(0)} MiB`;
const seconds = (milliseconds: number) => `${(milliseconds / 1_000).toFixed(2)} s`;
const say = (line: string) => void process.stderr.write(`${line}\n`);

await rm(folder, { recursive: true, force: true });
await using parts = new AsyncDisposableStack();
const demo = await startDemo({
  folder,
  persons: 50,
  gatewayPort: 4_000,
  ports: { issuer: 0, mailing: 0, outside: 0 },
  onProgress: say,
});
parts.defer(() => demo.stop());
const pools = new Map(
  systems.map((key) => [key, new pg.Pool({ connectionString: demo.systems[key], max: 1 })]),
);
parts.defer(async () => void (await Promise.all([...pools.values()].map((pool) => pool.end()))));
const ask = async <T extends pg.QueryResultRow>(system: (typeof systems)[number], statement: string) =>
  (await pools.get(system)?.query<T>(statement))?.rows ?? [];

/** Of everything but the events: their days are what rows are judged by. */
const fewer = (statement: string) =>
  statement.replace(
    /(generate_series\(1, |n % )(\d{5,})/g,
    (_, before: string, n: string) => `${before}${Math.ceil(Number(n) / Number(options.fewer))}`,
  );
let inserted = 0;
for (const system of systems) {
  say(`Filling ${system}`);
  for (const statement of rows[system])
    inserted += (await pools.get(system)?.query(fewer(statement)))?.rowCount ?? 0;
  await ask(system, "vacuum analyze");
}

const { bytes: masterKey } = await (await demoMasterKeys(folder)).current();
const settings: BenchSettings = { ...demo, masterKey };
const { issuer, databaseUrl, systems: urls, outside } = settings;
const gateway = await start<BenchSettings, Address>(
  "./gateway.ts",
  { issuer, databaseUrl, systems: urls, outside, masterKey },
  small,
);
parts.defer(() => gateway.stop());
const token = await signIn({ issuer, email: "dpo@intech.example", context: mfaContext });
const send = async <T>(query: string, variables: object): Promise<T> => {
  const answer = await fetch(gateway.ready.url, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = (await answer.json()) as { readonly data: T; readonly errors?: unknown };
  if (errors !== undefined) throw new Error(JSON.stringify(errors));
  return data;
};
const mutate = async (name: "open" | "approve", input: object): Promise<Review> => {
  const [field, type] = [
    `${name}RetentionReview`,
    `${name === "open" ? "Open" : "Approve"}RetentionReviewInput`,
  ];
  const data = await send<Record<string, Review>>(
    `mutation($input: ${type}!) { ${field}(input: $input) { ... on RetentionReview { ${shape} } ... on Refusal { message } } }`,
    { input },
  );
  const review = data[field];
  if (!review?.id) throw new Error(JSON.stringify(data));
  return review;
};

/** One statement after the other, of all systems at once, as the gateway asks them. */
async function countByHand(asOf: string): Promise<ReadonlyMap<string, number>> {
  const statements = retentionByHand(asOf, canary.value);
  const found = await Promise.all(
    systems.map(async (system) => {
      const counts: (readonly [string, number])[] = [];
      for (const [recordType, statement] of Object.entries(statements[system]))
        counts.push([`${system} ${recordType}`, (await ask<{ n: number }>(system, statement))[0]?.n ?? -1]);
      return counts;
    }),
  );
  return new Map(found.flat());
}

await send("{ controller { name } }", {});
const before = await memoryOf(gateway.pid);
const times: { readonly review: number; readonly byHand: number }[] = [];
let review!: Review;
for (let round = 0; round <= rounds; round++) {
  const started = performance.now();
  review = await mutate("open", {});
  const counted = performance.now();
  if (review.status !== "AWAITING_DECISION") throw new Error(`the report is ${review.status}`);
  const expected = await countByHand(review.asOf);
  const ended = performance.now();
  for (const { source, recordType, fields, action, count } of review.items) {
    const byHand = expected.get([source, recordType, ...(fields ?? [])].join(" "));
    if (byHand !== undefined && action !== "RETAIN_RESTRICTED" && byHand !== count)
      throw new Error(`${source} ${recordType}: ${count} by the gateway, ${byHand} by hand`);
  }
  // The first warms both up.
  if (round > 0) times.push({ review: counted - started, byHand: ended - counted });
  say(`review ${seconds(counted - started)}, by hand ${seconds(ended - counted)}`);
}
const reviewed = await memoryOf(gateway.pid);
const took = { review: median(times.map((t) => t.review)), byHand: median(times.map((t) => t.byHand)) };
const ratio = took.review / took.byHand;

const over = review.items
  .filter(({ action }) => action === "ERASE" || action === "ANONYMISE")
  .reduce((sum, { count }) => sum + count, 0);
const report = [
  `rows                 ${inserted}, of which over ${over}`,
  `by hand              ${seconds(took.byHand)}`,
  `review               ${seconds(took.review)}, ${ratio.toFixed(2)} times as long, bound ${bounds.ratio}`,
  `the review's memory  ${megabytes(reviewed.peak - before.peak)}, bound ${megabytes(bounds.memory)}`,
];
let peak = reviewed.peak;
if (options.erase) {
  const started = performance.now();
  await mutate("approve", { id: review.id });
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    const { retentionReview: now } = await send<{ retentionReview: Review }>(
      `query($id: ID!) { retentionReview(id: $id) { ${shape} } }`,
      { id: review.id },
    );
    const open = now.items
      .filter(({ state }) => state === "PENDING")
      .map((i) => `${i.source} ${i.recordType}`);
    say(`${seconds(performance.now() - started)}: ${open.join(", ")}`);
    if (now.status !== "RUNNING") {
      const left = now.items.reduce((sum, { remaining }) => sum + (remaining ?? 0), 0);
      report.push(`erased in            ${seconds(performance.now() - started)}, left ${left}`);
      break;
    }
  }
  ({ peak } = await memoryOf(gateway.pid));
  report.push(`memory, erasing      ${megabytes(peak - before.peak)}, bound ${megabytes(bounds.memory)}`);
}
process.stdout.write(`${report.join("\n")}\n`);
if (ratio > bounds.ratio || peak - before.peak > bounds.memory) process.exitCode = 1;
