import type { AuditEvent } from "../audit/entry.ts";
import type { Db } from "../store/tables.ts";
import { inTransaction } from "../store/tables.ts";
import type { PersonKey } from "../store/person-keys.ts";
import { lockPerson } from "../subjects/decision-rows.ts";
import { keyOfPerson } from "../subjects/person-key.ts";
import { advance, become } from "./advance.ts";
import { type Asker, type DeskParts, insertSteps } from "./desk.ts";
import { type LifecycleEvent, moved } from "./lifecycle.ts";
import { lockRequest, noteColumn, type RequestRow } from "./rows.ts";
import type { NewStep } from "./step.ts";
import { note } from "./timeline.ts";

export interface Changing {
  readonly request: Pick<RequestRow, "id" | "subject_id">;
  readonly by: Asker;
  /** The timeline has it, too. */
  readonly event: LifecycleEvent;
  /** A code or key; no value of a person. */
  readonly detail?: string;
  /** Why, in the words of whoever changes it; kept under the person's key. */
  readonly because?: string;
  /** As the trail has it; `REQUESTED` unless said otherwise. */
  readonly recordedAs?: AuditEvent;
  /** What comes of it, beside the status. Throws where the request is not as it must be: nothing is changed then. */
  readonly change: (db: Db, request: RequestRow, key: PersonKey) => Promise<Change>;
}

export interface Change {
  readonly steps?: readonly NewStep[];
  /** Other requests whose steps it changed. */
  readonly alsoChanged?: readonly string[];
}

/**
 * Changes a request with its steps, their jobs and its timeline; the trail's entry comes last. All of it, or nothing.
 * @throws WrongState
 */
export function changeRequest(
  parts: DeskParts,
  { request: { id, subject_id }, by, event, detail, because, recordedAs = "REQUESTED", change }: Changing,
): Promise<RequestRow> {
  const { register, inTurn, trail } = parts;
  return inTurn(() =>
    inTransaction(register.store, async (db) => {
      const subjectId = await lockPerson(db, subject_id);
      const request = await lockRequest(db, id);
      if (request?.subject_id !== subjectId) throw new Error("a request of somebody else");
      const status = moved(event, request);
      const key = await keyOfPerson(db, register, subjectId);
      const sealed = because === undefined ? undefined : key.seal(because, noteColumn);
      const { steps = [], alsoChanged = [] } = await change(db, request, key);
      await insertSteps(db, id, steps, key);
      await note(db, id, { by: by.role, event, ...(detail && { detail }), ...(sealed && { sealed }) });
      for (const other of alsoChanged) if (other !== id) await advance(db, parts, other);
      if (status !== request.status) await become(db, request, event);
      const now = await advance(db, parts, id);
      await trail.record({
        event: recordedAs,
        actorRole: by.role,
        actorRef: by.actorRef,
        actorName: null,
        subjectRef: subjectId,
        purpose: "DATA_SUBJECT_RIGHTS",
        requestId: by.requestId,
        coordinates: [by.coordinate],
        categories: ["RIGHTS_REQUEST"],
        sources: [],
        detail: event,
      });
      return now;
    }),
  );
}
