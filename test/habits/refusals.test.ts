import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { rectifiables } from "../../src/requests/rectifiable.ts";
import { refusals } from "../../src/requests/refusals.ts";

const page = await readFile(new URL("../../docs/errors.md", import.meta.url), "utf8");

test("docs/errors.md has every rule of a refusal with its code, and no other", () => {
  const rows = [...page.matchAll(/^\| `([A-Z_]+)` +\| `([A-Z_]+)` +\|/gm)].map(([, rule, code]) => [
    rule,
    code,
  ]);
  expect(rows.sort()).toEqual(
    Object.entries(refusals)
      .map(([rule, { code }]) => [rule, code])
      .sort(),
  );
});

test("docs/errors.md says how long each value may be", () => {
  const [row = ""] = /^\| `TOO_LONG` .*$/m.exec(page) ?? [];
  for (const { longest } of Object.values(rectifiables)) expect(row).toMatch(new RegExp(`\\b${longest}\\b`));
});
