import { link, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { processIdentity } from "./identity.ts";

/** Where the running demo's parts listen. */
export interface Addresses {
  readonly gateway?: string;
  readonly issuer?: string;
  /** The gateway's own database; without credentials. */
  readonly database?: string;
  /** By source key; without credentials. */
  readonly systems?: Readonly<Record<string, string>>;
  /** The mailbox, the partner and the switches of both. */
  readonly outside?: string;
}

/** The content of `run.json`, which is there while a demo runs. */
export interface Run extends Addresses {
  readonly pid: number;
  /** RFC 3339. */
  readonly startedAt: string;
  /** `processIdentity` of the owner. */
  readonly identity: string;
}

export class AlreadyRunning extends Error {
  override readonly name = "AlreadyRunning";
  readonly run: Run;
  constructor(run: Run) {
    const where = run.gateway === undefined ? "and is still starting" : `at ${run.gateway}`;
    super(
      `Innsyn already runs from this folder ${where} (process ${run.pid}). Stop it first: kill ${run.pid}`,
    );
    this.run = run;
  }
}

export interface Ownership {
  publish(addresses: Addresses): Promise<void>;
  release(): Promise<void>;
}

/**
 * Makes this process the one owner of the data folder; what a killed owner left is taken over.
 *
 * @throws AlreadyRunning
 */
export async function own(folder: string): Promise<Ownership> {
  await mkdir(folder, { recursive: true });
  const file = runFile(folder);
  const draft = `${file}.${process.pid}`;
  let run: Run = {
    pid: process.pid,
    startedAt: new Date().toISOString(),
    identity: (await processIdentity(process.pid)) ?? "",
  };
  const write = () => writeFile(draft, JSON.stringify(run, null, 2), { mode: 0o600 });
  await write();
  try {
    // A link is made whole or not at all, and by one process only.
    while (!(await tryLink(draft, file))) await removeStale(file, draft);
  } finally {
    await rm(draft, { force: true });
  }
  return {
    async publish(addresses) {
      run = { ...run, ...addresses };
      await write();
      await rename(draft, file);
    },
    release: () => rm(file, { force: true }),
  };
}

/** An address that may be published. */
export function withoutCredentials(url: string): string {
  return Object.assign(new URL(url), { username: "", password: "", search: "" }).href;
}

/** The demo that runs from the folder; undefined when none does. */
export async function currentRun(folder: string): Promise<Run | undefined> {
  const run = parse(await readFile(runFile(folder), "utf8").catch(() => ""));
  return run !== undefined && (await isAlive(run)) ? run : undefined;
}

function runFile(folder: string): string {
  return join(folder, "run.json");
}

async function tryLink(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  }
}

async function removeStale(file: string, draft: string): Promise<void> {
  const seen = await readFile(file, "utf8").catch(() => undefined);
  if (seen === undefined) return;
  const run = parse(seen);
  if (run !== undefined && (await isAlive(run))) throw new AlreadyRunning(run);
  // Another starter may have replaced it since: what is taken away must be what was seen.
  const taken = `${draft}.stale`;
  const moved = await rename(file, taken).then(
    () => true,
    () => false,
  );
  if (moved && (await readFile(taken, "utf8")) !== seen) await tryLink(taken, file);
  await rm(taken, { force: true });
}

async function isAlive(run: Run): Promise<boolean> {
  return (await processIdentity(run.pid)) === run.identity;
}

function parse(text: string): Run | undefined {
  try {
    const found = JSON.parse(text) as Partial<Run> | null;
    const whole =
      typeof found?.pid === "number" &&
      typeof found.startedAt === "string" &&
      typeof found.identity === "string";
    return whole ? (found as Run) : undefined;
  } catch {
    return undefined;
  }
}
