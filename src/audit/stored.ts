import type { KeyObject } from "node:crypto";
import { type RawBuilder, sql } from "kysely";
import { type EntryColumns, entryMac } from "./mac.ts";

/** An entry as it stands in the database, whoever put it there. */
export interface StoredEntry {
  readonly sequence: string;
  /** Hex. */
  readonly mac: string;
  readonly id: string | null;
  /** `EntryColumns` in JSON; null: there is no such entry. */
  readonly columns: string | null;
}

/** To the microsecond; null for what no writer wrote: before our era, or without end. */
export const storedMoment = (column: string): RawBuilder<string> =>
  sql`case when ${sql.ref(column)} >= '0001-01-01Z' and ${sql.ref(column)} < 'infinity'
    then to_char(${sql.ref(column)} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') end`;

/** What `StoredEntry` is made of, of `audit_entry as e`: in the order of `rowOf` in trail.ts. */
export const storedColumns = sql`e.id::text as id, encode(e.mac, 'hex') as mac,
  case when e.sequence is not null then json_build_array(
    e.id, ${storedMoment("e.at")}, e.event, e.actor_role, e.actor_ref, e.subject_ref, e.purpose, e.request_id,
    e.coordinates, e.categories, e.sources, e.detail, encode(e.sealed_actor_name, 'hex'))::text end as columns`;

/** Whether it is what the gateway wrote. */
export function isGenuine(key: KeyObject, { columns, mac }: StoredEntry): boolean {
  return columns !== null && entryMac(key, JSON.parse(columns) as EntryColumns).toString("hex") === mac;
}
