import { Refused } from "./actor.ts";
import type { RequestContext } from "./context.ts";
import { type AskingPerson, isFinal } from "./desk.ts";
import { erasureOf } from "./erasure-rows.ts";
import { isLetter } from "./letters.ts";
import { type RequestRow, stepsOf } from "./rows.ts";
import { skipAll } from "./skip.ts";

/**
 * Takes an erasure back that has not begun: in its time to think better of it, or before the DPO has decided. @throws Refused
 * with what is done already
 */
export async function cancel(
  row: RequestRow,
  by: AskingPerson,
  { requests }: Pick<RequestContext, "requests">,
): Promise<RequestRow> {
  const notCancellable = () => new Refused("HAS_BEGUN", { requestId: row.id });
  return requests.change({
    request: row,
    by,
    event: "CANCELLED_BY_ASKER",
    change: async (db, request) => {
      const waits = request.status === "SCHEDULED" || request.status === "AWAITING_DECISION";
      if (isFinal(request) || !waits || (await erasureOf(db, request.id)) === null) throw notCancellable();
      await skipAll(db, request.id);
      const steps = await stepsOf(db, [request.id]);
      // One of them may have begun at this very moment.
      if (!steps.every((step) => step.state === "SKIPPED" || isLetter(step))) throw notCancellable();
      return { status: "CANCELLED" };
    },
  });
}
