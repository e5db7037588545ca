import type { IdentifierKind, Purpose } from "../access/vocabulary.ts";
import type { Identifier } from "./contract.ts";

/** What a recipient is told of (GDPR Art. 19; Art. 7(3)). */
export type RecipientEvent =
  | "CONSENT_GIVEN"
  | "CONSENT_WITHDRAWN"
  | "OBJECTION"
  | "RECTIFICATION"
  | "ERASURE"
  | "RESTRICTION"
  | "RESTRICTION_LIFTED";

export interface RecipientNotice {
  /** The same however often it is sent: the recipient keeps one. */
  readonly id: string;
  readonly event: RecipientEvent;
  readonly at: Date;
  readonly purpose?: Purpose | undefined;
  /** Whom it is about, normalised; of the kinds that the recipient knows persons by. */
  readonly identifiers: readonly Identifier[];
  /** Of a rectification: what of that which the recipient has is wrong. */
  readonly changes?: readonly NoticedChange[] | undefined;
}

export interface NoticedChange {
  /** As in `RectifiableField`. */
  readonly field: string;
  /** Absent: the recipient may not have it any more. */
  readonly value?: string;
}

/** Somebody outside to whom data is disclosed (GDPR Art. 4(9)). */
export interface Recipient {
  readonly name: string;
  readonly role: string;
  /** ISO 3166-1 alpha-2. */
  readonly country: string;
  readonly purposes: readonly Purpose[];
  /** GDPR Art. 46; required outside the EEA. */
  readonly transferSafeguard?: string | undefined;
  /** What the recipient knows persons by: notices name no other identifier. */
  readonly identifiedBy: readonly IdentifierKind[];
  /** Facts that the recipient has been given, as in `RectifiableField`: it is told of corrections of these alone. */
  readonly receives: readonly string[];
  /** False: staff must tell them. */
  readonly reachable: boolean;
  /** Rejects with `SourceFailure`. */
  tell(notice: RecipientNotice, options: { readonly signal: AbortSignal }): Promise<void>;
  close(): Promise<void>;
}
