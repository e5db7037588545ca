import { join } from "node:path";

import { demoAccounts } from "./accounts.ts";
import { type DemoDatabases, prepareDatabases } from "./databases.ts";
import type { Account } from "./identity/accounts.ts";
import type { Identity } from "./identity/server.ts";
import type { IdentitySettings } from "./identity/settings.ts";
import { startPostgres } from "./postgres/server.ts";
import { type Ownership, own } from "./process/owner.ts";
import { type Child, siblingEntry, startChild } from "./process/parent.ts";
import { freePort } from "./process/ports.ts";

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
  readonly ports?: { readonly issuer?: number; readonly mailing?: number };
  readonly onProgress: (line: string) => void;
}

export interface Demo {
  readonly databaseUrl: string;
  readonly issuer: string;
  /** Connection strings, credentials included. */
  readonly systems: DemoDatabases["systems"];
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
const TOKEN_LIFETIME_SECONDS = 3_600;

/** @throws AlreadyRunning when another process runs the demo from the same folder */
export async function startDemo(options: DemoOptions): Promise<Demo> {
  await using parts = new AsyncDisposableStack();
  const ownership = await own(options.folder);
  parts.defer(() => ownership.release());

  const accounts = options.issuer === undefined ? demoAccounts() : [];
  const [postgres, identity] = await Promise.allSettled([
    startPostgres({ folder: options.folder, durable: true, onProgress: options.onProgress }),
    options.issuer === undefined ? startIdentity(options, accounts) : undefined,
  ]);
  if (postgres.status === "fulfilled") parts.defer(() => postgres.value.stop());
  if (identity.status === "fulfilled") parts.defer(async () => identity.value?.stop());
  if (postgres.status === "rejected") throw postgres.reason;
  if (identity.status === "rejected") throw identity.reason;

  const databases = await prepareDatabases(postgres.value, options.persons, options.onProgress);
  const issuer = options.issuer ?? identity.value?.ready.issuer ?? "";
  const stack = parts.move();
  let stopping = false;
  return {
    databaseUrl: options.databaseUrl ?? databases.gateway,
    issuer,
    systems: databases.systems,
    accounts,
    announce: (gateway) => announce(ownership, gateway, issuer, databases),
    broken: Promise.race([
      ended(postgres.value.exited, "PostgreSQL", () => stopping),
      ended(identity.value?.exited, "the identity provider", () => stopping),
    ]),
    async stop() {
      stopping = true;
      await stack.disposeAsync();
    },
  };
}

async function startIdentity(options: DemoOptions, accounts: readonly Account[]): Promise<Child<Identity["ready"]>> {
  const { gatewayPort, folder } = options;
  const settings: IdentitySettings = {
    port: await freePort(options.ports?.issuer ?? ISSUER_PORT),
    folder: join(folder, "identity"),
    accounts,
    redirectUris: ["127.0.0.1", "localhost"].map((host) => `http://${host}:${gatewayPort}/graphiql`),
    tokenLifetimeSeconds: TOKEN_LIFETIME_SECONDS,
  };
  return startChild(siblingEntry(import.meta.url, "identity/main"), settings);
}

function announce(ownership: Ownership, gateway: string, issuer: string, databases: DemoDatabases): Promise<void> {
  const systems = Object.entries(databases.systems).map(([key, url]) => [key, withoutUser(url)]);
  return ownership.publish({ gateway, issuer, systems: Object.fromEntries(systems) as Record<string, string> });
}

function withoutUser(url: string): string {
  return Object.assign(new URL(url), { username: "", password: "" }).href;
}

async function ended(exit: Promise<unknown> | undefined, name: string, expected: () => boolean): Promise<string> {
  await (exit ?? forever());
  return expected() ? forever() : name;
}

function forever(): Promise<never> {
  return new Promise<never>(() => undefined);
}
