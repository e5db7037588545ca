import { createHash, randomBytes } from "node:crypto";
import {
  chmod,
  chown,
  lstat,
  mkdir,
  readdir,
  readFile,
  realpath,
  rename,
  rm,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

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

const CLUSTER = "cluster-";

export interface Place {
  readonly folder: string;
  /** Where root keeps what PostgreSQL's own account cannot reach in the folder; best first. */
  readonly shared: readonly string[];
}

export const sharedFolders: readonly string[] = ["/var/lib/innsyn", join(tmpdir(), "innsyn")];

/** Never the same twice: an initdb that outlived its killed starter may still be writing to its own. */
export function clusterOf({ home, id }: ClusterState): string {
  return join(home, `${CLUSTER}${id}`);
}

/** Removes other clusters from the state's home: unfinished ones, and those of a project that is gone. */
export async function sweepClusters(state: ClusterState): Promise<void> {
  for (const name of await readdir(state.home)) {
    const path = join(state.home, name);
    if (!name.startsWith(CLUSTER) || path === clusterOf(state)) continue;
    // One that is being written to right now is left to the next start.
    await rm(path, { recursive: true, force: true }).catch(() => undefined);
  }
}

/** State of the cluster that belongs to the folder; undefined if there is none that was finished. */
export async function readState(place: Place): Promise<ClusterState | undefined> {
  const text = await readFile(stateFile(place.folder), "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  const state = parseState(text);
  // A copied or moved project must not use the cluster of the one it was copied from.
  if (state === undefined || !(await possibleHomes(place)).includes(state.home)) return undefined;
  const marker = await readFile(markerFile(state.home), "utf8").catch(() => undefined);
  return marker?.trim() === state.id ? state : undefined;
}

/** A home with an empty folder for a new cluster. */
export async function newState(place: Place, account: Account | undefined): Promise<ClusterState> {
  const { folder, shared } = place;
  await mkdir(folder, { recursive: true });
  for (const home of await possibleHomes(place)) {
    const [id, password] = [randomBytes(9).toString("hex"), randomBytes(24).toString("base64url")];
    const state = { id, password, port: null, home };
    if (!(await prepare(state, account, shared.includes(dirname(home))))) continue;
    await writeState(folder, state);
    return state;
  }
  throw new Error(
    `PostgreSQL's own account can enter neither ${folder} nor ${shared.join(" nor ")}. Start as an ordinary user.`,
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

async function possibleHomes({ folder, shared }: Place): Promise<readonly string[]> {
  const path = await realpath(folder);
  const inPlace = join(path, "postgres");
  if (process.getuid?.() !== 0) return [inPlace];
  const hash = createHash("sha256").update(path).digest("hex").slice(0, 16);
  return [inPlace, ...shared.map((each) => join(each, hash))];
}

/** False where the account cannot reach it, or the file system cannot give it away. */
async function prepare(
  state: ClusterState,
  account: Account | undefined,
  inShared: boolean,
): Promise<boolean> {
  const { home } = state;
  const cluster = clusterOf(state);
  try {
    await mkdir(home, { recursive: true, mode: 0o711 });
    if (account === undefined) {
      await mkdir(cluster, { mode: 0o700 });
      return true;
    }
    if (!(await isOurs(home)) || (inShared && !(await isOurs(dirname(home))))) return false;
    // A strict umask would have kept the account out.
    await chmod(home, 0o711);
    if (inShared) await chmod(dirname(home), 0o755);
    if (!(await canReach(home, account))) return false;
    await mkdir(cluster, { mode: 0o700 });
    await chown(cluster, account.uid, account.gid);
    return true;
  } catch (error) {
    if (account === undefined) throw error;
    return false;
  }
}

/** In a folder for all, somebody else may have been there first. */
export async function isOurs(path: string): Promise<boolean> {
  const found = await lstat(path).catch(() => undefined);
  return found !== undefined && (found.uid === 0 || found.uid === process.getuid?.());
}
