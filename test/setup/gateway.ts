import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { inject } from "vitest";
import { Role } from "../../src/access/vocabulary.ts";
import { type App, type AppSettings, createApp } from "../../src/app.ts";
import type { InnsynConfig } from "../../src/config/define.ts";
import { validateConfig } from "../../src/config/load.ts";
import type { Account } from "../../src/demo/identity/accounts.ts";
import { signIn } from "../../src/demo/identity/client.ts";
import { mfaContext } from "../../src/demo/identity/settings.ts";
import { demoAccounts } from "../../src/demo/identity/demo-accounts.ts";
import { serveIdentity } from "../../src/demo/identity/server.ts";
import { type DemoAddresses, demoConfig } from "../../src/demo/organisation.ts";
import { type OutsideAdmin, outsideAdmin } from "../../src/demo/outside/admin.ts";
import { type OutsideSecrets, startOutside } from "../../src/demo/outside/start.ts";
import { type SystemKey, systemKeys } from "../../src/demo/people/person.ts";
import { fillRegister } from "../../src/demo/register.ts";
import { connected, setOpen } from "../../src/demo/postgres/administration.ts";
import { startChild } from "../../src/demo/process/parent.ts";
import type { MailingSettings } from "../../src/demo/systems/mailing/process/settings.ts";
import { httpSettings } from "../../src/http/settings.ts";
import { fixedMasterKeys, type MasterKeys } from "../../src/store/master-keys.ts";
import { type TestDatabase, testDatabase } from "./database.ts";

export interface GraphqlError {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions: { readonly code: string; readonly [detail: string]: unknown };
}

export interface Answer<Data> {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly data: Data | null | undefined;
  readonly errors: readonly GraphqlError[] | undefined;
  readonly milliseconds: number;
}

export interface Asked {
  /** Who signs in first; null: nobody. */
  readonly as?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
  readonly operationName?: string;
  /** Signed in a moment ago, with a second factor. */
  readonly strongly?: true;
  /** Which of `Gateway.urls`; the first unless said otherwise. */
  readonly replica?: number;
}

/** What a document without generated types answers. */
export type Json =
  string | number | boolean | null | undefined | readonly Json[] | { readonly [member: string]: Json };

export interface Gateway extends AsyncDisposable {
  readonly url: string;
  /** Of every replica; `url` is the first. */
  readonly urls: readonly string[];
  readonly masterKeys: MasterKeys;
  /** For another process that is to open the same register. */
  readonly masterKey: Buffer;
  readonly addresses: DemoAddresses;
  readonly issuer: string;
  readonly identityFolder: string;
  /** Every line logged so far. */
  readonly lines: readonly string[];
  readonly databaseUrl: string;
  readonly systemUrls: Readonly<Record<SystemKey, string>>;
  token(email: string): Promise<string>;
  query<Data = Json>(document: string, variables?: object, asked?: Asked): Promise<Answer<Data>>;
  /** Any request to /graphql. */
  send(init: RequestInit & { readonly path?: string }): Promise<Answer<Json>>;
  /** Rows of the gateway's own database. */
  rows<Row extends pg.QueryResultRow>(sql: string, values?: readonly unknown[]): Promise<readonly Row[]>;
  /** As at SIGTERM; what it is doing is finished first. */
  closeReplica(replica: number): Promise<void>;
  /** Closes or opens a system's database. */
  open(system: SystemKey, open: boolean): Promise<void>;
  /** Switches the e-mail tool into a bad manner, or out of all. */
  manners(manner: string | null, options?: object): Promise<void>;
  /** The marketing partner, and everybody's mailbox. */
  readonly outside: OutsideAdmin;
}

export interface GatewayOptions {
  /** Besides the demo's, and in place of those with the same first address. */
  readonly accounts?: readonly Account[];
  readonly introspectableBy?: ReadonlySet<Role>;
  /** Gateways in this process over the same database; one unless said otherwise. */
  readonly replicas?: number;
  readonly http?: object;
  /** The folder that has what was erased; none unless said otherwise. */
  readonly erasureJournal?: string;
  readonly config?: (config: InnsynConfig, replica: number) => InnsynConfig;
}

const credentials = { user: "innsyn", token: "mailing-s3cret" };
const adminToken = "mailing-admin-s3cret";
const outsideSecrets: OutsideSecrets = {
  partnerToken: "partner-s3cret",
  mailUser: { user: "innsyn", password: "mail-s3cret" },
  adminToken: "outside-admin-s3cret",
};

/** Copies of the demo's systems, the e-mail tool's process included, and what plays the world outside. */
export interface Systems extends AsyncDisposable {
  readonly urls: Readonly<Record<SystemKey, string>>;
  addresses(issuer: string): DemoAddresses;
  open: Gateway["open"];
  manners: Gateway["manners"];
  readonly outside: OutsideAdmin;
}

export async function startSystems(): Promise<Systems> {
  await using parts = new AsyncDisposableStack();
  // It loads while the databases are made.
  const outsideStarting = startOutside(0, outsideSecrets);
  const outsideSettled = outsideStarting.catch(() => undefined);
  parts.defer(async () => (await outsideSettled)?.stop());
  const databases = {} as Record<SystemKey, TestDatabase>;
  for (const key of systemKeys) databases[key] = parts.use(await testDatabase(key));
  const mailing = await startMailing(databases.mailing.url);
  parts.defer(() => mailing.stop());
  const outside = await outsideStarting;
  const urls = Object.fromEntries(systemKeys.map((key) => [key, databases[key].url])) as Record<
    SystemKey,
    string
  >;
  const stack = parts.move();
  return {
    urls,
    addresses: (issuer) => ({
      issuer,
      systems: { ...urls, mailing: { ...credentials, url: mailing.ready.url } },
      outside: outside.ready,
    }),
    open: (system, open) =>
      connected(inject("postgresUrl"), (client) => setOpen(client, databases[system].name, open)),
    async manners(manner, more = {}) {
      const answer = await fetch(`${mailing.ready.url}/admin/manners`, {
        method: manner === null ? "DELETE" : "POST",
        headers: {
          authorization: `Bearer ${adminToken}`,
          ...(manner && { "content-type": "application/json" }),
        },
        ...(manner && { body: JSON.stringify({ manner, ...more }) }),
      });
      if (!answer.ok) throw new Error(`The e-mail tool answered ${answer.status}`);
    },
    outside: outsideAdmin(outside.ready.url, outsideSecrets.adminToken),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

/** The whole gateway in this process, over copies of the demo's databases, its issuer and its e-mail tool's process. */
export async function startGateway(options: GatewayOptions = {}): Promise<Gateway> {
  await using parts = new AsyncDisposableStack();
  const own = parts.use(await testDatabase("gateway"));
  const systems = parts.use(await startSystems());
  const identityFolder = await mkdtemp(join(tmpdir(), "innsyn-issuer-"));
  parts.defer(() => rm(identityFolder, { recursive: true }));
  const ownAccounts = options.accounts ?? [];
  const identity = await serveIdentity({
    port: 0,
    folder: identityFolder,
    accounts: [...demoAccounts.filter((known) => !isIn(ownAccounts, known)), ...ownAccounts],
    redirectUris: ["http://127.0.0.1:4000/graphiql"],
    tokenLifetimeSeconds: 3_600,
  });
  parts.defer(() => identity.close());
  const { issuer } = identity.ready;

  const addresses = systems.addresses(issuer);
  const config = demoConfig(addresses);
  const lines: string[] = [];
  const masterKey = randomBytes(32);
  const masterKeys = fixedMasterKeys(masterKey);
  await fillRegister(own.url, masterKeys);
  const settings = (replica: number): AppSettings => ({
    config: validateConfig(options.config?.(config, replica) ?? config, {}),
    databaseUrl: own.url,
    masterKeys,
    http: httpSettings.parse({ port: 0, ...options.http }),
    introspectableBy: options.introspectableBy ?? new Set(Object.values(Role)),
    erasureJournal: options.erasureJournal,
  });
  const apps: App[] = [];
  const urls: string[] = [];
  for (let replica = 0; replica < (options.replicas ?? 1); replica++) {
    const app = await createApp(settings(replica), {
      logDestination: { write: (line) => void lines.push(line) },
    });
    parts.defer(() => app.close());
    apps.push(app);
    urls.push(await app.listen());
  }
  const [url = ""] = urls;
  const pool = new pg.Pool({ connectionString: own.url, max: 2 });
  pool.on("error", () => undefined);
  parts.defer(() => pool.end());

  const tokens = new Map<string, Promise<string>>();
  const token = (email: string) => {
    let known = tokens.get(email);
    if (!known) tokens.set(email, (known = signIn({ issuer, email })));
    return known;
  };
  const send: Gateway["send"] = ({ path = "", ...init }) => timed(`${url}/graphql${path}`, init);
  const stack = parts.move();
  return {
    url,
    urls,
    masterKeys,
    masterKey,
    addresses,
    issuer,
    identityFolder,
    lines,
    databaseUrl: own.url,
    systemUrls: systems.urls,
    token,
    send,
    async query<Data>(
      document: string,
      variables: object = {},
      { as = null, headers = {}, operationName, replica = 0, strongly }: Asked = {},
    ) {
      const authorization =
        as === null
          ? {}
          : {
              authorization: `Bearer ${await (strongly ? signIn({ issuer, email: as, context: mfaContext }) : token(as))}`,
            };
      return timed<Data>(`${urls[replica]}/graphql`, {
        method: "POST",
        headers: { "content-type": "application/json", ...authorization, ...headers },
        body: JSON.stringify({ query: document, variables, ...(operationName && { operationName }) }),
      });
    },
    closeReplica: async (replica) => apps[replica]?.close(),
    rows: async (sql, values = []) => (await pool.query(sql, [...values])).rows,
    open: systems.open,
    manners: systems.manners,
    outside: systems.outside,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

const isIn = (accounts: readonly Account[], { emails: [address] }: Account) =>
  accounts.some(({ emails: [other] }) => other === address);

function startMailing(databaseUrl: string) {
  const entry = new URL("../../src/demo/systems/mailing/main.ts", import.meta.url);
  const settings: MailingSettings = { databaseUrl, port: 0, credentials, adminToken, erasureMs: 100 };
  return startChild<MailingSettings, { url: string }>(entry, settings);
}

async function timed<Data>(url: string, init: RequestInit): Promise<Answer<Data>> {
  const started = performance.now();
  const response = await fetch(url, init);
  const text = await response.text();
  const milliseconds = performance.now() - started;
  const body = parsed<Data>(text);
  return {
    status: response.status,
    headers: response.headers,
    text,
    data: body.data,
    errors: body.errors,
    milliseconds,
  };
}

type Body<Data> = Pick<Answer<Data>, "data" | "errors">;

function parsed<Data>(text: string): Body<Data> {
  try {
    return JSON.parse(text) as Body<Data>;
  } catch {
    return { data: undefined, errors: undefined };
  }
}
