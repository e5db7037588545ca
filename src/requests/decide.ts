import { endObjections, objectionsOf } from "../subjects/objections.ts";
import { Refused } from "./actor.ts";
import type { RequestContext } from "./context.ts";
import type { Asker } from "./desk.ts";
import { noticeSteps } from "./notices.ts";
import { type RefusalReason, refusals } from "./refusals.ts";
import type { RequestRow } from "./rows.ts";
import { stated, statedLine } from "./stated.ts";
import { type NewStep, ownSource } from "./step.ts";
import { sealRefusal } from "./told-refusal.ts";

export interface DecisionInput {
  readonly approve: boolean;
  readonly legalGround?: string | null;
  readonly explanation?: string | null;
}

const tellDecision: NewStep = { source: ownSource, action: "NOTIFY", recordType: "DECISION", work: {} };

/**
 * Decides a request that waits for it. An objection that is upheld stays in force, and recipients are told (GDPR Art. 19);
 * one that is turned down ends. The person is told either way, with the reasons (Art. 12(4)). @throws Refused
 */
export async function decide(
  input: DecisionInput,
  row: RequestRow,
  by: Asker,
  { requests, disclosures }: RequestContext,
): Promise<RequestRow> {
  if (row.status !== "AWAITING_DECISION") throw new Refused("NOT_AWAITING_DECISION");
  const { approve, explanation } = input;
  const because = approve && !explanation ? undefined : stated(explanation ?? "", "explanation");
  const ground = input.legalGround ? statedLine(input.legalGround, "legalGround") : null;
  const purposes = row.purpose === null ? [] : [row.purpose];
  const told = await Promise.all(
    purposes.map((purpose) => noticeSteps({ disclosures }, row.subject_id, { event: "OBJECTION", purpose })),
  );
  const request = await requests.change({
    request: row,
    by,
    event: approve ? "APPROVED" : "TURNED_DOWN",
    ...(because !== undefined && { because }),
    change: async (db, now, key) => {
      if (now.status !== "AWAITING_DECISION") throw new Refused("NOT_AWAITING_DECISION");
      const objections = await objectionsOf(db, now.subject_id);
      const isObjection = objections.some(({ request_id }) => request_id === now.id);
      if (approve && !isObjection) throw new Refused("CARRY_IT_OUT");
      if (approve) return [tellDecision, ...told.flat()];
      const reason: RefusalReason = isObjection ? "OBJECTION_TURNED_DOWN" : "REQUEST_TURNED_DOWN";
      await endObjections(db, { requestId: now.id });
      await db
        .updateTable("request")
        .set({
          refusal_code: refusals[reason].code,
          refusal_ground: refusals[reason].legalGround,
          sealed_refusal: sealRefusal(key, { message: because ?? "", legalGround: ground }),
        })
        .where("id", "=", now.id)
        .execute();
      return [tellDecision];
    },
  });
  return requests.settled(request.id);
}
