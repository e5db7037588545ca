import type { MikroORM, Options } from "@mikro-orm/postgresql";
import { type CompiledQuery, PostgresDialect, type TableMetadata } from "kysely";
import { SourceFailure } from "../../sources/contract.ts";
import { untilAborted } from "../abort.ts";
import { MappingError } from "../match.ts";
import { type Dialect, dialects } from "./dialect.ts";
import { toFailure } from "./failure.ts";
import type { SqlMapping } from "./mapping.ts";
import { PostgresPool } from "./postgresql-pool.ts";
import type { AnyDatabase, Statement, Stored } from "./statement.ts";

type Connection = Pick<SqlMapping<string, Record<string, string>>, "dialect" | "url" | "pool">;

/** Sends a statement of a transaction. @returns its rows; none for an update */
export type Run = (statement: CompiledQuery<Stored>) => Promise<readonly Stored[]>;

/** A pool of connections to the organisation's database. They read, but for the transactions of \`write\`. */
export class Database {
  readonly #orm: MikroORM;
  readonly kysely: AnyDatabase;
  readonly dialect: Dialect;

  private constructor(orm: MikroORM, dialect: Dialect) {
    this.#orm = orm;
    this.dialect = dialect;
    this.kysely = orm.em.getKysely<Record<string, Record<string, unknown>>>();
  }

  /** Does not connect yet. */
  static async open(connection: Connection): Promise<Database> {
    const dialect = dialects[connection.dialect];
    const { MikroORM } = await driver(dialect.package);
    return new Database(await MikroORM.init(optionsFor(connection)), dialect);
  }

  /** Rejects with `SourceFailure`. */
  rows(statement: Statement, values: readonly unknown[], signal: AbortSignal): Promise<readonly Stored[]> {
    return this.read(statement.bind(values), signal);
  }

  /** As `rows`, of a statement that is asked once. */
  read(query: CompiledQuery<Stored>, signal: AbortSignal): Promise<readonly Stored[]> {
    if (signal.aborted) return Promise.reject(new SourceFailure("TIMED_OUT", { cause: signal.reason }));
    const running = this.kysely.executeQuery(query).then(
      (result) => result.rows,
      (error: unknown) => {
        throw toFailure(error);
      },
    );
    return untilAborted(running, signal);
  }

  /**
   * As `read`, of a statement that goes through whole tables, and may take `patience` milliseconds: it is cancelled where it
   * takes longer.
   */
  survey(query: CompiledQuery<Stored>, patience: number, signal: AbortSignal): Promise<readonly Stored[]> {
    if (signal.aborted) return Promise.reject(new SourceFailure("TIMED_OUT", { cause: signal.reason }));
    const first = this.dialect.patient(patience);
    if (first.length === 0) return this.read(query, signal);
    const running = this.kysely
      .transaction()
      .setAccessMode("read only")
      .execute(async (sender) => {
        for (const statement of first) await sender.executeQuery(statement.compile(this.kysely));
        return (await sender.executeQuery(query)).rows;
      })
      .catch((error: unknown) => {
        throw toFailure(error);
      });
    return untilAborted(running, signal);
  }

  /**
   * The only way to write: one transaction, of which nothing stays where \`work\` throws, or where the time is up before
   * it is committed. Rejects with \`SourceFailure\`.
   */
  write<T>(work: (run: Run) => Promise<T>, signal: AbortSignal): Promise<T> {
    const inTime = () => {
      if (signal.aborted) throw new SourceFailure("TIMED_OUT", { cause: signal.reason });
    };
    const running = async () => {
      inTime();
      const transaction = this.kysely.transaction().setAccessMode("read write");
      return transaction.execute(async (sender) => {
        const result = await work(async (statement) => {
          inTime();
          return (await sender.executeQuery(statement)).rows;
        });
        inTime();
        return result;
      });
    };
    const written = running().catch((error: unknown) => {
      throw toFailure(error);
    });
    return untilAborted(written, signal);
  }

  /** Every table and view that may be read, with its columns. Rejects with `SourceFailure`. */
  async tables(): Promise<readonly TableMetadata[]> {
    try {
      return await this.kysely.introspection.getTables();
    } catch (error) {
      throw toFailure(error);
    }
  }

  async close(): Promise<void> {
    await this.#orm.close(true);
  }
}

function optionsFor(connection: Connection): Options {
  const { dialect, url, pool } = connection;
  return {
    clientUrl: url,
    entities: [],
    discovery: { warnWhenNoEntities: false },
    pool: { min: 0, max: pool?.max ?? 8 },
    // Its messages quote the server's, which may quote values; what goes wrong is thrown as well.
    logger: () => {},
    driverOptions:
      dialect === "postgresql" ? new PostgresDialect({ pool: new PostgresPool(connection) }) : {},
  };
}

async function driver(name: string): Promise<{ readonly MikroORM: typeof MikroORM }> {
  let loaded: unknown;
  try {
    loaded = await import(name);
  } catch (cause) {
    throw new MappingError(`This dialect needs the package ${name}: npm install ${name}@7.2.1`, { cause });
  }
  if (!isDriver(loaded)) throw new MappingError(`${name} is not a MikroORM driver`);
  return loaded;
}

function isDriver(loaded: unknown): loaded is { readonly MikroORM: typeof MikroORM } {
  return typeof loaded === "object" && loaded !== null && "MikroORM" in loaded;
}
