import type { RecordType } from "../archive/record-type.ts";
import type { Language } from "../language/language.ts";
import type { Row } from "../sources/contract.ts";
import type { Subject } from "../sources/data-subject.ts";

/** Everything that a person can be shown of what is held about them, record type by record type (GDPR Art. 15). */
export interface Shown {
  readonly types: readonly RecordType[];
  /**
   * Rows as whoever looks would be answered now, the person themself or staff, `after` an `end` of an earlier page.
   * Null: the answer shows no record of the person at all. Rejects with `SourceUnavailable` where the source does not
   * answer.
   */
  page(
    subject: Subject,
    type: RecordType,
    after: string | null,
    options: { readonly language: Language; readonly signal: AbortSignal },
  ): Promise<ShownPage | null>;
}

export interface ShownPage {
  readonly rows: readonly Row[];
  /** Null: these are the last. */
  readonly end: string | null;
}
