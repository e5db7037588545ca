import { gatewayDatabase } from "./databases.ts";
import { runningServer, type ServerAccess } from "./postgres/server.ts";
import { currentRun, type Run } from "./process/owner.ts";

/** Says what to do. */
export class DemoNotRunning extends Error {
  override readonly name = "DemoNotRunning";
}

export interface RunningDemo {
  readonly run: Run;
  readonly server: ServerAccess;
  /** The gateway's own database in the demo's PostgreSQL. */
  readonly databaseUrl: string;
}

/**
 * For another process of the same user.
 * @throws DemoNotRunning
 */
export async function runningDemo(folder: string): Promise<RunningDemo> {
  const [run, server] = await Promise.all([
    currentRun(folder).catch(() => undefined),
    runningServer(folder).catch(() => undefined),
  ]);
  if (run?.gateway === undefined || server === undefined) {
    throw new DemoNotRunning("The demo is not running: start it first, with npm start");
  }
  return { run, server, databaseUrl: gatewayDatabase(server) };
}
