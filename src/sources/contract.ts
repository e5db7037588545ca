import type { DataCategory, IdentifierKind, StatisticsDimension } from "../access/vocabulary.ts";

/** An identifier of a person. `value` is normalised (`subjects/identifiers.ts`) unless said otherwise. */
export interface Identifier {
  readonly kind: IdentifierKind;
  readonly value: string;
}

/** The verified identifiers of one person. */
export interface Identity {
  readonly identifiers: readonly Identifier[];
}

/** GDPR Art. 28: who holds the data for the controller, where, and under which agreement. */
export interface Processor {
  readonly name: string;
  /** ISO 3166-1 alpha-2. */
  readonly country: string;
  readonly agreement: string;
  /** Art. 46; required outside the EEA. */
  readonly transferSafeguard?: string | undefined;
}

/** A field as the source holds it; nested lists are rows of the same shape. Moments are RFC 3339, UTC. */
export type Value = string | number | boolean | null | readonly Row[];
export interface Row {
  readonly [field: string]: Value;
}

/** Personal data beyond the common model: configured, labelled, and never left out. */
export interface OtherDatum {
  readonly name: string;
  readonly value: string | null;
  readonly category: DataCategory;
}

/** A person's record in one source. */
export interface SourceRecord {
  /** Opaque; names the record to `page`, `list` and `count` of the same source. */
  readonly key: string;
  /** Everything in the record that the mapping calls an identifier, normalised. */
  readonly identifiers: readonly Identifier[];
  readonly fields: Row;
  readonly other: readonly OtherDatum[];
  /** When the source last changed the record, where it says so. */
  readonly updatedAt?: string | null;
  /** Lists that came with the record, by collection name: `list` need not be asked for them. */
  readonly lists?: Readonly<Record<string, readonly Row[]>>;
}

/**
 * What one source says of one person. Several records that answer to the person are `NEEDS_REVIEW`: shown to nobody
 * but those who settle whose they are. `NOT_HELD` is said only when the source also found its canary person in the same answer.
 */
export type Finding =
  | { readonly state: "HELD"; readonly record: SourceRecord; readonly foundBy: readonly Identifier[] }
  | { readonly state: "NOT_HELD" }
  | { readonly state: "NEEDS_REVIEW"; readonly records: readonly SourceRecord[] };

/** Relay cursor connections: the rows after `after` (absent: from the start) of one record's collection. */
export interface PageRequest {
  readonly recordKey: string;
  readonly first: number;
  /** A `cursor` of an earlier page of the same collection. A cursor that does not parse: `InvalidCursor`. */
  readonly after?: string | undefined;
}

export interface PageRow {
  /** Opaque keyset position: stays valid while rows are added or removed. */
  readonly cursor: string;
  /** Names the row to `list` for its nested collections. */
  readonly key: string;
  readonly row: Row;
}

export interface Page {
  readonly rows: readonly PageRow[];
  readonly hasNextPage: boolean;
}

/** Records by key. */
export type WhomToCount = { readonly only: readonly string[] } | { readonly except: readonly string[] };

/** Which groups, and whom of them to count. */
export interface CountRequest {
  readonly dimension: StatisticsDimension;
  /** One of the record's own. */
  readonly collection: string;
  /** Its fields by which rows are grouped. */
  readonly name: string;
  readonly at?: string | undefined;
  readonly whom: WhomToCount;
}

export interface CountedGroup {
  /** What the fields say; null: nothing. */
  readonly name: string | null;
  readonly at: string | null;
  /** Exact, each once: not to be shown as it is. */
  readonly persons: number;
}

export interface SourceHealth {
  readonly ok: boolean;
  /** Collections that the canary should have rows in and has none: an empty answer from them says nothing. Absent: not known. */
  readonly unseen?: readonly string[] | undefined;
  /** What is wrong and what to do, without a person's value. */
  readonly detail?: string | undefined;
}

export interface CallOptions {
  /** Aborted when the source's time is up or the client is gone. */
  readonly signal: AbortSignal;
}

/**
 * A system that holds personal data. Every method takes a batch and answers in the order asked.
 * A method that cannot answer in full throws `SourceFailure`: half an answer is never returned.
 */
export interface Source {
  /** As in `Holding.source`. */
  readonly key: string;
  readonly processor: Processor;
  find(identities: readonly Identity[], options: CallOptions): Promise<readonly Finding[]>;
  /** One page per request, newest first unless the mapping says otherwise; paged in the source. */
  page(collection: string, requests: readonly PageRequest[], options: CallOptions): Promise<readonly Page[]>;
  /** Whole short lists: of a record (`enrichments`) or of a row of a page (`orders.lines`). */
  list(
    collection: string,
    parentKeys: readonly string[],
    options: CallOptions,
  ): Promise<readonly (readonly Row[])[]>;
  /** How many rows each record has, itself included, over all collections. */
  count(recordKeys: readonly string[], options: CallOptions): Promise<readonly number[]>;
  /**
   * Counts persons in the source, without reading rows: every group that has a row, also one of whose persons none is to
   * be counted. The canary is never counted, nor what belongs to nobody's record. Absent: the system cannot.
   */
  readonly countBy?: (request: CountRequest, options: CallOptions) => Promise<readonly CountedGroup[]>;
  /** Finds the canary person with every mapped field and collection. Never throws. */
  health(options: CallOptions): Promise<SourceHealth>;
  close(): Promise<void>;
}

/** Why a source could not answer. `reason` is shown to the person: no value, address, URL or credential in it. */
export class SourceFailure extends Error {
  override readonly name = "SourceFailure";
  readonly reason: SourceFailureReason;
  /** When the source said that it may be asked again. */
  readonly retryAt: Date | undefined;
  constructor(reason: SourceFailureReason, options?: ErrorOptions & { readonly retryAt?: Date }) {
    super(reason, options);
    this.reason = reason;
    this.retryAt = options?.retryAt;
  }
}

export type SourceFailureReason =
  /** Refused or lost connection, DNS. */
  | "UNREACHABLE"
  | "TIMED_OUT"
  /** A status, an error or a body that says that the call failed. */
  | "FAILED"
  /** Not the shape that the mapping describes, or cut short. */
  | "MALFORMED_ANSWER"
  /** The canary person was not found whole: the credentials see too little. */
  | "CANARY_NOT_FOUND"
  | "RATE_LIMITED"
  /** It has no way to count persons without giving out each of them. */
  | "NOT_COUNTABLE"
  /** What it holds of the person is going at this moment: what is left is neither theirs to see nor gone. */
  | "BEING_ERASED";

/** A cursor that this source never gave out. */
export class InvalidCursor extends Error {
  override readonly name = "InvalidCursor";
}
