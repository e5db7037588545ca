import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";

import type pg from "pg";

import { type SystemKey, systemKeys } from "./people/person.ts";
import {
  connected,
  createDatabase,
  databaseExists,
  dropDatabase,
  ensureMember,
  ensureRole,
  setOpen,
} from "./postgres/administration.ts";
import type { ServerAccess } from "./postgres/server.ts";
import { fillSystems } from "./systems/fill.ts";
import { readerRole } from "./systems/mailing/schema.ts";

const GATEWAY = "innsyn";

/** Connection strings; each user owns its own database and may enter no other. */
export interface DemoDatabases {
  readonly gateway: string;
  readonly systems: Readonly<Record<SystemKey, string>>;
}

/** Makes what is missing of the demo's databases, and opens those that `npm run demo -- stop` closed. */
export async function prepareDatabases(
  server: ServerAccess,
  persons: number,
  onProgress: (line: string) => void,
): Promise<DemoDatabases> {
  const databases = databasesOf(server);
  const wanted = await fingerprint(persons);
  const filled = await connected(server.url("postgres"), async (client) => {
    await ensureDatabase(client, server, GATEWAY);
    const same = (await readFingerprint(client)) === wanted;
    for (const key of systemKeys) {
      if (!same) await dropDatabase(client, systemDatabase(key));
      await ensureDatabase(client, server, systemDatabase(key));
    }
    await ensureMember(client, readerRole, systemDatabase("mailing"));
    return same;
  });
  if (!filled) {
    onProgress(`Filling four systems with ${persons} persons`);
    await fillSystems({ urls: databases.systems, persons, today: new Date(), onProgress });
    await connected(server.url("postgres"), (client) => writeFingerprint(client, wanted));
  }
  return databases;
}

/** @throws Error when the demo has no database of this system */
export async function openSystem(server: ServerAccess, key: SystemKey, open: boolean): Promise<void> {
  await connected(server.url("postgres"), (client) => setOpen(client, systemDatabase(key), open));
}

/** Runs a statement in a system's own database, as that system would. */
export async function askSystem(
  server: ServerAccess,
  key: SystemKey,
  statement: string,
): Promise<readonly object[]> {
  const { rows } = await connected(ownUrl(server, systemDatabase(key)), (client) =>
    client.query<Record<string, unknown>>(statement),
  );
  return rows;
}

/** By their names in the demo's PostgreSQL, whether they have been made or not. */
export function databasesOf(server: ServerAccess): DemoDatabases {
  const systems = Object.fromEntries(
    systemKeys.map((key) => [key, ownUrl(server, systemDatabase(key))]),
  ) as Record<SystemKey, string>;
  return { gateway: gatewayDatabase(server), systems };
}

/** Connection string of the gateway's own database. */
export function gatewayDatabase(server: ServerAccess): string {
  return ownUrl(server, GATEWAY);
}

function systemDatabase(key: SystemKey): string {
  return `demo_${key}`;
}

function ownUrl(server: ServerAccess, name: string): string {
  return server.url(name, { user: name, password: server.secret(name) });
}

async function ensureDatabase(client: pg.Client, server: ServerAccess, name: string): Promise<void> {
  await ensureRole(client, name, server.secret(name));
  if (await databaseExists(client, name)) await setOpen(client, name, true);
  else await createDatabase(client, name, { owner: name });
}

/** Of all that decides what the systems hold: the number of persons, and the code that makes them up. */
async function fingerprint(persons: number): Promise<string> {
  const sum = createHash("sha256").update(String(persons));
  for (const part of ["people", "systems"]) {
    const folder = new URL(`./${part}/`, import.meta.url);
    const names = await readdir(folder, { recursive: true });
    for (const name of names.filter((each) => /\.[jt]s$/.test(each)).sort()) {
      sum.update(await readFile(new URL(name.replaceAll("\\", "/"), folder)));
    }
  }
  return sum.digest("hex");
}

/** Written last of all, as a comment on the CRM's database. */
async function readFingerprint(client: pg.Client): Promise<string | undefined> {
  const found = await client.query<{ comment: string | null }>(
    "select shobj_description(oid, 'pg_database') as comment from pg_database where datname = $1",
    [systemDatabase("crm")],
  );
  return found.rows[0]?.comment ?? undefined;
}

async function writeFingerprint(client: pg.Client, value: string): Promise<void> {
  await client.query(`comment on database ${systemDatabase("crm")} is '${value}'`);
}
