import pg from "pg";

const { Client, escapeIdentifier, escapeLiteral } = pg;

/** Runs the work on a connection of its own. */
export async function connected<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url });
  // A server that stops ends its connections with an error of their own, outside any query.
  client.on("error", () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

export async function databaseExists(client: pg.Client, name: string): Promise<boolean> {
  const found = await client.query("select 1 from pg_database where datname = $1", [name]);
  return found.rowCount === 1;
}

export interface NewDatabase {
  readonly owner?: string;
  /** Copied; nobody may be connected to it. */
  readonly template?: string;
}

/** The owner alone may connect to it, and superusers. */
export async function createDatabase(
  client: pg.Client,
  name: string,
  options: NewDatabase = {},
): Promise<void> {
  const owner = options.owner === undefined ? "" : ` owner ${escapeIdentifier(options.owner)}`;
  // File by file: what is copied need not go through the log.
  const template =
    options.template === undefined
      ? ""
      : ` template ${escapeIdentifier(options.template)} strategy file_copy`;
  await client.query(`create database ${escapeIdentifier(name)}${owner}${template}`);
  await client.query(`revoke all on database ${escapeIdentifier(name)} from public`);
}

export async function dropDatabase(client: pg.Client, name: string): Promise<void> {
  await client.query(`drop database if exists ${escapeIdentifier(name)} with (force)`);
}

export async function renameDatabase(client: pg.Client, name: string, to: string): Promise<void> {
  await client.query(`alter database ${escapeIdentifier(name)} rename to ${escapeIdentifier(to)}`);
}

/** A login role; one that is there keeps its password. */
export async function ensureRole(client: pg.Client, name: string, password: string): Promise<void> {
  const found = await client.query("select 1 from pg_roles where rolname = $1", [name]);
  if (found.rowCount === 1) return;
  await client.query(`create role ${escapeIdentifier(name)} login password ${escapeLiteral(password)}`);
}

/** A role without a login, which the member may take on. */
export async function ensureMember(client: pg.Client, role: string, member: string): Promise<void> {
  const found = await client.query("select 1 from pg_roles where rolname = $1", [role]);
  if (found.rowCount === 0) await client.query(`create role ${escapeIdentifier(role)} nologin`);
  await client.query(
    `grant ${escapeIdentifier(role)} to ${escapeIdentifier(member)} with inherit false, set true`,
  );
}

/** Opens a database to connections, or closes it and ends those there are. */
export async function setOpen(client: pg.Client, name: string, open: boolean): Promise<void> {
  await client.query(`alter database ${escapeIdentifier(name)} allow_connections ${open}`);
  if (!open) {
    await client.query("select pg_terminate_backend(pid) from pg_stat_activity where datname = $1", [name]);
  }
}
