import type { Identifier, Source } from "./contract.ts";

/** What a source can be made to do. What is not here cannot be had of it. */
export interface Capabilities {
  /** Fields of the person's record that can be corrected (GDPR Art. 16). */
  readonly rectifies: ReadonlySet<string>;
  /** Collections whose rows repeat such a field as it was when something happened, and stay as they are. */
  readonly snapshots: readonly Snapshot[];
  /** Marks a record as restricted (GDPR Art. 18; recital 67). */
  readonly restricts: boolean;
  /** Stops writing to the person, and starts again. */
  readonly suppresses: boolean;
  /** Tells whom it has stopped writing to of its own accord. */
  readonly tellsWithdrawals: boolean;
  /** In the order in which they must be erased: dependants first, `ownRecord` last. Empty: nothing can be (GDPR Art. 17). */
  readonly erases: readonly ErasableType[];
}

/** What an erasure makes of the rows that nothing keeps (GDPR Art. 17; recital 26). */
export type ErasureManner = "ERASE" | "ANONYMISE";

/** Of the person's own row, among the record types of a source. */
export const ownRecord = "record";
/** Of what names the person beside their record: histories, logs, copies, rows that go by the same address. */
export const traces = "traces";

/** A record type that a source can be made to forget. */
export interface ErasableType {
  /** A collection of the record (one inside another goes with it), `ownRecord` or `traces`. */
  readonly recordType: string;
  readonly manner: ErasureManner;
}

export interface Snapshot {
  readonly collection: string;
  /** Fields of the person's record that its rows repeat. */
  readonly repeats: readonly string[];
}

export interface WriteOptions {
  readonly signal: AbortSignal;
  /** The same however often the write is tried: sent along where the system takes one. */
  readonly idempotencyKey: string;
}

/** A field of the person's record that is to say something else. */
export interface Correction {
  readonly field: string;
  /** What the record said when it was last read; another value now is a conflict. */
  readonly from: string | null;
  /** Normalised: a phone number in E.164. The mapping says how the system writes it. */
  readonly to: string;
}

/**
 * What became of a write. A write whose effect was there already is `done`. A source that could not answer throws
 * `SourceFailure` instead.
 */
export type WriteOutcome =
  | { readonly state: "done" }
  /** There is no such record. */
  | { readonly state: "absent" }
  /** The field says something else by now, and was left alone. */
  | { readonly state: "conflict" }
  /** The system takes no such value, whoever asks: trying again does not help. */
  | { readonly state: "refused" }
  /** Kept because of a law. */
  | { readonly state: "held"; readonly until: Date; readonly legalGround: string }
  /** Taken on, and not done yet: ask again then. */
  | { readonly state: "retry"; readonly at: Date };

/** Somebody who told the source itself to stop writing to them. */
export interface Withdrawal {
  /** Everything in the record that the mapping calls an identifier, normalised. */
  readonly identifiers: readonly Identifier[];
  readonly at: Date;
}

/** A source that can also be written to. What `capabilities` does not promise is answered `refused`. */
export interface WritableSource extends Source {
  readonly capabilities: Capabilities;
  rectify(recordKey: string, correction: Correction, options: WriteOptions): Promise<WriteOutcome>;
  restrict(recordKey: string, restricted: boolean, options: WriteOptions): Promise<WriteOutcome>;
  suppress(recordKey: string, suppressed: boolean, options: WriteOptions): Promise<WriteOutcome>;
  /** Withdrawals that the source noted at or after `since`, oldest first; null: all of them. */
  withdrawals(since: Date | null, options: Pick<WriteOptions, "signal">): Promise<readonly Withdrawal[]>;
}

export const incapable: Capabilities = {
  rectifies: new Set(),
  snapshots: [],
  restricts: false,
  suppresses: false,
  tellsWithdrawals: false,
  erases: [],
};
