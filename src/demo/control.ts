import { fileURLToPath } from "node:url";

import { openSystem } from "./databases.ts";
import { type SystemKey, systemKeys } from "./people/person.ts";
import { runningServer } from "./postgres/server.ts";
import { currentRun } from "./process/owner.ts";

const usage = `Usage: npm run demo -- stop|start ${systemKeys.join("|")}
Makes a system of the running demo unreachable, or reachable again.`;

/** The same two levels up from src/demo and from dist/demo. */
const dataFolder = fileURLToPath(new URL("../../.data", import.meta.url));

const [verb, key, folder = dataFolder] = process.argv.slice(2);
const complaint = await control(verb, systemKeys.find((each) => each === key), folder);
if (complaint !== undefined) {
  process.stderr.write(`${complaint}\n`);
  process.exitCode = 1;
}

/** @returns what is wrong, and what to do */
async function control(
  verb: string | undefined,
  key: SystemKey | undefined,
  folder: string,
): Promise<string | undefined> {
  if ((verb !== "stop" && verb !== "start") || key === undefined) return usage;
  const [run, server] = await Promise.all([currentRun(folder), runningServer(folder).catch(() => undefined)]);
  if (run === undefined || server === undefined) return "The demo is not running: start it first, with npm start";
  await openSystem(server, key, verb === "start");
  process.stdout.write(
    verb === "stop"
      ? `${key} does not answer any more. To bring it back: npm run demo -- start ${key}\n`
      : `${key} answers again.\n`,
  );
  return undefined;
}
