import type pg from "pg";

import { type SystemKey, systemKeys } from "../../src/demo/people/person.ts";
import {
  createDatabase,
  databaseExists,
  dropDatabase,
  renameDatabase,
} from "../../src/demo/postgres/administration.ts";
import { fillSystems } from "../../src/demo/systems/fill.ts";
import { migrateDatabase } from "../../src/store/store.ts";

export type Template = "gateway" | SystemKey;

/** The fixed persons and some more. */
export const TEST_PERSONS = 60;
/** Any number that nothing else locks in the tests' cluster. */
const LOCK = 7_466_001;

/**
 * Makes the template on first use by any test file; the others wait for it.
 *
 * @returns its database
 */
export async function ensureTemplate(client: pg.Client, server: string, template: Template): Promise<string> {
  await client.query("select pg_advisory_lock($1)", [LOCK]);
  try {
    if (!(await databaseExists(client, nameOf(template)))) {
      await (template === "gateway" ? makeGateway(client, server) : makeSystems(client, server));
    }
    return nameOf(template);
  } finally {
    await client.query("select pg_advisory_unlock($1)", [LOCK]);
  }
}

/** The same server, another database. */
export function urlOf(server: string, database: string): string {
  return Object.assign(new URL(server), { pathname: `/${database}` }).href;
}

async function makeGateway(client: pg.Client, server: string): Promise<void> {
  await makeUnfinished(client, "gateway");
  await migrateDatabase(urlOf(server, unfinished("gateway")));
  await finish(client, "gateway");
}

async function makeSystems(client: pg.Client, server: string): Promise<void> {
  for (const key of systemKeys) await makeUnfinished(client, key);
  const urls = Object.fromEntries(systemKeys.map((key) => [key, urlOf(server, unfinished(key))]));
  await fillSystems({ urls: urls as Record<SystemKey, string>, persons: TEST_PERSONS, today: new Date() });
  for (const key of systemKeys) await finish(client, key);
}

async function makeUnfinished(client: pg.Client, template: Template): Promise<void> {
  await dropDatabase(client, unfinished(template));
  await createDatabase(client, unfinished(template));
}

async function finish(client: pg.Client, template: Template): Promise<void> {
  await dropDatabase(client, nameOf(template));
  await renameDatabase(client, unfinished(template), nameOf(template));
}

function nameOf(template: Template): string {
  return `template_${template}`;
}

function unfinished(template: Template): string {
  return `${nameOf(template)}_unfinished`;
}
