import type { CallOptions, Identifier } from "./contract.ts";
import type { RecordLabel, ShorterKept } from "./module.ts";
import type { WriteOptions } from "./writes.ts";

/** Which rows are meant: those of one record type whose period is over on a day, and which nothing keeps. */
export interface Expiring {
  readonly recordType: string;
  /** ISO 8601. */
  readonly asOf: string;
  /** Of every record type of the source: a record is not over before all that hangs on it is. */
  readonly labels: Readonly<Record<string, RecordLabel>>;
  /** Only these fields of the rows, which are emptied when their own rule says so; absent: the rows. */
  readonly shorter?: ShorterKept | undefined;
}

/** Rows of one record type by what the day makes of them (`access/expiry.ts`); those within their period are not counted. */
export interface ExpiryCount {
  readonly over: number;
  /** The period is over, and a law keeps them, the system does, or what hangs on them. */
  readonly held: number;
  /** They do not say how old they are. */
  readonly undated: number;
  /** Over, and left alone: the system has them restricted (GDPR Art. 18), or they are of no record. */
  readonly left: number;
}

export interface ExpiredRow {
  readonly key: string;
  /** Whose it is, or may be where several use what it hangs on; of a person's own record its key. */
  readonly recordKeys: readonly string[];
  /** Of a person's own record: what names nobody else in the source, normalised. */
  readonly identifiers: readonly Identifier[];
}

export interface ExpiredRows {
  readonly rows: readonly ExpiredRow[];
  /** Where to go on; null: these were the last. */
  readonly next: string | null;
}

/**
 * What a source can say, and do, of all its rows at once. What it cannot answer throws `SourceFailure`. Nothing is kept
 * in memory but one page.
 */
export interface ExpiringSource {
  /** False: the system does not date these rows so that it can be asked, or does not erase them. */
  judges(expiring: Expiring): Promise<boolean>;
  count(expiring: Expiring, options: CallOptions): Promise<ExpiryCount>;
  /** How many of `ExpiryCount.over` are of these records. */
  countOf(expiring: Expiring, recordKeys: readonly string[], options: CallOptions): Promise<number>;
  /** Some of them, by key, that can go now: a record of which nothing hangs on any more. */
  page(expiring: Expiring, after: string | null, options: CallOptions): Promise<ExpiredRows>;
  /**
   * Erases or anonymises rows of a page, each judged again while nobody else can change it; with a record go its traces.
   * May be called again after it took effect, or a part of it did. Resolves with those that one call had no time for.
   */
  end(expiring: Expiring, rows: readonly ExpiredRow[], options: WriteOptions): Promise<readonly ExpiredRow[]>;
}
