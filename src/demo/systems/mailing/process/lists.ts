import type { FastifyInstance } from "fastify";
import type pg from "pg";

interface Paging {
  readonly page: number;
  readonly per_page: string;
}

const paging = {
  type: "object",
  properties: {
    page: { type: "integer", minimum: 1, default: 1 },
    per_page: {
      type: "string",
      pattern: "^(all|[1-9][0-9]{0,5})$",
      default: "20",
    },
  },
} as const;

export function listRoutes(api: FastifyInstance, pool: pg.Pool): void {
  api.get<{ Querystring: Paging }>("/lists", { schema: { querystring: paging } }, async ({ query }) => {
    const limit = query.per_page === "all" ? null : Number(query.per_page);
    const { rows } = await pool.query<{ results: object[]; total: number }>(listsSql, [
      limit,
      limit === null ? 0 : (query.page - 1) * limit,
    ]);
    const { results = [], total = 0 } = rows[0] ?? {};
    return {
      data: { results, total, per_page: limit ?? total, page: query.page },
    };
  });
}

const listsSql = `SELECT (SELECT count(*)::int FROM lists) AS total,
  (SELECT coalesce(json_agg(json_build_object('id', l.id, 'created_at', l.created_at, 'updated_at', l.updated_at,
      'uuid', l.uuid, 'name', l.name, 'type', l.type, 'optin', l.optin, 'tags', l.tags, 'subscriber_count',
      (SELECT count(*) FROM subscriber_lists m WHERE m.list_id = l.id AND m.status <> 'unsubscribed'))), '[]')
    FROM (SELECT * FROM lists ORDER BY id LIMIT $1 OFFSET $2) l) AS results`;
