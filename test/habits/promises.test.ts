import { readFile } from "node:fs/promises";
import { isInterfaceType, isObjectType } from "graphql";
import { expect, it } from "vitest";
import { Purpose } from "../../src/access/vocabulary.ts";
import { unguarded } from "../../src/graphql/schema.ts";

const page = await readFile(new URL("../../docs/promises.md", import.meta.url), "utf8");
const rows = page.split("\n").filter((line) => /^\| (?:[SR]\d|[A-Z_]{5,})/.test(line));

const ids = [
  ...Array.from({ length: 8 }, (_, n) => `S${n + 1}`),
  ...Array.from({ length: 16 }, (_, n) => `R${n + 1}`),
];

it("every promise has its row, and every purpose", () => {
  const first = rows.map((row) => row.slice(2).split(" ")[0]);
  expect(first.filter((id) => /^[SR]\d+$/.test(id ?? ""))).toEqual(ids);
  const named = rows.flatMap((row) => row.split("|")[1]?.match(/[A-Z_]{5,}/g) ?? []);
  expect(named.filter((name) => name in Purpose).sort()).toEqual(Object.keys(Purpose).sort());
});

it.each(rows.map((row) => [row.split("|")[1]?.trim() ?? "", row] as const))(
  "%s: by an operation there is, held by a test",
  (_, row) => {
    const [, , operation = "", held = ""] = row.split("|");
    expect(held).toMatch(/\]\(\.\.\/test\/[\w/-]+\.test\.ts\)/);
    const { schema } = unguarded();
    const coordinates = [...operation.matchAll(/`(\w+)\.(\w+)`/g)];
    if (coordinates.length === 0) expect(operation).toContain("npm run ");
    for (const [, name = "", field = ""] of coordinates) {
      const type = schema.getType(name);
      expect(isObjectType(type) || isInterfaceType(type) ? Object.keys(type.getFields()) : []).toContain(
        field,
      );
    }
  },
);
