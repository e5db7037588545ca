import { isDeepStrictEqual } from "node:util";
import { parseArgs } from "node:util";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { demoMasterKey } from "../src/demo/master-key.ts";
import { signIn } from "../src/demo/identity/client.ts";
import { startDemo } from "../src/demo/start.ts";
import { lengthenHistory, reader } from "./history.ts";
import { compare, type Target } from "./load.ts";
import { startServer } from "./processes.ts";
import { accessQuery, countRecords, type Json, plain } from "./queries.ts";

const folder = fileURLToPath(new URL("../.data/bench", import.meta.url));
const { values: options } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    profile: { type: "string" },
  },
});
const say = (line: string) => process.stderr.write(`${line}\n`);

await using parts = new AsyncDisposableStack();
const demo = await startDemo({ folder, persons: 1_000, gatewayPort: 4_000, onProgress: say });
parts.defer(() => demo.stop());
await lengthenHistory(demo.systems);
const { issuer, databaseUrl, systems } = demo;
const settings = { issuer, databaseUrl, systems, masterKey: await demoMasterKey(folder) };
const flags = options.profile === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${options.profile}`];
const gateway = await startServer("./gateway.ts", settings, flags);
parts.defer(() => gateway.stop());

const kari = await signIn({ issuer, email: "kari.nordmann@example.com" });
const stor = await signIn({ issuer, email: reader });

const ask = async (url: string, token: string, body: string) => {
  const response = await fetch(url, { method: "POST", headers: { authorization: `Bearer ${token}`, "content-type": "application/json" }, body });
  const text = await response.text();
  if (response.status !== 200) throw new Error(`${response.status} ${text}`);
  return text;
};
const small = JSON.stringify({ query: accessQuery });
const large = JSON.stringify({ query: accessQuery, variables: { first: 140 } });
const answerA = await ask(gateway.url, kari, small);
say(`${countRecords(plain(JSON.parse(answerA) as Json))} records`);
const answerL = await ask(gateway.url, stor, large);
say(`${countRecords(plain(JSON.parse(answerL) as Json))} records`);

const store = new pg.Client({ connectionString: databaseUrl });
await store.connect();
parts.defer(() => store.end());
const { rows: [audit] } = await store.query("select coordinates, categories, sources from audit_entry order by sequence desc limit 1");
const hand = await startServer("./hand-written/server.ts", { ...settings, audit });
parts.defer(() => hand.stop());
const answerB = await ask(hand.url, kari, small);
const same = isDeepStrictEqual(plain(JSON.parse(answerA) as Json), stripped(plain(JSON.parse(answerB) as Json)));
say(`same: ${same}`);
if (!same) {
  const { writeFileSync } = await import("node:fs");
  writeFileSync("/tmp/a.json", JSON.stringify(plain(JSON.parse(answerA) as Json), null, 1));
  writeFileSync("/tmp/b.json", JSON.stringify(stripped(plain(JSON.parse(answerB) as Json)), null, 1));
}
function stripped(v: Json): Json { return JSON.parse(JSON.stringify(v, (k, x: Json) => (k === "endCursor" ? undefined : x))) as Json; }
const target = (url: string, token: string, body: string, expected: string): Target => ({ url, token, body, expected });
const figures = await compare(
  { a: target(gateway.url, kari, small, answerA), b: target(hand.url, kari, small, answerB) },
  { rounds: 5, seconds: 3 },
);
say(JSON.stringify(figures, null, 1));
say(String(figures.a.requestsPerSecond / figures.b.requestsPerSecond));
