import type { DataCategory, LegalBasis, Purpose, Role } from "./vocabulary.ts";
import { DataCategory as Categories } from "./vocabulary.ts";

/** GDPR Art. 6(1): the ground that each purpose stands on. */
export const legalBases: Readonly<Record<Purpose, LegalBasis>> = {
  ORDER_FULFILMENT: "CONTRACT",
  RETURNS_AND_WARRANTY: "CONTRACT",
  CUSTOMER_INFORMATION: "CONTRACT",
  CUSTOMER_SUPPORT: "LEGITIMATE_INTERESTS",
  TRAINING_DELIVERY: "CONTRACT",
  EVENT_ADMINISTRATION: "CONTRACT",
  NEWSLETTER: "CONSENT",
  PURCHASE_BASED_MARKETING: "CONSENT",
  PARTNER_MARKETING: "CONSENT",
  PROFILE_TAILORING: "CONSENT",
  STATISTICS: "LEGITIMATE_INTERESTS",
  TESTING: "LEGITIMATE_INTERESTS",
  BOOKKEEPING: "LEGAL_OBLIGATION",
  DISCLOSURE_TO_AUTHORITIES: "LEGAL_OBLIGATION",
  DATA_SUBJECT_RIGHTS: "LEGAL_OBLIGATION",
  AUDIT: "LEGAL_OBLIGATION",
};

/** Purposes of direct marketing: an objection to one needs no reason (GDPR Art. 21(2)-(3)). */
export const directMarketing: ReadonlySet<Purpose> = new Set([
  "NEWSLETTER",
  "PURCHASE_BASED_MARKETING",
  "PARTNER_MARKETING",
]);

/**
 * Purposes that the law adds to every record, whatever it was collected for:
 * answering the person (GDPR Art. 12) and accounting for the processing (Art. 5(2)).
 */
export const universalPurposes: ReadonlySet<Purpose> = new Set(["DATA_SUBJECT_RIGHTS", "AUDIT"]);

type Grants = { readonly [P in Purpose]?: readonly DataCategory[] };

const everything = Object.values(Categories);
const person: readonly DataCategory[] = ["IDENTITY", "CONTACT", "EMPLOYMENT"];

/** The policy table: which categories a role may read, for which purpose. What is not here is refused. */
export const policy: Readonly<Record<Role, Grants>> = {
  SUBJECT: { DATA_SUBJECT_RIGHTS: everything },
  SUPPORT: {
    CUSTOMER_SUPPORT: [...person, "CONVERSATION", "PURCHASE"],
    ORDER_FULFILMENT: [...person, "CONVERSATION", "PURCHASE"],
    RETURNS_AND_WARRANTY: [...person, "CONVERSATION", "PURCHASE"],
    CUSTOMER_INFORMATION: person,
  },
  MARKETING: {
    NEWSLETTER: ["IDENTITY", "CONTACT", "EMAIL_ENGAGEMENT"],
    PURCHASE_BASED_MARKETING: ["IDENTITY", "CONTACT", "PURCHASE"],
  },
  TRAINING: { TRAINING_DELIVERY: [...person, "LEARNING_PROGRESS", "SURVEY_ANSWER"] },
  EVENTS: { EVENT_ADMINISTRATION: [...person, "EVENT_PARTICIPATION", "SPECIAL_NEED"] },
  ACCOUNTING: { BOOKKEEPING: ["IDENTITY", "CONTACT", "PURCHASE", "BOOKKEEPING"] },
  DPO: {
    DATA_SUBJECT_RIGHTS: everything.filter((category) => category !== "SPECIAL_NEED"),
    AUDIT: ["CONSENT", "RIGHTS_REQUEST", "ACCESS_LOG"],
    EVENT_ADMINISTRATION: ["EVENT_PARTICIPATION", "SPECIAL_NEED"],
  },
  AUDITOR: {},
};

/**
 * Who may see anonymous counts: of what their role reads of a person for some purpose, and the auditor of everything.
 * Not in the table above, which would let them read a person for `STATISTICS`.
 */
export const readersOfStatistics: ReadonlySet<Role> = new Set(["MARKETING", "TRAINING", "EVENTS", "AUDITOR"]);

/** Free text may hold anything, so these roles never read it. */
export const barredFromFreeText: ReadonlySet<Role> = new Set(["MARKETING"]);

/** A purpose that stands on consent is served without one only so far as finding the person goes. */
export const withoutConsent: ReadonlySet<DataCategory> = new Set(["IDENTITY", "CONTACT"]);

/** Who still reads a person whose processing is restricted, besides the person (GDPR Art. 18(2)). */
export const readersOfRestricted: Readonly<Partial<Record<Role, readonly Purpose[] | "any">>> = {
  DPO: "any",
  ACCOUNTING: ["BOOKKEEPING"],
};
