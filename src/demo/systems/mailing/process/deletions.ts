import type { FastifyInstance } from "fastify";
import type pg from "pg";
import type { Manners } from "./manners.ts";
import { type ById, idSchema } from "./subscribers-read.ts";

/** Rows that one call deletes at most: the rest is for the next. */
const BATCH = 5_000;
const done = { data: true } as const;
const byIds = {
  type: "object",
  required: ["id"],
  properties: { id: { type: "array", items: { type: "integer" } } },
} as const;

/**
 * As in the real one: true also for an id that never was, and views and clicks stay behind, without the subscriber. Each
 * deletion leaves a note of who was deleted. That deliveries can be deleted is our own extension.
 */
export function deletionRoutes(api: FastifyInstance, pool: pg.Pool, manners: Manners): void {
  const run = async (statement: string, values: readonly unknown[]) => {
    if (manners.get("forgets-nothing") === undefined) await pool.query(statement, [...values]);
    return done;
  };
  const remove = (subscribers: readonly number[]) =>
    run(
      `WITH deleted AS (DELETE FROM subscribers WHERE id = ANY($1) RETURNING id, uuid, email, name)
       INSERT INTO subscriber_history (subscriber_id, subscriber_uuid, event, email, name)
       SELECT id, uuid, 'deleted', email, name FROM deleted`,
      [subscribers],
    );
  const byId = { schema: { params: idSchema } };
  api.delete<ById>("/subscribers/:id", byId, ({ params }) => remove([params.id]));
  api.delete<{ Querystring: { id: number[] } }>(
    "/subscribers",
    { schema: { querystring: byIds } },
    ({ query }) => remove(query.id),
  );
  api.delete<ById>("/subscribers/:id/bounces", byId, ({ params }) =>
    run("DELETE FROM bounces WHERE subscriber_id = $1", [params.id]),
  );
  api.delete<ById>("/subscribers/:id/deliveries", byId, ({ params }) =>
    run(
      `DELETE FROM deliveries WHERE id IN (SELECT id FROM deliveries WHERE subscriber_id = $1 LIMIT ${BATCH})`,
      [params.id],
    ),
  );
}
