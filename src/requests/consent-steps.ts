import type { Purpose } from "../access/vocabulary.ts";
import type { ConnectedSource } from "../subjects/ask.ts";
import type { Disclosures } from "./disclosures.ts";
import { noticeSteps } from "./notices.ts";
import type { NewStep } from "./step.ts";

/** Of the systems, those that write to persons do so for this purpose. */
export const writtenFor: Purpose = "NEWSLETTER";

interface StepParts {
  readonly connected: readonly ConnectedSource[];
  readonly disclosures: Disclosures;
}

/** What carries a yes or no out: in the systems that act on it, and with the recipients that follow it. */
export async function consentSteps(
  parts: StepParts,
  subjectId: string,
  purpose: Purpose,
  event: "CONSENT_GIVEN" | "CONSENT_WITHDRAWN" | "OBJECTION",
): Promise<readonly NewStep[]> {
  const writing = purpose === writtenFor ? parts.connected : [];
  const suppressing = writing
    .filter(({ capabilities }) => capabilities.suppresses)
    .map(({ key }): NewStep => ({ source: key, action: "SUPPRESS", work: { purpose } }));
  return [...suppressing, ...(await noticeSteps(parts, subjectId, { event, purpose }))];
}
