/** Stands in whatever is sent that could be told of, and nowhere else. */
export const mark = "zebrafisk";
export const long = (n: number) => mark.repeat(Math.ceil(n / mark.length)).slice(0, n);

/** A refusal as data, or an error: each names the rule, and the field where there is one. */
export type Expected =
  | { readonly code: string; readonly rule: string; readonly field: string | null }
  | { readonly error: string; readonly at?: string };

export interface Hostile {
  readonly mutation: string;
  readonly what: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly expected: Expected;
}

export const refused = (rule: string, field: string | null, code = "INVALID_VALUE") => ({
  code,
  rule,
  field,
});
export const unreadable = (at?: string) => ({ error: "BAD_USER_INPUT", ...(at && { at }) });

/** What no text may be, of an argument that takes several lines, or one. */
export function texts(mutation: string, field: string, longest: number, lines = true): readonly Hostile[] {
  const each = (what: string, value: unknown, expected: Expected): Hostile => ({
    mutation,
    what: `${field}: ${what}`,
    input: { [field]: value },
    expected,
  });
  const empty = refused("EMPTY", field);
  const control = refused("CONTROL_CHARACTER", field);
  return [
    each("nothing", "", empty),
    each("spaces", " \u00a0\t\r\n ", empty),
    each("nothing that is seen", "\u200b\u2060\ufeff", empty),
    each("marks alone", "--- !? ---", empty),
    each("a character too much", long(longest + 1), refused("TOO_LONG", field)),
    each("very much", long(60_000), refused("TOO_LONG", field)),
    each("a character too much, of two halves", "𝔷".repeat(longest + 1), refused("TOO_LONG", field)),
    ...[
      ["a NUL", "\u0000"],
      ["a bell", "\u0007"],
      ["an escape", "\u001b[31m"],
      ["a C1 control", "\u0085"],
      ["a line separator", "\u2028"],
      ["an override to the left", "\u202e"],
      ["an isolate", "\u2066"],
      ["a mark of direction", "\u200f"],
      ["an Arabic mark of direction", "\u061c"],
      ["a space of no width", "\u200b"],
      ["a tag", "\u{e0041}"],
      ["half a character", "\ud83d"],
      ...(lines ? [] : [["a new line", "\n"]]),
    ].map(([what = "", character = ""]) => each(what, `${mark}${character}${mark}`, control)),
    each("a number", 90009000, unreadable(field)),
    each("a list", [mark], unreadable(field)),
    each("an object", { [mark]: mark }, unreadable()),
    each("yes", true, unreadable(field)),
  ];
}

/** What no list of sources may be. */
export function sources(mutation: string): readonly Hostile[] {
  const each = (what: string, value: unknown, expected: Expected): Hostile => ({
    mutation,
    what: `sources: ${what}`,
    input: { sources: value },
    expected,
  });
  const unknown = refused("UNKNOWN_SOURCE", "sources");
  return [
    each("none", [], refused("EMPTY", "sources")),
    each("one twice", ["crm", "crm"], refused("STATED_TWICE", "sources")),
    each(
      "one 10,000 times",
      Array.from({ length: 10_000 }, () => "crm"),
      refused("STATED_TWICE", "sources"),
    ),
    ...[
      "",
      " crm",
      "CRM",
      "crm\u0000",
      "constructor",
      "__proto__",
      "toString",
      "gateway",
      mark,
      long(50_000),
    ].map((name) => each(JSON.stringify(name.slice(0, 20)), ["events", name], unknown)),
    each("null among them", ["crm", null], unreadable("sources[1]")),
    each("a number among them", ["crm", 1], unreadable("sources[1]")),
  ];
}

/** What no value of an enum may be. */
export const enums = (mutation: string, field: string): readonly Hostile[] =>
  [
    "constructor",
    "__proto__",
    "newsletter",
    "NEWSLETTER ",
    "",
    mark,
    1,
    null,
    ["NEWSLETTER", "BOOKKEEPING"],
  ].map((value) => ({
    mutation,
    what: `${field}: ${JSON.stringify(value)}`,
    input: { [field]: value },
    expected: unreadable(field),
  }));
