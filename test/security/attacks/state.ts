import pg from "pg";
import type { Gateway } from "../../setup/gateway.ts";

/** What grows with every look: the trail, and how often somebody has searched. */
const looks = /^(audit_\w+|search_count)$/;
/** Work that is done again and again, whether or not anybody asks. */
const byItself = /^(withdrawals_seen|migration)$/;

/** A fingerprint of every table of the gateway's database and of the systems', but for what grows with every look. */
export async function stateOf({
  databaseUrl,
  systemUrls,
}: Pick<Gateway, "databaseUrl" | "systemUrls">): Promise<Readonly<Record<string, string>>> {
  const states = await Promise.all([
    fingerprints("gateway", databaseUrl, (table) => !looks.test(table) && !byItself.test(table), {
      jobs: "select * from pgboss.job where name = 'request-step' and state <> 'completed'",
    }),
    ...Object.entries(systemUrls).map(([system, url]) => fingerprints(system, url, () => true)),
  ]);
  return Object.assign({}, ...states);
}

async function fingerprints(
  name: string,
  connectionString: string,
  counts: (table: string) => boolean,
  more: Readonly<Record<string, string>> = {},
): Promise<Readonly<Record<string, string>>> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    const { rows } = await client.query<{ table: string; from: string }>(
      `select table_name as table, format('%I.%I', table_schema, table_name) as "from"
       from information_schema.tables
       where table_schema in ('public', 'keys') and table_type = 'BASE TABLE' order by 1`,
    );
    const asked = rows.filter(({ table }) => counts(table));
    const selects = [
      ...asked.map(({ table, from }) => [table, `select * from ${from}`] as const),
      ...Object.entries(more),
    ];
    const { rows: prints } = await client.query<{ table: string; print: string }>(
      selects
        .map(
          ([table, select]) => `select '${name} ${table}' as table,
            count(*) || ' ' || coalesce(sum(hashtextextended(t::text, 0)::numeric), 0) as print from (${select}) t`,
        )
        .join(" union all "),
    );
    return Object.fromEntries(prints.map(({ table, print }) => [table, print]));
  } finally {
    await client.end();
  }
}
