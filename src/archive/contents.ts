import type { Language, Text } from "../language/language.ts";
import type { RecordType } from "./record-type.ts";

export interface NoticeSection {
  readonly title: Text;
  readonly lines: readonly Text[];
}
export type ArchiveValue = string | number | boolean | null | readonly ArchiveRow[];
export interface ArchiveRow {
  readonly [field: string]: ArchiveValue;
}
export interface ArchiveContents {
  readonly language: Language;
  readonly madeAt: Date;
  readonly requestId: string;
  readonly kind: "ACCESS" | "PORTABILITY";
  readonly first: "JSON" | "CSV";
  readonly controller: {
    readonly name: string;
    readonly organisationNumber: string;
    readonly postalAddress: string;
    readonly email: string;
    readonly phone: string;
  };
  readonly notice: readonly NoticeSection[];
  readonly recordTypes: readonly RecordType[];
  rows(type: RecordType): AsyncIterable<readonly ArchiveRow[]>;
  readonly missing: readonly {
    readonly source: string;
    readonly recordType: string | null;
    readonly reason: Text;
  }[];
  readonly withheld: readonly {
    readonly source: string;
    readonly recordType: string;
    readonly field: string;
    readonly count: number;
    readonly ground: Text;
    readonly because: string;
  }[];
  readonly leftOut: readonly {
    readonly source: string;
    readonly recordType: string;
    readonly reason: Text;
  }[];
}
