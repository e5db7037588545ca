import type { AuditEntry } from "../audit/entry.ts";
import { type Db, inTransaction } from "../store/tables.ts";
import type { Asker, DeskParts } from "./desk.ts";

/** What somebody did, as the trail is to have it. */
export interface Recorded extends Pick<AuditEntry, "event" | "subjectRef" | "categories" | "detail"> {
  readonly actorName?: Uint8Array | null;
}

export interface Changed<T> {
  readonly value: T;
  readonly entries: readonly Recorded[];
}

/** Changes something that is no request. */
export type Recording = <T>(by: Asker, change: (db: Db) => Promise<Changed<T>>) => Promise<T>;

/** Within one transaction, and the trail's entries last: all of it stands, or nothing. */
export const recording =
  ({ register, inTurn, trail }: Pick<DeskParts, "register" | "inTurn" | "trail">): Recording =>
  (by, change) =>
    inTurn(() =>
      inTransaction(register.store, async (db) => {
        const { value, entries } = await change(db);
        await Promise.all(entries.map((entry) => trail.record(entryOf(by, entry))));
        return value;
      }),
    );

const entryOf = (
  { role, actorRef, requestId, coordinate }: Asker,
  { event, subjectRef, categories, detail, actorName = null }: Recorded,
): AuditEntry => ({
  event,
  subjectRef,
  categories,
  detail,
  actorName,
  actorRole: role,
  actorRef,
  purpose: "DATA_SUBJECT_RIGHTS",
  requestId,
  coordinates: [coordinate],
  sources: [],
});
