import type { Controller } from "./contents.ts";

/** What was done about one request: for the supervisory authority, when the person complains of it (GDPR Art. 77). */
export interface ComplaintBundle {
  readonly madeAt: Date;
  readonly controller: Controller;
  readonly authority: { readonly name: string; readonly url: string };
  readonly request: ComplainedRequest;
  readonly timeline: readonly ComplaintEvent[];
  readonly steps: readonly ComplaintStep[];
  readonly correspondence: readonly Letter[];
  readonly decisions: readonly ComplaintDecision[];
  readonly receipts: readonly SignedReceipt[];
}

export interface ComplainedRequest {
  readonly id: string;
  readonly kind: string;
  readonly status: string;
  readonly channel: string;
  readonly receivedAt: Date;
  readonly dueAt: Date;
  readonly extendedBecause: string | null;
  readonly completedAt: Date | null;
  readonly reason: string | null;
  readonly refusal: {
    readonly code: string;
    readonly message: string;
    readonly legalGround: string | null;
  } | null;
}

export interface ComplaintEvent {
  readonly at: Date;
  /** A role; null: the gateway itself. */
  readonly by: string | null;
  readonly event: string;
  readonly detail: string | null;
  readonly note: string | null;
}

export interface ComplaintStep {
  readonly source: string;
  readonly action: string;
  readonly recordType: string | null;
  readonly state: string;
  readonly outcome: string | null;
  readonly legalGround: string | null;
  /** ISO 8601 day. */
  readonly retainedUntil: string | null;
  readonly finishedAt: Date | null;
}

export interface Letter {
  readonly at: Date;
  readonly direction: "TO_PERSON" | "FROM_PERSON";
  readonly channel: string;
  readonly subject: string | null;
  readonly text: string;
}

export interface ComplaintDecision {
  readonly at: Date;
  readonly by: string;
  readonly approved: boolean;
  readonly legalGround: string | null;
  readonly explanation: string | null;
}

export interface SignedReceipt {
  /** Letters, digits, `-` and `_`: it names a file. */
  readonly name: string;
  /** Compact (RFC 7515). */
  readonly jws: string;
}
