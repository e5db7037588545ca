import { execFile } from "node:child_process";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

import type { TestProject } from "vitest/node";

import { startPostgres } from "../../src/demo/postgres/server.ts";
import { placeOfDatabases, places } from "./place.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** Superuser's connection string to the database `postgres` of the tests' cluster. */
    postgresUrl: string;
  }
}

const PREFIX = "innsyn-test-";

/** One PostgreSQL for the whole run; it ends with this process however that ends. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  await Promise.all([sweep(), build()]);
  const folder = join(await placeOfDatabases(), `${PREFIX}${process.pid}`);
  const server = await startPostgres({ folder, durable: false });
  project.provide("postgresUrl", server.url("postgres"));
  return async () => {
    await server.stop();
    if (project.vitest.state.getCountOfFailedTests() === 0) {
      await rm(folder, { recursive: true, force: true });
    } else {
      process.stderr.write(`The databases of failed tests: npx node test/setup/open.ts ${folder}\n`);
    }
  };
}

/** What tests start as a process of its own is compiled; once, so that none of them meets another's half-written files. */
async function build(): Promise<void> {
  await promisify(execFile)("npm", ["run", "--silent", "build"]);
}

/** Removes what earlier runs kept, or left when they were killed. */
async function sweep(): Promise<void> {
  for (const place of places) {
    for (const name of await readdir(place).catch(() => [])) {
      const pid = name.startsWith(PREFIX) ? Number(name.slice(PREFIX.length)) : 0;
      if (!(pid > 0) || isAlive(pid)) continue;
      // Another user's are not ours to remove.
      await rm(join(place, name), { recursive: true, force: true }).catch(() => undefined);
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
