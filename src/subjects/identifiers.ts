import { domainToASCII } from "node:url";
import { parsePhoneNumberFromString, type CountryCode } from "libphonenumber-js/min";
import type { IdentifierKind } from "../access/vocabulary.ts";
import type { Identifier } from "../sources/contract.ts";

/** Phone numbers without a country code are read as Norwegian. */
const defaultRegion: CountryCode = "NO";

/**
 * The form in which identifiers are compared, or null where the value is no identifier of its kind.
 * E-mail: trimmed, Unicode NFKC, lower case, the domain by IDNA (RFC 5891). Phone: E.164. Others: trimmed, NFKC.
 */
export function normalise(kind: IdentifierKind, value: string): string | null {
  const text = value.normalize("NFKC").trim();
  switch (kind) {
    case "EMAIL":
      return normaliseEmail(text);
    case "PHONE":
      return parsePhoneNumberFromString(text, defaultRegion)?.number ?? null;
    default:
      return text === "" ? null : text;
  }
}

/** As `normalise`; systems that store `"Name" <address>` are compared by the address. */
export function normaliseStored(kind: IdentifierKind, value: string): string | null {
  const address = kind === "EMAIL" ? /<([^<>]+)>\s*$/.exec(value)?.[1] : undefined;
  return normalise(kind, address ?? value);
}

export function sameIdentifier(a: Identifier, b: Identifier): boolean {
  return a.kind === b.kind && a.value === b.value;
}

function normaliseEmail(text: string): string | null {
  const at = text.lastIndexOf("@");
  if (at < 1 || /[\s"<>\p{Cc}]/u.test(text)) return null;
  const domain = domainToASCII(text.slice(at + 1));
  return domain === "" ? null : `${text.slice(0, at).toLowerCase().normalize("NFKC")}@${domain}`;
}
