import type {
  PostgresCursor,
  PostgresPool as KyselyPool,
  PostgresPoolClient as KyselyClient,
  PostgresQueryResult,
} from "kysely";
import pg from "pg";
import { sendPrepared } from "../../store/prepared.ts";
import type { SqlMapping } from "./mapping.ts";
import { RowTypes } from "./postgresql-types.ts";

type Settings = Pick<SqlMapping<string, Record<string, string>>, "url" | "pool">;

/**
 * `pg`'s pool for Kysely, with every statement of a look prepared once per connection: the few that a mapping has are
 * planned once instead of with every look. Outside a transaction that says otherwise, sessions only read.
 */
export class PostgresPool implements KyselyPool {
  readonly options = {};
  readonly #pool: pg.Pool;
  readonly #clients = new WeakMap<pg.PoolClient, PreparingClient>();

  constructor({ url, pool }: Settings) {
    const statementTimeout = pool?.statementTimeout ?? 2_000;
    this.#pool = new pg.Pool({
      connectionString: url,
      max: pool?.max ?? 8,
      types: new RowTypes(),
      statement_timeout: statementTimeout,
      // A server that stands still does not cancel: the connection is given up on our side.
      query_timeout: statementTimeout + 1_000,
      connectionTimeoutMillis: statementTimeout,
      keepAlive: true,
      application_name: "innsyn",
      // A gateway that stands still keeps no row locked.
      options:
        "-c TimeZone=UTC -c DateStyle=ISO -c default_transaction_read_only=on " +
        `-c idle_in_transaction_session_timeout=${statementTimeout}`,
    });
    // An idle connection that the server ended: the next statement opens another.
    this.#pool.on("error", () => undefined);
    this.#pool.on("connect", (client) => void client.on("error", () => undefined));
  }

  async connect(): Promise<KyselyClient> {
    const client = await this.#pool.connect();
    let preparing = this.#clients.get(client);
    if (!preparing) this.#clients.set(client, (preparing = new PreparingClient(client)));
    return preparing;
  }

  async end(): Promise<void> {
    await this.#pool.end();
  }
}

class PreparingClient implements KyselyClient {
  readonly #client: pg.PoolClient;
  #broken = false;
  #inTransaction = false;
  /** Milliseconds that the server gives a statement of the transaction; absent: as always. */
  #patience: number | undefined;

  constructor(client: pg.PoolClient) {
    this.#client = client;
  }

  query<R>(text: string, values: readonly unknown[]): Promise<PostgresQueryResult<R>>;
  query<R>(cursor: PostgresCursor<R>): PostgresCursor<R>;
  query<R>(
    text: string | PostgresCursor<R>,
    values: readonly unknown[] = [],
  ): Promise<PostgresQueryResult<R>> | PostgresCursor<R> {
    if (typeof text !== "string") throw new TypeError("rows are read in pages, not streamed");
    return this.#run<R>(text, values);
  }

  release(): void {
    this.#client.release(this.#broken);
  }

  async #run<R>(text: string, values: readonly unknown[]): Promise<PostgresQueryResult<R>> {
    if (/^(begin|start transaction)\b/i.test(text)) this.#inTransaction = true;
    const [, patience] = /^set local statement_timeout = (\d+)$/i.exec(text) ?? [];
    if (patience !== undefined) this.#patience = Number(patience);
    try {
      const { rows, rowCount } = await this.#send<R & pg.QueryResultRow>(text, values);
      return { command: "SELECT", rowCount: rowCount ?? 0, rows };
    } catch (error) {
      // Without a code it is the driver's: nobody knows what the connection still waits for.
      this.#broken ||= !(error instanceof Error && "code" in error && error.code !== undefined);
      throw error;
    } finally {
      if (/^(commit|rollback)$/i.test(text)) [this.#inTransaction, this.#patience] = [false, undefined];
    }
  }

  /** A server that stands still is waited for as much longer as everywhere. */
  #waiting(): { readonly query_timeout?: number } {
    return this.#patience === undefined ? {} : { query_timeout: this.#patience + 1_000 };
  }

  #send<R extends pg.QueryResultRow>(text: string, values: readonly unknown[]) {
    const send = (statement: pg.QueryConfig) => this.#client.query<R>(statement);
    // A statement that turns out not to be prepared aborts its transaction: it could not be sent once more.
    if (this.#inTransaction) return send({ text, values: [...values], ...this.#waiting() });
    return sendPrepared<R>(send, text, values, () => (this.#broken = true));
  }
}
