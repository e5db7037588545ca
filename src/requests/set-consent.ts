import { legalBases } from "../access/policy.ts";
import type { Purpose } from "../access/vocabulary.ts";
import type { Language } from "../language/language.ts";
import { dbOf } from "../store/tables.ts";
import { type ConsentDecision, type ConsentRow, latestConsent, recordConsent } from "../subjects/consents.ts";
import { endObjections } from "../subjects/objections.ts";
import { type Actor } from "./actor.ts";
import { Refused } from "./refused.ts";
import { consentSteps } from "./consent-steps.ts";
import type { RequestContext } from "./context.ts";
import { askedFor } from "./organisation.ts";
import type { RequestRow } from "./rows.ts";
import { SaidMeanwhile } from "./said-meanwhile.ts";
import { RequestChannel } from "./vocabulary.ts";

export interface ConsentInput {
  readonly purpose: Purpose;
  readonly given: boolean;
  readonly policyVersion?: string | null;
  readonly channel?: string | null;
}

/**
 * Writes a yes or no down, and has it carried out. What is so already is answered with the request that it came of; null:
 * it came of none. @throws Refused
 */
export async function setConsent(
  input: ConsentInput,
  actor: Actor,
  context: RequestContext,
): Promise<RequestRow | null> {
  const { subject, by, channel, registered } = actor;
  const { purpose, given } = input;
  const decision = await decisionOf(input, { by, channel }, context);
  const { requests } = context;
  const before = await latestConsent(dbOf(requests.register.store), subject.id, purpose);
  const unchanged = isSaid(before, decision);
  // A letter that asks for what is so already is answered all the same.
  if (unchanged && !registered) return before?.request_id ? requests.byId(before.request_id) : null;
  const event = given ? "CONSENT_GIVEN" : "CONSENT_WITHDRAWN";
  const opening = requests.open(
    {
      subjectId: subject.id,
      kind: given ? "CONSENT" : "CONSENT_WITHDRAWAL",
      channel,
      by,
      purpose,
      steps: unchanged ? [] : await consentSteps(context, subject.id, purpose, event),
      ...(registered && { registered: registered.id }),
    },
    async (db, { id, subject_id }) => {
      if (given) await endObjections(db, { subjectId: subject_id, purpose });
      const now = await latestConsent(db, subject_id, purpose);
      if (isSaid(now, decision)) return;
      // It is written down with what carries it out, or not at all.
      if (unchanged) throw new SaidMeanwhile();
      await recordConsent(db, subject_id, { ...decision, requestId: id });
    },
  );
  try {
    const { request } = await opening;
    return await requests.settled(request.id);
  } catch (error) {
    if (error instanceof SaidMeanwhile) return setConsent(input, actor, context);
    throw error;
  }
}

/** A yes to another policy is another yes (GDPR Art. 7(1)); a no is a no. */
const isSaid = (latest: ConsentRow | null, { status, policyVersion }: ConsentDecision) =>
  latest?.status === status && (status === "WITHDRAWN" || latest.policy_version === policyVersion);

/** @throws Refused */
async function decisionOf(
  { purpose, given, policyVersion, channel }: ConsentInput,
  actor: Pick<Actor, "by" | "channel">,
  { organisation, privacyPolicies }: Pick<RequestContext, "organisation" | "privacyPolicies">,
): Promise<ConsentDecision> {
  if (legalBases[purpose] !== "CONSENT") throw new Refused("NOT_BY_CONSENT", { argument: "purpose" });
  const asked = askedFor(organisation, purpose);
  if (given && !asked) throw new Refused("NOT_ASKED_FOR", { argument: "purpose" });
  const { version: current } = await privacyPolicies.current();
  const stated = policyVersion ?? current;
  if (given ? stated !== current : (await privacyPolicies.find(stated)) === null)
    throw new Refused("NOT_THE_CURRENT_POLICY", { argument: "policyVersion" });
  const by = channel ?? actor.channel;
  if (!Object.hasOwn(RequestChannel, by)) throw new Refused("UNKNOWN_CHANNEL", { argument: "channel" });
  // Staff write down how it came; a person says it here.
  if (actor.by.role === "SUBJECT" && by !== actor.channel)
    throw new Refused("OTHER_CHANNEL", { argument: "channel" });
  return {
    purpose,
    status: given ? "GIVEN" : "WITHDRAWN",
    byRole: actor.by.role,
    channel: by,
    policyVersion: stated,
    // Staff may well read another language than the person was shown.
    ...(asked && shown(asked.wording, actor.by.language)),
  };
}

const shown = (wording: Readonly<Record<Language, string>>, language: Language) => ({
  wording: wording[language],
  language,
});
