import type { FastifyInstance } from "fastify";
import type pg from "pg";
import { MailingError } from "./errors.ts";
import { type ById, idSchema } from "./subscribers-read.ts";

interface Delivery {
  readonly id: number;
  readonly sent_at: string;
}

const pageSchema = {
  type: "object",
  properties: {
    after: { type: "string" },
    per_page: { type: "integer", minimum: 0, maximum: 1_000, default: 20 },
  },
} as const;

/**
 * Our own extension of listmonk's API, which has no list of one subscriber's deliveries: newest first, each with its
 * `position`, after which the next page starts (`after`). `total` comes with the first page alone.
 */
export function deliveryRoutes(api: FastifyInstance, pool: pg.Pool): void {
  api.get<ById & { Querystring: { after?: string; per_page: number } }>(
    "/subscribers/:id/deliveries",
    { schema: { params: idSchema, querystring: pageSchema } },
    async ({ params, query: { after, per_page } }) => {
      // Named: planned once per connection, which is most of the cost of a short page.
      const asked =
        after === undefined
          ? { name: "first-deliveries", text: firstSql, values: [params.id, per_page] }
          : {
              name: "later-deliveries",
              text: laterSql,
              values: [params.id, per_page, ...parsePosition(after)],
            };
      const { rows } = await pool.query<{ results: Delivery[]; total: number | null }>(asked);
      const { results = [], total = null } = rows[0] ?? {};
      const positioned = results.map((row) => ({
        ...row,
        position: writePosition(row),
      }));
      return {
        data: {
          results: positioned,
          per_page,
          ...(total === null ? {} : { total }),
        },
      };
    },
  );
}

/** The moment as it was sent out keeps its microseconds: nothing is skipped, nothing comes twice. */
function writePosition({ sent_at, id }: Delivery): string {
  return Buffer.from(`${sent_at} ${id}`).toString("base64url");
}

function parsePosition(position: string): [sentAt: string, id: string] {
  const text = Buffer.from(position, "base64url").toString();
  const [, sentAt, id] =
    /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?[+-]\d\d:\d\d) (\d{1,18})$/.exec(text) ?? [];
  if (sentAt === undefined || id === undefined || Number.isNaN(Date.parse(sentAt))) {
    throw new MailingError(400, "Invalid position");
  }
  return [sentAt, id];
}

const pageSql = (where: string) => `SELECT coalesce(json_agg(json_build_object(
    'id', d.id, 'campaign', c.name, 'sent_at', d.sent_at,
    'opened_at', (SELECT min(created_at) FROM campaign_views WHERE delivery_id = d.id),
    'replied_at', (SELECT created_at FROM replies WHERE delivery_id = d.id),
    'clicks', (SELECT coalesce(json_agg(json_build_object('url', l.url, 'created_at', k.created_at)
        ORDER BY k.created_at, k.id), '[]')
      FROM link_clicks k JOIN links l ON l.id = k.link_id WHERE k.delivery_id = d.id)
  ) ORDER BY d.sent_at DESC, d.id DESC), '[]')
  FROM (SELECT * FROM deliveries WHERE subscriber_id = $1::int ${where}
    ORDER BY sent_at DESC, id DESC LIMIT $2::int) d
  JOIN campaigns c ON c.id = d.campaign_id`;

const totalSql = "SELECT count(*)::int FROM deliveries WHERE subscriber_id = $1::int";
const firstSql = `SELECT (${pageSql("")}) AS results, (${totalSql}) AS total`;
const laterSql = `SELECT (${pageSql("AND (sent_at, id) < ($3::timestamptz, $4::bigint)")}) AS results, NULL AS total`;
