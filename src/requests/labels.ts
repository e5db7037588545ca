import type { PersonalLabel } from "../access/labels.ts";

type Label = Omit<PersonalLabel, "kind">;

/** What a person asked for and what became of it: kept as long as it may have to be accounted for (GDPR Art. 5(2)). */
export const rightsRequest = {
  category: "RIGHTS_REQUEST",
  purposes: ["DATA_SUBJECT_RIGHTS", "AUDIT"],
  retention: { period: "P5Y", after: "completedAt" },
} as const satisfies Label;

/** That somebody who was erased has come up again, and what was decided of it. */
export const reappearance = {
  ...rightsRequest,
  onlyFor: ["DPO"],
  retention: { period: "P5Y", after: "decidedAt" },
} as const satisfies Label;

/** What was handed over to authorities, also while the person is not to know of it. */
export const disclosure = {
  ...rightsRequest,
  purposes: ["DISCLOSURE_TO_AUTHORITIES", "DATA_SUBJECT_RIGHTS", "AUDIT"],
  onlyFor: ["DPO"],
  retention: { period: "P5Y", after: "at" },
} as const satisfies Label;

/** Kept for as long as it must be shown that consent was given (GDPR Art. 7(1)). */
export const consent = {
  category: "CONSENT",
  purposes: ["DATA_SUBJECT_RIGHTS", "AUDIT"],
  retention: { period: "P5Y", after: "decidedAt" },
} as const satisfies Label;

/** That somebody was told of a version of the privacy policy, and what they answered. */
export const policyAnswer = {
  ...consent,
  retention: { period: "P5Y", after: "publishedAt" },
} as const satisfies Label;
