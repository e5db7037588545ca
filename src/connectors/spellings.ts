import { domainToUnicode } from "node:url";
import { parsePhoneNumberFromString } from "libphonenumber-js/min";
import type { IdentifierKind } from "../access/vocabulary.ts";

/**
 * The ways in which a normalised identifier may be written; e-mail addresses in a system that folds ASCII letters to
 * lower case. Only to look for: what is found is compared again by the normalised form.
 */
export function spellingsOf(kind: IdentifierKind, value: string, decomposed: boolean): string[] {
  if (kind === "PHONE") return phoneSpellings(value);
  const written = kind === "EMAIL" ? [value, withUnicodeDomain(value)].flatMap(letterCases) : [value];
  return [...new Set(decomposed ? written.flatMap((s) => [s, s.normalize("NFD")]) : written)];
}

function withUnicodeDomain(address: string): string {
  const at = address.lastIndexOf("@") + 1;
  return address.slice(0, at) + domainToUnicode(address.slice(at));
}

/** A database with the C locale folds a–z alone: `BJØRN@…` becomes `bjØrn@…` there. */
function letterCases(value: string): string[] {
  const lower = value.toLowerCase();
  if (/^\p{ASCII}*$/u.test(lower)) return [lower];
  const foldAscii = (s: string) => s.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
  const capitals = lower.replace(/(?<!\p{L})\p{L}/gu, (letter) => letter.toUpperCase());
  return [lower, foldAscii(capitals), foldAscii(lower.toUpperCase())];
}

function phoneSpellings(value: string): string[] {
  const digits = value.replace(/^\+/, "");
  const national = parsePhoneNumberFromString(value)?.nationalNumber;
  return [...new Set([value, digits, `00${digits}`, ...(national ? [national] : [])])];
}
