import { resolve } from "node:path";
import { MissingPolicy } from "./access/inventory.ts";
import { Role } from "./access/vocabulary.ts";
import { createApp } from "./app.ts";
import { BadConfiguration, type OwnOrganisation, readEnvironment } from "./config/environment.ts";
import { httpSettingsFrom } from "./config/http.ts";
import { loadConfig, validateConfig } from "./config/load.ts";
import { welcome } from "./demo/banner.ts";
import { demoErasureJournal } from "./demo/erasure-journal.ts";
import { demoMasterKeys } from "./demo/master-key.ts";
import { demoConfig } from "./demo/organisation.ts";
import { MappingError } from "./connectors/match.ts";
import { AlreadyRunning } from "./demo/process/owner.ts";
import { watchParent } from "./demo/process/parent-watch.ts";
import { freePort } from "./demo/process/ports.ts";
import { fillRegister } from "./demo/register.ts";
import { startDemo } from "./demo/start.ts";
import { PolicyContradiction } from "./requests/configured-policies.ts";
import { BrokenJournal } from "./store/erasure-journal.ts";
import { KeysNotRestored } from "./store/keyring.ts";
import { UnknownMasterKey } from "./store/wrapping.ts";

type Env = ReturnType<typeof readEnvironment>;

const say = (line: string) => process.stdout.write(`${line}\n`);

/** What an organisation of one's own, or the demo, hands over: how to end it, and what ended by itself. */
interface Running {
  stop(): Promise<void>;
  readonly broken: Promise<string>;
}

/** Where it answers. What it had begun is ended where it cannot. */
async function listening(app: Awaited<ReturnType<typeof createApp>>): Promise<string> {
  try {
    return await app.listen();
  } catch (error) {
    await app.close();
    throw error;
  }
}

async function startOwn(env: Env, own: OwnOrganisation): Promise<Running> {
  const config = validateConfig(await loadConfig(own.configPath), env);
  const app = await createApp({
    ...own,
    config,
    http: httpSettingsFrom(env, config),
    introspectableBy: introspectors(env),
  });
  say(`Innsyn answers at ${await listening(app)}/graphql`);
  return { stop: () => app.close(), broken: new Promise<never>(() => undefined) };
}

async function startWithDemo(env: Env): Promise<Running> {
  const folder = resolve(env.INNSYN_DATA);
  // Sign-in leads back to this address, so it must be known before the issuer starts.
  const port = env.PORT === 0 ? await freePort(0) : env.PORT;
  const demo = await startDemo({
    folder,
    persons: env.DEMO_PERSONS,
    gatewayPort: port,
    databaseUrl: env.DATABASE_URL,
    issuer: env.OIDC_ISSUER,
    onProgress: say,
  });
  try {
    const config = validateConfig(demoConfig(demo), env);
    const masterKeys = await demoMasterKeys(folder);
    await fillRegister(demo.databaseUrl, masterKeys);
    const erasureJournal = await demoErasureJournal(folder, env.ERASURE_JOURNAL);
    const app = await createApp({
      config,
      databaseUrl: demo.databaseUrl,
      masterKeys,
      erasureJournal,
      http: { ...httpSettingsFrom(env, config), port },
      introspectableBy: introspectors(env),
    });
    const address = await listening(app);
    await demo.announce(address);
    say(welcome(address, demo));
    return { stop: () => app.close().finally(() => demo.stop()), broken: demo.broken };
  } catch (error) {
    await demo.stop();
    throw error;
  }
}

/** In production a schema that shows its policy is for those who audit it. */
function introspectors({ NODE_ENV }: Env): ReadonlySet<Role> {
  return new Set<Role>(NODE_ENV === "production" ? ["AUDITOR", "DPO"] : Object.values(Role));
}

/** A signal that comes while we still start is obeyed once everything that was begun can be ended. */
function stopWith(starting: Promise<Running>): (code: number) => void {
  let stopping = false;
  return (code) => {
    if (stopping) return;
    stopping = true;
    starting
      .then((running) => running.stop())
      .then(
        () => process.exit(code),
        () => process.exit(1),
      );
  };
}

async function main(): Promise<void> {
  const env = readEnvironment();
  const starting = env.own === null ? startWithDemo(env) : startOwn(env, env.own);
  const stop = stopWith(starting);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => stop(0));
  if (env.npm_lifecycle_event === "start") watchParent(() => stop(0));
  const { broken } = await starting;
  void broken.then((part) => {
    process.stderr.write(`${part} ended by itself; the gateway stops.\n`);
    stop(1);
  });
}

const expected = [
  AlreadyRunning,
  BadConfiguration,
  BrokenJournal,
  KeysNotRestored,
  MappingError,
  MissingPolicy,
  PolicyContradiction,
  UnknownMasterKey,
];

try {
  await main();
} catch (error) {
  process.stderr.write(`${reasonOf(error)}\n`);
  process.exit(1);
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if ("code" in error && error.code === "EADDRINUSE") return "The port is taken: set PORT to another one.";
  return expected.some((kind) => error instanceof kind) ? error.message : (error.stack ?? error.message);
}
