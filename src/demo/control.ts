import { fileURLToPath } from "node:url";

import { askSystem, openSystem } from "./databases.ts";
import { mailingAdminToken } from "./mailing-admin.ts";
import { outsideAdmin } from "./outside/admin.ts";
import type { OutsidePart } from "./outside/process/settings.ts";
import { outsideSecrets } from "./outside/start.ts";
import { type SystemKey, systemKeys } from "./people/person.ts";
import { DemoNotRunning, runningDemo, type RunningDemo } from "./running.ts";

const outsideParts = ["partner", "mail"] as const satisfies readonly OutsidePart[];

const usage = `Usage, while the demo runs:
  npm run demo -- stop ${systemKeys.join("|")}     its database refuses connections
  npm run demo -- start ${systemKeys.join("|")}    it answers again
  npm run demo -- stop|start partner|mail            the marketing partner, or the mail server
  npm run demo -- notices                            what the partner has been told, one notice to a line
  npm run demo -- sql ${systemKeys.join("|")} STATEMENT   asks or changes its own database, behind the gateway's back
  npm run demo -- misbehave MANNER [OPTION=VALUE…]   the e-mail tool answers badly, for example: misbehave slow ms=5000
  npm run demo -- behave                             it answers well again
Another data folder than .data: --folder FOLDER, first.`;

/** What stopped us, in words that say what to do. */
class Advice extends Error {}

try {
  process.stdout.write(`${await control(process.argv.slice(2))}\n`);
} catch (error) {
  process.stderr.write(
    `${error instanceof Advice || error instanceof DemoNotRunning ? error.message : String(error)}\n`,
  );
  process.exitCode = 1;
}

/** @returns what was done */
async function control(words: readonly string[]): Promise<string> {
  const [first, given] = words;
  if (first === "--folder" && given !== undefined) return obey(words.slice(2), given);
  // The same two levels up from src/demo and from dist/demo.
  return obey(words, fileURLToPath(new URL("../../.data", import.meta.url)));
}

async function obey([verb, ...words]: readonly string[], folder: string): Promise<string> {
  switch (verb) {
    case "stop":
    case "start":
      return toggle(await runningDemo(folder), verb, words[0]);
    case "notices":
      return notices(await runningDemo(folder));
    case "sql":
      return ask(await runningDemo(folder), words[0], words.slice(1).join(" "));
    case "misbehave":
      return askMailing(await runningDemo(folder), "POST", mannerOf(words));
    case "behave":
      return askMailing(await runningDemo(folder), "DELETE");
    default:
      throw new Advice(usage);
  }
}

async function toggle(demo: RunningDemo, verb: "start" | "stop", name: string | undefined): Promise<string> {
  const key: SystemKey | undefined = systemKeys.find((each) => each === name);
  const part: OutsidePart | undefined = outsideParts.find((each) => each === name);
  if (key !== undefined) await openSystem(demo.server, key, verb === "start");
  else if (part !== undefined) await adminOf(demo).open(part, verb === "start");
  else throw new Advice(usage);
  if (verb === "start") return `${name} answers again.`;
  return `${name} does not answer any more. To bring it back: npm run demo -- start ${name}`;
}

/** @returns one notice to a line, as JSON */
async function notices(demo: RunningDemo): Promise<string> {
  const told = await adminOf(demo).notices();
  return told.length === 0 ? "No notices." : told.map((notice) => JSON.stringify(notice)).join("\n");
}

function adminOf({ run, server }: RunningDemo) {
  return outsideAdmin(run.outside ?? "", outsideSecrets(server).adminToken);
}

/** @returns one row to a line, as JSON */
async function ask({ server }: RunningDemo, name: string | undefined, statement: string): Promise<string> {
  const key = systemKeys.find((each) => each === name);
  if (key === undefined || statement === "") throw new Advice(usage);
  const rows = await askSystem(server, key, statement);
  return rows.length === 0 ? "No rows." : rows.map((row) => JSON.stringify(row)).join("\n");
}

function mannerOf([manner, ...options]: readonly string[]): object {
  if (manner === undefined) throw new Advice(usage);
  const pairs = options.map((option) => {
    const [name = "", value = ""] = option.split("=", 2);
    return [name, /^\d+$/.test(value) ? Number(value) : value];
  });
  return { ...Object.fromEntries(pairs), manner };
}

/** @returns the manners that are on now */
async function askMailing(
  { run, server }: RunningDemo,
  method: "POST" | "DELETE",
  body?: object,
): Promise<string> {
  const response = await fetch(new URL("/admin/manners", run.systems?.["mailing"]), {
    method,
    headers: {
      authorization: `Bearer ${mailingAdminToken(server)}`,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Advice(text);
  return text;
}
