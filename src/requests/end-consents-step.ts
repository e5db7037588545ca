import type { Purpose } from "../access/vocabulary.ts";
import { type Db, inTransaction } from "../store/tables.ts";
import { latestConsent, recordConsent } from "../subjects/consents.ts";
import { lockPerson } from "../subjects/decision-rows.ts";
import type { RegisterParts } from "../subjects/people.ts";
import { endOthers } from "./end-others.ts";
import { erasureOf } from "./erasure-rows.ts";
import type { RequestRow } from "./rows.ts";
import type { StepHandler } from "./step.ts";

/**
 * Begins an erasure: every yes of the person ends, so that nobody writes to them meanwhile, and what they asked for before
 * is not carried out any more in what is to be erased.
 */
export function endConsentsStep({ register }: { readonly register: RegisterParts }): StepHandler {
  return async ({ request, subject }) => {
    const { count, others } = await inTransaction(register.store, async (db) => {
      const subjectId = await lockPerson(db, subject.id);
      const erasure = await erasureOf(db, request.id);
      const sources = erasure?.sources ?? null;
      return {
        count: sources === null ? await endConsents(db, subjectId, request) : 0,
        others: await endOthers(db, subjectId, request.id, sources, "SENT"),
      };
    });
    return { state: "DONE", result: count > 0 ? "DONE" : "ABSENT", count, alsoChanged: others };
  };
}

/** Every yes of the person ends. Resolves with how many have come to it through the request. */
export async function endConsents(db: Db, subjectId: string, request: RequestRow): Promise<number> {
  const said = await db
    .selectFrom("consent_event")
    .select("purpose")
    .distinct()
    .where("subject_id", "=", subjectId)
    .$castTo<{ purpose: Purpose }>()
    .execute();
  let ended = 0;
  for (const { purpose } of said) {
    const latest = await latestConsent(db, subjectId, purpose);
    if (latest?.request_id === request.id) ended += 1;
    if (latest?.status !== "GIVEN") continue;
    await recordConsent(db, subjectId, {
      purpose,
      status: "WITHDRAWN",
      byRole: "SUBJECT",
      channel: request.channel,
      policyVersion: latest.policy_version,
      requestId: request.id,
    });
    ended += 1;
  }
  return ended;
}
