import type { Entries, ListedEntry, WantedEntries } from "../audit/entries.ts";
import type { AuditTrail } from "../audit/trail.ts";
import type { GatewayContext } from "./context.ts";
import { auditorOf } from "./verification.ts";

type Asking = Pick<GatewayContext, "principal" | "actorRef" | "requestId">;

/** Reads the trail for those who audit it, and records that it was read, whose it was, and how much of it. */
export function createTrailReading(trail: Pick<AuditTrail, "record">, entries: Entries) {
  return async (
    { principal, actorRef, requestId }: Asking,
    wanted: WantedEntries,
    after: string | null,
    most: number,
  ): Promise<readonly ListedEntry[] | null> => {
    const found = await entries.page(wanted, after, most);
    await trail.record({
      event: "TRAIL_READ",
      actorRole: auditorOf(principal),
      actorRef,
      actorName: null,
      // Whoever is in no entry may be anything that somebody has written.
      subjectRef: found?.find(({ subjectRef }) => subjectRef === wanted.subjectRef)?.subjectRef ?? null,
      purpose: "AUDIT",
      requestId,
      coordinates: ["Query.auditTrail"],
      categories: [],
      sources: [],
      detail: `${Math.min(found?.length ?? 0, most - 1)} ENTRIES`,
    });
    return found;
  };
}
