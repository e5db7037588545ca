import { randomBytes } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import type { Client } from "pg";

import { afterEach, inject } from "vitest";

import { connected, createDatabase, dropDatabase } from "../../src/demo/postgres/administration.ts";
import { ensureTemplate, type Template, urlOf } from "./templates.ts";

export interface TestDatabase extends AsyncDisposable {
  readonly name: string;
  /** Superuser's connection string. */
  readonly url: string;
}

let failed = false;
// Registered for the whole file that imports this.
afterEach(({ task }) => {
  if (task.result?.state === "fail") failed = true;
});

/**
 * A database of one's own: a copy of the template, or empty. Ask for it in `beforeAll`, dispose of it in `afterAll`:
 * it is dropped then, and kept when a test of the file failed.
 */
export async function testDatabase(template?: Template): Promise<TestDatabase> {
  const server = inject("postgresUrl");
  const name = `test_${template ?? "empty"}_${randomBytes(6).toString("hex")}`;
  await connected(server, async (client) => {
    const copied = template === undefined ? {} : { template: await ensureTemplate(client, server, template) };
    await createDatabase(client, name, copied);
  });
  return {
    name,
    url: urlOf(server, name),
    async [Symbol.asyncDispose]() {
      if (failed) process.stderr.write(`Kept for a look: database ${name}\n`);
      else
        await connected(server, async (client) => {
          await othersGone(client, name);
          await dropDatabase(client, name);
        });
    },
  };
}

/** A pool has ended before its connections have, which would be cut off in the middle. Whoever stays for long is. */
async function othersGone(client: Client, name: string): Promise<void> {
  for (const end = Date.now() + 2_000; Date.now() < end;) {
    const { rowCount } = await client.query(
      "select from pg_stat_activity where datname = $1 and backend_type = 'client backend'",
      [name],
    );
    if (rowCount === 0) return;
    await setTimeout(10);
  }
}
