import { names } from "../access/vocabulary.ts";
import type { ProfileField } from "../sources/module.ts";

/** What can be corrected; the values are the GraphQL enum values. */
export const RectifiableField = names([
  "NAME",
  "EMAIL",
  "PHONE",
  "JOB_TITLE",
  "ORGANISATION",
  "POSTAL_ADDRESS",
]);
export type RectifiableField = keyof typeof RectifiableField;

export const factOf: Readonly<Record<RectifiableField, ProfileField>> = {
  NAME: "name",
  EMAIL: "email",
  PHONE: "phone",
  JOB_TITLE: "jobTitle",
  ORGANISATION: "organisation",
  POSTAL_ADDRESS: "postalAddress",
};
