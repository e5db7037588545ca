import type { Subject } from "../sources/data-subject.ts";
import { databaseNow } from "../store/clock.ts";
import { type Db, dbOf } from "../store/tables.ts";
import { type Actor } from "./actor.ts";
import { Refused } from "./refused.ts";
import type { RequestContext } from "./context.ts";
import { insertErasure, openErasure } from "./erasure-rows.ts";
import { type Plan, planErasure } from "./erasure-plan.ts";
import { erasureSteps } from "./erasure-steps.ts";
import { erasedLetter, receipt } from "./letters.ts";
import { noticeSteps } from "./notices.ts";
import type { RequestRow } from "./rows.ts";
import { statedIfAny, statedSources } from "./stated.ts";
import { requireStepUp } from "./step-up.ts";

export interface EraseInput {
  readonly planHash: string;
  readonly sources?: readonly string[] | null;
  readonly reason?: string | null;
}

/** What an erasure would do now; nothing is changed. @throws Refused */
export async function planFor(
  subject: Subject,
  sources: readonly string[] | null,
  { requests, connected, records }: RequestContext,
  planned = requests.planned,
): Promise<Plan> {
  const { register, erasable, erasure } = requests;
  return planErasure(
    {
      connected,
      erasable,
      finder: records,
      register,
      timeLimit: erasure.planMilliseconds,
      planned,
    },
    subject,
    sources,
  );
}

/**
 * Asks for erasure (GDPR Art. 17): what is erased is what the plan that is quoted has shown. Where the configuration says
 * so, the DPO decides first, or some time is left to think better of it. @throws Refused
 */
export async function erase(input: EraseInput, actor: Actor, context: RequestContext): Promise<RequestRow> {
  const { requests, connected, principal } = context;
  const { subject, by, channel, registered } = actor;
  const { erasure, register } = requests;
  const db = dbOf(register.store);
  const now = await databaseNow(db);
  // Nothing else would know that the person is being erased.
  if (registered && registered.kind !== "ERASURE") throw new Refused("OF_ANOTHER_KIND");
  requireStepUp(principal, erasure.stepUp, now);
  const sources = statedSources(input.sources, context);
  const reason = statedIfAny(input.reason, "reason");
  await refuseSecond(db, subject.id);
  // As it is at this moment, whatever the operation has been shown.
  const plan = await planFor(subject, sources, context, new Map());
  if (plan.hash !== input.planHash) throw new Refused("PLAN_HAS_CHANGED", { argument: "planHash" });
  const decidesFirst = erasure.dpoDecides && !registered;
  const startsAt = erasure.graceSeconds > 0 ? new Date(now.getTime() + erasure.graceSeconds * 1_000) : null;
  const told = sources === null ? await noticeSteps(context, subject.id, { event: "ERASURE" }) : [];
  const { request } = await requests.open(
    {
      subjectId: subject.id,
      kind: "ERASURE",
      channel,
      by,
      steps: [
        ...(registered ? [] : [receipt]),
        ...erasureSteps(connected, plan.items, sources, [...told, erasedLetter(sources)]),
      ],
      ...(reason !== undefined && (registered ? { note: reason } : { reason })),
      ...(decidesFirst && { status: "AWAITING_DECISION" as const }),
      ...(startsAt && !decidesFirst && { startsAt }),
      ...(registered && { registered: registered.id }),
    },
    async (tx, { id, subject_id }) => {
      await refuseSecond(tx, subject_id);
      await insertErasure(tx, id, { sources, asOf: plan.asOf });
    },
  );
  return requests.settled(request.id);
}

/** @throws Refused naming the one that is open */
async function refuseSecond(db: Db, subjectId: string): Promise<void> {
  const open = await openErasure(db, subjectId);
  if (open !== null) throw new Refused("ERASURE_OPEN", { requestId: open });
}
