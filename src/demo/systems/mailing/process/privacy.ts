import type { FastifyInstance } from "fastify";
import type pg from "pg";
import type { Erasures, ErasureJob } from "./erasures.ts";
import { MailingError } from "./errors.ts";
import { remainsOf } from "./remains.ts";

const subscriber_id = { type: "integer", minimum: 1, maximum: 2_147_483_647 } as const;
const emails = { type: "array", items: { type: "string", minLength: 1 }, maxItems: 100 } as const;
const erasure = {
  type: "object",
  required: ["subscriber_id"],
  properties: { subscriber_id, emails },
} as const;
const byEither = {
  type: "object",
  anyOf: [{ required: ["subscriber_id"] }, { required: ["email"] }],
  properties: { subscriber_id, email: emails },
} as const;
const byAddresses = { type: "object", required: ["emails"], properties: { emails } } as const;
const bySubscriber = {
  type: "object",
  required: ["subscriber_id"],
  properties: { subscriber_id },
} as const;
const jobId = { type: "object", properties: { id: { type: "string", format: "uuid" } } } as const;

/**
 * Our own extension of listmonk's API, as other such tools have it: views, clicks, replies, bounces and the history of a
 * subscriber, who may be deleted already, are wiped by a job that is asked after (`Retry-After`); and one can ask what is
 * left. The subscriber itself, its lists and deliveries are deleted as ever. What names somebody who is no subscriber is asked
 * for, and wiped at once, by the addresses.
 */
export function privacyRoutes(api: FastifyInstance, pool: pg.Pool, erasures: Erasures): void {
  api.post<{ Body: { subscriber_id: number; emails?: string[] } }>(
    "/privacy/erasures",
    { schema: { body: erasure } },
    async ({ body, headers }, reply) => {
      const reference = headers["idempotency-key"];
      const job = await erasures.start(
        { subscriber: body.subscriber_id, emails: lower(body.emails) },
        typeof reference === "string" ? reference : null,
      );
      return reply
        .code(202)
        .header("retry-after", secondsTo(job))
        .send({ data: shown(job) });
    },
  );
  api.post<{ Body: { emails: string[] } }>(
    "/privacy/addresses/wipe",
    { schema: { body: byAddresses } },
    async ({ body }) => {
      await erasures.wipe(lower(body.emails));
      return { data: true };
    },
  );
  api.get<{ Params: { id: string } }>(
    "/privacy/erasures/:id",
    { schema: { params: jobId } },
    async ({ params }, reply) => {
      const job = await erasures.byId(params.id);
      if (!job) throw new MailingError(404, "Erasure not found");
      if (job.state === "running") reply.header("retry-after", secondsTo(job));
      return { data: shown(job) };
    },
  );
  api.get<{ Querystring: { subscriber_id: number } }>(
    "/privacy/erasures",
    { schema: { querystring: bySubscriber } },
    async ({ query }) => ({ data: (await erasures.ofSubscriber(query.subscriber_id)).map(shown) }),
  );
  api.get<{ Querystring: { subscriber_id?: number; email?: string[] } }>(
    "/privacy/remains",
    { schema: { querystring: byEither } },
    async ({ query }) => ({
      data: await remainsOf(pool, { subscriber: query.subscriber_id ?? null, emails: lower(query.email) }),
    }),
  );
}

const lower = (addresses: readonly string[] = []) => addresses.map((address) => address.toLowerCase());
const shown = ({ id, state, reference }: ErasureJob) => ({ id, state, reference });
const secondsTo = ({ due_at }: ErasureJob) => Math.max(1, Math.ceil((due_at.getTime() - Date.now()) / 1_000));
