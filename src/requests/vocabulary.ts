import { names } from "../access/vocabulary.ts";

/** The terms of the public contract that requests are written in. The values are the GraphQL enum values. */

export const RequestKind = names([
  "ACCESS",
  "RECTIFICATION",
  "ERASURE",
  "RESTRICTION",
  "PORTABILITY",
  "OBJECTION",
  "CONSENT_WITHDRAWAL",
  /** A yes that is carried out: no right of the law, but followed in the same way. */
  "CONSENT",
]);
export type RequestKind = keyof typeof RequestKind;

export const RequestStatus = names([
  "AWAITING_IDENTITY",
  "AWAITING_DECISION",
  "SCHEDULED",
  "RUNNING",
  "NEEDS_ATTENTION",
  "COMPLETED",
  "COMPLETED_WITH_RETENTION",
  "REFUSED",
  "CANCELLED",
]);
export type RequestStatus = keyof typeof RequestStatus;

/** Nothing is done for the request any more. */
export const finalStatuses = ["COMPLETED", "COMPLETED_WITH_RETENTION", "REFUSED", "CANCELLED"] as const;

export const isFinal = ({ status }: { readonly status: RequestStatus }): boolean =>
  (finalStatuses as readonly RequestStatus[]).includes(status);

/** Whose turn it is. */
export const RequestWaitsFor = names(["PERSON", "STAFF", "SYSTEM", "TIME"]);
export type RequestWaitsFor = keyof typeof RequestWaitsFor;

export const RequestChannel = names(["PORTAL", "EMAIL", "PHONE", "POST", "OPENDSR"]);
export type RequestChannel = keyof typeof RequestChannel;

export const StepState = names(["PENDING", "RUNNING", "DONE", "RETAINED", "FAILED", "SKIPPED"]);
export type StepState = keyof typeof StepState;

export const StepAction = names([
  "READ",
  /** Makes the archive that the person takes along. */
  "EXPORT",
  "RECTIFY",
  "ERASE",
  "ANONYMISE",
  "RESTRICT",
  "SUPPRESS",
  "NOTIFY",
  "VERIFY",
]);
export type StepAction = keyof typeof StepAction;

export const OutcomeResult = names([
  "DONE",
  "ABSENT",
  "ANONYMISED",
  "RETAINED",
  "RESTRICTED",
  "PENDING",
  "FAILED",
]);
export type OutcomeResult = keyof typeof OutcomeResult;

export const ErasureAction = names(["ERASE", "ANONYMISE", "RETAIN_RESTRICTED", "UNAVAILABLE"]);
export type ErasureAction = keyof typeof ErasureAction;

/** Which of the two comes first in an archive: both are in it. */
export const ExportFormat = names(["JSON", "CSV"]);
export type ExportFormat = keyof typeof ExportFormat;
