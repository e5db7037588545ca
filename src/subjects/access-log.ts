import { sql } from "kysely";
import type { Looks } from "../audit/looks.ts";
import { createLooks } from "../audit/looks.ts";
import type { Store } from "../store/store.ts";
import { dbOf } from "../store/tables.ts";

/** Who of the staff looked at a person, from the trail of all replicas. */
export interface AccessLog extends Looks {
  /** Every id under which the person has been known: those that have been merged into theirs as well. */
  namesOf(ids: readonly string[]): Promise<readonly string[]>;
}

export function createAccessLog(store: Store): AccessLog {
  return {
    ...createLooks(store),
    async namesOf(ids) {
      const { rows } = await sql<{ id: string }>`
        with person as (select coalesce(merged_into, id) as id from subject where id = any(${ids}::uuid[]))
        select id from person
        union select s.id from subject s join person on s.merged_into = person.id`.execute(dbOf(store));
      return rows.map(({ id }) => id);
    },
  };
}
