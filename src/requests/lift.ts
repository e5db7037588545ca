import { dbOf } from "../store/tables.ts";
import { heldIn, type Lifting, liftRestrictions, restrictionsOf } from "../subjects/restrictions.ts";
import { type Actor } from "./actor.ts";
import { Refused } from "./refused.ts";
import type { RequestContext } from "./context.ts";
import { noticeSteps } from "./notices.ts";
import { lifted, liftingSteps, markingSteps } from "./restriction-steps.ts";
import type { RequestRow } from "./rows.ts";
import { statedIfAny, statedSources } from "./stated.ts";

export interface LiftInput {
  readonly sources?: readonly string[] | null;
  readonly because?: string | null;
}

/**
 * Lifts restrictions. The person's own word counts at once (GDPR Art. 18(2)); where staff lift them, the person is told
 * before (Art. 18(3)). Those that come after are left. @throws Refused
 */
export async function lift(input: LiftInput, actor: Actor, context: RequestContext): Promise<RequestRow> {
  const { requests, connected } = context;
  const { subject, by, channel } = actor;
  const sources = statedSources(input.sources, context);
  const because = statedIfAny(input.because, "because");
  const lifting = await liftingOf(sources, actor, context);
  const byStaff = by.role !== "SUBJECT";
  const position = byStaff ? 3 : 1;
  const { request } = await requests.open(
    {
      subjectId: subject.id,
      kind: "RESTRICTION",
      channel,
      by,
      steps: [
        ...(byStaff ? liftingSteps(lifting) : [lifted]),
        ...markingSteps(freedOf(lifting, connected), position),
        ...(await noticeSteps(context, subject.id, { event: "RESTRICTION_LIFTED", position })),
      ],
      ...(because !== undefined && { note: because }),
      digest: requests.digest(["RESTRICTION_LIFTED", lifting.ids, sources?.toSorted() ?? null]),
    },
    async (db, { subject_id }, key) => {
      if (!byStaff) await liftRestrictions(db, key, subject_id, lifting);
    },
  );
  return requests.settled(request.id);
}

const freedOf = ({ freed, held }: Meant, connected: RequestContext["connected"]) =>
  connected.filter(({ key }) => held.includes(key) && (freed?.includes(key) ?? true));

interface Meant extends Lifting {
  /** Sources that the restrictions hold for. */
  readonly held: readonly string[];
}

/** @throws Refused where nothing is restricted there */
async function liftingOf(
  freed: readonly string[] | null,
  { subject }: Actor,
  { requests, connected }: RequestContext,
): Promise<Meant> {
  const all = connected.map(({ key }) => key);
  const rows = await restrictionsOf(dbOf(requests.register.store), subject.id);
  const meant = rows.filter(
    (row) => row.in_force && (freed === null || heldIn(row, all).some((source) => freed.includes(source))),
  );
  if (meant.length === 0) throw new Refused("NOT_RESTRICTED");
  const held = [...new Set(meant.flatMap((row) => heldIn(row, all)))];
  return { ids: meant.map(({ id }) => id).sort(), freed, all, held };
}
