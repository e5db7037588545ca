import { createHash, randomBytes } from "node:crypto";
import { chmod, chown, lstat, mkdir, readFile, realpath, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { type Account, canReach } from "./account.ts";

/** What is remembered of a cluster, beside the data and readable by who started it alone. */
export interface ClusterState {
  /** Also written inside the cluster, last of all: a cluster without it was never finished. */
  readonly id: string;
  readonly password: string;
  readonly port: number | null;
  /** Folder that holds the cluster. */
  readonly home: string;
}

/** Where things that PostgreSQL's own account must reach can be kept, best first. */
export function sharedFolders(): readonly string[] {
  return process.platform === "win32" ? [] : ["/var/lib/innsyn", join(tmpdir(), "innsyn")];
}

export function clusterIn(home: string): string {
  return join(home, "cluster");
}

/** State of the cluster that belongs to the folder; undefined if there is none that was finished. */
export async function readState(folder: string): Promise<ClusterState | undefined> {
  const text = await readFile(stateFile(folder), "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  const state = parseState(text);
  // A copied or moved project must not use the cluster of the one it was copied from.
  if (state === undefined || !(await possibleHomes(folder)).includes(state.home)) return undefined;
  const marker = await readFile(markerFile(state.home), "utf8").catch(() => undefined);
  return marker?.trim() === state.id ? state : undefined;
}

/** An empty home for a new cluster; what an unfinished or forgotten one left there is removed. */
export async function newState(folder: string, account: Account | undefined): Promise<ClusterState> {
  await mkdir(folder, { recursive: true });
  for (const home of await possibleHomes(folder)) {
    if (!(await prepare(home, account))) continue;
    const random = () => randomBytes(24).toString("base64url");
    const state = { id: random(), password: random(), port: null, home };
    await writeState(folder, state);
    return state;
  }
  throw new Error(
    `PostgreSQL's own account can enter neither ${folder} nor ${sharedFolders().join(" nor ")}. Start as an ordinary user, or set DATABASE_URL.`,
  );
}

export async function writeState(folder: string, state: ClusterState): Promise<void> {
  const file = stateFile(folder);
  await writeFile(`${file}.new`, JSON.stringify(state), { mode: 0o600 });
  await rename(`${file}.new`, file);
}

/** Called when nothing is left to do on the cluster. */
export async function markFinished(state: ClusterState): Promise<void> {
  await writeFile(markerFile(state.home), state.id, { mode: 0o600 });
}

function stateFile(folder: string): string {
  return join(folder, "postgres.json");
}

function markerFile(home: string): string {
  return join(home, "finished");
}

function parseState(text: string): ClusterState | undefined {
  try {
    const { id, password, port, home } = JSON.parse(text) as Record<keyof ClusterState, unknown>;
    if (typeof id !== "string" || typeof password !== "string" || typeof home !== "string") return undefined;
    return { id, password, home, port: typeof port === "number" ? port : null };
  } catch {
    return undefined;
  }
}

async function possibleHomes(folder: string): Promise<readonly string[]> {
  const path = await realpath(folder);
  const inPlace = join(path, "postgres");
  if (process.getuid?.() !== 0) return [inPlace];
  const hash = createHash("sha256").update(path).digest("hex").slice(0, 16);
  return [inPlace, ...sharedFolders().map((shared) => join(shared, hash))];
}

/** False where the account cannot reach it, or the file system cannot give it away. */
async function prepare(home: string, account: Account | undefined): Promise<boolean> {
  const cluster = clusterIn(home);
  try {
    await mkdir(home, { recursive: true, mode: 0o711 });
    // In a folder for all, somebody else may have been there first.
    if (account !== undefined && (await lstat(home)).uid !== 0) return false;
    await rm(markerFile(home), { force: true });
    await rm(cluster, { recursive: true, force: true });
    if (account !== undefined) await chmod(home, 0o711);
    await mkdir(cluster, { mode: 0o700 });
    if (account !== undefined) await chown(cluster, account.uid, account.gid);
    return await canReach(cluster, account);
  } catch (error) {
    if (account === undefined) throw error;
    return false;
  }
}
