import { restrict as record } from "../subjects/restrictions.ts";
import type { Actor } from "./actor.ts";
import type { RequestContext } from "./context.ts";
import { noticeSteps } from "./notices.ts";
import { restrictingSteps } from "./restriction-steps.ts";
import type { RequestRow } from "./rows.ts";
import { stated, statedSources } from "./stated.ts";

export interface RestrictInput {
  readonly sources?: readonly string[] | null;
  readonly reason: string;
}

/**
 * Restricts processing (GDPR Art. 18): from the next look on only the readers of a restricted person see what is held.
 * The mark is carried into the systems that can bear one, and recipients are told. @throws Refused
 */
export async function restrict(
  input: RestrictInput,
  actor: Actor,
  context: RequestContext,
): Promise<RequestRow> {
  const { requests, connected } = context;
  const { subject, by, channel, registered } = actor;
  const sources = statedSources(input.sources, context);
  const reason = stated(input.reason, "reason");
  const { request } = await requests.open(
    {
      subjectId: subject.id,
      kind: "RESTRICTION",
      channel,
      by,
      steps: [
        ...restrictingSteps(connected, sources),
        ...(await noticeSteps(context, subject.id, { event: "RESTRICTION" })),
      ],
      digest: requests.digest(["RESTRICTION", sources?.toSorted() ?? null, reason]),
      ...(registered && { registered: registered.id }),
    },
    (db, { id, subject_id }, key) =>
      record(db, key, subject_id, {
        sources: sources ?? [],
        reason,
        legalGround: "GDPR Art. 18(1)",
        requestId: id,
      }),
  );
  return requests.settled(request.id);
}
