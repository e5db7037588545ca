import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { IdentifierKind } from "../../src/access/vocabulary.ts";
import {
  InvalidIdentifier,
  normalise,
  normaliseStored,
  parseIdentifier,
  sameIdentifier,
} from "../../src/subjects/identifiers.ts";

const kinds = fc.constantFrom(...Object.values(IdentifierKind));
const local = fc
  .array(fc.constantFrom(..."abcæøåéüñß09._-+'%*"), { minLength: 1, maxLength: 20 })
  .map((characters) => characters.join(""));
const domain = fc.constantFrom(
  "example.com",
  "blåbær.example",
  "xn--blbr-roah.example",
  "EXAMPLE.org",
  "sub.domene.no",
);

describe("an identifier", () => {
  test("is normalised once and for all", () => {
    fc.assert(
      fc.property(
        kinds,
        fc.oneof(
          fc.string({ unit: "binary" }),
          local,
          fc.tuple(local, domain).map((p) => p.join("@")),
        ),
        (kind, value) => {
          const once = normalise(kind, value);
          if (once !== null) expect(normalise(kind, once)).toBe(once);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  test("never throws, whatever is stored", () => {
    fc.assert(
      fc.property(kinds, fc.string({ unit: "binary", maxLength: 200 }), (kind, value) => {
        expect([null, "string"]).toContain(normaliseStored(kind, value) === null ? null : "string");
      }),
    );
  });
});

describe("an e-mail address", () => {
  test("is the same in every spelling", () => {
    fc.assert(
      fc.property(local, domain, (name, host) => {
        const plain = normalise("EMAIL", `${name}@${host}`);
        expect(plain).not.toBeNull();
        for (const spelling of [
          `${name}@${host}`.toUpperCase().replaceAll("SS", "ss"),
          `${name}@${host}`.normalize("NFD"),
          `  ${name}@${host}\n`,
          `${name.toUpperCase().replaceAll("SS", "ss")}@${host}`.normalize("NFD"),
        ]) {
          // "ß" has no single upper-case letter: its upper case is another address.
          if (!name.includes("ß")) expect(normalise("EMAIL", spelling)).toBe(plain);
        }
      }),
    );
  });

  test.each([
    ["Åse@BLÅBÆR.example", "åse@xn--blbr-roah.example"],
    ["åse@blåbær.example".normalize("NFD"), "åse@xn--blbr-roah.example"],
    ["ｋａｒｉ＠example.com", "kari@example.com"],
    ["kari@example。com", "kari@example.com"],
    ["BJØRN.Østby@Example.COM", "bjørn.østby@example.com"],
  ])("%s is %s", (spelling, address) => {
    expect(normalise("EMAIL", spelling)).toBe(address);
  });

  test.each([
    "",
    "@",
    "kari",
    "@example.com",
    "kari@",
    "ka ri@example.com",
    "kari@exa mple.com",
    '"kari"@example.com',
    "a\u0000b@example.com",
    "a<b@example.com",
    "kari@[::1",
    "kari@%00",
    // A domain ends where these stand in a URL, and would be another's.
    "kari@example.com/.another.example",
    "kari@example.com\\.another.example",
    "kari@example.com?.another.example",
    "kari@example.com#.another.example",
    "kari@exa%6dple.com",
    "kari@example.com:80",
  ])("%j is none", (text) => {
    expect(normalise("EMAIL", text)).toBeNull();
  });

  test("is not taken for another that a pattern would match", () => {
    expect(normalise("EMAIL", "kari_nordmann@example.com")).not.toBe(
      normalise("EMAIL", "kari.nordmann@example.com"),
    );
    expect(normalise("EMAIL", "%@example.com")).toBe("%@example.com");
  });

  test("stored with a display name is compared by the address", () => {
    expect(normaliseStored("EMAIL", '"Kari, N." <Kari@Example.com>')).toBe("kari@example.com");
    expect(normalise("EMAIL", '"Kari, N." <Kari@Example.com>')).toBeNull();
  });
});

describe("a phone number", () => {
  test.each(["90 00 00 01", "+47 900 00 001", "004790000001", "+4790000001", "(+47) 90000001"])(
    "%s is Norwegian",
    (text) => {
      expect(normalise("PHONE", text)).toBe("+4790000001");
    },
  );
  test("of another country keeps its own", () => {
    expect(normalise("PHONE", "+46 70 123 45 67")).toBe("+46701234567");
  });
  test.each(["", "abc", "1", "113", "90 00 00 01 ext. 5", "90000001x5", "90000001 / 90000002"])(
    "%j is none",
    (text) => {
      expect(normalise("PHONE", text)).toBeNull();
    },
  );
});

test("a number of a customer keeps its letter case; an empty one is none", () => {
  expect(normalise("CUSTOMER_NUMBER", " K-100001 ")).toBe("K-100001");
  expect(normalise("EXTERNAL_ID", "  ")).toBeNull();
});

test("the same value of another kind is another identifier", () => {
  expect(sameIdentifier({ kind: "USERNAME", value: "kari" }, { kind: "USERNAME", value: "kari" })).toBe(true);
  expect(sameIdentifier({ kind: "USERNAME", value: "kari" }, { kind: "EXTERNAL_ID", value: "kari" })).toBe(
    false,
  );
});

describe("what somebody states", () => {
  test.each([
    ["EMAIL", " Åse@BLÅBÆR.example ", "åse@xn--blbr-roah.example"],
    ["PHONE", "+47 900 00 001", "+4790000001"],
    ["CUSTOMER_NUMBER", " K-1 ", "K-1"],
    ["USERNAME", "Kari", "Kari"],
  ] as const)("as %s %j is read", (kind, value, normal) => {
    expect(parseIdentifier({ kind, value }, "identifier")).toEqual({ kind, value: normal });
  });

  test.each([
    ["EMAIL", "", "EMPTY"],
    ["USERNAME", " \u3000\t", "EMPTY"],
    ["EMAIL", `${"a".repeat(321)}@example.com`, "TOO_LONG"],
    ["CUSTOMER_NUMBER", "K-\u0000", "CONTROL_CHARACTER"],
    ["EMAIL", "kari@example.com\nbcc: ola", "CONTROL_CHARACTER"],
    ["EMAIL", "kari", "NOT_AN_EMAIL_ADDRESS"],
    ["EMAIL", "Kari <kari@example.com>", "NOT_AN_EMAIL_ADDRESS"],
    ["PHONE", "ring 90000001", "NOT_A_PHONE_NUMBER"],
    ["PHONE", "kari@example.com", "NOT_A_PHONE_NUMBER"],
  ] as const)("as %s %j is refused: which, why, and nothing of it", (kind, value, reason) => {
    const parse = () => parseIdentifier({ kind, value }, "input.identifier");
    expect(parse).toThrow(InvalidIdentifier);
    expect(parse).toThrow(expect.objectContaining({ argument: "input.identifier.value", kind, reason }));
    expect(parse).toThrow(`input.identifier.value: ${reason}`);
  });

  test("is refused or read in a form that stays as it is", () => {
    fc.assert(
      fc.property(kinds, fc.string({ unit: "binary", maxLength: 40 }), (kind, value) => {
        try {
          const parsed = parseIdentifier({ kind, value }, "identifier");
          expect(parseIdentifier(parsed, "identifier")).toEqual(parsed);
        } catch (error) {
          expect(error).toBeInstanceOf(InvalidIdentifier);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});
