import type { Purpose } from "../access/vocabulary.ts";
import type { RecipientEvent } from "../sources/recipient.ts";
import type { Disclosures } from "./disclosures.ts";
import type { NewStep } from "./step.ts";

/** What has happened that recipients are to know. */
export interface NoticeOf {
  readonly event: RecipientEvent;
  /** Only for those to whom data goes for this purpose; absent: all to whom it has been disclosed (GDPR Art. 19). */
  readonly purpose?: Purpose;
  /** Of a rectification: `field` as in `RectifiableField`. */
  readonly changes?: readonly { readonly field: string; readonly value: string }[];
  /** As in `NewStep`. */
  readonly position?: number;
}

/** Steps that tell each recipient whom it concerns; of corrections, those that have been given what is corrected. */
export async function noticeSteps(
  { disclosures }: { readonly disclosures: Disclosures },
  subjectId: string,
  { event, purpose, changes, position }: NoticeOf,
): Promise<readonly NewStep[]> {
  const concerned =
    event === "CONSENT_GIVEN"
      ? [...disclosures.recipients.values()]
      : (await disclosures.of(subjectId)).map(({ recipient }) => recipient);
  return concerned.flatMap(({ name, purposes, receives }): NewStep[] => {
    const had = changes?.filter(({ field }) => receives.includes(field));
    if ((purpose !== undefined && !purposes.includes(purpose)) || had?.length === 0) return [];
    return [
      {
        source: name,
        action: "NOTIFY",
        recordType: event,
        ...(position !== undefined && { position }),
        work: { event, purpose, changes: had },
      },
    ];
  });
}
