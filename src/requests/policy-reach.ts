import { sql } from "kysely";
import type { Db } from "../store/tables.ts";

/** Counts of persons. */
export interface Reach {
  readonly told: number;
  readonly waiting: number;
  readonly failed: number;
  readonly untold: number;
  readonly complete: boolean;
  readonly agreed: number;
  readonly declined: number;
}

/** `attempts`: after which whoever waits still counts as failed. */
export async function reachOf(db: Db, version: string, attempts: number): Promise<Reach> {
  const { rows } = await sql<Reach>`
    with notices as (
      select count(*) filter (where state = 'TOLD')::int as told,
        count(*) filter (where state = 'PENDING')::int as waiting,
        count(*) filter (where state = 'PENDING' and attempts >= ${attempts})::int as failed,
        count(*) filter (where state = 'NO_ADDRESS')::int as untold
      from policy_notice where version = ${version}),
    latest as (
      select distinct on (subject_id) agreed from policy_answer where version = ${version}
      order by subject_id, at desc, id desc)
    select notices.*, waiting = 0 and coalesce((select is_through from policy_telling where version = ${version}), true)
        as complete,
      (select count(*) from latest where agreed)::int as agreed,
      (select count(*) from latest where not agreed)::int as declined
    from notices`.execute(db);
  const [reach] = rows;
  if (!reach) throw new Error("counts without a row");
  return reach;
}
