import { parsePhoneNumberFromString } from "libphonenumber-js/min";
import { normaliseStored } from "../subjects/identifiers.ts";

/**
 * How a system writes phone numbers: `E164` +4790000000, `NATIONAL` 90000000, `NATIONAL_GROUPED` 90 00 00 00,
 * `INTERNATIONAL` +47 90 00 00 00, `ZEROS` 004790000000.
 */
export type PhoneForm = "E164" | "NATIONAL" | "NATIONAL_GROUPED" | "INTERNATIONAL" | "ZEROS";

export interface PhoneStyle {
  /** Absent: `E164`. */
  readonly form?: PhoneForm;
  /** Digits per group, for domestic numbers with as many digits: `[3, 2, 3]`. Absent: as the country groups them. */
  readonly groups?: readonly number[];
}

/** What is written for a form that would be read as another number: a foreign one without its country code. */
const unmistakable: Readonly<Record<PhoneForm, PhoneForm>> = {
  E164: "E164",
  NATIONAL: "E164",
  NATIONAL_GROUPED: "INTERNATIONAL",
  INTERNATIONAL: "E164",
  ZEROS: "E164",
};

/** A number in E.164 as the system writes it, and as it is read to be the same again; null where it is no number. */
export function writePhone(number: string, { form = "E164", groups }: PhoneStyle): string | null {
  for (const attempt of [form, unmistakable[form], "E164"] as const) {
    const text = inForm(number, attempt, groups);
    if (text !== null && normaliseStored("PHONE", text) === number) return text;
  }
  return null;
}

function inForm(number: string, form: PhoneForm, groups: readonly number[] | undefined): string | null {
  const parsed = parsePhoneNumberFromString(number);
  if (!parsed) return null;
  const domestic = normaliseStored("PHONE", parsed.nationalNumber) === number;
  const grouped = domestic && groups ? inGroups(parsed.nationalNumber, groups) : null;
  switch (form) {
    case "E164":
      return parsed.number;
    case "ZEROS":
      return `00${parsed.number.slice(1)}`;
    case "NATIONAL":
      return parsed.nationalNumber;
    case "NATIONAL_GROUPED":
      return grouped ?? parsed.formatNational();
    case "INTERNATIONAL":
      return grouped === null ? parsed.formatInternational() : `+${parsed.countryCallingCode} ${grouped}`;
  }
}

function inGroups(digits: string, groups: readonly number[]): string | null {
  const pattern = new RegExp(`^${groups.map((length) => `(\\d{${length}})`).join("")}$`);
  return pattern.exec(digits)?.slice(1).join(" ") ?? null;
}
