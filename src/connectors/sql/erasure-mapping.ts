import type { IdentifierKind } from "../../access/vocabulary.ts";

/**
 * How the organisation's own tables are made to forget a person (GDPR Art. 17). Whoever connects needs to read, update
 * and delete in each table that is named here: rows are locked before they go.
 */
export interface SqlErasures<Collection extends string = string> {
  /** The collections of the record, in the order in which they go: what refers to another goes before it. */
  readonly collections: { readonly [C in Exclude<Collection, `${string}.${string}`>]: RowsErasure };
  readonly record: RecordErasure;
  /** Where else something names the person: histories, logs, copies, rows that go by the same address. */
  readonly traces?: readonly TracePlace[];
}

/** Rows are deleted, with those inside them, unless they are to survive without their person. */
export interface RowsErasure {
  readonly anonymise?: Anonymising;
  /** Tables that no collection shows, whose rows go with the row that they name, and stay where it is kept. */
  readonly along?: readonly AlongTable[];
  /** Columns by which rows that the law keeps are marked. */
  readonly mark?: KeptMark;
  /**
   * Columns that hold an identifier, and nothing else, of whoever the row is about. One in another's row (somebody has
   * registered them) is not erased, and not passed over: the verification says that it is left.
   */
  readonly identifiers?: readonly { readonly kind: IdentifierKind; readonly column: string }[];
  /**
   * Of a collection that others go `through`: a row that says of something that others use as well stays without its
   * person. Were it gone, what hangs on it would seem to be all theirs.
   */
  readonly shared?: SharedRow;
}

/** Its `parent` becomes null. */
export type SharedRow = Omit<Anonymising, "parent">;

export interface AlongTable {
  readonly table: string;
  readonly key: string;
  /** Column with the key of the row that it goes with. */
  readonly parent: string;
}

/** What is left of a row must not lead back to anybody (recital 26): one parent for all, and nothing exact. */
export interface Anonymising {
  /** Key of the record that the rows of all are given to. */
  readonly parent: string | number;
  /**
   * What each row's own key becomes: as it was, it is found again in an older copy, and next to the others of the same
   * person. Absent: it stays, and `keeps` has the reason.
   */
  readonly key?: NewKey;
  readonly overwrite: Overwriting;
  /** Columns that say nothing of anybody in particular, each with the reason. */
  readonly keeps: Readonly<Record<string, string>>;
}

/** At random: a number below zero, which no sequence gives out, or a UUID, also in a column of texts. */
export type NewKey = "NEGATIVE" | "UUID";

/** The record is deleted, unless it has to stay. */
export interface RecordErasure {
  /** What it says where the system keeps it in any case. */
  readonly stays?: StayingRow;
  /** What it says where rows that the law keeps hang on it. */
  readonly reduced?: StayingRow;
  readonly mark?: KeptMark;
}

export interface StayingRow {
  readonly overwrite: Overwriting;
  /** Columns that go on saying what they say, each with the reason. */
  readonly keeps: Readonly<Record<string, string>>;
}

export interface KeptMark {
  readonly restriction?: { readonly column: string; readonly on: string | number | boolean };
  /** A column of dates: the last day that the row is kept. */
  readonly until?: string;
}

/** By column. Of `{key}` in a text it says the row's key. */
export type Overwriting = Readonly<Record<string, Overwrite>>;
export type Overwrite = string | number | boolean | null | Coarse;

export type Coarse =
  /** The beginning of its year (UTC). */
  | { readonly yearOf: "moment" | "date" | "epochSeconds" }
  /** The nearest multiple. */
  | { readonly nearest: number }
  /** One of these answers as it is, and any other not at all. */
  | { readonly oneOf: readonly string[] };

/** Rows of a table that name the person beside their record. */
export interface TracePlace {
  readonly table: string;
  readonly key: string;
  /**
   * A row is the person's where one of these says so. One that gives the key of another's record, and not theirs, is that
   * person's, and not touched, whatever it mentions, as long as there is that record.
   */
  readonly named: readonly TraceColumn[];
  /** Tables whose rows go with the row that they name, also where that stays. */
  readonly along?: readonly AlongTable[];
  /**
   * Only rows in which these columns say this. Of the table with the records: which of them the system has marked as deleted,
   * so that they are nobody's any more.
   */
  readonly where?: Readonly<Record<string, string | number | boolean | null>>;
  /** Keys that stand for nobody where one of a record could: the system itself, a guest. */
  readonly nobody?: readonly (string | number)[];
  /** Nothing names the canary here. Otherwise that there is nothing is believed of a table that shows what the canary has. */
  readonly canary?: "HAS_NOTHING";
  /** What the row says where it stays; each column that names the person is in it. Absent: it is deleted. */
  readonly overwrite?: Overwriting;
}

/**
 * `RECORD`: it holds a record's key. `within`: the identifier is somewhere in a text, which is read through to the end. `of`: it
 * is a column of that table of `along`, whose rows say whose the row is.
 */
export type TraceColumn =
  | { readonly column: string; readonly by: "RECORD" }
  | {
      readonly column: string;
      readonly by: IdentifierKind;
      readonly within?: true;
      readonly of?: string;
    };
