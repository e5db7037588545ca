import { domainToASCII } from "node:url";
import { parsePhoneNumberFromString, type CountryCode } from "libphonenumber-js/min";
import type { IdentifierKind } from "../access/vocabulary.ts";
import type { Identifier } from "../sources/contract.ts";

/** Phone numbers without a country code are read as Norwegian. */
const defaultRegion: CountryCode = "NO";

/**
 * The form in which identifiers are compared, or null where the value is no identifier of its kind.
 * E-mail: trimmed, Unicode NFKC, lower case, the domain by IDNA (RFC 5891). Phone: E.164; an extension leads to a
 * switchboard, and names nobody. Others: trimmed, NFKC.
 */
export function normalise(kind: IdentifierKind, value: string): string | null {
  const text = value.normalize("NFKC").trim();
  switch (kind) {
    case "EMAIL":
      return normaliseEmail(text);
    case "PHONE":
      return normalisePhone(text);
    default:
      return text === "" ? null : text;
  }
}

/** As `normalise`; systems that store `"Name" <address>` are compared by the address. */
export function normaliseStored(kind: IdentifierKind, value: string): string | null {
  const address = kind === "EMAIL" ? /<([^<>]+)>\s*$/.exec(value)?.[1] : undefined;
  return normalise(kind, address ?? value);
}

/** What was stated as an identifier cannot be read as one. */
export class InvalidIdentifier extends Error {
  override readonly name = "InvalidIdentifier";
  /** Where it was stated: `identifier.value`. */
  readonly argument: string;
  readonly kind: IdentifierKind;
  readonly reason: "EMPTY" | "TOO_LONG" | "CONTROL_CHARACTER" | "NOT_AN_EMAIL_ADDRESS" | "NOT_A_PHONE_NUMBER";
  constructor(argument: string, kind: IdentifierKind, reason: InvalidIdentifier["reason"]) {
    super(`${argument}: ${reason}`);
    this.argument = argument;
    this.kind = kind;
    this.reason = reason;
  }
}

/** Characters; addresses have at most 254 (RFC 5321 §4.5.3.1.3), and other identifiers are shorter. */
const longestIdentifier = 320;

/** An identifier as somebody states it, in the form that is compared. @throws InvalidIdentifier */
export function parseIdentifier({ kind, value }: Identifier, argument: string): Identifier {
  const invalid = (reason: InvalidIdentifier["reason"]) =>
    new InvalidIdentifier(`${argument}.value`, kind, reason);
  if (value.trim() === "") throw invalid("EMPTY");
  if (value.length > longestIdentifier) throw invalid("TOO_LONG");
  if (/\p{Cc}/u.test(value)) throw invalid("CONTROL_CHARACTER");
  const normal = kind === "PHONE" && /\p{L}/u.test(value) ? null : normalise(kind, value);
  if (normal === null) throw invalid(kind === "PHONE" ? "NOT_A_PHONE_NUMBER" : "NOT_AN_EMAIL_ADDRESS");
  return { kind, value: normal };
}

export function sameIdentifier(a: Identifier, b: Identifier): boolean {
  return a.kind === b.kind && a.value === b.value;
}

/** Each once, in the order in which they came first. */
export const distinctIdentifiers = (identifiers: readonly Identifier[]): readonly Identifier[] =>
  identifiers.filter((each, at) => identifiers.findIndex((other) => sameIdentifier(each, other)) === at);

function normalisePhone(text: string): string | null {
  const parsed = parsePhoneNumberFromString(text, defaultRegion);
  return parsed?.isPossible() && parsed.ext === undefined ? parsed.number : null;
}

function normaliseEmail(text: string): string | null {
  const at = text.lastIndexOf("@");
  if (at < 1 || /[\s"<>\p{Cc}]/u.test(text)) return null;
  // Read as a part of a URL, it would end at the first of these, and be another's domain.
  if (/[/\\?#%]/.test(text.slice(at))) return null;
  const domain = domainToASCII(text.slice(at + 1));
  return domain === "" ? null : `${text.slice(0, at).toLowerCase().normalize("NFKC")}@${domain}`;
}
