import { type Expected, type Hostile, long, mark, refused, unreadable } from "./inputs.ts";

export const change = { field: "PHONE", value: "+4790099009" };
const changing = (
  what: string,
  changes: unknown,
  expected: Expected = refused("STATED_TWICE", "PHONE"),
): Hostile => ({ mutation: "rectify", what, input: { changes }, expected });

/** What no value of a field may be. */
function values(field: string, longest: number, others: Readonly<Record<string, readonly string[]>> = {}) {
  const given: readonly (readonly [rule: string, value: string])[] = [
    ...["", "  ", "\u200b", "...", "\u0000"].map((value) => ["EMPTY", value] as const),
    ...[long(longest + 1), long(60_000)].map((value) => ["TOO_LONG", value] as const),
    ...["\u0000", "\n", "\r", "\t", "\u202e", "\u2069", "\u200e", "\u200b", "\ud800"].map(
      (character) => ["CONTROL_CHARACTER", `zebra${character}fisk`] as const,
    ),
    ...Object.entries(others).flatMap(([rule, all]) => all.map((value) => [rule, value] as const)),
  ];
  return given.map(([rule, value]) =>
    changing(`${field} ${JSON.stringify(value.slice(0, 30))}`, [{ field, value }], refused(rule, field)),
  );
}

export const rectifying: readonly Hostile[] = [
  ...["NAME", "JOB_TITLE", "ORGANISATION"].flatMap((field) => values(field, 200)),
  ...values("POSTAL_ADDRESS", 500),
  ...values("EMAIL", 254, {
    NOT_AN_EMAIL_ADDRESS: [
      mark,
      `${mark}@`,
      `@${mark}.no`,
      `${mark}@localhost`,
      `${mark}@a..no`,
      `${mark}@a.no, b@b.no`,
      `Zebra <${mark}@a.no>`,
      `a@b@${mark}.no`,
      `.${mark}@a.no`,
      `${long(65)}@a.no`,
    ],
  }),
  ...values("PHONE", 40, {
    NOT_A_PHONE_NUMBER: [mark, "0", "12", "+999 12345678", "9000000000000000000000", "+47 1", `9000${mark}`],
  }),
  changing("no changes", [], refused("NO_CHANGES", "changes")),
  changing(
    "too many",
    Array.from({ length: 51 }, () => change),
    refused("TOO_LONG", "changes"),
  ),
  changing(
    "2,000",
    Array.from({ length: 2_000 }, () => change),
    refused("TOO_LONG", "changes"),
  ),
  changing("one field twice", [change, change]),
  changing("one field twice, in one source and in all", [change, { ...change, sources: ["crm"] }]),
  changing("one source twice", [{ ...change, sources: ["crm", "crm"] }]),
  changing("no source", [{ ...change, sources: [] }], refused("NO_CHANGES", "PHONE")),
  ...["constructor", "__proto__", "hasOwnProperty", "CRM", "", mark].flatMap((name) => [
    changing(`source ${name}`, [{ ...change, sources: [name] }], refused("UNKNOWN_SOURCE", "PHONE")),
    changing(
      `version of source ${name}`,
      [{ ...change, expectedVersions: [{ source: name, version: "1" }] }],
      refused("UNKNOWN_SOURCE", "PHONE"),
    ),
    changing(
      `record type ${name}`,
      [{ ...change, recordType: name }],
      refused("UNKNOWN_RECORD_TYPE", "PHONE"),
    ),
  ]),
  changing("a version of one source twice", [
    { ...change, expectedVersions: ["1", "2"].map((version) => ({ source: "crm", version })) },
  ]),
  changing(
    "a version of a source that is not corrected",
    [{ ...change, sources: ["crm"], expectedVersions: [{ source: "learning", version: mark }] }],
    refused("NOT_CONCERNED", "PHONE"),
  ),
  changing(
    "a version that never was",
    [{ ...change, sources: ["crm"], expectedVersions: [{ source: "crm", version: long(20_000) }] }],
    refused("CONFLICT", "PHONE", "VALUE_CONFLICT"),
  ),
  ...["constructor", "__proto__", "phone", mark, null, 7].map((field) =>
    changing(`field ${field}`, [{ ...change, field }], unreadable("changes[0].field")),
  ),
  changing("null as a value", [change, { field: "NAME", value: null }], unreadable("changes[1].value")),
  changing("null as a change", [null], unreadable("changes[0]")),
  changing("null as changes", null, unreadable("changes")),
  changing("a change of nothing", [{}], unreadable()),
  changing("what no change has", [{ ...change, [mark]: mark }], unreadable()),
];
