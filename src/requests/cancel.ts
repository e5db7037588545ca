import { Refused } from "./refused.ts";
import type { RequestContext } from "./context.ts";
import type { AskingPerson } from "./desk.ts";
import { isLetter, takenBackLetter } from "./letters.ts";
import { moved, WrongState } from "./lifecycle.ts";
import { type RequestRow, stepsOf } from "./rows.ts";
import { skipAll } from "./skip.ts";
import { stated, statedIfAny } from "./stated.ts";

/**
 * Takes an erasure back that has not begun: in its time to think better of it, or before the DPO has decided. Staff say how
 * they know that the person wants it taken back, and the person is told. @throws Refused with what is done already
 */
export async function cancel(
  row: RequestRow,
  { because }: { readonly because?: string | null | undefined },
  by: AskingPerson,
  { requests }: Pick<RequestContext, "requests">,
): Promise<RequestRow> {
  const notCancellable = () => new Refused("HAS_BEGUN", { requestId: row.id });
  const isOwn = by.role === "SUBJECT";
  const event = isOwn ? "CANCELLED_BY_ASKER" : "CANCELLED_FOR_ASKER";
  try {
    moved(event, row);
    const reason = isOwn ? statedIfAny(because, "because") : stated(because ?? "", "because");
    return await requests.change({
      request: row,
      by,
      event,
      ...(reason !== undefined && { because: reason }),
      change: async (db, { id }) => {
        await skipAll(db, id);
        const steps = await stepsOf(db, [id]);
        // One of them may have begun at this very moment.
        if (!steps.every((step) => step.state === "SKIPPED" || isLetter(step))) throw notCancellable();
        return isOwn ? {} : { steps: [takenBackLetter] };
      },
    });
  } catch (error) {
    throw error instanceof WrongState ? notCancellable() : error;
  }
}
