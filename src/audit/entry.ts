import type { DataCategory, Purpose, Role } from "../access/vocabulary.ts";

export const auditEvents = [
  "READ",
  "REFUSED",
  "SEARCHED",
  "COUNTED",
  "LINKED",
  "UNLINKED",
  "KEYS_ROTATED",
  "ERASURES_REPLAYED",
  "TEST_DATA_WRITTEN",
  "TRAIL_VERIFIED",
  "TRAIL_READ",
  "REQUESTED",
  "DECIDED",
  "STEP_ENDED",
  "DOWNLOADED",
  "DOWNLOAD_REFUSED",
  "IDENTITY_CONFIRMED",
  "IDENTITY_NOT_CONFIRMED",
  "PUBLISHED",
  "POLICY_ANSWERED",
  "DISCLOSED",
  "SECRECY_PROLONGED",
  "READ_IN_SECRECY",
  "RETENTION_REVIEW_OPENED",
  "RETENTION_REVIEW_CANCELLED",
  "RETENTION_REVIEW_APPROVED",
  "RETENTION_REVIEW_ENDED",
] as const;
export type AuditEvent = (typeof auditEvents)[number];

/** What was done, by whom, to whose data and why: coordinates and categories, never values (GDPR Art. 5(2)). */
export interface AuditEntry {
  readonly event: AuditEvent;
  readonly actorRole: Role | null;
  /** Keyed hash of issuer and subject: which employee, without a name. */
  readonly actorRef: string | null;
  /** The employee's name under the person's key; only where configuration wants it. */
  readonly actorName: Uint8Array | null;
  /** The gateway's pseudonymous name for the person. */
  readonly subjectRef: string | null;
  readonly purpose: Purpose | null;
  readonly requestId: string;
  readonly coordinates: readonly string[];
  readonly categories: readonly DataCategory[];
  readonly sources: readonly string[];
  /** A source's key, a count: never a value of a person. */
  readonly detail: string | null;
}
