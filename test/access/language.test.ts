import { expect, test } from "vitest";
import { negotiateLanguage } from "../../src/language/language.ts";

test.each([
  [undefined, "en"],
  ["", "en"],
  ["*", "en"],
  ["de-DE,fr;q=0.8", "en"],
  ["nb", "nb"],
  ["nb-NO", "nb"],
  ["no", "nb"],
  ["NN-no", "nn"],
  ["en-GB,nb;q=0.9", "en"],
  ["en;q=0.4, nn;q=0.7", "nn"],
  ["de, nb;q=0.3, en;q=0.2", "nb"],
  ["nb;q=0, en", "en"],
  ["nb;q=0", "en"],
  ["nb;q=abc, nn", "nn"],
  ["nn ; q=0.2 , nb ; q=0.1", "nn"],
  [",,;q=1;;", "en"],
])("%j asks for %s", (header, language) => {
  expect(negotiateLanguage(header)).toBe(language);
});

test("a header of any length is read at once", () => {
  const started = performance.now();
  expect(negotiateLanguage("nb;q=0,".repeat(20_000))).toBe("en");
  expect(performance.now() - started).toBeLessThan(500);
});
