import { isDeepStrictEqual, parseArgs } from "node:util";
import { keyringOf } from "./keyring.ts";
import { compare, type Target } from "./load.ts";
import type { OperationCheckFigures } from "./operation-check.ts";
import { type Address, start } from "./processes.ts";
import { accessQuery, countRecords, type Json, plain } from "./queries.ts";
import { type Measured, missed, reportOf, table } from "./report.ts";
import { startSystems } from "./systems.ts";
import { openTrail } from "./trail.ts";

const { values: options } = parseArgs({
  options: {
    /** One JSON object on standard output, and nothing else. */
    json: { type: "boolean", default: false },
    /** A folder for a processor profile of the gateway. */
    profile: { type: "string" },
  },
});

/** Rows per page that make a thousand records of the reader. */
const longPages = 125;
const hundredBody = JSON.stringify({ query: accessQuery });
const thousandBody = JSON.stringify({ query: accessQuery, variables: { first: longPages } });

async function measure(): Promise<Measured> {
  await using parts = new AsyncDisposableStack();
  const open = <T extends { stop(): Promise<void> }>(part: T) => parts.adopt(part, (p) => p.stop());
  const { settings, tokens } = open(await startSystems((line) => process.stderr.write(`${line}\n`)));
  const profiled = options.profile === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${options.profile}`];
  const gateway = open(await start<typeof settings, Address>("./gateway.ts", settings, profiled));
  const trail = parts.adopt(await openTrail(settings.databaseUrl), (t) => t.close());
  const ask = (url: string, token: string, body: string) => target({ url, token, body });

  const hundred = await ask(gateway.ready.url, tokens.hundred, hundredBody);
  const thousand = await ask(gateway.ready.url, tokens.thousand, thousandBody);
  const signInKey = (await keyringOf(settings)).key("sign-in");
  const compared = { ...settings, audit: await trail.last(), signInKey };
  const [handWritten, shieldEverywhere] = await Promise.all([
    start<typeof compared, Address>("./hand-written/server.ts", compared).then(open),
    start<typeof compared, Address>("./shield-everywhere.ts", compared).then(open),
  ]);
  const hundredByHand = await ask(handWritten.ready.url, tokens.hundred, hundredBody);
  const thousandShielded = await ask(shieldEverywhere.ready.url, tokens.thousand, thousandBody);
  sameRecords(hundred, hundredByHand);
  sameRecords(thousand, thousandShielded);

  const before = await trail.entries();
  const hundreds = await compare({ gateway: hundred, handWritten: hundredByHand }, { rounds: 5, seconds: 3 });
  const thousands = await compare(
    { gateway: thousand, shieldEverywhere: thousandShielded },
    { rounds: 3, seconds: 4 },
  );
  const answered = [...Object.values(hundreds), ...Object.values(thousands)].reduce(
    (sum, f) => sum + f.requests,
    0,
  );
  if ((await trail.entries()) - before < answered)
    throw new Error("an answer left without an entry in the trail");

  const check = open(await start<object, OperationCheckFigures>("./operation-check.ts", {}));
  return {
    hundred: { records: recordsOf(hundred), ...hundreds },
    thousand: { records: recordsOf(thousand), ...thousands },
    check: check.ready,
  };
}

/** What a server is asked in the measured rounds, with the answer that it gives now. */
async function target({ url, token, body }: Omit<Target, "expected">): Promise<Target> {
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const response = await fetch(url, { method: "POST", headers, body });
  const expected = await response.text();
  if (response.status !== 200 || expected.includes(`"errors"`))
    throw new Error(`${url} answered ${response.status}`);
  return { url, token, body, expected };
}

const answerOf = ({ expected }: Target) => plain(JSON.parse(expected) as Json);
const recordsOf = (answer: Target) => countRecords(answerOf(answer));

function sameRecords(one: Target, other: Target): void {
  if (!isDeepStrictEqual(answerOf(one), answerOf(other)))
    throw new Error(`${other.url} answers otherwise than the gateway`);
}

const report = reportOf(await measure());
process.stdout.write(`${options.json ? JSON.stringify(report) : table(report)}\n`);
const failures = missed(report);
if (failures.length > 0) process.stderr.write(`Missed: ${failures.join(", ")}\n`);
