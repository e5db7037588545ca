import { parsePhoneNumberFromString } from "libphonenumber-js/min";
import type { Identifier } from "../../sources/contract.ts";
import { spellingsOf } from "../spellings.ts";
import { escapeLike } from "./find.ts";

/** Whether a text names the person by the identifier, as a word of its own, in whatever way the text is stored. */
export function mentions(text: string, identifier: Identifier): boolean {
  const wanted = patternOf(identifier);
  return [text, fromJson(text), fromUrl(text)].some((each) => wanted.test(folded(each)));
}

/**
 * What to look for (patterns of LIKE, escaped by `|`) in a text that the database has folded to lower case, be it ASCII
 * letters alone; of phone numbers, in one without what is between digits.
 */
export function patternsWithin({ kind, value }: Identifier): string[] {
  if (kind === "PHONE") return [escapeLike(nationalDigits(value))];
  const cases = kind === "EMAIL" ? [value] : [value.toLowerCase(), asciiLower(value)];
  const plain = cases.flatMap((each) => spellingsOf(kind, each, true));
  const escaped = plain.flatMap((each) =>
    [toJson, encodeURIComponent, encodeURI].map((escape) => escapedIn(each, escape)),
  );
  return [...new Set([...plain.map(escapeLike), ...escaped])];
}

/** No database folds what is escaped: any letter may be there, and the text is read again. */
function escapedIn(text: string, escape: (letter: string) => string): string {
  const letters = [...text].map((letter) => {
    const written = escape(letter);
    return /\p{ASCII}/u.test(letter) ? escapeLike(asciiLower(written)) : "_".repeat(written.length);
  });
  return letters.join("");
}

/** What people put between the digits of a phone number. */
export const betweenDigits = [" ", "\u00a0", "-", ".", "(", ")"] as const;
const between = "[ \u00a0.()-]?";

function patternOf({ kind, value }: Identifier): RegExp {
  if (kind === "PHONE") return phonePattern(value);
  const any = [...new Set(spellingsOf(kind, value, false).map(folded))].map(literal).join("|");
  // `anne.kari@…`, `anne-kari@…` and `kari@example.com.au` are other people's; `kari@example.com.1712345678` is a user
  // name made of the address, as Moodle's deletion does: no top-level domain is a number (RFC 3696 §2).
  return kind === "EMAIL"
    ? new RegExp(`(?<![\\p{L}\\p{N}._%+-])(?:${any})(?![\\p{L}\\p{N}_-]|\\.[\\p{L}\\p{N}-]*\\p{L})`, "u")
    : new RegExp(`(?<![\\p{L}\\p{N}_])(?:${any})(?![\\p{L}\\p{N}_])`, "u");
}

/** With the country's code or without; after another country's it is another number. */
function phonePattern(value: string): RegExp {
  const country = parsePhoneNumberFromString(value)?.countryCallingCode ?? "";
  const digits = [...nationalDigits(value)].join(between);
  return new RegExp(
    `(?<!\\d)(?<!(?:\\+|00)\\d{1,3}${between})(?:(?:00|\\+)?${country}${between})?${digits}(?!\\d)`,
    "u",
  );
}

function nationalDigits(value: string): string {
  return parsePhoneNumberFromString(value)?.nationalNumber ?? value.replace(/\D/g, "");
}

const folded = (text: string) => text.normalize("NFKC").toLowerCase().normalize("NFC");

const asciiLower = (text: string) => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());

const literal = (text: string) => text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");

/** JSON that keeps to ASCII, as PHP writes it. */
const toJson = (text: string) =>
  text.replace(/[^\p{ASCII}]/gu, (letter) =>
    Array.from({ length: letter.length }, (_, at) => letter.charCodeAt(at))
      .map((unit) => `\\u${unit.toString(16).padStart(4, "0")}`)
      .join(""),
  );

const fromJson = (text: string) =>
  text
    .replace(/\\u([\da-f]{4})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    .replaceAll("\\/", "/");

const fromUrl = (text: string) =>
  text.replace(/(?:%[\da-f]{2})+/gi, (bytes) => {
    try {
      return decodeURIComponent(bytes);
    } catch {
      return bytes;
    }
  });
