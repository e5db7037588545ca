import { type RawBuilder, sql } from "kysely";
import type { Store } from "../store/store.ts";
import { dbOf } from "../store/tables.ts";
import { storedMoment } from "./stored.ts";

/** An entry as it stands in the trail, whoever put it there. */
export interface ListedEntry {
  /** Given when it is written, and never again; with gaps. */
  readonly sequence: string;
  /** RFC 3339, UTC, to the microsecond; what is no such moment is given as the database has it. */
  readonly at: string;
  readonly event: string;
  readonly actorRole: string | null;
  readonly actorRef: string | null;
  readonly subjectRef: string | null;
  readonly purpose: string | null;
  readonly requestId: string;
  readonly coordinates: readonly string[];
  readonly categories: readonly string[];
  readonly sources: readonly string[];
  readonly detail: string | null;
  /** Its MAC. Hex. */
  readonly hash: string;
  readonly awaitsSeal: boolean;
}

/** Which entries; absent: whichever. */
export interface WantedEntries {
  readonly events?: readonly string[];
  /** At this moment or later. */
  readonly since?: Date;
  /** Before this moment. */
  readonly until?: Date;
  readonly subjectRef?: string;
}

export interface Entries {
  /** Newest first. `after`: a sequence; null: from the newest on. Null: the trail has no entry of that sequence. */
  page(wanted: WantedEntries, after: string | null, most: number): Promise<readonly ListedEntry[] | null>;
}

const [lowest, highest] = ["-9223372036854775808", "9223372036854775807"];

/** By time rather than by sequence: so one index has an order that `since` and `until` are a part of. */
export function createEntries(store: Store): Entries {
  return {
    async page(wanted, after, most) {
      const position = after === null ? null : await momentOf(store, after);
      if (position === undefined) return null;
      const { rows } = await sql<ListedEntry>`
        select ${columns} from (${pageOf(wanted, upperBound(wanted, after, position), most)}) e
        left join audit_unsealed q on q.sequence = e.sequence
        order by e.at desc, e.sequence desc limit ${most}`.execute(dbOf(store));
      return rows;
    },
  };
}

async function momentOf(store: Store, sequence: string): Promise<string | undefined> {
  const { rows } = await sql<{ at: string }>`
    select at::text as at from audit_entry where sequence = ${sequence}::bigint`.execute(dbOf(store));
  return rows[0]?.at;
}

/** What a page is below of, in the order of time and sequence. */
const upperBound = ({ until }: WantedEntries, after: string | null, position: string | null) =>
  position === null
    ? { at: until?.toISOString() ?? "infinity", sequence: until ? lowest : highest }
    : { at: position, sequence: after };

const columns = sql`e.sequence::text as sequence, coalesce(${storedMoment("e.at")}, e.at::text) as at, e.event,
  e.actor_role as "actorRole", e.actor_ref as "actorRef", e.subject_ref as "subjectRef", e.purpose,
  e.request_id as "requestId", e.coordinates, e.categories, e.sources, e.detail, encode(e.mac, 'hex') as hash,
  q.sequence is not null as "awaitsSeal"`;

type Bound = ReturnType<typeof upperBound>;

function pageOf(wanted: WantedEntries, upper: Bound, most: number): RawBuilder<unknown> {
  const { events, subjectRef, since, until } = wanted;
  const lower = since?.toISOString() ?? "-infinity";
  const inTime = sql`at >= ${lower}::timestamptz
    and ${until === undefined ? sql`true` : sql`at < ${until.toISOString()}::timestamptz`}`;
  // Each value by itself, and between two rows rather than of one value: a plan for the average person would go through
  // the whole trail for somebody whom few have looked at.
  const lanes = (
    column: "event" | "subject_ref",
    values: readonly string[],
    also: RawBuilder<unknown>,
  ) => sql`
    select e.* from unnest(${values}::text[]) as lane (value) cross join lateral (
      select * from audit_entry
      where ${sql.ref(column)} is not null
        and (${sql.ref(column)}, at, sequence) >= (lane.value, ${lower}::timestamptz, ${lowest}::bigint)
        and (${sql.ref(column)}, at, sequence) < (lane.value, ${upper.at}::timestamptz, ${upper.sequence}::bigint)
        and ${inTime} and ${also}
      order by ${sql.ref(column)} desc, at desc, sequence desc limit ${most}) e`;
  const ofEvents = events === undefined ? sql`true` : sql`event = any(${[...events]}::text[])`;
  if (subjectRef !== undefined) return lanes("subject_ref", [subjectRef], ofEvents);
  if (events !== undefined) return lanes("event", [...new Set(events)], sql`true`);
  return sql`select * from audit_entry
    where (at, sequence) < (${upper.at}::timestamptz, ${upper.sequence}::bigint) and ${inTime}
    order by at desc, sequence desc limit ${most}`;
}
