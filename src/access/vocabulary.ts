/** The terms of the public contract that rules are written in. The values are the GraphQL enum values. */

export const names = <const T extends readonly string[]>(values: T) =>
  Object.freeze(Object.fromEntries(values.map((v) => [v, v]))) as { readonly [K in T[number]]: K };

export const Role = names([
  "SUBJECT",
  "SUPPORT",
  "MARKETING",
  "TRAINING",
  "EVENTS",
  "ACCOUNTING",
  "DPO",
  "AUDITOR",
]);
export type Role = keyof typeof Role;

/** GDPR Art. 6(1)(a)–(f). */
export const LegalBasis = names([
  "CONSENT",
  "CONTRACT",
  "LEGAL_OBLIGATION",
  "VITAL_INTERESTS",
  "PUBLIC_TASK",
  "LEGITIMATE_INTERESTS",
]);
export type LegalBasis = keyof typeof LegalBasis;

export const Purpose = names([
  "ORDER_FULFILMENT",
  "RETURNS_AND_WARRANTY",
  "CUSTOMER_INFORMATION",
  "CUSTOMER_SUPPORT",
  "TRAINING_DELIVERY",
  "EVENT_ADMINISTRATION",
  "NEWSLETTER",
  "PURCHASE_BASED_MARKETING",
  "PARTNER_MARKETING",
  "PROFILE_TAILORING",
  "STATISTICS",
  "TESTING",
  "BOOKKEEPING",
  "DISCLOSURE_TO_AUTHORITIES",
  "DATA_SUBJECT_RIGHTS",
  "AUDIT",
]);
export type Purpose = keyof typeof Purpose;

export const DataCategory = names([
  "IDENTITY",
  "CONTACT",
  "EMPLOYMENT",
  "CONVERSATION",
  "PURCHASE",
  "BOOKKEEPING",
  "LEARNING_PROGRESS",
  "SURVEY_ANSWER",
  "TECHNICAL",
  "EMAIL_ENGAGEMENT",
  "EVENT_PARTICIPATION",
  "SPECIAL_NEED",
  "ENRICHMENT",
  "CONSENT",
  "RIGHTS_REQUEST",
  "ACCESS_LOG",
]);
export type DataCategory = keyof typeof DataCategory;

/** What anonymous counts of persons can be by. */
export const StatisticsDimension = names(["EVENT", "COURSE", "LIST", "COUNTRY"]);
export type StatisticsDimension = keyof typeof StatisticsDimension;

export const IdentifierKind = names(["EMAIL", "PHONE", "CUSTOMER_NUMBER", "USERNAME", "EXTERNAL_ID"]);
export type IdentifierKind = keyof typeof IdentifierKind;

/** Categories of data subjects (GDPR Art. 30(1)(c)). */
export const SubjectCategory = names([
  "CUSTOMER",
  "LEARNER",
  "SUBSCRIBER",
  "PARTICIPANT",
  "VISITOR",
  "EMPLOYEE",
]);
export type SubjectCategory = keyof typeof SubjectCategory;
