import { names } from "../access/vocabulary.ts";
import type { IdentifierKind } from "../access/vocabulary.ts";
import type { Text } from "../language/language.ts";
import type { ProfileField } from "../sources/module.ts";
import { normalise } from "../subjects/identifiers.ts";
import { lineOf, type TextRule } from "./text.ts";

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

interface Rectifiable {
  readonly fact: ProfileField;
  /** Characters (code points). */
  readonly longest: number;
  /** It says who the person is, in systems that look people up by it. */
  readonly identifies?: IdentifierKind;
  readonly text: Text;
}

export const rectifiables: Readonly<Record<RectifiableField, Rectifiable>> = {
  NAME: { fact: "name", longest: 200, text: { nb: "Navn", nn: "Namn", en: "Name" } },
  EMAIL: {
    fact: "email",
    // RFC 5321 §4.5.3.1.3.
    longest: 254,
    identifies: "EMAIL",
    text: { nb: "E-postadresse", nn: "E-postadresse", en: "E-mail address" },
  },
  PHONE: {
    fact: "phone",
    longest: 40,
    identifies: "PHONE",
    text: { nb: "Telefonnummer", nn: "Telefonnummer", en: "Phone number" },
  },
  JOB_TITLE: {
    fact: "jobTitle",
    longest: 200,
    text: { nb: "Stilling", nn: "Stilling", en: "Job title" },
  },
  ORGANISATION: {
    fact: "organisation",
    longest: 200,
    text: { nb: "Organisasjon", nn: "Organisasjon", en: "Organisation" },
  },
  POSTAL_ADDRESS: {
    fact: "postalAddress",
    longest: 500,
    text: { nb: "Postadresse", nn: "Postadresse", en: "Postal address" },
  },
};

/** Why a value cannot be written anywhere. */
export type ValueRule = TextRule | "NOT_AN_EMAIL_ADDRESS" | "NOT_A_PHONE_NUMBER";

/**
 * A value as it is to be written: trimmed, Unicode NFC; a phone number in E.164 (Norwegian unless it says otherwise).
 * Or the rule that it breaks.
 */
export function rectified(
  field: RectifiableField,
  given: string,
): { readonly value: string } | { readonly rule: ValueRule } {
  const { longest, identifies } = rectifiables[field];
  const line = lineOf(given, longest);
  if ("rule" in line) return line;
  const { value } = line;
  if (identifies === "EMAIL") return isAddress(value) ? { value } : { rule: "NOT_AN_EMAIL_ADDRESS" };
  if (identifies !== "PHONE") return { value };
  const number = /\p{L}/u.test(value) ? null : normalise("PHONE", value);
  return number === null ? { rule: "NOT_A_PHONE_NUMBER" } : { value: number };
}

/** One address, with a domain that mail can be sent to from anywhere. */
function isAddress(value: string): boolean {
  const normal = normalise("EMAIL", value);
  if (normal === null || normal.length > rectifiables.EMAIL.longest) return false;
  const [local = "", domain = ""] = splitAt(normal, normal.lastIndexOf("@"));
  return !/[@,;:()[\]\\]|^\.|\.\.|\.$/.test(local) && local.length <= 64 && /^[^.]+(\.[^.]+)+$/.test(domain);
}

const splitAt = (text: string, index: number) => [text.slice(0, index), text.slice(index + 1)];
