import { expect, test } from "vitest";
import { mayCount } from "../../src/access/decide.ts";
import { Role } from "../../src/access/vocabulary.ts";
import { unguarded } from "../../src/graphql/schema.ts";
import type { Dimension } from "../../src/sources/module.ts";
import { roster } from "../../src/sources/roster.ts";

const all = roster.flatMap(({ key, dimensions = {} }) =>
  Object.entries(dimensions as Record<string, Dimension>).map(([by, dimension]) => ({
    by,
    source: key,
    dimension,
  })),
);

test("there is something to count by", () => {
  expect(all.map(({ by, source }) => `${by} ${source}`).sort()).toEqual(
    expect.arrayContaining(["COURSE learning", "EVENT events", "LIST mailing"]),
  );
});

test.each(all)("$by of $source is a field that is labelled so, for statistics", ({ source, dimension }) => {
  const { label, name, at } = dimension;
  expect(label.purposes).toContain("STATISTICS");
  expect(label.source).toBe(source);
  const fields = [...unguarded().policies].flatMap(([coordinate, { label: own }]) =>
    own.kind === "personal" && own.purposes.includes("STATISTICS") && own.source === source
      ? [{ field: coordinate.split(".")[1], own }]
      : [],
  );
  for (const field of at === undefined ? [name] : [name, at])
    expect(fields).toContainEqual({ field, own: { kind: "personal", ...label } });
});

test("a label that says nothing of statistics is counted for nobody, the auditor neither", () => {
  for (const { dimension } of all) {
    const { label } = dimension;
    expect(mayCount(new Set(Object.values(Role)), dimension)).toBe(true);
    const without = { ...dimension, label: { ...label, purposes: ["TRAINING_DELIVERY"] as const } };
    expect(mayCount(new Set(Object.values(Role)), without)).toBe(false);
  }
});
