import type { CallOptions, Identifier } from "./contract.ts";
import type { ExpiringSource } from "./expiring.ts";
import type { WritableSource, WriteOptions, WriteOutcome } from "./writes.ts";

/** Whose data it is, as the record said before anything of it was erased. */
export interface Whose {
  /** Null: the source has no record of the person. What is theirs there is told by the identifiers alone. */
  readonly recordKey: string | null;
  /** Everything that is known to name the person, normalised. */
  readonly identifiers: readonly Identifier[];
  /** Absent: it was not asked for, or nothing hangs on the person by what others may use as well. */
  readonly things?: Things;
}

/** Of whom the source has a record. */
export interface OfRecord extends Whose {
  readonly recordKey: string;
}

/**
 * By record type, what its rows hang on that the person alone uses, such as a browser: once it is not known any more who
 * used it, nothing else says whose they were.
 */
export type Things = Readonly<Record<string, readonly string[]>>;

/** A row that the law keeps, and until which day (ISO 8601). */
export interface KeptRow {
  /** As in `PageRow.key`; of `ownRecord` the record's own. */
  readonly key: string;
  readonly until: string;
}

/** By record type. What is not here is not kept. */
export type Kept = ReadonlyMap<string, readonly KeptRow[]>;

export interface Erasure {
  readonly whose: Whose;
  readonly recordType: string;
  /** Of every record type of the source: what hangs on a kept row stays with it. */
  readonly kept: Kept;
}

/** Something that is left where nothing should be. */
export interface Remainder {
  readonly recordType: string;
  /** A table or path of the system: for staff, without a value of the person. */
  readonly place: string;
  readonly count: number;
  /**
   * Rows of somebody else's record that hold an identifier of the person, such as a registration that another has made for
   * them. `erase` leaves them alone: what becomes of them is for staff.
   */
  readonly ofOthers?: true;
}

export interface IdentifiedRecord {
  readonly key: string;
  /** As in `SourceRecord`. */
  readonly identifiers: readonly Identifier[];
  /** Whether the system itself has it marked as restricted (GDPR Art. 18); false where it has no such mark. */
  readonly restricted: boolean;
}

export interface IdentifiedRecords {
  readonly records: readonly IdentifiedRecord[];
  /** Where to go on; null: these were the last. */
  readonly next: string | null;
}

/**
 * A source that can be made to forget. Everything may be called again after it took effect, or after a part of it did,
 * and ends as if it had not been. What cannot be answered throws `SourceFailure`.
 */
export interface ErasableSource extends WritableSource {
  /** Absent: it cannot be asked what of all that it holds is over. */
  readonly expiring?: ExpiringSource;
  /** What a record alone uses now; absent: nothing hangs on it by what others may use. */
  usedAlone?(recordKey: string, options: CallOptions): Promise<Things>;
  /** Rows of each record type that can be erased, kept or not; a record that is not there has none. */
  tally(whose: Whose, options: CallOptions): Promise<ReadonlyMap<string, number>>;
  /** Marks the kept rows of one record type as restricted, with their day, so far as the system can. */
  keep(erasure: Erasure, options: WriteOptions): Promise<WriteOutcome>;
  /**
   * Erases or anonymises every row of one record type but the kept, in batches, and reads back that it is so. A kept
   * `ownRecord` loses what is not part of what the law keeps. `retry`: the system has taken it on, or there is more to
   * be done than one call has time for. `refused`: the system does not do it, whoever asks.
   */
  erase(erasure: Erasure, options: WriteOptions): Promise<WriteOutcome>;
  /** Looks in every place that the mapping knows for what is left besides the kept, of the person's or `ofOthers`. */
  remains(whose: Whose, kept: Kept, options: CallOptions): Promise<readonly Remainder[]>;
  /** All records there are, some at a time, with what names the person in each; `after`: `next` of the page before. */
  identified(after: string | null, options: CallOptions): Promise<IdentifiedRecords>;
}
