import pg from "pg";
import { impatient, openWorld, type World } from "./world.ts";
import type { GatewayOptions } from "../setup/gateway.ts";

/** A world in which nothing is tried again, or asked of a system, by itself while a test lasts. */
export const openPatientWorld = (options: GatewayOptions = {}): Promise<World> =>
  openWorld({
    ...options,
    config: (config, replica) => {
      const requests = { ...impatient, ...never };
      return options.config?.({ ...config, requests }, replica) ?? { ...config, requests };
    },
  });

const never = { firstRetrySeconds: 300, longestRetrySeconds: 300, withdrawalsSeconds: 86_400 };

/** A transaction of its own in one of the databases, which holds up whoever needs what it has locked. */
export interface HoldUp extends AsyncDisposable {
  run<Row extends pg.QueryResultRow>(sql: string, values?: readonly unknown[]): Promise<readonly Row[]>;
  /** Resolves once so many sessions of the database wait for a lock. */
  untilHeld(sessions: number): Promise<void>;
  /** What it did stands, and whoever waited goes on. */
  release(): Promise<void>;
}

export async function holdUp(databaseUrl: string): Promise<HoldUp> {
  const [holder, watcher] = [new pg.Client(databaseUrl), new pg.Client(databaseUrl)];
  // A test may end every session there is.
  for (const client of [holder, watcher]) client.on("error", () => undefined);
  await Promise.all([holder.connect(), watcher.connect()]);
  await holder.query("begin");
  let open = true;
  const release = async () => {
    if (open) await holder.query("commit");
    open = false;
  };
  return {
    run: async (sql, values = []) => (await holder.query(sql, [...values])).rows,
    async untilHeld(sessions) {
      for (const end = Date.now() + 10_000; Date.now() < end; await shortly()) {
        const { rowCount } = await watcher.query(
          "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
        );
        if ((rowCount ?? 0) >= sessions) return;
      }
      throw new Error(`no ${sessions} sessions wait for a lock after ten seconds`);
    },
    release,
    async [Symbol.asyncDispose]() {
      await release().catch(() => undefined);
      await Promise.all([holder.end(), watcher.end()]);
    },
  };
}

const shortly = () => new Promise((resolve) => setTimeout(resolve, 20));
