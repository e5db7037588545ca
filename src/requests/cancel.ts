import { Refused } from "./refused.ts";
import type { RequestContext } from "./context.ts";
import type { AskingPerson } from "./desk.ts";
import { erasureOf } from "./erasure-rows.ts";
import { isLetter } from "./letters.ts";
import { WrongState } from "./lifecycle.ts";
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
  const change = requests.change({
    request: row,
    by,
    event: "CANCELLED_BY_ASKER",
    change: async (db, { id }) => {
      if ((await erasureOf(db, id)) === null) throw notCancellable();
      await skipAll(db, id);
      const steps = await stepsOf(db, [id]);
      // One of them may have begun at this very moment.
      if (!steps.every((step) => step.state === "SKIPPED" || isLetter(step))) throw notCancellable();
      return {};
    },
  });
  return change.catch((error: unknown) => {
    throw error instanceof WrongState ? notCancellable() : error;
  });
}
