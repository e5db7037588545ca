import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { globSync } from "node:fs";
import { access, chown, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { connected } from "../../src/demo/postgres/administration.ts";
import { freePort } from "../../src/demo/process/ports.ts";
import { until } from "../demo/scripts.ts";

const run = promisify(execFile);
const needed = ["initdb", "postgres", "pg_dump", "pg_restore"];

/** A PostgreSQL with all of its own programs; the embedded one comes without those that dump and restore. */
export interface Peer extends AsyncDisposable {
  /** Where its programs are. */
  readonly programs: string;
  url(database: string): string;
}

export async function startPeer(): Promise<Peer> {
  const programs = await findPrograms();
  const account = await accountOf();
  const folder = await mkdtemp(join(tmpdir(), "innsyn-peer-"));
  if (account.uid !== undefined) await chown(folder, account.uid, account.gid ?? account.uid);
  const as = { cwd: folder, ...account };
  const data = join(folder, "data");
  const made = ["-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"];
  await run(join(programs, "initdb"), made, as);
  const port = await freePort(0);
  const settings = { listen_addresses: "127.0.0.1", unix_socket_directories: "", fsync: "off" };
  const words = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const server = spawn(join(programs, "postgres"), ["-D", data, "-p", String(port), ...words], {
    ...as,
    stdio: "ignore",
  });
  const ended = once(server, "exit");
  const url = (database: string) => `postgresql://postgres@127.0.0.1:${port}/${database}`;
  const answers = () =>
    connected(url("postgres"), () => Promise.resolve(true)).catch(() => server.exitCode !== null);
  await until(answers);
  if (server.exitCode !== null) throw new Error(`PostgreSQL of ${programs} does not start`);
  return {
    programs,
    url,
    async [Symbol.asyncDispose]() {
      server.kill("SIGINT");
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function findPrograms(): Promise<string> {
  const folders = globSync("/usr/lib/postgresql/*/bin").sort((a, b) => versionOf(b) - versionOf(a));
  for (const folder of folders) {
    const there = await Promise.allSettled(needed.map((name) => access(join(folder, name))));
    if (there.every(({ status }) => status === "fulfilled")) return folder;
  }
  throw new Error(
    `This test dumps and restores with PostgreSQL's own programs (${needed.join(", ")}), which are not in ` +
      "/usr/lib/postgresql/*/bin: install them (Debian and Ubuntu: apt-get install postgresql).",
  );
}

const versionOf = (folder: string) => Number(/postgresql\/(\d+)/.exec(folder)?.[1] ?? 0);

/** PostgreSQL does not run as root. */
async function accountOf(): Promise<{ readonly uid?: number; readonly gid?: number }> {
  if (process.getuid?.() !== 0) return {};
  const [uid, gid] = await Promise.all(
    ["-u", "-g"].map(async (which) => Number((await run("id", [which, "nobody"])).stdout)),
  );
  return { ...(uid !== undefined && { uid }), ...(gid !== undefined && { gid }) };
}
