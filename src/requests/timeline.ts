import { sql } from "kysely";
import type { Role } from "../access/vocabulary.ts";
import type { Db } from "../store/tables.ts";

/** An entry of the timeline. */
export interface Noted {
  /** Null: the gateway itself. */
  readonly by: Role | null;
  readonly event: string;
  /** A code or key; no value of a person. */
  readonly detail?: string | null;
  /** What somebody wrote, under the person's key. */
  readonly sealed?: Uint8Array;
}

/** Adds to the timeline. Within the open transaction. */
export async function note(
  db: Db,
  requestId: string,
  { by, event, detail = null, sealed }: Noted,
): Promise<void> {
  await db
    .insertInto("request_event")
    .values({
      request_id: requestId,
      at: sql<Date>`clock_timestamp()`,
      by_role: by,
      event,
      detail,
      sealed_note: sealed ?? null,
    })
    .execute();
}

/** Whether the timeline has the event. */
export async function hasHappened(db: Db, requestId: string, event: string): Promise<boolean> {
  const found = await db
    .selectFrom("request_event")
    .select("id")
    .where("request_id", "=", requestId)
    .where("event", "=", event)
    .executeTakeFirst();
  return found !== undefined;
}
