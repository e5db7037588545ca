import { dayOf } from "../access/holds.ts";
import { databaseNow } from "../store/clock.ts";
import { dbOf } from "../store/tables.ts";
import type { NamedRecord } from "../subjects/reappearance-rows.ts";
import { Refused } from "./refused.ts";
import type { RequestContext } from "./context.ts";
import type { Along, Asker } from "./desk.ts";
import { insertErasure, noteNamed, openErasure } from "./erasure-rows.ts";
import type { PlanItem } from "./erasure-plan.ts";
import { erasureSteps } from "./erasure-steps.ts";
import type { RequestRow } from "./rows.ts";
import { type NewStep, ownSource } from "./step.ts";
import type { RequestChannel } from "./vocabulary.ts";

/** A record of somebody who was erased, and is to be erased again. */
export interface EraseAgain {
  readonly subjectId: string;
  readonly source: string;
  readonly record: NamedRecord;
  readonly recordHash: string;
  readonly by: Asker;
  readonly channel: RequestChannel;
  /** Why; kept under the person's key. */
  readonly because: string;
}

/**
 * Opens an erasure of one record that is known already: the person has nothing left by which it could be found. It waits
 * for nobody: that they want it is known, and that it is due the DPO has decided. @throws Refused
 */
export async function eraseAgain(
  { subjectId, source, record, recordHash, by, channel, because }: EraseAgain,
  along: Along,
  { requests, connected }: Pick<RequestContext, "requests" | "connected">,
): Promise<RequestRow> {
  const { register } = requests;
  const db = dbOf(register.store);
  const asOf = dayOf(await databaseNow(db));
  const { request } = await requests.open(
    {
      subjectId,
      kind: "ERASURE",
      channel,
      by,
      steps: erasureSteps(connected, [unplanned(source)], [source], []).filter(isOfTheRecord),
      note: because,
    },
    async (tx, opened, key) => {
      const other = await openErasure(tx, opened.subject_id);
      if (other !== null && other !== opened.id) throw new Refused("ERASURE_OPEN", { requestId: other });
      await insertErasure(tx, opened.id, { sources: [source], asOf });
      await noteNamed(tx, key, opened.id, { source, whose: record, recordHash });
      return along(tx, opened, key);
    },
  );
  return requests.settled(request.id);
}

/** What there is, and what the law keeps of it, is found out on the way. */
const unplanned = (source: string): PlanItem => ({
  source,
  recordType: "record",
  count: 1,
  action: "UNAVAILABLE",
  ground: null,
  retainedUntil: null,
  obstacle: null,
});

/** To have the source stop writing to the person, they would have to be found in it; the record goes at once. */
const isOfTheRecord = ({ source, action }: NewStep) => source === ownSource || action !== "SUPPRESS";
