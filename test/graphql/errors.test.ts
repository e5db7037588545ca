import { readFile } from "node:fs/promises";
import { GraphQLError } from "graphql";
import { describe, expect, test } from "vitest";
import { createErrorFormat, localise } from "../../src/graphql/errors.ts";
import { type FaultCode, fault, faults, faultText } from "../../src/graphql/faults.ts";
import { languages } from "../../src/language/language.ts";
import { NotFound } from "../../src/subjects/not-found.ts";
import { InvalidCursor } from "../../src/sources/contract.ts";
import { failureTexts } from "../../src/sources/failures.ts";
import { SourceUnavailable } from "../../src/sources/loader.ts";

const codes = Object.keys(faults) as FaultCode[];

/** Rows of the page's table: code and HTTP status. */
async function documented(): Promise<(readonly [string, number])[]> {
  const page = await readFile(new URL("../../docs/errors.md", import.meta.url), "utf8");
  return [...page.matchAll(/^\| `([A-Z_]+)` +\| (\d{3}) +\|/gm)].map(([, code = "", status]) => [
    code,
    Number(status),
  ]);
}

test("docs/errors.md has every code with its HTTP status, and no other", async () => {
  expect(await documented()).toEqual(codes.map((code) => [code, faults[code].status]));
});

test("docs/errors.md names every reason why a source may fail", async () => {
  const page = await readFile(new URL("../../docs/errors.md", import.meta.url), "utf8");
  for (const reason of Object.keys(failureTexts)) expect(page).toContain(`\`${reason}\``);
});

test.each(codes)("%s is told in three languages, each in its own words", (code) => {
  const texts = languages.map((language) => faultText(code, language));
  for (const text of texts) expect(text).toMatch(/^\p{Lu}.*\.$/u);
  expect(new Set(texts).size).toBeGreaterThan(code === "PURPOSE_REQUIRED" ? 1 : 2);
});

describe("an error as the caller sees it", () => {
  const reported: [string, unknown][] = [];
  const format = createErrorFormat((reference, error) => void reported.push([reference, error]));
  const secret = "duplicate key (email)=(kari.nordmann@example.com) at /srv/innsyn/x.ts:1:1";

  test("of foreign code is masked, with a reference that the log has too", () => {
    for (const thrown of [
      new Error(secret),
      new GraphQLError(secret),
      secret,
      new GraphQLError(secret, { extensions: { code: "INTERNAL", stacktrace: [secret] } }),
    ]) {
      const error =
        thrown instanceof GraphQLError
          ? thrown
          : new GraphQLError("x", { originalError: thrown instanceof Error ? thrown : new Error(secret) });
      const told = format(
        {
          message: error.message,
          path: ["me"],
          extensions: { code: "INTERNAL_SERVER_ERROR", ...error.extensions },
        },
        error,
      );
      expect(JSON.stringify(told)).not.toMatch(/kari|srv|duplicate/);
      expect(told).toMatchObject({
        message: faults.INTERNAL.text.en,
        path: ["me"],
        extensions: { code: "INTERNAL" },
      });
      expect(reported.at(-1)?.[0]).toBe(told.extensions?.["reference"]);
    }
  });

  test.each([
    [
      new SourceUnavailable("crm", "TIMED_OUT"),
      { code: "SOURCE_UNAVAILABLE", source: "crm", reason: "TIMED_OUT" },
    ],
    [new InvalidCursor(secret), { code: "BAD_USER_INPUT", argument: "after" }],
    [new NotFound(secret), { code: "NOT_FOUND" }],
    [fault("FORBIDDEN", { coordinates: ["A.b"] }), { code: "FORBIDDEN", coordinates: ["A.b"] }],
  ])("%s has its code and details, and nothing else", (originalError, extensions) => {
    const wrapped =
      originalError instanceof GraphQLError
        ? originalError
        : new GraphQLError(secret, { originalError, path: ["me"] });
    const { http: _, ...given } = wrapped.extensions;
    const told = format(
      { message: wrapped.message, extensions: { code: "INTERNAL_SERVER_ERROR", ...given } },
      wrapped,
    );
    expect(told.extensions).toEqual(extensions);
    expect(JSON.stringify(told)).not.toContain("kari");
  });

  test("of a variable keeps its place and loses its value, whatever stands in the value", () => {
    for (const value of ['"x; kari"', '"a \\" kari"', "{ a: kari }", "4790000001", '"line\nkari"']) {
      const message = `Variable "$n" got invalid value ${value}; Int cannot represent non-integer value: ${value}`;
      const told = format({ message, extensions: { code: "BAD_USER_INPUT" } }, new GraphQLError(message));
      expect(told.message).toBe('Variable "$n" got an invalid value.');
    }
  });

  test("of a variable names the member that is wrong, unless the value could be what names it", () => {
    const told = (message: string) =>
      format({ message, extensions: { code: "BAD_USER_INPUT" } }, new GraphQLError(message)).message;
    const wrong = 'Expected type "Purpose" to be an enum.';
    expect(told(`Variable "$input" got invalid value "kari" at "input.changes[3].field"; ${wrong}`)).toBe(
      'Variable "$input" got an invalid value at "input.changes[3].field".',
    );
    for (const value of ['{ x at "input.kari"; : 1 } at "input.purpose"', '" at \\"input.kari\\"; "', "kari"])
      expect(told(`Variable "$input" got invalid value ${value}; ${wrong}`)).not.toContain("kari");
  });

  test("speaks the caller's language, unless it says more than the table", () => {
    const told = format(
      { message: "x" },
      new GraphQLError("x", { originalError: new NotFound(), path: ["me"] }),
    );
    expect(localise(told, "nn").message).toBe(faults.NOT_FOUND.text.nn);
    expect(localise({ ...told, message: 'Unknown type "X".' }, "nb").message).toBe('Unknown type "X".');
  });
});
