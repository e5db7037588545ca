import type pg from "pg";

/** So that whoever asks gets an answer, whatever the database does. */
export const limitedTo = (milliseconds: number): pg.PoolConfig => ({
  statement_timeout: milliseconds,
  // A server that stands still does not cancel: the statement is given up on our side.
  query_timeout: milliseconds + 1_000,
  connectionTimeoutMillis: milliseconds,
  keepAlive: true,
});

/** Ends a connection on which a statement was given up: nobody knows what it still waits for. */
export function endUnanswered(pool: pg.Pool): void {
  pool.on("connect", (client) => {
    const send: (...statement: readonly unknown[]) => unknown = client.query.bind(client);
    const query = async (...statement: readonly unknown[]) => {
      try {
        return await send(...statement);
      } catch (error) {
        if (!isOfServer(error)) void client.end().catch(() => undefined);
        throw error;
      }
    };
    Object.defineProperty(client, "query", { value: query, configurable: true });
  });
}

/** The server's errors have a code; what has none is the driver's. */
const isOfServer = (error: unknown) => error instanceof Error && "code" in error && error.code !== undefined;
