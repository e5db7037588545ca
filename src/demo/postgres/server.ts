import { createHmac } from "node:crypto";
import { mkdir, realpath } from "node:fs/promises";

import { serverAccount } from "./account.ts";
import { makeCluster } from "./cluster.ts";
import { launch } from "./launch.ts";
import { endOrphan } from "./orphan.ts";
import {
  clusterOf,
  newState,
  type Place,
  readState,
  sharedFolders,
  sweepClusters,
  writeState,
} from "./place.ts";
import { findPrograms } from "./programs.ts";

export interface PostgresOptions {
  /** Holds `postgres.json` and, where PostgreSQL can reach it, the data. */
  readonly folder: string;
  /** Absent: the port of last time, or a free one. */
  readonly port?: number;
  /** False: faster, and lost when the machine goes down. For tests. */
  readonly durable: boolean;
  readonly onProgress?: (line: string) => void;
  /** Where root keeps what PostgreSQL's own account could not reach. */
  readonly shared?: readonly string[];
}

export interface ServerAccess {
  readonly port: number;
  /** Connection string, password included: never for a log. Absent user: the superuser. */
  url(database: string, as?: Credentials): string;
  /** A password for something beside the superuser: always the same for the same name. */
  secret(name: string): string;
}

export interface PostgresServer extends ServerAccess {
  /** Resolves when the server has ended, whoever ended it. */
  readonly exited: Promise<void>;
  stop(): Promise<void>;
}

export interface Credentials {
  readonly user: string;
  readonly password: string;
}

/**
 * Starts the embedded PostgreSQL on the folder's cluster, which is made first where there is none. It listens on
 * 127.0.0.1 alone and ends with this process. One caller per folder at a time: a server found on it is taken for a
 * left-over and stopped.
 */
export async function startPostgres(options: PostgresOptions): Promise<PostgresServer> {
  const onProgress = options.onProgress ?? (() => undefined);
  await mkdir(options.folder, { recursive: true });
  const folder = await realpath(options.folder);
  const place: Place = { folder, shared: options.shared ?? sharedFolders };
  const existing = await readState(place);
  const account = await serverAccount(existing && clusterOf(existing));
  const programs = await findPrograms(account, place.shared, onProgress);
  let state = existing;
  if (state === undefined) {
    onProgress("Making a PostgreSQL cluster");
    state = await newState(place, account);
    if (!state.home.startsWith(folder)) {
      onProgress(`PostgreSQL's account cannot enter ${folder}: its data is kept in ${state.home}`);
    }
    await makeCluster(programs.initdb, state, account, options.durable);
  } else {
    await endOrphan(clusterOf(state), onProgress);
  }
  await sweepClusters(state);
  const running = await launch(programs.postgres, state, account, options);
  await writeState(folder, { ...state, port: running.port });
  return { ...running, ...access(running.port, state.password) };
}

/** Connection strings of the server that runs on the folder's cluster; for another process of the same user. */
export async function runningServer(folder: string): Promise<ServerAccess | undefined> {
  const state = await readState({ folder, shared: sharedFolders });
  if (state === undefined || state.port === null) return undefined;
  return access(state.port, state.password);
}

function access(port: number, superuserPassword: string): ServerAccess {
  return {
    port,
    url: (database, as = { user: "postgres", password: superuserPassword }) =>
      `postgresql://${encodeURIComponent(as.user)}:${encodeURIComponent(as.password)}@127.0.0.1:${port}/${encodeURIComponent(database)}`,
    secret: (name) => createHmac("sha256", superuserPassword).update(name).digest("base64url"),
  };
}
