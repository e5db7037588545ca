import { createHash } from "node:crypto";
import { type RawBuilder, sql } from "kysely";
import type pg from "pg";

type Send<Row extends pg.QueryResultRow> = (statement: pg.QueryConfig) => Promise<pg.QueryResult<Row>>;

/**
 * Sends a statement that each connection plans once. Where it is not prepared after all, it is sent once more without
 * a name, after `onUnprepared`.
 */
export async function sendPrepared<Row extends pg.QueryResultRow>(
  send: Send<Row>,
  text: string,
  values: readonly unknown[],
  onUnprepared: () => void = () => undefined,
): Promise<pg.QueryResult<Row>> {
  try {
    return await send({ name: nameOf(text), text, values: [...values] });
  } catch (error) {
    if (!isUnprepared(error)) throw error;
    onUnprepared();
    return send({ text, values: [...values] });
  }
}

/** The tables were changed under a prepared statement; or a pooler in between handed us another session. */
const unprepared = new Set<unknown>(["0A000", "26000", "42P05"]);
const isUnprepared = (error: unknown) =>
  error instanceof Error && "code" in error && unprepared.has(error.code);

const names = new Map<string, string>();

/** PostgreSQL cuts names at 63 bytes. */
function nameOf(text: string): string {
  let name = names.get(text);
  if (name === undefined) {
    if (names.size >= 4_096) names.clear();
    names.set(text, (name = createHash("sha1").update(text).digest("hex")));
  }
  return name;
}

const mark = "/* prepared */";

/** Begins a statement of the gateway's own database that every request sends, and whose text never varies. */
export const prepared: RawBuilder<unknown> = sql.raw(`${mark} `);

/** Has the pool's connections prepare what is marked; a driver is given texts and values alone. */
export function prepareMarked(pool: pg.Pool): void {
  pool.on("connect", (client) => {
    const send: pg.PoolClient["query"] = client.query.bind(client);
    const query = (text: string, ...rest: readonly unknown[]) => {
      const [values] = rest;
      if (typeof text === "string" && text.startsWith(mark) && Array.isArray(values))
        return sendPrepared((statement) => send(statement), text, values);
      return Reflect.apply(send, client, [text, ...rest]) as unknown;
    };
    Object.defineProperty(client, "query", { value: query });
  });
}
