import type { AuditEntry } from "../audit/entry.ts";

export interface DecidedAbout {
  readonly subjectId: string;
  readonly source: string;
  readonly requestId: string;
  readonly actorRef: string;
}

/** That staff have settled whose a record is: neither the reason nor by which identifier. */
export function decisionEntry(
  event: "LINKED" | "UNLINKED",
  { subjectId, source, requestId, actorRef }: DecidedAbout,
): AuditEntry {
  return {
    event,
    // Nobody else may call the mutations.
    actorRole: "DPO",
    actorRef,
    actorName: null,
    subjectRef: subjectId,
    purpose: "DATA_SUBJECT_RIGHTS",
    requestId,
    coordinates: [event === "LINKED" ? "Mutation.linkIdentity" : "Mutation.unlinkIdentity"],
    categories: ["IDENTITY"],
    sources: [source],
    detail: source,
  };
}
