import { randomUUID } from "node:crypto";
import { mkdir, readdir } from "node:fs/promises";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { BadConfiguration, readEnvironment } from "../config/environment.ts";
import { loadConfig, validateConfig } from "../config/load.ts";
import { createSources, type SourceSettings } from "../connectors/sources.ts";
import { demoSources } from "../demo/organisation.ts";
import { runningDemo } from "../demo/running.ts";
import { systemsOf } from "../demo/systems-of.ts";
import { createAuditTrail } from "../audit/trail.ts";
import { type Keyring, openKeyring } from "../store/keyring.ts";
import type { Store } from "../store/store.ts";
import type { Copied } from "../testdata/copy.ts";
import { runCommand, say } from "./command.ts";
import { openReached, type Reached, reachGateway } from "./reach.ts";
import { writeTestData } from "./write-testdata.ts";

/** What many must have before it is in a copy. */
const among = 10;

const usage = `Usage: npm run testdata -- [--among N] DIR
Writes made-up records to DIR, as many as the systems hold, for tests and product development: filled in and hanging
together as those are, and led back to nobody. DIR must be empty or not be there. Exit code 0: of every system,
1: of some, 2: nothing was written.
  --among  persons at least who have what is written (${among}; 2 at least)`;

await runCommand(async () => {
  const asked = options();
  await requireEmpty(asked.folder);
  const reached = await reachGateway();
  const [store, sources] = await Promise.all([openReached(reached), settingsOf(reached).then(createSources)]);
  try {
    const keyring = await openKeyring(store, reached.masterKeys);
    const copied = await writeTestData({ ...asked, store, keyring, sources });
    await record({ store, keyring }, copied);
    for (const each of copied) say(described(each));
    return copied.every(({ failure }) => failure === null) ? 0 : 1;
  } finally {
    await Promise.all([store.close(true), ...[...sources.values()].map((source) => source.close())]);
  }
}, 2);

async function record(
  { store, keyring }: { readonly store: Store; readonly keyring: Keyring },
  copied: readonly Copied[],
): Promise<void> {
  const trail = createAuditTrail(store, { key: keyring.key("audit") });
  try {
    await trail.record({
      event: "TEST_DATA_WRITTEN",
      actorRole: null,
      actorRef: null,
      actorName: null,
      subjectRef: null,
      purpose: "TESTING",
      requestId: randomUUID(),
      coordinates: [],
      categories: [],
      sources: copied.filter(({ failure }) => failure === null).map(({ source }) => source),
      detail: String(copied.reduce((sum, { records }) => sum + records, 0)),
    });
  } finally {
    await trail.close();
  }
}

function options(): { readonly among: number; readonly folder: string } {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: { among: { type: "string", default: String(among) } },
    });
    const [folder, ...more] = positionals;
    const least = Number(values.among);
    if (folder === undefined || more.length > 0 || !Number.isInteger(least) || least < 2)
      throw new BadConfiguration(usage);
    return { among: least, folder: resolve(folder) };
  } catch {
    throw new BadConfiguration(usage);
  }
}

async function requireEmpty(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  if ((await readdir(folder)).length > 0)
    throw new BadConfiguration(`${folder} is not empty: name a folder that is, or that is not there yet.`);
}

async function settingsOf({ demoFolder }: Reached): Promise<ReadonlyMap<string, SourceSettings>> {
  const env = readEnvironment();
  if (demoFolder !== null)
    return new Map(Object.entries(demoSources(systemsOf(await runningDemo(demoFolder)))));
  return validateConfig(await loadConfig(env.own?.configPath ?? ""), env).sources;
}

function described({ source, records, leftOut, fieldsLeftOut, failure }: Copied): string {
  if (failure !== null) return `${source}: NOTHING, since the system could not be asked (${failure})`;
  const without = fieldsLeftOut.length === 0 ? "" : `; without ${fieldsLeftOut.join(", ")}`;
  return `${source}: ${records} records; ${leftOut} left out, whose persons object or are restricted${without}`;
}
