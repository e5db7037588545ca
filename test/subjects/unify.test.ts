import { describe, expect, test } from "vitest";
import type { ProfileField } from "../../src/sources/module.ts";
import { type HeldFact, unify, versionOf } from "../../src/subjects/unify.ts";

const held = (field: ProfileField, ...values: (string | null)[]): HeldFact[] =>
  values.map((value, i) => ({
    source: `s${i}`,
    value,
    version: versionOf(`s${i}`, field, value),
    updatedAt: null,
    rectifiable: true,
  }));

describe("systems agree", () => {
  test.each<[ProfileField, ...(string | null)[]]>([
    ["email", "kari@example.com", "KARI@Example.com", "Kari <kari@example.com>"],
    ["email", "åse@example.com", "åse@example.com".normalize("NFD")],
    ["phone", "+47 900 00 001", "90000001", "004790000001"],
    ["name", "Kari  Nordmann", "Kari Nordmann "],
    ["name", "Bjørn André", "Bjørn André".normalize("NFD")],
    ["name", "Kari", null],
  ])("on the %s %j, %j", (field, ...values) => {
    expect(unify(field, held(field, ...values), [])).toMatchObject({ value: values[0], agrees: true });
  });

  test("where none holds the fact", () => {
    expect(unify("phone", held("phone", null, null), [])).toMatchObject({ value: null, agrees: true });
    expect(unify("phone", [], [])).toMatchObject({ value: null, agrees: true, heldBy: [] });
  });
});

describe("systems disagree", () => {
  test.each<[ProfileField, string, string]>([
    ["name", "Ingrid Aas", "Ingrid Lie"],
    ["name", "kari nordmann", "Kari Nordmann"],
    ["email", "kari.nordmann@example.com", "karinordmann@example.com"],
    ["email", "ola at example", "ola@example.com"],
    ["phone", "90000001", "90000002"],
  ])("on the %s: %s, %s; no value is chosen and both are shown", (field, one, other) => {
    const unified = unify(field, held(field, one, other), []);
    expect(unified).toMatchObject({ value: null, agrees: false });
    expect(unified.heldBy.map(({ value }) => value)).toEqual([one, other]);
  });

  test("as far as anybody knows while one of them cannot be asked", () => {
    expect(unify("name", held("name", "Kari"), ["events"])).toMatchObject({
      value: "Kari",
      agrees: false,
      unavailable: ["events"],
    });
  });
});

test("a version tells source, field and value apart, and holds none of them", () => {
  const version = versionOf("crm", "name", "Kari");
  expect(version).toBe(versionOf("crm", "name", "Kari"));
  const others = [
    versionOf("events", "name", "Kari"),
    versionOf("crm", "email", "Kari"),
    versionOf("crm", "name", "Kåri"),
    versionOf("crm", "name", null),
  ];
  expect(new Set([version, ...others]).size).toBe(5);
  expect(versionOf("crm", "name", null)).not.toBe(versionOf("crm", "name", "null"));
  expect(version).toMatch(/^[\w-]{22}$/);
});
