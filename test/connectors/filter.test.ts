import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { filterFor, quote } from "../../src/connectors/rest/filter.ts";
import type { FindEndpoint } from "../../src/connectors/rest/mapping.ts";

const spiteful = fc.string({
  unit: fc.constantFrom("'", '"', "\\", "\0", "%", ")", "a", "ø", " "),
  maxLength: 8,
});

/** Reads a literal as a server of the dialect does; null where the literal ends before the text does. */
function parsed(literal: string, backslashEscapes: boolean): string | null {
  let text = "";
  for (let at = 1; at < literal.length; at++) {
    const [sign, next] = [literal[at] ?? "", literal[at + 1] ?? ""];
    if (backslashEscapes && sign === "\\") text += literal[++at] ?? "";
    else if (sign === "'" && next === "'") text += literal[++at] ?? "";
    else if (sign === "'") return at === literal.length - 1 ? text : null;
    else text += sign;
  }
  return null;
}

describe("literals of filter languages", () => {
  it.each(["sql", "mysql", "odata"] as const)(
    "%s: the server reads what was meant, and nothing after it",
    (dialect) => {
      fc.assert(
        fc.property(spiteful, (value) => {
          const literal = quote(dialect, value);
          if (value.includes("\0")) return literal === null;
          return literal !== null && parsed(literal, dialect === "mysql") === value;
        }),
      );
    },
  );

  it("json: the server reads what was meant", () => {
    fc.assert(fc.property(spiteful, (value) => JSON.parse(quote("json", value) ?? "") === value));
  });
});

describe("a filter for several identifiers", () => {
  const endpoint: FindEndpoint = {
    path: "/",
    results: "",
    filter: {
      parameter: "q",
      dialect: "odata",
      write: (kind, quoted) => (kind === "PHONE" ? null : `${kind} in (${quoted.join(",")})`),
    },
  };

  it("joins the kinds, and leaves out those that cannot be asked by", () => {
    expect(
      filterFor(endpoint, [
        { kind: "EMAIL", value: "o'neil@example.com" },
        { kind: "USERNAME", value: "oneil" },
        { kind: "PHONE", value: "+4790000000" },
      ]),
    ).toBe("(EMAIL in ('o''neil@example.com')) or (USERNAME in ('oneil'))");
    expect(filterFor(endpoint, [{ kind: "PHONE", value: "+4790000000" }])).toBeNull();
  });
});
