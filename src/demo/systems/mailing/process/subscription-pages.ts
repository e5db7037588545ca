import type { FastifyInstance } from "fastify";
import type pg from "pg";
import { noSubscriber } from "./errors.ts";

const uuid = {
  type: "object",
  required: ["subscriber"],
  properties: { subscriber: { type: "string", format: "uuid" } },
} as const;

/**
 * What the link at the foot of every newsletter leads to: anybody who has it may unsubscribe its reader, from a page or by
 * one click in an e-mail program (RFC 8058, which sends a form). Following it again changes nothing.
 */
export function subscriptionPages(app: FastifyInstance, pool: pg.Pool): void {
  const form = "application/x-www-form-urlencoded";
  app.addContentTypeParser(form, { parseAs: "string" }, (_request, body, done) => done(null, body));
  app.post<{ Params: { subscriber: string } }>(
    "/subscription/unsubscribe/:subscriber",
    { schema: { params: uuid } },
    async ({ params }) => {
      const { rows } = await pool.query(
        `WITH reader AS (SELECT id FROM subscribers WHERE uuid = $1), leaving AS (
           UPDATE subscriber_lists SET status = 'unsubscribed', updated_at = now()
           WHERE status <> 'unsubscribed' AND subscriber_id = (SELECT id FROM reader))
         SELECT id FROM reader`,
        [params.subscriber],
      );
      if (rows.length === 0) throw noSubscriber();
      return { data: true };
    },
  );
}
