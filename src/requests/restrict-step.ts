import { z } from "zod";
import { databaseNow } from "../store/clock.ts";
import { dbOf, inTransaction } from "../store/tables.ts";
import { lockPerson } from "../subjects/decision-rows.ts";
import type { RegisterParts } from "../subjects/people.ts";
import { keyOfPerson } from "../subjects/person-key.ts";
import { endObjections } from "../subjects/objections.ts";
import { liftRestrictions, restrictedSources } from "../subjects/restrictions.ts";
import { isLetter } from "./letters.ts";
import { objectionEnded } from "./restriction-steps.ts";
import { retainedFor } from "./retained.ts";
import { stepsOf } from "./rows.ts";
import { endOf, recordFor, type SourceWork } from "./source-work.ts";
import { ownSource, type StepEnd, type StepHandler, type Task } from "./step.ts";

export interface RestrictParts extends SourceWork {
  readonly register: RegisterParts;
  /** Seconds between the notice to the person and the end of a restriction that staff lift, or of an objection. */
  readonly liftNoticeSeconds: number;
}

/** As `Lifting`. */
const lifting = z.object({
  ids: z.array(z.string()),
  freed: z.array(z.string()).nullable(),
  all: z.array(z.string()),
});

/** As `mostPasses` of suppression. */
const mostPasses = 5;

/**
 * Has a source bear the mark of a restriction or not, or ends a restriction or an objection here, as the register says at
 * that moment.
 */
export function restrictStep(parts: RestrictParts): StepHandler {
  return (task) => (task.step.source === ownSource ? liftHere(parts, task) : mark(parts, task));
}

async function mark(parts: RestrictParts, task: Task): Promise<StepEnd> {
  const db = dbOf(parts.register.store);
  const { source: key } = task.step;
  const isRestricted = async () => {
    // What the law has kept of an erasure goes on being restricted, whatever the person says of the rest.
    const kept = await retainedFor(db, task.subject.id);
    if (kept.some(({ source }) => source === key)) return true;
    return (await restrictedSources(db, task.subject.id, [key])).has(key);
  };
  const found = await recordFor(parts, task);
  if ("end" in found) return found.end;
  const options = { signal: task.signal, idempotencyKey: task.step.id };
  for (let pass = 0; pass < mostPasses; pass++) {
    const restricted = await isRestricted();
    const outcome = await found.source.restrict(found.record.key, restricted, options);
    if (outcome.state !== "done") return endOf(outcome);
    if ((await isRestricted()) !== restricted) continue;
    return restricted ? { state: "DONE", result: "RESTRICTED", count: 1 } : endOf(outcome);
  }
  return { state: "PENDING", reason: "FAILED" };
}

async function liftHere(
  { register, liftNoticeSeconds }: RestrictParts,
  { step, subject, work }: Task,
): Promise<StepEnd> {
  const own = dbOf(register.store);
  const [steps, now] = await Promise.all([stepsOf(own, [step.request_id]), databaseNow(own)]);
  const code = step.record_type === objectionEnded ? "DECISION" : "RESTRICTION_TO_BE_LIFTED";
  const told = steps.findLast((each) => isLetter(each) && each.record_type === code)?.finished_at;
  const notBefore = new Date((told ?? now).getTime() + liftNoticeSeconds * 1_000);
  if (notBefore > now) return { state: "PENDING", reason: null, retryAt: notBefore };
  await inTransaction(register.store, async (db) => {
    const subjectId = await lockPerson(db, subject.id);
    if (step.record_type === objectionEnded) return endObjections(db, { requestId: step.request_id });
    await liftRestrictions(db, await keyOfPerson(db, register, subjectId), subjectId, lifting.parse(work));
  });
  return { state: "DONE", result: "DONE" };
}
