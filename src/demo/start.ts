import { join } from "node:path";

import { type DemoDatabases, prepareDatabases } from "./databases.ts";
import type { Account } from "./identity/accounts.ts";
import { demoAccounts } from "./identity/demo-accounts.ts";
import type { Identity } from "./identity/server.ts";
import type { IdentitySettings } from "./identity/settings.ts";
import { mailingAdminToken } from "./mailing-admin.ts";
import { type OutsideAccess, outsideSecrets, startOutside } from "./outside/start.ts";
import { type ServerAccess, startPostgres } from "./postgres/server.ts";
import { own, withoutCredentials } from "./process/owner.ts";
import { type Child, siblingEntry, startChild } from "./process/parent.ts";
import { freePort } from "./process/ports.ts";
import type { Mailing } from "./systems/mailing/process/server.ts";
import type { MailingSettings } from "./systems/mailing/process/settings.ts";
import type { MailingAccess } from "./systems/mailing/mapping.ts";

export interface DemoOptions {
  /** `.data`: everything that the demo keeps. */
  readonly folder: string;
  readonly persons: number;
  /** Where the gateway will listen: part of the addresses that sign-in leads back to. */
  readonly gatewayPort: number;
  /** The gateway's own database; absent: one in the embedded PostgreSQL. */
  readonly databaseUrl?: string | undefined;
  /** An issuer to use instead of the demo's own. */
  readonly issuer?: string | undefined;
  /** Preferred ports; another is taken where one is in use. */
  readonly ports?: { readonly issuer?: number; readonly mailing?: number; readonly outside?: number };
  readonly onProgress: (line: string) => void;
}

export interface Demo {
  readonly databaseUrl: string;
  readonly issuer: string;
  /** How to reach the systems, credentials included. */
  readonly systems: Readonly<Record<"crm" | "learning" | "events", string>> & {
    readonly mailing: MailingAccess;
  };
  /** How to reach the partner and the mail server, credentials included. */
  readonly outside: OutsideAccess;
  /** Whom to sign in as; empty with an issuer of one's own. */
  readonly accounts: readonly Account[];
  /** Tells the other commands (`run.json`) that the gateway answers now. */
  announce(gateway: string): Promise<void>;
  /** Resolves with the name of a part that ended without being asked to. */
  readonly broken: Promise<string>;
  /** Closes everything; the gateway must have closed its connections before. */
  stop(): Promise<void>;
}

const ISSUER_PORT = 4_001;
/** Long enough to be seen to run. */
const ERASURE_MS = 1_500;
const MAILING_PORT = 4_002;
const OUTSIDE_PORT = 4_003;
const TOKEN_LIFETIME_SECONDS = 3_600;

/** @throws AlreadyRunning when another process runs the demo from the same folder */
export async function startDemo(options: DemoOptions): Promise<Demo> {
  await using parts = new AsyncDisposableStack();
  const ownership = await own(options.folder);
  parts.defer(() => ownership.release());

  // The issuer and the world outside load while the databases are made.
  const issuing = options.issuer === undefined ? startIdentity(options) : undefined;
  const issuingSettled = issuing?.catch(() => undefined);
  parts.defer(async () => (await issuingSettled)?.stop());
  const postgres = await startPostgres({
    folder: options.folder,
    durable: true,
    onProgress: options.onProgress,
  });
  parts.defer(() => postgres.stop());
  const goingOutside = startOutside(options.ports?.outside ?? OUTSIDE_PORT, outsideSecrets(postgres));
  const outsideSettled = goingOutside.catch(() => undefined);
  parts.defer(async () => (await outsideSettled)?.stop());
  const databases = await prepareDatabases(postgres, options.persons, options.onProgress);
  const mailing = await startMailing(options, postgres, databases);
  parts.defer(() => mailing.stop());
  const outside = await goingOutside;
  const identity = await issuing;

  const issuer = options.issuer ?? identity?.ready.issuer ?? "";
  const { crm, learning, events } = databases.systems;
  const systems = { crm, learning, events, mailing: { ...mailingUser(postgres), url: mailing.ready.url } };
  const databaseUrl = options.databaseUrl ?? databases.gateway;
  const stack = parts.move();
  return {
    databaseUrl,
    issuer,
    systems,
    outside: outside.ready,
    accounts: identity === undefined ? [] : demoAccounts,
    announce: (gateway) =>
      ownership.publish({
        gateway,
        issuer,
        database: withoutCredentials(databaseUrl),
        systems: addressesOf(systems),
        outside: outside.ready.url,
      }),
    broken: Promise.race([
      ended(postgres.exited, "PostgreSQL", stack),
      ended(mailing.exited, "the e-mail tool", stack),
      ended(outside.exited, "the partner and the mail server", stack),
      ended(identity?.exited ?? forever(), "the identity provider", stack),
    ]),
    stop: () => stack.disposeAsync(),
  };
}

async function startIdentity(options: DemoOptions): Promise<Child<Identity["ready"]>> {
  const { gatewayPort, folder } = options;
  const settings: IdentitySettings = {
    port: await freePort(options.ports?.issuer ?? ISSUER_PORT),
    folder: join(folder, "identity"),
    accounts: demoAccounts,
    redirectUris: ["127.0.0.1", "localhost"].map((host) => `http://${host}:${gatewayPort}/graphiql`),
    tokenLifetimeSeconds: TOKEN_LIFETIME_SECONDS,
  };
  return startChild(siblingEntry(import.meta.url, "identity/main"), settings);
}

async function startMailing(
  options: DemoOptions,
  server: ServerAccess,
  { systems }: DemoDatabases,
): Promise<Child<Mailing["ready"]>> {
  const settings: MailingSettings = {
    databaseUrl: systems.mailing,
    port: await freePort(options.ports?.mailing ?? MAILING_PORT),
    credentials: mailingUser(server),
    adminToken: mailingAdminToken(server),
    erasureMs: ERASURE_MS,
  };
  return startChild(siblingEntry(import.meta.url, "systems/mailing/main"), settings);
}

/** As whom the gateway reaches the e-mail tool. */
export function mailingUser(server: ServerAccess): Omit<MailingAccess, "url"> {
  return { user: "innsyn", token: server.secret("mailing") };
}

/** By source key, without credentials. */
function addressesOf(systems: Demo["systems"]): Readonly<Record<string, string>> {
  const { mailing, ...databases } = systems;
  const stripped = Object.entries(databases).map(([key, url]) => [key, withoutCredentials(url)]);
  return { ...Object.fromEntries(stripped), mailing: mailing.url };
}

/** Never, where it ends because we stop. */
async function ended(exit: Promise<unknown>, name: string, parts: AsyncDisposableStack): Promise<string> {
  await exit;
  return parts.disposed ? forever() : name;
}

function forever(): Promise<never> {
  return new Promise<never>(() => undefined);
}
