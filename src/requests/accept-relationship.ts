import { type Db, inTransaction } from "../store/tables.ts";
import { lockPerson } from "../subjects/decision-rows.ts";
import { noteNotTheirs, notTheirsOf } from "../subjects/not-theirs.ts";
import { enrol, type RegisterParts } from "../subjects/people.ts";
import { keyOfPerson } from "../subjects/person-key.ts";
import {
  openReappearance,
  type ReappearanceRow,
  settleReappearances,
} from "../subjects/reappearance-rows.ts";
import { liftSuppression } from "../subjects/suppression.ts";
import { tell } from "./advance.ts";
import type { Asker, DeskParts } from "./desk.ts";
import { openErasure } from "./erasure-rows.ts";
import { Refused } from "./refused.ts";
import { lockRequest, noteColumn } from "./rows.ts";
import { retainedFor } from "./retained.ts";
import { note } from "./timeline.ts";

export interface NewRelationship {
  readonly reappearance: Pick<ReappearanceRow, "id" | "subject_id">;
  readonly by: Asker;
  /** Why; kept under the person's key. */
  readonly because: string;
}

/**
 * An erased person has entered into a relationship anew: they may come up again everywhere, and whatever else of theirs
 * waits for the DPO is settled with it. The erasures that had suppressed them tell of it; the trail's entry comes last.
 * False: it has been settled meanwhile, and nothing is changed. @throws Refused while they are erased
 */
export function acceptRelationship(
  { register, inTurn, trail }: DeskParts,
  { reappearance, by, because }: NewRelationship,
): Promise<boolean> {
  return inTurn(() =>
    inTransaction(register.store, async (db) => {
      const subjectId = await lockPerson(db, reappearance.subject_id);
      const open = await openReappearance(db, reappearance.id);
      if (open?.subject_id !== subjectId) return false;
      const key = await keyOfPerson(db, register, subjectId);
      const settled = { decision: "NEW_RELATIONSHIP", because, requestId: null } as const;
      await settleReappearances(db, key, { subjectId }, settled);
      const underWay = await openErasure(db, subjectId);
      if (underWay !== null) throw new Refused("ERASURE_OPEN", { requestId: underWay });
      const { requestIds, wasErasedWhole } = await liftSuppression(db, subjectId);
      for (const id of requestIds) {
        await lockRequest(db, id);
        await note(db, id, {
          by: by.role,
          event: "SUPPRESSION_LIFTED",
          detail: open.source,
          sealed: key.seal(because, noteColumn),
        });
        await tell(db, id);
      }
      // Whoever was erased in some systems alone is known all the while, with what they have decided (Art. 7, 18, 21).
      if (wasErasedWhole && (await retainedFor(db, subjectId)).length > 0)
        await becomeSomebodyNew(db, register, subjectId);
      await trail.record({
        event: "DECIDED",
        actorRole: by.role,
        actorRef: by.actorRef,
        actorName: null,
        subjectRef: subjectId,
        purpose: "DATA_SUBJECT_RIGHTS",
        requestId: by.requestId,
        coordinates: [by.coordinate],
        categories: ["RIGHTS_REQUEST"],
        sources: [open.source],
        detail: settled.decision,
      });
      return true;
    }),
  );
}

/**
 * What the law keeps of a person is used for nothing else: where something is, whoever comes back is met as somebody new at
 * the next sign-in, and what is kept stays with who they were, for accounting and the DPO. Whose records are others' is
 * known of whom they are then, too.
 */
async function becomeSomebodyNew(db: Db, register: RegisterParts, subjectId: string): Promise<void> {
  const id = await enrol(db, register);
  await noteNotTheirs(db, register, id, await notTheirsOf(db, subjectId));
  await db.updateTable("sign_in").set({ subject_id: id }).where("subject_id", "=", subjectId).execute();
  await db
    .deleteFrom("identifier")
    .where("subject_id", "=", subjectId)
    .where("origin", "!=", "LINKED")
    .execute();
}
