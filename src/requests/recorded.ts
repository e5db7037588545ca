import type { AuditEntry } from "../audit/entry.ts";
import { type Db, inTransaction } from "../store/tables.ts";
import type { Asker, DeskParts } from "./desk.ts";

/** What somebody did, as the trail is to have it. */
export type Recorded = Pick<AuditEntry, "event" | "subjectRef" | "categories" | "detail">;

/** Changes something that is no request. */
export type Recording = <T>(
  by: Asker,
  change: (db: Db) => Promise<{ readonly value: T; readonly entry: Recorded }>,
) => Promise<T>;

/** Within one transaction, and the trail's entry last: all of it stands, or nothing. */
export const recording =
  ({ register, inTurn, trail }: Pick<DeskParts, "register" | "inTurn" | "trail">): Recording =>
  (by, change) =>
    inTurn(() =>
      inTransaction(register.store, async (db) => {
        const { value, entry } = await change(db);
        await trail.record(entryOf(by, entry));
        return value;
      }),
    );

export const entryOf = (
  { role, actorRef, requestId, coordinate }: Asker,
  recorded: Recorded,
): AuditEntry => ({
  ...recorded,
  actorRole: role,
  actorRef,
  actorName: null,
  purpose: "DATA_SUBJECT_RIGHTS",
  requestId,
  coordinates: [coordinate],
  sources: [],
});
