import type { DataCategory, IdentifierKind } from "../access/vocabulary.ts";
import type { RecipientDetails } from "../requests/organisation.ts";
import type { RectifiableField } from "../requests/rectifiable.ts";

const ofFact: Readonly<Record<RectifiableField, DataCategory>> = {
  NAME: "IDENTITY",
  EMAIL: "CONTACT",
  PHONE: "CONTACT",
  JOB_TITLE: "EMPLOYMENT",
  ORGANISATION: "EMPLOYMENT",
  POSTAL_ADDRESS: "CONTACT",
};

const ofIdentifier: Readonly<Record<IdentifierKind, DataCategory>> = {
  EMAIL: "CONTACT",
  PHONE: "CONTACT",
  CUSTOMER_NUMBER: "IDENTITY",
  USERNAME: "IDENTITY",
  EXTERNAL_ID: "IDENTITY",
};

/** Categories of what the configuration says that a recipient is given. */
export const disclosedTo = ({ receives, identifiedBy }: RecipientDetails): readonly DataCategory[] => [
  ...receives.map((fact) => ofFact[fact]),
  ...identifiedBy.map((kind) => ofIdentifier[kind]),
];
