import { sql } from "kysely";
import type { StatisticsDimension } from "../access/vocabulary.ts";
import type { Db } from "../store/tables.ts";
import type { ShownGroup } from "./disclosure-control.ts";

/**
 * How long counts are shown before they are made anew: whoever could have them made at will would have them made before
 * and after one person came or went.
 */
const keptFor = sql`interval '24 hours'`;

export interface KeptCounts {
  readonly groups: readonly ShownGroup[];
  readonly madeAt: Date;
}

export interface CountsName {
  readonly dimension: StatisticsDimension;
  readonly source: string;
  readonly minimumGroupSize: number;
}

/** Null: there are none that may still be shown. */
export async function keptCounts(
  db: Db,
  { dimension, source, minimumGroupSize }: CountsName,
): Promise<KeptCounts | null> {
  const { rows } = await sql<KeptCounts>`select groups, made_at as "madeAt" from statistics
    where dimension = ${dimension} and source = ${source} and minimum_group_size = ${minimumGroupSize}
      and made_at > gateway_now() - ${keptFor}`.execute(db);
  return rows[0] ?? null;
}

/** Of those who count at once the first has said it: two counts must not be compared. */
export async function keepCounts(
  db: Db,
  { dimension, source, minimumGroupSize }: CountsName,
  groups: readonly ShownGroup[],
): Promise<void> {
  await sql`insert into statistics (dimension, source, minimum_group_size, groups, made_at)
    values (${dimension}, ${source}, ${minimumGroupSize}, ${JSON.stringify(groups)}::jsonb, gateway_now())
    on conflict (dimension, source, minimum_group_size) do update
      set groups = excluded.groups, made_at = excluded.made_at
      where statistics.made_at <= excluded.made_at - ${keptFor}`.execute(db);
}
