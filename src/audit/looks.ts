import { sql } from "kysely";
import type { DataCategory, Purpose, Role } from "../access/vocabulary.ts";
import type { Store } from "../store/store.ts";
import { dbOf } from "../store/tables.ts";

/** A look of staff at a person, as the trail has it. */
export interface RecordedLook {
  /** Rises from one entry of the trail to the next, with gaps. */
  readonly sequence: string;
  /** RFC 3339, UTC. */
  readonly at: string;
  readonly role: Role;
  readonly purpose: Purpose;
  readonly categories: readonly DataCategory[];
  readonly sources: readonly string[];
  readonly requestId: string;
  readonly subjectRef: string;
  readonly sealedActorName: Uint8Array | null;
}

/**
 * What staff have read of a person, whatever the person was called at the time: `subjectRefs` are all of those names.
 * A person's looks at their own data are not among them, nor is what was refused, nor what is secret still.
 */
export interface Looks {
  /** Newest first. `before`: a sequence; null: from the newest on. */
  page(subjectRefs: readonly string[], before: string | null, most: number): Promise<readonly RecordedLook[]>;
  count(subjectRefs: readonly string[]): Promise<number>;
}

/** As in the condition of the index `audit_entry_looks`. */
const byStaff = sql`event = 'READ' and actor_role <> 'SUBJECT'`;
const today = sql`to_char(gateway_now() at time zone 'Europe/Oslo', 'YYYY-MM-DD')`;
/**
 * Looks that the person was not to know of, once the day that the entry names is over, and no secrecy was prolonged that lasted
 * to that day: in Norway, by the database's clock. As texts, since no other entry's detail is a day.
 */
const noLongerSecret = (subjectRefs: readonly string[]) => sql`event = 'READ_IN_SECRECY' and detail < ${today}
  and not exists (select from secrecy where secrecy.subject_id::text = any(${subjectRefs})
    and to_char(secrecy.day, 'YYYY-MM-DD') = detail and to_char(secrecy.until, 'YYYY-MM-DD') >= ${today})`;
const newest = "9223372036854775807";

export function createLooks(store: Store): Looks {
  return {
    async page(subjectRefs, before, most) {
      // Each name by itself, and between two rows rather than of one name: a plan for the average person would go
      // through the whole trail for somebody whom few have looked at.
      const { rows } = await sql<RecordedLook>`
        with look as (select e.* from unnest(${subjectRefs}::text[]) as person (ref)
        cross join lateral (
          select * from audit_entry
          where ${byStaff} and (subject_ref, sequence) >= (person.ref, 0)
            and (subject_ref, sequence) < (person.ref, ${before ?? newest}::bigint)
          order by subject_ref desc, sequence desc limit ${most}) e
        union all
        select * from audit_entry where ${noLongerSecret(subjectRefs)} and subject_ref = any(${subjectRefs})
          and sequence < ${before ?? newest}::bigint)
        select sequence, to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at, actor_role as role,
          purpose, categories, sources, request_id as "requestId", subject_ref as "subjectRef",
          sealed_actor_name as "sealedActorName"
        from look order by look.sequence desc limit ${most}`.execute(dbOf(store));
      return rows;
    },
    async count(subjectRefs) {
      const { rows } = await sql<{ looks: number }>`
        select ((select count(*) from audit_entry where subject_ref = any(${subjectRefs}) and ${byStaff})
          + (select count(*) from audit_entry where subject_ref = any(${subjectRefs}) and ${noLongerSecret(subjectRefs)}))::int
          as looks`.execute(dbOf(store));
      return rows[0]?.looks ?? 0;
    },
  };
}
