import { describe, expect, it } from "vitest";
import { type PhoneStyle, writePhone } from "../../src/connectors/phone-form.ts";
import { says, writtenAs } from "../../src/connectors/writing.ts";
import { normaliseStored } from "../../src/subjects/identifiers.ts";

const [norwegian, mobile, swedish, danish, american] = [
  "+4722334455",
  "+4790000000",
  "+46701234567",
  "+4532123456",
  "+12025550123",
];

describe("a phone number as a system writes it", () => {
  it.each<[PhoneStyle, string, string]>([
    [{}, norwegian, "+4722334455"],
    [{ form: "E164" }, swedish, "+46701234567"],
    [{ form: "NATIONAL" }, norwegian, "22334455"],
    [{ form: "NATIONAL_GROUPED" }, norwegian, "22 33 44 55"],
    [{ form: "NATIONAL_GROUPED", groups: [3, 2, 3] }, mobile, "900 00 000"],
    [{ form: "INTERNATIONAL" }, norwegian, "+47 22 33 44 55"],
    [{ form: "INTERNATIONAL", groups: [3, 2, 3] }, mobile, "+47 900 00 000"],
    [{ form: "INTERNATIONAL", groups: [3, 2] }, norwegian, "+47 22 33 44 55"],
    [{ form: "ZEROS" }, norwegian, "004722334455"],
    [{ form: "ZEROS" }, american, "0012025550123"],
  ])("%j %s is %s", (style, number, written) => {
    expect(writePhone(number, style)).toBe(written);
  });

  it.each<[PhoneStyle, string, string]>([
    [{ form: "NATIONAL" }, swedish, "+46701234567"],
    [{ form: "NATIONAL" }, danish, "+4532123456"],
    [{ form: "NATIONAL_GROUPED", groups: [3, 2, 3] }, danish, "+45 32 12 34 56"],
    [{ form: "NATIONAL_GROUPED" }, american, "+1 202 555 0123"],
    [{ form: "INTERNATIONAL", groups: [3, 2, 3] }, danish, "+45 32 12 34 56"],
  ])("%j keeps the country code of %s: %s", (style, number, written) => {
    expect(writePhone(number, style)).toBe(written);
  });

  it("is read as the number that it was", () => {
    for (const form of ["E164", "NATIONAL", "NATIONAL_GROUPED", "INTERNATIONAL", "ZEROS"] as const) {
      for (const number of [norwegian, mobile, swedish, danish, american]) {
        expect(normaliseStored("PHONE", writePhone(number, { form }) ?? ""), `${form} ${number}`).toBe(
          number,
        );
      }
    }
  });

  it.each(["", "no number", "22334455", "+4", "+47 22 33 44 55 ext. 9"])(
    "%j is no number in E.164",
    (value) => {
      expect(writePhone(value, { form: "NATIONAL" })).toBeNull();
    },
  );
});

describe("a value as a system writes it", () => {
  it("counts characters in the form written, not bytes", () => {
    expect(writtenAs({ kind: "TEXT", maxLength: 3 }, "ø😀x")).toBe("ø😀x");
    expect(writtenAs({ kind: "TEXT", maxLength: 2 }, "ø😀x")).toBeNull();
    expect(writtenAs({ kind: "PHONE", form: "NATIONAL", maxLength: 8 }, norwegian)).toBe("22334455");
    expect(writtenAs({ kind: "PHONE", maxLength: 8 }, norwegian)).toBeNull();
  });

  it("says the same in another form only where forms do not matter", () => {
    expect(says({ kind: "PHONE" }, "0047 22 33 44 55", norwegian)).toBe(true);
    expect(says({ kind: "PHONE" }, "22 33 44 56", norwegian)).toBe(false);
    expect(says({ kind: "EMAIL" }, '"Kari" <Kari@EXAMPLE.com>', "kari@example.com")).toBe(true);
    expect(says({ kind: "EMAIL" }, "malformed", "kari@example.com")).toBe(false);
    expect(says({ kind: "TEXT" }, "kari", "Kari")).toBe(false);
    expect(says({ kind: "TEXT" }, null, "Kari")).toBe(false);
  });
});
