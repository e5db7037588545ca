import { describe, expect, test } from "vitest";
import { Purpose } from "../../src/access/vocabulary.ts";
import { languages } from "../../src/language/language.ts";
import { recordsCsv } from "../../src/records/csv.ts";
import { recordsPage } from "../../src/records/page.ts";
import { parseCsv } from "../archive/csv.ts";
import { tagsOf, textOf } from "../archive/html.ts";
import { awkward, madeOf } from "./made.ts";

const madeAt = new Date("2026-12-02T10:00:00Z");

/** Rows by purpose, cells by column. */
function table(text: string) {
  expect(text.startsWith("\uFEFF")).toBe(true);
  const [columns = [], ...rows] = parseCsv(text.slice(1));
  const named = rows.map((row) => Object.fromEntries(row.map((cell, i) => [columns[i] ?? "", cell])));
  return new Map(named.map((row) => [row["purpose"], row]));
}

describe("the table", () => {
  test("has a row per purpose, and a column for everything that Art. 30(1) asks for", () => {
    const records = madeOf();
    const rows = table(recordsCsv(records, "en", madeAt));
    expect([...rows.keys()]).toEqual(records.activities.map(({ purpose }) => purpose));
    expect(rows.get("BOOKKEEPING")).toMatchObject({
      title: "Bookkeeping",
      legal_basis: "Legal obligation (Art. 6(1)(c))",
      data_subjects: "Customers",
      systems: "crm",
      processors: "Kundesky AS, NO, DPA 2024-03 with Intech AS",
      recipients: "None.",
      transfers: "None.",
      controller: "Intech AS, 983 040 225, Postboks 246, 1301 Sandvika, intech@intech.no, 66 98 33 00",
      data_protection_officer: "Personvernombudet i Intech AS, dpo@intech.example",
      supervisory_authority: "Datatilsynet, https://www.datatilsynet.no",
      made_at: "2026-12-02T10:00:00.000Z",
    });
    expect(rows.get("BOOKKEEPING")?.["time_limits"]).toContain(
      "5 years after the end of the accounting year of «Ordered»",
    );
    expect(rows.get("BOOKKEEPING")?.["kept_by_law"]).toContain("bokføringsloven § 13");
  });

  test.each([
    ["nb", "Offentlige myndigheter i Norge som pålegger utlevering, AUTHORITY, NO"],
    ["nn", "Offentlege styresmakter i Noreg som pålegg utlevering, AUTHORITY, NO"],
    ["en", "Public authorities in Norway that order it, AUTHORITY, NO"],
  ] as const)("says to whom it goes that nobody knows by name beforehand: %s", (language, said) => {
    const rows = table(recordsCsv(madeOf(), language, madeAt));
    expect(rows.get("DISCLOSURE_TO_AUTHORITIES")).toMatchObject({
      recipients: said,
      systems: "crm; learning; mailing; events; website",
    });
    expect(textOf(recordsPage(madeOf(), language, madeAt))).toContain(said);
  });

  test("names transfers, and a system that there is not", () => {
    const rows = table(recordsCsv(madeOf(awkward), "en", madeAt));
    expect(rows.get("NEWSLETTER")?.["transfers"]).toBe("Far Mail, BR, BCR; Ads Inc, US, SCC 2021/914");
    expect(rows.get("AUDIT")?.["systems"]).toBe("The gateway alone.");
  });

  test("starts no formula", () => {
    const text = recordsCsv(madeOf(awkward), "nb", madeAt);
    const cells = parseCsv(text.slice(1)).flat();
    expect(cells.filter((cell) => /^[=+@-]/.test(cell ?? ""))).toEqual([]);
    expect(table(text).get("AUDIT")?.["controller"]).toMatch(/^'=HYPERLINK/);
  });

  test.each(languages)("is in the language that is asked for: %s", (language) => {
    const titles = { nb: "Nyhetsbrev", nn: "Nyheitsbrev", en: "Newsletter" };
    expect(table(recordsCsv(madeOf(), language, madeAt)).get("NEWSLETTER")?.["title"]).toBe(titles[language]);
  });
});

describe("the page", () => {
  test("shows every purpose, and nothing of it is markup that is not the page's own", () => {
    const plain = recordsPage(madeOf(), "nb", madeAt);
    const page = recordsPage(madeOf(awkward), "nb", madeAt);
    expect(textOf(page)).toContain("<script>alert(1)</script>");
    expect(tagsOf(page).filter((tag) => tag.startsWith("<script"))).toEqual([]);
    expect(textOf(page)).toContain("+Lås & slå");
    const shown = madeOf().activities.map(({ purpose }) => purpose);
    for (const purpose of shown) expect(plain).toContain(`<article id="${purpose}">`);
    expect(shown.length).toBe(Object.values(Purpose).length);
  });

  test("fetches nothing, and runs nothing", () => {
    const page = recordsPage(madeOf(awkward), "nb", madeAt);
    expect(page).toMatch(
      /<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'sha256-[^"]+"/,
    );
    expect(tagsOf(page).filter((tag) => /\b(src|href|on\w+)=/.test(tag))).toEqual([]);
  });

  test("is in bokmål or nynorsk, with English after it", () => {
    const [nb, nn] = (["nb", "nn"] as const).map((language) =>
      textOf(recordsPage(madeOf(), language, madeAt)),
    );
    expect(nb).toContain("Frister for sletting Time limits for erasure");
    expect(nn).toContain("Fristar for sletting Time limits for erasure");
    expect(nb).toContain("2 år etter «Siste aktivitet»");
  });

  test("says who is missing", () => {
    const nobody = madeOf(({ organisation, ...config }) => ({
      ...config,
      organisation: { ...organisation, dataProtectionOfficer: null },
    }));
    expect(textOf(recordsPage(nobody, "en", madeAt))).toContain("None is named in the configuration.");
  });
});
