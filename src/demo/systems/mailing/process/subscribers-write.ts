import type { FastifyInstance } from "fastify";
import pg from "pg";
import { MailingError, noSubscriber } from "./errors.ts";
import { type ById, idSchema, subscriber } from "./subscribers-read.ts";

interface SubscriberInput {
  readonly email?: string;
  readonly name?: string;
  readonly status?: string;
  readonly lists?: number[];
  readonly attribs?: object;
  readonly preconfirm_subscriptions?: boolean;
}

const ids = { type: "array", items: { type: "integer" } } as const;
const input = {
  type: "object",
  properties: {
    email: { type: "string", pattern: "^[^\\s@]+@[^\\s@]+$" },
    name: { type: "string" },
    status: { enum: ["enabled", "disabled", "blocklisted"] },
    lists: ids,
    attribs: { type: "object" },
    preconfirm_subscriptions: { type: "boolean" },
  },
} as const;
const whole = { ...input, required: ["email", "name", "status"] } as const;
const membershipInput = {
  type: "object",
  required: ["ids", "action", "target_list_ids"],
  properties: {
    ids,
    action: { enum: ["add", "remove", "unsubscribe"] },
    target_list_ids: ids,
    status: { enum: ["confirmed", "unconfirmed", "unsubscribed"] },
  },
} as const;
interface MembershipInput {
  readonly ids: number[];
  readonly action: "add" | "remove" | "unsubscribe";
  readonly target_list_ids: number[];
  readonly status?: string;
}
const byIds = {
  type: "object",
  required: ["ids"],
  properties: { ids },
} as const;
const UNIQUE_VIOLATION = "23505";

export function writeRoutes(api: FastifyInstance, pool: pg.Pool): void {
  api.post<{ Body: SubscriberInput }>("/subscribers", { schema: { body: whole } }, async ({ body }) => ({
    data: await subscriber(pool, await save(pool, null, body)),
  }));
  // As documented: what a PUT leaves out is cleared, the lists too; a PATCH leaves it alone and merges the attributes.
  api.put<ById & { Body: SubscriberInput }>(
    "/subscribers/:id",
    { schema: { params: idSchema, body: whole } },
    async ({ params, body }) => ({
      data: await subscriber(
        pool,
        await save(pool, params.id, { lists: [], attribs: {}, ...body }, "replace"),
      ),
    }),
  );
  api.patch<ById & { Body: SubscriberInput }>(
    "/subscribers/:id",
    { schema: { params: idSchema, body: input } },
    async ({ params, body }) => ({
      data: await subscriber(pool, await save(pool, params.id, body)),
    }),
  );

  api.put<ById>("/subscribers/:id/blocklist", { schema: { params: idSchema } }, ({ params }) =>
    blocklist(pool, [params.id]),
  );
  api.put<{ Body: { ids: number[] } }>("/subscribers/blocklist", { schema: { body: byIds } }, ({ body }) =>
    blocklist(pool, body.ids),
  );
  api.put<{ Body: MembershipInput }>(
    "/subscribers/lists",
    { schema: { body: membershipInput } },
    ({ body }) => changeMembership(pool, body),
  );
}

/** Makes or changes a subscriber; members that are absent stay as they are. */
async function save(
  pool: pg.Pool,
  id: number | null,
  body: SubscriberInput,
  attributes: "merge" | "replace" = "merge",
): Promise<number> {
  const values = [
    body.email?.toLowerCase(),
    body.name,
    body.status,
    body.attribs && JSON.stringify(body.attribs),
  ];
  const statement =
    id === null
      ? `INSERT INTO subscribers (email, name, status, attribs)
         VALUES ($1, $2, $3::subscriber_status, coalesce($4::jsonb, '{}')) RETURNING id`
      : `WITH former AS (
           INSERT INTO subscriber_history (subscriber_id, subscriber_uuid, event, email, name)
           SELECT id, uuid, 'address-changed', email, name FROM subscribers WHERE id = $5 AND lower(email) <> $1)
         UPDATE subscribers SET email = coalesce($1, email), name = coalesce($2, name),
           status = coalesce($3::subscriber_status, status), updated_at = now(),
           attribs = ${attributes === "merge" ? "attribs || coalesce($4::jsonb, '{}')" : "$4::jsonb"}
         WHERE id = $5 RETURNING id`;
  try {
    const { rows } = await pool.query<{ id: number }>(statement, id === null ? values : [...values, id]);
    const saved = rows[0]?.id;
    if (saved === undefined) throw noSubscriber();
    if (body.lists !== undefined)
      await setLists(pool, saved, body.lists, body.preconfirm_subscriptions === true);
    return saved;
  } catch (error) {
    if (error instanceof pg.DatabaseError && error.code === UNIQUE_VIOLATION) {
      throw new MailingError(409, "E-mail already exists.");
    }
    throw error;
  }
}

async function setLists(
  pool: pg.Pool,
  id: number,
  lists: readonly number[],
  confirmed: boolean,
): Promise<void> {
  await pool.query("DELETE FROM subscriber_lists WHERE subscriber_id = $1 AND list_id <> ALL($2)", [
    id,
    lists,
  ]);
  await pool.query(
    `INSERT INTO subscriber_lists (subscriber_id, list_id, status)
     SELECT $1, id, $3::subscription_status FROM lists WHERE id = ANY($2) ON CONFLICT DO NOTHING`,
    [id, lists, confirmed ? "confirmed" : "unconfirmed"],
  );
}

/** A blocklisted subscriber is on no list any more. */
async function blocklist(pool: pg.Pool, subscribers: readonly number[]): Promise<{ data: true }> {
  await pool.query(
    `WITH blocked AS (
       UPDATE subscribers SET status = 'blocklisted', updated_at = now() WHERE id = ANY($1) RETURNING id)
     UPDATE subscriber_lists SET status = 'unsubscribed', updated_at = now()
     WHERE subscriber_id IN (SELECT id FROM blocked)`,
    [subscribers],
  );
  return { data: true };
}

async function changeMembership(pool: pg.Pool, body: MembershipInput): Promise<{ data: true }> {
  const places = [body.ids, body.target_list_ids];
  const chosen = "subscriber_id = ANY($1) AND list_id = ANY($2)";
  if (body.action === "remove") {
    await pool.query(`DELETE FROM subscriber_lists WHERE ${chosen}`, places);
  } else if (body.action === "unsubscribe") {
    await pool.query(
      `UPDATE subscriber_lists SET status = 'unsubscribed', updated_at = now() WHERE ${chosen}`,
      places,
    );
  } else {
    if (body.status === undefined) throw new MailingError(400, "Invalid subscription status");
    await pool.query(
      `INSERT INTO subscriber_lists (subscriber_id, list_id, status)
       SELECT s.id, l.id, $3::subscription_status FROM subscribers s CROSS JOIN lists l
       WHERE s.id = ANY($1) AND l.id = ANY($2)
       ON CONFLICT (subscriber_id, list_id) DO UPDATE SET status = excluded.status, updated_at = now()`,
      [...places, body.status],
    );
  }
  return { data: true };
}
