import { z } from "zod";
import { Purpose } from "../access/vocabulary.ts";
import { dbOf } from "../store/tables.ts";
import { latestConsent } from "../subjects/consents.ts";
import type { RegisterParts } from "../subjects/people.ts";
import { restrictedSources } from "../subjects/restrictions.ts";
import { erasedThere } from "./erased-there.ts";
import { endOf, recordFor, type SourceWork } from "./source-work.ts";
import type { StepEnd, StepHandler } from "./step.ts";

export const suppression = z.object({ purpose: z.enum(Purpose) });

export interface SuppressParts extends SourceWork {
  readonly register: RegisterParts;
}

/** Decisions that come while one is carried out are carried out as well; whoever changes their mind on and on waits. */
const mostPasses = 5;

/**
 * Has a source write to the person, or not, as the ledger and the restrictions say at that moment: of steps that run at
 * once for opposite decisions, the last to end has seen the last decision.
 */
export function suppressStep(parts: SuppressParts): StepHandler {
  const db = dbOf(parts.register.store);
  return async (task): Promise<StepEnd> => {
    const { purpose } = suppression.parse(task.work);
    const { source } = task.step;
    const mayWrite = async () => {
      // Who is to be erased is written to no more, whatever they said before.
      if (task.request.kind === "ERASURE") return false;
      if ((await erasedThere(db, task.subject.id, source)) !== null) return false;
      const consent = await latestConsent(db, task.subject.id, purpose);
      const restricted = await restrictedSources(db, task.subject.id, [source]);
      return consent?.status === "GIVEN" && !restricted.has(source);
    };
    const found = await recordFor(parts, task);
    if ("end" in found) return found.end;
    const options = { signal: task.signal, idempotencyKey: task.step.id };
    for (let pass = 0; pass < mostPasses; pass++) {
      const writes = await mayWrite();
      const outcome = await found.source.suppress(found.record.key, !writes, options);
      if (outcome.state === "refused" && writes)
        return { state: "FAILED", result: "FAILED", detail: "CANNOT_RESUME" };
      if (outcome.state !== "done") return endOf(outcome);
      if ((await mayWrite()) === writes) return endOf(outcome);
    }
    return { state: "PENDING", reason: "FAILED" };
  };
}
