import { integerBelow, type Random } from "./random.ts";

/**
 * How a text is written, and nothing of what it says: `kari.moe@example.com` is `a+.a+@a+.a+`, `+47 900 12 345` is
 * `+00 000 00 000`. Of letters the length is not told; of digits it is, since forms are checked for it.
 */
export function shapeOf(text: string): string {
  return text
    .slice(0, longest)
    .replace(/\p{Lu}/gu, "A")
    .replace(/[\p{L}\p{M}]/gu, (letter) => (letter === "A" ? "A" : "a"))
    .replace(/\p{N}/gu, "0")
    .replace(/a+/g, "a+")
    .replace(/AA+/g, "A+")
    .replace(/0{13,}/g, "0".repeat(12));
}

/** Characters of a text that are looked at. */
const longest = 80;

const letters = "abcdefghijklmnoprstuvyæøå";

/** A text of that shape. `alphabet`: of the letters. */
export function ofShape(shape: string, random: Random, alphabet: string = letters): string {
  const letter = () => alphabet[integerBelow(random, alphabet.length)] ?? "a";
  const some = () => Array.from({ length: 3 + integerBelow(random, 6) }, letter).join("");
  return shape.replace(/A\+|a\+|A|0/g, (part) => {
    if (part === "0") return String(integerBelow(random, 10));
    if (part === "a+") return some();
    return part === "A" ? letter().toUpperCase() : some().toUpperCase();
  });
}

/** Of addresses and names of users. */
export const ascii = "abcdefghijklmnoprstuvwxyz";
