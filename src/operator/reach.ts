import { resolve } from "node:path";
import { BadConfiguration, readEnvironment } from "../config/environment.ts";
import { demoErasureJournal } from "../demo/erasure-journal.ts";
import { demoMasterKeys } from "../demo/master-key.ts";
import { withoutCredentials } from "../demo/process/owner.ts";
import { runningDemo } from "../demo/running.ts";
import type { MasterKeys } from "../store/master-keys.ts";
import { openStore, type Store } from "../store/store.ts";

/** What an operator's command works on. */
export interface Reached {
  readonly databaseUrl: string;
  readonly masterKeys: MasterKeys;
  /** The folder that has what was erased; undefined: there is none. */
  readonly erasureJournal: string | undefined;
  /** The running demo's folder; null: an organisation of one's own. */
  readonly demoFolder: string | null;
}

/**
 * The gateway that the environment describes, as for `npm start`: of an organisation of one's own, or the demo while
 * it runs.
 * @throws BadConfiguration, DemoNotRunning
 */
export async function reachGateway(): Promise<Reached> {
  const env = readEnvironment();
  if (env.own !== null) return { ...env.own, demoFolder: null };
  if (env.INNSYN_MASTER_KEY !== undefined) {
    throw new BadConfiguration(
      "Set INNSYN_CONFIG too, as for the gateway: without it this is about the demo, which has keys of its own.",
    );
  }
  const demoFolder = resolve(env.INNSYN_DATA);
  const { run, databaseUrl: embedded } = await runningDemo(demoFolder);
  const databaseUrl = env.DATABASE_URL ?? embedded;
  if (withoutCredentials(databaseUrl) !== run.database) {
    throw new BadConfiguration(
      `Set DATABASE_URL as it was when the demo was started: its gateway uses ${run.database}.`,
    );
  }
  return {
    databaseUrl,
    masterKeys: await demoMasterKeys(demoFolder),
    erasureJournal: await demoErasureJournal(demoFolder, env.ERASURE_JOURNAL),
    demoFolder,
  };
}

/**
 * The gateway's database, which a gateway of this version has made.
 * @throws BadConfiguration
 */
export async function openReached({ databaseUrl }: Reached): Promise<Store> {
  const store = await openStore({ url: databaseUrl, poolSize: 2 });
  try {
    const made = await store.em.fork().execute<object[]>("select 1 where to_regclass('keyring') is not null");
    if (made.length === 1) return store;
  } catch (error) {
    await store.close(true);
    const [reason] = (error instanceof Error ? error.message : String(error)).split("\n");
    throw new BadConfiguration(`DATABASE_URL: the database does not answer: ${reason}`, { cause: error });
  }
  await store.close(true);
  throw new BadConfiguration("DATABASE_URL: no gateway of this version has started on this database yet.");
}
