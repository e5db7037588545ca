import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { writeArchive } from "../../src/archive/archive.ts";
import type { ArchiveContents } from "../../src/archive/contents.ts";
import { contentsOf, inAll, order, orders, record } from "./contents.ts";
import { tagsOf, textOf } from "./html.ts";
import { bytesOf, unzip } from "./unzip.ts";

const archiveOf = async (contents: ArchiveContents) => unzip(await bytesOf(writeArchive(contents)));

/** One text in every place that another hand can write to. */
function full(text: string, more: Partial<ArchiveContents> = {}) {
  const line = { product: text, parts: [{ serial: text }] };
  const type = {
    ...orders,
    title: inAll(text),
    fields: orders.fields.map((field) => ({ ...field, description: text })),
  };
  return contentsOf(
    {
      "crm.orders": [order({ number: text, note: text, total: text, lines: [line, line] })],
      "learning.record": [{ name: text }],
    },
    {
      requestId: text,
      controller: { name: text, organisationNumber: text, postalAddress: text, email: text, phone: text },
      notice: [{ title: inAll(text), lines: [inAll(text), inAll(text)] }],
      recordTypes: [type, record],
      missing: [{ source: text, recordType: null, reason: inAll(text) }],
      withheld: [
        { source: text, recordType: "orders", field: text, count: 3, ground: inAll(text), because: text },
      ],
      leftOut: [
        {
          source: text,
          recordType: text,
          title: inAll(text),
          part: "FIELD",
          field: { name: text, title: inAll(text) },
          reason: inAll(text),
        },
      ],
      ...more,
    },
  );
}

test.each([
  "</script><img src=x onerror=alert(1)>",
  `"><svg onload='x'>`,
  "' onmouseover='alert(1)",
  "</title></style></td></table><base href=//evil>",
  "<!--",
  "]]>",
  "&lt;b&gt; &amp;",
  "javascript:alert(1)",
  "${x} {{x}} `",
])("shows %s as what it is, wherever it stands", async (text) => {
  const [harmless, hostile] = await Promise.all([archiveOf(full("x")), archiveOf(full(text))]);
  const [page, said] = [harmless.file("innsyn.html"), hostile.file("innsyn.html")];
  expect(tagsOf(said)).toEqual(tagsOf(page));
  const times = (whole: string, part: string) => whole.split(part).length - 1;
  expect(times(textOf(said), text)).toBeGreaterThanOrEqual(30);
  expect(tagsOf(page).filter((tag) => /^<(script|img|link|iframe|object|form|base)/.test(tag))).toEqual([]);
});

test("has only characters that HTML can write", async () => {
  const page = (await archiveOf(full("a\u0000b\u001bc\u007fd\ud800e"))).file("innsyn.html");
  expect(page).toContain("a\uFFFDb\uFFFDc\uFFFDd\uFFFDe");
  expect(page).not.toMatch(/[^\P{Cc}\n]/u);
});

test("stands alone: the policy allows its own style and nothing else", async () => {
  const page = (await archiveOf(full("x"))).file("innsyn.html");
  const style = /<style>(.*?)<\/style>/s.exec(page)?.[1] ?? "";
  const hash = createHash("sha256").update(style).digest("base64");
  expect(page).toContain(
    `content="default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'"`,
  );
  expect(page).not.toMatch(/(src|href)="(?!#)/);
});

test("is marked up for who reads it by ear", async () => {
  const page = (await archiveOf(full("x", { language: "nn" }))).file("innsyn.html");
  expect(page).toMatch(/^<!doctype html>\n<html lang="nn">/);
  const tags = tagsOf(page);
  const count = (start: string) => tags.filter((tag) => tag.startsWith(start)).length;
  expect(
    tags
      .filter((tag) => tag.startsWith("<th"))
      .every((tag) => /^<th(ead)?( scope="(col|row)".*)?>$/.test(tag)),
  ).toBe(true);
  expect(count('<div class="wide" role="region" tabindex="0"')).toBe(3);
  expect(count("<caption")).toBe(3);
  for (const anchor of tags.filter((tag) => tag.startsWith("<a "))) {
    const id = /href="#([^"]+)"/.exec(anchor)?.[1];
    expect(tags).toContain(`<h3 id="${id}">`);
  }
});

test("says what is missing, withheld and left out before it shows anything, in every file that says what is there", async () => {
  const left = {
    source: "events",
    recordType: "visits",
    title: { nb: "Besøk", nn: "Besøk", en: "Visits" },
  };
  const shop = { nb: "Linjer, Butikk", nn: "Linjer, Butikk", en: "Lines, Shop" };
  const gaps = {
    missing: [
      {
        source: "crm",
        recordType: "orders",
        reason: { nb: "svarte ikke", nn: "svara ikkje", en: "did not answer" },
      },
    ],
    withheld: [
      {
        source: "learning",
        recordType: "record",
        field: "name",
        count: 3,
        ground: inAll("GDPR Art. 15(4)"),
        because: "navngir\nandre",
      },
    ],
    leftOut: [
      { ...left, part: "RECORD_TYPE", field: null, reason: inAll("ikke gitt av deg") },
      { ...left, part: "FIELD", field: { name: "lines.shop", title: shop }, reason: inAll("for loven") },
    ],
  } satisfies Partial<ArchiveContents>;
  const contents = contentsOf({ "learning.record": [{ name: null }] }, { ...gaps, kind: "PORTABILITY" });
  const files = await archiveOf(contents);
  const page = textOf(files.file("innsyn.html"));
  const said = [
    "crm, Bestillinger: svarte ikke",
    "crm, Orders: did not answer",
    "learning, Konto, name (3): GDPR Art. 15(4) – navngir",
    "events, Besøk: ikke gitt av deg",
    "events, Visits: ikke gitt av deg",
    "events, Besøk, Linjer, Butikk: for loven",
    "events, Visits, Lines, Shop: for loven",
  ];
  for (const line of said) {
    expect(files.file("README.txt")).toContain(line);
    expect(page.indexOf(line)).toBeGreaterThan(0);
    expect(page.indexOf(line)).toBeLessThan(page.indexOf("Innhold"));
  }
  expect(files.file("README.txt")).toContain("navngir andre");
  const manifest = JSON.parse(files.file("manifest.json"));
  expect(manifest).toMatchObject({ ...gaps, complete: false });
  expect(manifest.recordTypes).toMatchObject([{ complete: false }, { complete: true }]);
  expect(page).toContain("Ikke komplett Not complete: svarte ikke did not answer");
  expect(page).not.toContain("Ingen rader");
});

test("says that nothing is missing, where so", async () => {
  const files = await archiveOf(contentsOf({}, { language: "en" }));
  expect(files.file("README.txt")).toMatch(/^The data about you\n/);
  expect(files.file("README.txt")).toContain("What is missing:\n- Nothing.\n");
  expect(textOf(files.file("innsyn.html"))).toMatch(/Dette mangler What is missing\s+Ingenting. Nothing./);
  expect(JSON.parse(files.file("manifest.json"))).toMatchObject({ complete: true });
  expect(textOf(files.file("innsyn.html"))).toContain("Ingen rader. No rows.");
  expect(files.file("data/learning/record.json")).toBe("[]\n");
  expect(files.file("csv/learning/record.csv")).toBe('\uFEFF"_row","name"\r\n');
});

test("shows the first thousand rows, and says how many there are", async () => {
  const rows = Array.from({ length: 1001 }, (_, i) => order({ number: `n${i}.` }));
  const page = textOf((await archiveOf(contentsOf({ "crm.orders": rows }, {}, 300))).file("innsyn.html"));
  expect(page).toContain("De 1000 første av 1001 rader vises her. Resten er i data/crm/orders.json.");
  expect(page).toContain("n999.");
  expect(page).not.toContain("n1000.");
  const whole = textOf((await archiveOf(contentsOf({ "crm.orders": rows.slice(1) }))).file("innsyn.html"));
  expect(whole).toContain("n1000.");
  expect(whole).not.toContain("første av");
});

test.each(["JSON", "CSV"] as const)("the manifest names every file as it is, %s first", async (first) => {
  const files = await archiveOf(
    contentsOf({ "crm.orders": [order(), order({ lines: [{ product: "bok", parts: [] }] })] }, { first }),
  );
  const manifest = JSON.parse(files.file("manifest.json"));
  const paths = files.entries.map(({ fileName }) => fileName);
  expect(paths.at(-1)).toBe("manifest.json");
  expect(paths[1]).toBe(first === "JSON" ? "data/crm/orders.json" : "csv/crm/orders.csv");
  expect(manifest.files).toEqual(
    paths.slice(0, -1).map((path) => ({
      path,
      sha256: createHash("sha256").update(files.file(path)).digest("hex"),
      bytes: Buffer.byteLength(files.file(path)),
    })),
  );
  expect(manifest).toMatchObject({ kind: "ACCESS", madeAt: "2026-11-29T23:30:15.500Z" });
  expect(manifest.recordTypes).toEqual([
    {
      source: "crm",
      recordType: "orders",
      title: orders.title,
      complete: true,
      rows: 2,
      data: "data/crm/orders.json",
      schema: "schemas/crm/orders.schema.json",
      csv: ["csv/crm/orders.csv", "csv/crm/orders.lines.csv", "csv/crm/orders.lines.parts.csv"],
    },
    expect.objectContaining({ source: "learning", recordType: "record", rows: 0 }),
  ]);
});
