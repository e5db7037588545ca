/** How long a record is kept, counted from a date that the record itself carries (GDPR Art. 5(1)(e)). */
export interface RetentionRule {
  /** ISO 8601 duration. */
  readonly period: `P${string}`;
  /** The record's field that the period is counted from. */
  readonly after: string;
  /** Counted from the end of the accounting year of `after` (bokføringsloven § 13). */
  readonly fromEndOfAccountingYear?: true;
}

/** As `@personalData(retention:)` prints it. */
export function describeRetention({ period, after, fromEndOfAccountingYear }: RetentionRule): string {
  const anchor = fromEndOfAccountingYear ? `end of accounting year of ${after}` : after;
  return `${period} after ${anchor}`;
}
