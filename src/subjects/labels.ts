import type { PersonalLabel } from "../access/labels.ts";
import type { DataCategory } from "../access/vocabulary.ts";

type Label = Omit<PersonalLabel, "kind">;

/** Lives as long as the answer: the gateway keeps no copy of it. */
const passing = (category: DataCategory) =>
  ({
    category,
    purposes: ["DATA_SUBJECT_RIGHTS"],
    retention: { period: "P0D", after: "response" },
  }) as const satisfies Label;

/** Computed for the person's own right of access. */
export const computed = (category: DataCategory) =>
  ({ ...passing(category), acrossSources: true }) as const satisfies Label;

/** Who looked at the person: kept as long as it may have to be accounted for (GDPR Art. 5(2)). */
export const accessLog = {
  category: "ACCESS_LOG",
  purposes: ["DATA_SUBJECT_RIGHTS", "AUDIT"],
  retention: { period: "P5Y", after: "at" },
} as const satisfies Label;

/** Whose match waits, and the records that it may be: for those who settle it, and those who help them. */
export const awaitingReview = {
  ...passing("IDENTITY"),
  purposes: ["DATA_SUBJECT_RIGHTS", "CUSTOMER_SUPPORT"],
  onlyFor: ["DPO", "SUPPORT"],
} as const satisfies Label;

/** That a person is known by the identifier that staff already have, in systems that they may read. */
export const known = {
  ...passing("IDENTITY"),
  purposes: [
    "DATA_SUBJECT_RIGHTS",
    "ORDER_FULFILMENT",
    "RETURNS_AND_WARRANTY",
    "CUSTOMER_INFORMATION",
    "CUSTOMER_SUPPORT",
    "TRAINING_DELIVERY",
    "EVENT_ADMINISTRATION",
    "NEWSLETTER",
    "PURCHASE_BASED_MARKETING",
    "BOOKKEEPING",
  ],
} as const satisfies Label;
