import type { Language, Text } from "../language/language.ts";
import type { RecordType } from "./record-type.ts";

/** What one archive is made of: the answer to a request of access (GDPR Art. 15) or of portability (Art. 20). */
export interface ArchiveContents {
  /** The person's. The page is in Norwegian (bokmål unless they read nynorsk) and in English, whichever it is. */
  readonly language: Language;
  readonly madeAt: Date;
  readonly requestId: string;
  readonly kind: "ACCESS" | "PORTABILITY";
  /** Which format's files come first; both are in it. */
  readonly first: "JSON" | "CSV";
  readonly controller: Controller;
  /** Art. 15(1)(a)–(h) and (2). */
  readonly notice: readonly NoticeSection[];
  readonly recordTypes: readonly RecordType[];
  /** Pages of a record type's rows, in the same order at each call; newest first, for the page shows the first of many. Called once per file. */
  rows(type: RecordType): AsyncIterable<readonly ArchiveRow[]>;
  /** What could not be had. */
  readonly missing: readonly Missing[];
  /** What was kept back for the sake of others (Art. 15(4), 20(4)). */
  readonly withheld: readonly Withheld[];
  /** What a portability export does not cover (Art. 20(1)). */
  readonly leftOut: readonly LeftOut[];
}

export interface Controller {
  readonly name: string;
  readonly organisationNumber: string;
  readonly postalAddress: string;
  readonly email: string;
  readonly phone: string;
}

export interface NoticeSection {
  readonly title: Text;
  readonly lines: readonly Text[];
}

export interface Missing {
  readonly source: string;
  /** null: nothing of the source could be had. */
  readonly recordType: string | null;
  readonly reason: Text;
}

export interface Withheld {
  readonly source: string;
  readonly recordType: string;
  readonly field: string;
  readonly count: number;
  readonly ground: Text;
  readonly because: string;
}

export interface LeftOut {
  readonly source: string;
  readonly recordType: string;
  /** What the record type is called. */
  readonly title: Text;
  /** All of the record type; a field of it; rows of it. */
  readonly part: "RECORD_TYPE" | "FIELD" | "ROWS";
  /** Of a field alone. */
  readonly field: LeftOutField | null;
  readonly reason: Text;
}

export interface LeftOutField {
  /** With the lists that it is in: `lines.product`. */
  readonly name: string;
  readonly title: Text;
}

export type ArchiveValue = string | number | boolean | null | readonly ArchiveRow[];

export interface ArchiveRow {
  readonly [field: string]: ArchiveValue;
}

export const isRows = (value: ArchiveValue | undefined): value is readonly ArchiveRow[] =>
  Array.isArray(value);
