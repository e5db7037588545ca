import { type ObjectionRow, objectionsOf } from "../subjects/objections.ts";
import { databaseNow } from "../store/clock.ts";
import type { Db } from "../store/tables.ts";
import { Refused } from "./refused.ts";
import type { RequestContext } from "./context.ts";
import type { Asker } from "./desk.ts";
import type { Disclosures } from "./disclosures.ts";
import type { ErasureSettings } from "./erasure-settings.ts";
import { erasureOf } from "./erasure-rows.ts";
import { exportDigest } from "./export.ts";
import { newExportKey } from "./export-key.ts";
import { endExport, exportOf, insertExport } from "./export-rows.ts";
import { exportSteps, isExport } from "./export-steps.ts";
import { endCodes } from "./identity-codes.ts";
import { moved } from "./lifecycle.ts";
import { noticeSteps } from "./notices.ts";
import { articleOf, type RefusalGround } from "./refusal-grounds.ts";
import { refusals } from "./refusals.ts";
import { endingSteps } from "./restriction-steps.ts";
import type { RequestRow } from "./rows.ts";
import { skipAll } from "./skip.ts";
import { stated, statedGround, statedIfAny } from "./stated.ts";
import { aside, type NewStep, ownSource } from "./step.ts";
import { sealRefusal } from "./told-refusal.ts";

export interface DecisionInput {
  readonly approve: boolean;
  readonly legalGround?: string | null;
  readonly explanation?: string | null;
}

const tellDecision: NewStep = { source: ownSource, action: "NOTIFY", recordType: "DECISION", work: {} };

/**
 * Decides a request that waits for it. An objection that is upheld stays in force, and recipients are told (GDPR Art. 19);
 * one that is turned down ends once the person has been told (Art. 18(3)). The person is told either way, with the reasons
 * (Art. 12(4)). @throws Refused, WrongState
 */
export async function decide(
  input: DecisionInput,
  row: RequestRow,
  by: Asker,
  { requests, disclosures, connected }: RequestContext,
): Promise<RequestRow> {
  refuseUnready(row, input);
  const { approve, explanation } = input;
  const because = approve
    ? statedIfAny(explanation, "explanation")
    : stated(explanation ?? "", "explanation");
  if (approve && input.legalGround != null)
    throw new Refused("GROUND_TO_APPROVE", { argument: "legalGround" });
  const ground = approve ? null : statedGround(input.legalGround, row);
  const request = await requests.change({
    request: row,
    by,
    event: eventOf(approve),
    recordedAs: "DECIDED",
    ...(because !== undefined && { because }),
    change: async (db, now, key) => {
      const all = await objectionsOf(db, now.subject_id);
      const erasure = await erasureOf(db, now.id);
      if (erasure && approve) {
        const startsAt = await startOf(db, requests.erasure);
        await db.updateTable("request").set({ starts_at: startsAt }).where("id", "=", now.id).execute();
        return { steps: [{ ...tellDecision, position: 0, lane: aside }] };
      }
      const awaited = isExport(now) && (await exportOf(db, now.id));
      if (awaited && approve) return { steps: [{ ...tellDecision, position: 0, lane: aside }] };
      if (approve && isExport(now)) {
        await insertExport(db, { id: now.id, format: "JSON", sealed_key: newExportKey(key) });
        const digest = exportDigest(requests, now.kind);
        await db.updateTable("request").set({ digest }).where("id", "=", now.id).execute();
        return { steps: [{ ...tellDecision, position: 0, lane: aside }, ...exportSteps(connected)] };
      }
      if (erasure || awaited) await skipAll(db, now.id);
      if (awaited) await endExport(db, now.id);
      const objections = all.filter(({ request_id }) => request_id === now.id);
      const isObjection = objections.length > 0;
      if (approve && !isObjection) throw new Refused("CARRY_IT_OUT");
      if (approve) return { steps: [tellDecision, ...(await toldOf(objections, now, disclosures))] };
      const stillFits = statedGround(ground, now);
      const reason = reasonOf(stillFits, isObjection);
      await endCodes(db, now.id);
      await db
        .updateTable("request")
        .set({
          // Whoever objects again means it anew.
          digest: null,
          refusal_code: refusals[reason].code,
          refusal_ground: articleOf(stillFits, now.kind),
          sealed_refusal: sealRefusal(key, { message: because ?? "", legalGround: stillFits }),
        })
        .where("id", "=", now.id)
        .execute();
      return { steps: [tellDecision, ...(isObjection ? endingSteps : [])] };
    },
  });
  return requests.settled(request.id);
}

/** The time to think better of it begins when it is decided. */
async function startOf(db: Db, { graceSeconds }: ErasureSettings): Promise<Date | null> {
  return graceSeconds > 0 ? new Date((await databaseNow(db)).getTime() + graceSeconds * 1_000) : null;
}

async function toldOf(
  objections: readonly ObjectionRow[],
  { subject_id }: RequestRow,
  disclosures: Disclosures,
): Promise<readonly NewStep[]> {
  const notices = objections.map(({ purpose }) =>
    noticeSteps({ disclosures }, subject_id, { event: "OBJECTION", purpose }),
  );
  return (await Promise.all(notices)).flat();
}

/** What nobody has shown to have asked for can be turned down alone. @throws Refused, WrongState */
function refuseUnready(row: RequestRow, { approve }: DecisionInput): void {
  if (row.status === "AWAITING_IDENTITY" && approve) throw new Refused("IDENTITY_NOT_ESTABLISHED");
  moved(eventOf(approve), row);
}

const eventOf = (approve: boolean) => (approve ? "APPROVED" : "TURNED_DOWN");

type TurnedDown = "IDENTITY_NOT_ESTABLISHED" | "OBJECTION_TURNED_DOWN" | "REQUEST_TURNED_DOWN";

function reasonOf(ground: RefusalGround, isObjection: boolean): TurnedDown {
  if (ground === "IDENTITY_NOT_ESTABLISHED") return ground;
  return isObjection ? "OBJECTION_TURNED_DOWN" : "REQUEST_TURNED_DOWN";
}
