import pg from "pg";
import { readerRole } from "../schema.ts";
import { MailingError } from "./errors.ts";

const STATEMENT_TIMEOUT_MS = 2_000;

export interface Found {
  readonly total: number;
  readonly results: readonly object[];
}

export interface Search {
  /** The client's SQL expression, pasted in as it is: that is how the real one works. */
  readonly query: string;
  readonly search: string;
  readonly listIds: readonly number[];
  readonly subscriptionStatus: string;
  readonly orderBy: string;
  readonly descending: boolean;
  readonly offset: number;
  /** Null: all. */
  readonly limit: number | null;
}

const sortColumns: Readonly<Record<string, string>> = {
  id: "id",
  name: "name",
  email: "email",
  status: "status",
  created_at: "created_at",
  updated_at: "updated_at",
};

/** A subscriber as listmonk sends it; `s` is a row of `subscribers`. JSON moments keep their microseconds and offset. */
export const subscriberJson = `json_build_object(
  'id', s.id, 'created_at', s.created_at, 'updated_at', s.updated_at, 'uuid', s.uuid, 'email', s.email,
  'name', s.name, 'attribs', s.attribs, 'status', s.status,
  'lists', (SELECT coalesce(json_agg(json_build_object(
      'subscription_status', m.status, 'subscription_created_at', m.created_at,
      'subscription_updated_at', m.updated_at, 'id', l.id, 'uuid', l.uuid, 'name', l.name, 'type', l.type,
      'optin', l.optin, 'tags', l.tags, 'created_at', l.created_at, 'updated_at', l.updated_at) ORDER BY l.id), '[]')
    FROM subscriber_lists m JOIN lists l ON l.id = m.list_id WHERE m.subscriber_id = s.id))`;

/**
 * Which role runs the clients' SQL: the one made for it, or the login role where it has no rights beyond its database.
 *
 * @throws Error for a superuser without that role
 */
export async function readRoleFor(pool: pg.Pool): Promise<string | null> {
  const { rows } = await pool.query<{
    usable: boolean | null;
    superuser: boolean;
  }>(
    `SELECT (SELECT pg_has_role(current_user, oid, 'SET') FROM pg_roles WHERE rolname = $1) AS usable,
       (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) AS superuser`,
    [readerRole],
  );
  if (rows[0]?.usable === true) return readerRole;
  if (rows[0]?.superuser !== false)
    throw new Error("The e-mail tool would run its clients' SQL as a superuser.");
  return null;
}

/** Reads with the client's expression, in a transaction that can change nothing and is soon over. */
export async function searchSubscribers(pool: pg.Pool, role: string | null, search: Search): Promise<Found> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    const asReader = role === null ? "" : `; SET LOCAL ROLE ${role}`;
    await client.query(`BEGIN READ ONLY; SET LOCAL statement_timeout = ${STATEMENT_TIMEOUT_MS}${asReader}`);
    const { rows } = await client.query<Found>(statement(search), [
      search.search,
      search.listIds,
      search.subscriptionStatus,
      search.limit,
      search.offset,
    ]);
    return rows[0] ?? { total: 0, results: [] };
  } catch (error) {
    if (!(error instanceof pg.DatabaseError)) broken = error instanceof Error ? error : new Error("lost");
    throw error instanceof pg.DatabaseError ? asMailingError(error) : error;
  } finally {
    if (broken === undefined) await client.query("ROLLBACK").catch((error: Error) => (broken = error));
    client.release(broken);
  }
}

function statement({ query, orderBy, descending }: Search): string {
  const expression = query.trim() === "" ? "true" : query;
  const order = `${sortColumns[orderBy] ?? "id"} ${descending ? "DESC" : "ASC"}, id`;
  // The line break keeps a comment in the expression from swallowing the bracket.
  return `WITH matching AS MATERIALIZED (
    SELECT subscribers.* FROM subscribers
    WHERE ($1::text = '' OR name ~* $1 OR email ~* $1)
      AND (cardinality($2::int[]) = 0 OR EXISTS (SELECT FROM subscriber_lists WHERE subscriber_id = subscribers.id
        AND list_id = ANY($2) AND ($3::text = '' OR subscriber_lists.status::text = $3)))
      AND (${expression}
      )
  )
  SELECT (SELECT count(*)::int FROM matching) AS total,
    (SELECT coalesce(json_agg(${subscriberJson}), '[]')
      FROM (SELECT * FROM matching ORDER BY ${order} LIMIT $4 OFFSET $5) s) AS results`;
}

/** Codes of PostgreSQL, appendix A: 57014 timeout, 53 and 57 the server itself; the rest is the client's SQL. */
function asMailingError(error: pg.DatabaseError): MailingError {
  const ours = error.code === undefined || /^(53|57|58|XX)/.test(error.code);
  return ours && error.code !== "57014"
    ? new MailingError(500, "Error fetching subscribers")
    : new MailingError(400, `Error preparing subscriber query: pq: ${error.message}`);
}
