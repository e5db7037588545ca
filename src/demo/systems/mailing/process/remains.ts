import type pg from "pg";

/** Whose traces are meant; the addresses in lower case. */
export interface Traced {
  /** Null: somebody who is no subscriber. */
  readonly subscriber: number | null;
  readonly emails: readonly string[];
}

/**
 * Every uuid that traces name the subscriber by: also when the row is gone that said which it was. An address leads to
 * nobody who is a subscriber under another id. $1 is the id, $2 the addresses.
 */
export const uuidsSql = `
  WITH named AS (
    SELECT uuid FROM subscribers WHERE id = $1::int
    UNION SELECT subscriber_uuid FROM subscriber_history WHERE subscriber_id = $1::int
    UNION SELECT subscriber_uuid FROM subscriber_history WHERE lower(email) = ANY($2::text[])
    UNION SELECT subscriber_uuid FROM campaign_views WHERE lower(recipient) = ANY($2::text[])
    UNION SELECT subscriber_uuid FROM link_clicks WHERE lower(recipient) = ANY($2::text[]))
  SELECT coalesce(array_agg(uuid), '{}') AS uuids FROM named
  WHERE uuid NOT IN (SELECT uuid FROM subscribers WHERE id IS DISTINCT FROM $1::int)`;

/** Views and clicks of the subscriber; $2 are the uuids. */
export const tracked = "subscriber_id = $1::int OR subscriber_uuid = ANY($2::uuid[])";
/** Lines of the history. */
export const noted = "subscriber_id = $1::int OR subscriber_uuid = ANY($2::uuid[])";

const remainsSql = `SELECT
  (SELECT count(*)::int FROM campaign_views WHERE ${tracked}) AS campaign_views,
  (SELECT count(*)::int FROM link_clicks WHERE ${tracked}) AS link_clicks,
  (SELECT count(*)::int FROM replies r JOIN deliveries d ON d.id = r.delivery_id WHERE d.subscriber_id = $1) AS replies,
  (SELECT count(*)::int FROM bounces WHERE subscriber_id = $1) AS bounces,
  (SELECT count(*)::int FROM subscriber_history WHERE (${noted}) AND event = 'address-changed') AS former_addresses,
  (SELECT count(*)::int FROM subscriber_history WHERE (${noted}) AND event = 'deleted') AS deletion_notes`;

/** What is still kept of somebody who is or was a subscriber, counted by kind. */
export async function remainsOf(
  client: Pick<pg.ClientBase, "query">,
  { subscriber, emails }: Traced,
): Promise<Readonly<Record<string, number>>> {
  const uuids = await uuidsOf(client, { subscriber, emails });
  const { rows } = await client.query<Record<string, number>>(remainsSql, [subscriber, uuids]);
  return rows[0] ?? {};
}

export async function uuidsOf(
  client: Pick<pg.ClientBase, "query">,
  { subscriber, emails }: Traced,
): Promise<readonly string[]> {
  const { rows } = await client.query<{ uuids: string[] }>(uuidsSql, [subscriber, emails]);
  return rows[0]?.uuids ?? [];
}
