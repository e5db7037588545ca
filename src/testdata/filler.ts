import { integerBelow, type Random } from "./random.ts";

const words = [
  "og",
  "det",
  "er",
  "som",
  "på",
  "til",
  "å",
  "ordre",
  "kurs",
  "møte",
  "takk",
  "svar",
  "spørsmål",
  "hilsen",
];

/** A text of so many words that says nothing. */
export function filler(count: number, random: Random): string {
  const text = Array.from(
    { length: Math.max(1, count) },
    () => words[integerBelow(random, words.length)],
  ).join(" ");
  return `${text[0]?.toUpperCase() ?? ""}${text.slice(1)}.`;
}
