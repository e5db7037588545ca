import { databaseNow } from "../store/clock.ts";
import { Refused } from "./refused.ts";
import type { RequestContext } from "./context.ts";
import { extendedDueAt } from "./deadline.ts";
import type { Asker } from "./desk.ts";
import type { EventRow, RequestRow } from "./rows.ts";
import { stated } from "./stated.ts";
import { hasHappened } from "./timeline.ts";
import { aside, type NewStep, ownSource } from "./step.ts";

const extended = "DEADLINE_EXTENDED";

/** What is asked for is done, or waits for a decision, whether or not the person has been told yet. */
const tellExtension: NewStep = {
  source: ownSource,
  action: "NOTIFY",
  recordType: "EXTENSION",
  position: 0,
  lane: aside,
  work: {},
};

/**
 * Takes two further months, once, before the first deadline has passed, and has the person told so with the reasons
 * (GDPR Art. 12(3)). @throws Refused, WrongState
 */
export async function extendDeadline(
  { because }: { readonly because: string },
  row: RequestRow,
  by: Asker,
  { requests }: Pick<RequestContext, "requests">,
): Promise<RequestRow> {
  const request = await requests.change({
    request: row,
    by,
    event: extended,
    recordedAs: "DECIDED",
    because: stated(because, "because"),
    change: async (db, { id, received_at, due_at, refusal_code }) => {
      // It has been answered; only the letter is under way.
      if (refusal_code !== null) throw new Refused("REQUEST_CLOSED");
      if (await hasHappened(db, id, extended)) throw new Refused("ALREADY_EXTENDED");
      if ((await databaseNow(db)) > due_at) throw new Refused("TOO_LATE_TO_EXTEND");
      await db
        .updateTable("request")
        .set({ due_at: extendedDueAt(received_at) })
        .where("id", "=", id)
        .execute();
      return { steps: [tellExtension] };
    },
  });
  return requests.settled(request.id);
}

/** The reasons, as they are sealed; null: it has not been extended, or they have been forgotten with the person. */
export const extensionIn = (events: readonly EventRow[]): Uint8Array | null =>
  events.find(({ event }) => event === extended)?.sealed_note ?? null;
