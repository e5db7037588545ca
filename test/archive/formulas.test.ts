import fc from "fast-check";
import { expect, test } from "vitest";
import { unformulated } from "../../src/archive/formulas.ts";
import { withoutApostrophes } from "./csv.ts";

test.each([
  ["=1+1", "'=1+1"],
  ["+4722000000", "'+4722000000"],
  ["-12.5", "-12.5"],
  ["-3", "-3"],
  ["+47", "'+47"],
  ["-12,5", "'-12,5"],
  ["-1+1", "'-1+1"],
  ["-1\n", "'-1\n"],
  ["--1", "'--1"],
  ["-.5", "'-.5"],
  ["'-12.5", "''-12.5"],
  ["ja;-1", "ja;'-1"],
  ["@SUM(A1)", "'@SUM(A1)"],
  ["\t=1", "'\t'=1"],
  ["＝1", "'＝1"],
  ["'=1", "''=1"],
  ["ja;-nei\r\n=1", "ja;'-nei\r\n'=1"],
  ["O'Hara", "O'Hara"],
  ["'sitat'", "'sitat'"],
  ["2026-01-31, a=b", "2026-01-31, a=b"],
])("%j is written as %j", (held, written) => {
  expect(unformulated(held)).toBe(written);
});

test("lets no cell begin with a formula where a spreadsheet may split, and can be undone", () => {
  const text = fc.string({
    unit: fc.constantFrom("=", "+", "-", "@", "\t", "\r", "\n", ";", ",", "'", "a", "＠", "1", "."),
  });
  fc.assert(
    fc.property(text, (held) => {
      const written = unformulated(held);
      const begun = written.split(/[;\t\r\n]/).filter((cell) => /^[=+\-@＠]/.test(cell));
      expect(begun).toEqual(/^-\d+(\.\d+)?$/.test(held) ? [held] : []);
      expect(withoutApostrophes(written)).toBe(held);
    }),
  );
});
