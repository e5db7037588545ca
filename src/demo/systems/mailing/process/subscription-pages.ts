import type { FastifyInstance } from "fastify";
import type pg from "pg";
import { noSubscriber } from "./errors.ts";

const uuid = {
  type: "object",
  required: ["subscriber"],
  properties: { subscriber: { type: "string", format: "uuid" } },
} as const;

/** What the link at the foot of every newsletter leads to: anybody who has it may unsubscribe its reader. */
export function subscriptionPages(app: FastifyInstance, pool: pg.Pool): void {
  app.post<{ Params: { subscriber: string } }>(
    "/subscription/unsubscribe/:subscriber",
    { schema: { params: uuid } },
    async ({ params }) => {
      const { rowCount } = await pool.query(
        `UPDATE subscriber_lists SET status = 'unsubscribed', updated_at = now()
         WHERE status <> 'unsubscribed' AND subscriber_id = (SELECT id FROM subscribers WHERE uuid = $1)`,
        [params.subscriber],
      );
      if (rowCount === 0) throw noSubscriber();
      return { data: true };
    },
  );
}
