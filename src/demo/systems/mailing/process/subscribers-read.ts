import type { FastifyInstance } from "fastify";
import type pg from "pg";
import { noSubscriber } from "./errors.ts";
import { type Found, type Search, searchSubscribers, subscriberJson } from "./filter.ts";
import type { Manners } from "./manners.ts";

interface SearchParameters {
  readonly query?: string;
  readonly search?: string;
  readonly list_id?: number[];
  readonly subscription_status?: string;
  readonly order_by?: string;
  readonly order?: string;
  readonly page?: number;
  readonly per_page?: string;
}

const searchSchema = {
  type: "object",
  properties: {
    query: { type: "string" },
    search: { type: "string" },
    list_id: { type: "array", items: { type: "integer" } },
    page: { type: "integer", minimum: 1 },
    per_page: { type: "string", pattern: "^(all|[1-9][0-9]{0,5})$" },
  },
};

/** `:id` of a path. */
export const idSchema = {
  type: "object",
  properties: { id: { type: "integer", minimum: 1, maximum: 2_147_483_647 } },
} as const;
export interface ById {
  readonly Params: { readonly id: number };
}

export function readRoutes(api: FastifyInstance, pool: pg.Pool, manners: Manners, role: string | null): void {
  api.get<{ Querystring: SearchParameters }>(
    "/subscribers",
    { schema: { querystring: searchSchema } },
    async ({ query: parameters }) => {
      const search = readSearch(parameters);
      const found: Found = await searchSubscribers(pool, role, {
        ...search,
        query: manners.rewrite(search.query),
      });
      const { page = 1, per_page = "20", query = "" } = parameters;
      return {
        data: {
          ...found,
          query,
          per_page: per_page === "all" ? found.total : Number(per_page),
          page,
        },
      };
    },
  );

  api.get<ById>("/subscribers/:id", { schema: { params: idSchema } }, async ({ params }) => ({
    data: await subscriber(pool, params.id),
  }));

  api.get<ById>("/subscribers/:id/export", { schema: { params: idSchema } }, async ({ params }) => {
    const { rows } = await pool.query<{ document: object | null }>(exportSql, [params.id]);
    if (rows[0]?.document == null) throw noSubscriber();
    return rows[0].document;
  });

  api.get<ById>("/subscribers/:id/bounces", { schema: { params: idSchema } }, async ({ params }) => {
    const { rows } = await pool.query<{ data: object[] }>(bouncesSql, [params.id]);
    return { data: rows[0]?.data ?? [] };
  });
}

/** @throws MailingError where there is none */
export async function subscriber(pool: pg.Pool, id: number): Promise<object> {
  const { rows } = await pool.query<{ document: object }>(
    `SELECT ${subscriberJson} AS document FROM subscribers s WHERE id = $1`,
    [id],
  );
  if (rows[0] === undefined) throw noSubscriber();
  return rows[0].document;
}

function readSearch(parameters: SearchParameters): Search {
  const { page = 1, per_page = "20" } = parameters;
  const limit = per_page === "all" ? null : Number(per_page);
  return {
    query: parameters.query ?? "",
    search: parameters.search ?? "",
    listIds: parameters.list_id ?? [],
    subscriptionStatus: parameters.subscription_status ?? "",
    orderBy: parameters.order_by ?? "id",
    descending: (parameters.order ?? "DESC").toUpperCase() === "DESC",
    offset: limit === null ? 0 : (page - 1) * limit,
    limit,
  };
}

/** Exactly the four parts that listmonk exports; private lists go by that name. */
const exportSql = `SELECT json_build_object(
  'profile', json_build_array(json_build_object('id', s.id, 'uuid', s.uuid, 'email', s.email, 'name', s.name,
    'attribs', s.attribs, 'status', s.status, 'created_at', s.created_at, 'updated_at', s.updated_at)),
  'subscriptions', (SELECT coalesce(json_agg(json_build_object('subscription_status', m.status,
      'name', CASE l.type WHEN 'private' THEN 'Private list' ELSE l.name END, 'type', l.type,
      'created_at', m.created_at) ORDER BY l.id), '[]')
    FROM subscriber_lists m JOIN lists l ON l.id = m.list_id WHERE m.subscriber_id = s.id),
  'campaign_views', (SELECT coalesce(json_agg(json_build_object('campaign', v.subject, 'views', v.views)), '[]')
    FROM (SELECT c.subject, count(*) AS views FROM campaign_views w JOIN campaigns c ON c.id = w.campaign_id
      WHERE w.subscriber_id = s.id GROUP BY c.id ORDER BY c.id) v),
  'link_clicks', (SELECT coalesce(json_agg(json_build_object('url', k.url, 'clicks', k.clicks)), '[]')
    FROM (SELECT l.url, count(*) AS clicks FROM link_clicks c JOIN links l ON l.id = c.link_id
      WHERE c.subscriber_id = s.id GROUP BY l.id ORDER BY l.id) k)) AS document
  FROM subscribers s WHERE s.id = $1`;

const bouncesSql = `SELECT coalesce(json_agg(json_build_object('id', b.id, 'type', b.type, 'source', b.source,
    'meta', b.meta, 'created_at', b.created_at, 'email', s.email, 'subscriber_uuid', s.uuid, 'subscriber_id', s.id,
    'campaign', json_build_object('id', c.id, 'name', c.name)) ORDER BY b.created_at DESC), '[]') AS data
  FROM bounces b JOIN subscribers s ON s.id = b.subscriber_id LEFT JOIN campaigns c ON c.id = b.campaign_id
  WHERE b.subscriber_id = $1`;
