import { directMarketing, legalBases } from "../access/policy.ts";
import type { Purpose } from "../access/vocabulary.ts";
import { dbOf } from "../store/tables.ts";
import { latestConsent, recordConsent } from "../subjects/consents.ts";
import { objectionsOf, recordObjection } from "../subjects/objections.ts";
import { type Actor } from "./actor.ts";
import { Refused } from "./refused.ts";
import { consentSteps } from "./consent-steps.ts";
import type { RequestContext } from "./context.ts";
import type { RequestRow } from "./rows.ts";
import { stated } from "./stated.ts";

export interface ObjectionInput {
  readonly purpose: Purpose;
  readonly reason?: string | null;
}

/**
 * Writes an objection down (GDPR Art. 21): the purpose is closed to staff from the next look on. Against direct marketing
 * it is carried out at once (Art. 21(3)); any other waits for a decision. One that is in force already is answered with.
 * @throws Refused
 */
export async function objectTo(
  input: ObjectionInput,
  actor: Actor,
  context: RequestContext,
): Promise<RequestRow> {
  const { purpose } = input;
  const { requests } = context;
  const { subject, by, channel, registered } = actor;
  const reason = reasonOf(input);
  const isMarketing = directMarketing.has(purpose);
  // What waits for a decision must be where the decision is made.
  if (!isMarketing && registered && registered.status !== "AWAITING_DECISION")
    throw new Refused("NOT_AWAITING_DECISION");
  const { version } = await context.privacyPolicies.current();
  const inForce = await objectionInForce(purpose, actor, context);
  if (inForce) return inForce;
  const { request } = await requests.open(
    {
      subjectId: subject.id,
      kind: "OBJECTION",
      channel,
      by,
      purpose,
      steps: isMarketing ? await consentSteps(context, subject.id, purpose, "OBJECTION") : [],
      ...(!isMarketing && { status: "AWAITING_DECISION" }),
      digest: requests.digest(["OBJECTION", purpose]),
      ...(registered && { registered: registered.id }),
    },
    async (db, { id, subject_id }, key) => {
      await recordObjection(db, key, { subjectId: subject_id, requestId: id, purpose, reason });
      const before = await latestConsent(db, subject_id, purpose);
      if (before?.status !== "GIVEN") return;
      await recordConsent(db, subject_id, {
        purpose,
        status: "WITHDRAWN",
        byRole: by.role,
        channel,
        policyVersion: version,
        requestId: id,
      });
    },
  );
  return requests.settled(request.id);
}

/** @throws Refused where the law gives no right to object, or asks for a reason that is missing */
function reasonOf({ purpose, reason }: ObjectionInput): string | null {
  const isGiven = reason !== null && reason !== undefined;
  if (directMarketing.has(purpose)) return isGiven ? stated(reason, "reason") : null;
  const basis = legalBases[purpose];
  if (basis === "CONSENT") throw new Refused("WITHDRAW_INSTEAD", { argument: "purpose" });
  if (basis !== "LEGITIMATE_INTERESTS" && basis !== "PUBLIC_TASK")
    throw new Refused("NO_GROUND_TO_OBJECT", { argument: "purpose" });
  if (!isGiven) throw new Refused("REASON_MISSING", { argument: "reason" });
  return stated(reason, "reason");
}

async function objectionInForce(
  purpose: Purpose,
  { subject, registered }: Actor,
  { requests }: RequestContext,
): Promise<RequestRow | null> {
  if (registered) return null;
  const all = await objectionsOf(dbOf(requests.register.store), subject.id);
  for (const { purpose: closed, ended_at, request_id } of all) {
    const row = closed === purpose && ended_at === null ? await requests.byId(request_id) : null;
    // One that has been turned down is about to end: whoever objects again means it anew.
    if (row?.refusal_code === null) return row;
  }
  return null;
}
