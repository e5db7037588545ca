import { z } from "zod";
import { Purpose } from "../access/vocabulary.ts";
import { dbOf } from "../store/tables.ts";
import { latestConsent } from "../subjects/consents.ts";
import type { RegisterParts } from "../subjects/people.ts";
import { endOf, recordFor, type SourceWork } from "./source-work.ts";
import type { StepEnd, StepHandler } from "./step.ts";

export const suppression = z.object({ purpose: z.enum(Purpose) });

export interface SuppressParts extends SourceWork {
  readonly register: RegisterParts;
}

/** Decisions that come while one is carried out are carried out as well; whoever changes their mind on and on waits. */
const mostPasses = 5;

/**
 * Has a source write to the person, or not, as the ledger says at that moment: of steps that run at once for opposite
 * decisions, the last to end has seen the last decision.
 */
export function suppressStep(parts: SuppressParts): StepHandler {
  const db = dbOf(parts.register.store);
  return async (task): Promise<StepEnd> => {
    const { purpose } = suppression.parse(task.work);
    const isGiven = async () => (await latestConsent(db, task.subject.id, purpose))?.status === "GIVEN";
    const found = await recordFor(parts, task);
    if ("end" in found) return found.end;
    const options = { signal: task.signal, idempotencyKey: task.step.id };
    for (let pass = 0; pass < mostPasses; pass++) {
      const given = await isGiven();
      const outcome = await found.source.suppress(found.record.key, !given, options);
      if (outcome.state === "refused" && given)
        return { state: "FAILED", result: "FAILED", detail: "CANNOT_RESUME" };
      if (outcome.state !== "done") return endOf(outcome);
      if ((await isGiven()) === given) return endOf(outcome);
    }
    return { state: "PENDING", reason: "FAILED" };
  };
}
