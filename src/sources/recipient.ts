import type { Purpose } from "../access/vocabulary.ts";
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
  /** Whom it is about, normalised. */
  readonly identifiers: readonly Identifier[];
  /** Of a rectification: `field` as in `RectifiableField`. */
  readonly changes?: readonly { readonly field: string; readonly value: string }[] | undefined;
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
  /** False: staff must tell them. */
  readonly reachable: boolean;
  /** Rejects with `SourceFailure`. */
  tell(notice: RecipientNotice, options: { readonly signal: AbortSignal }): Promise<void>;
  close(): Promise<void>;
}
