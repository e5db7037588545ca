import type { DataCategory, LegalBasis, Purpose, SubjectCategory } from "../access/vocabulary.ts";

/** A term of the W3C Data Privacy Vocabulary 2.2 or of its extensions, as `jsonld.ts` abbreviates them. */
export type Term = `${"dpv" | "pd" | "eu-gdpr" | "legal-eu" | "legal-no" | "loc"}:${string}`;

/** The nearest that the vocabulary has; `test/records/vocabulary` has all that there is. */
export const purposeTerms: Readonly<Record<Purpose, readonly Term[]>> = {
  ORDER_FULFILMENT: ["dpv:CustomerOrderManagement", "dpv:DeliveryOfGoods"],
  RETURNS_AND_WARRANTY: ["dpv:CustomerClaimsManagement"],
  CUSTOMER_INFORMATION: ["dpv:CustomerRelationshipManagement"],
  CUSTOMER_SUPPORT: ["dpv:CustomerCare", "dpv:CommunicationForCustomerCare"],
  TRAINING_DELIVERY: ["dpv:RequestedServiceProvision"],
  EVENT_ADMINISTRATION: ["dpv:RequestedServiceProvision", "dpv:ServiceRegistration"],
  NEWSLETTER: ["dpv:DirectMarketing"],
  PURCHASE_BASED_MARKETING: ["dpv:DirectMarketing", "dpv:PersonalisedAdvertising"],
  PARTNER_MARKETING: ["dpv:TargetedAdvertising"],
  PROFILE_TAILORING: ["dpv:ServicePersonalisation"],
  STATISTICS: ["dpv:ServiceUsageAnalytics"],
  TESTING: ["dpv:ImproveExistingProductsAndServices"],
  BOOKKEEPING: ["dpv:LegalCompliance", "dpv:RecordManagement"],
  DISCLOSURE_TO_AUTHORITIES: ["dpv:LegalCompliance"],
  DATA_SUBJECT_RIGHTS: ["dpv:RightsFulfilment"],
  AUDIT: ["dpv:LegalCompliance", "dpv:RecordManagement"],
};

export const categoryTerms: Readonly<Record<DataCategory, readonly Term[]>> = {
  IDENTITY: ["pd:Identifying"],
  CONTACT: ["pd:Contact"],
  EMPLOYMENT: ["pd:CurrentEmployment"],
  CONVERSATION: ["pd:Communication"],
  PURCHASE: ["pd:Purchase"],
  BOOKKEEPING: ["pd:Transactional"],
  LEARNING_PROGRESS: ["pd:Education"],
  SURVEY_ANSWER: ["pd:Opinion"],
  TECHNICAL: ["pd:DeviceBased", "pd:IPAddress"],
  EMAIL_ENGAGEMENT: ["pd:LinkClicked", "pd:Behavioural"],
  EVENT_PARTICIPATION: ["pd:Behavioural"],
  SPECIAL_NEED: ["dpv:SpecialCategoryPersonalData"],
  ENRICHMENT: ["pd:Profile"],
  CONSENT: ["pd:PrivacyPreference"],
  RIGHTS_REQUEST: ["pd:Communication"],
  ACCESS_LOG: ["dpv:PseudonymisedData"],
};

export const subjectTerms: Readonly<Record<SubjectCategory, Term>> = {
  CUSTOMER: "dpv:Customer",
  LEARNER: "dpv:Student",
  SUBSCRIBER: "dpv:Subscriber",
  PARTICIPANT: "dpv:Participant",
  VISITOR: "dpv:Visitor",
  EMPLOYEE: "dpv:Employee",
};

export const legalBasisTerms: Readonly<Record<LegalBasis, Term>> = {
  CONSENT: "eu-gdpr:A6-1-a",
  CONTRACT: "eu-gdpr:A6-1-b",
  LEGAL_OBLIGATION: "eu-gdpr:A6-1-c",
  VITAL_INTERESTS: "eu-gdpr:A6-1-d",
  PUBLIC_TASK: "eu-gdpr:A6-1-e",
  LEGITIMATE_INTERESTS: "eu-gdpr:A6-1-f",
};
