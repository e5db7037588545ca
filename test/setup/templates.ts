import type pg from "pg";

import { createDatabase, databaseExists, dropDatabase, renameDatabase } from "../../src/demo/postgres/administration.ts";

export type Template = "gateway" | "crm" | "learning" | "events" | "mailing";

/** Any number that nothing else locks in the tests' cluster. */
const LOCK = 7_466_001;

/**
 * Makes the template on first use by any test file; the others wait for it.
 *
 * @returns its database
 */
export async function ensureTemplate(client: pg.Client, server: string, template: Template): Promise<string> {
  const name = `template_${template}`;
  await client.query("select pg_advisory_lock($1)", [LOCK]);
  try {
    if (await databaseExists(client, name)) return name;
    const unfinished = `${name}_unfinished`;
    await dropDatabase(client, unfinished);
    await createDatabase(client, unfinished);
    await fill(template, Object.assign(new URL(server), { pathname: `/${unfinished}` }).href);
    await renameDatabase(client, unfinished, name);
    return name;
  } finally {
    await client.query("select pg_advisory_unlock($1)", [LOCK]);
  }
}

async function fill(template: Template, url: string): Promise<void> {
  throw new Error(`There is no template ${template} yet (${new URL(url).pathname}).`);
}
