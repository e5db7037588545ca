import type { Language } from "../language/language.ts";
import { recordsCsv } from "./csv.ts";
import { recordsJsonLd } from "./jsonld.ts";
import { recordsPage } from "./page.ts";
import type { Records } from "./records.ts";

export interface RecordsDocument {
  /** Media type (RFC 6838). */
  readonly type: string;
  readonly fileName: string;
  write(records: Records, language: Language, madeAt: Date): string;
}

/** The forms that the records are given out in; the first where none is asked for. JSON-LD is in every language. */
export const recordsDocuments = {
  jsonld: {
    type: "application/ld+json",
    fileName: "records.jsonld",
    write: (records, _language, madeAt) => recordsJsonLd(records, madeAt),
  },
  csv: { type: "text/csv", fileName: "records.csv", write: recordsCsv },
  html: { type: "text/html", fileName: "records.html", write: recordsPage },
} as const satisfies Readonly<Record<string, RecordsDocument>>;
