/** Why a text cannot be taken. */
export type TextRule = "EMPTY" | "TOO_LONG" | "CONTROL_CHARACTER";

// Controls, halves of characters, and marks that turn the direction of text or hide in it.
const hidden = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}\u200b\u2060\ufeff\u{e0000}-\u{e007f}]/u;

/**
 * One line as it is kept: trimmed, Unicode NFC. Or the rule that it breaks. `longest`: characters (code points), as
 * given.
 */
export function lineOf(
  given: string,
  longest: number,
): { readonly value: string } | { readonly rule: TextRule } {
  const value = given.normalize("NFC").trim();
  if (value === "" || !/[\p{L}\p{N}]/u.test(value)) return { rule: "EMPTY" };
  if ([...given].length > longest) return { rule: "TOO_LONG" };
  if (hidden.test(value)) return { rule: "CONTROL_CHARACTER" };
  return { value };
}

/** As `lineOf`, with line breaks. */
export function textOfLines(given: string, longest: number): ReturnType<typeof lineOf> {
  const lines = given.replaceAll("\r\n", "\n").split("\n");
  const whole = lineOf(lines.join(" "), longest);
  return "rule" in whole ? whole : { value: lines.join("\n").normalize("NFC").trim() };
}
