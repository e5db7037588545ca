import { Ajv2020 } from "ajv/dist/2020.js";
import formats from "ajv-formats";
import fc from "fast-check";
import { expect, test } from "vitest";
import { writeArchive } from "../../src/archive/archive.ts";
import type { ArchiveContents } from "../../src/archive/contents.ts";
import { contentsOf, inAll, order, orders } from "./contents.ts";
import { parseCsv, withoutApostrophes } from "./csv.ts";
import { bytesOf, unzip, type Unzipped } from "./unzip.ts";

const archiveOf = async (contents: ArchiveContents) => unzip(await bytesOf(writeArchive(contents)));

function valid(files: Unzipped, type: { source: string; name: string }) {
  const ajv = new Ajv2020({ strict: true, allErrors: true });
  formats.default(ajv);
  const validate = ajv.compile(JSON.parse(files.file(`schemas/${type.source}/${type.name}.schema.json`)));
  validate(JSON.parse(files.file(`data/${type.source}/${type.name}.json`)));
  return validate.errors ?? [];
}

const hostile = [
  "",
  "'",
  "'=1+1",
  "=HYPERLINK(0)",
  "a;=1+1",
  "a\n-1",
  "\t@x",
  "＝1",
  '"\r\n,"',
  "</script><img src=x onerror=alert(1)>",
  "-->",
  "\u0000\u001b[31m",
  "\ud800",
  "\u202e",
  "\ufeff",
  "__proto__",
];
const text = fc.oneof(fc.constantFrom(...hostile), fc.string({ unit: "binary" }));
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null });
const rows = fc.array(
  fc.record({
    number: text,
    note: maybe(text),
    quantity: maybe(fc.integer()),
    weight: maybe(fc.double({ noDefaultInfinity: true, noNaN: true }).map((n) => n + 0)),
    total: fc.constantFrom("-12.50", "0", "1299.00"),
    paid: maybe(fc.boolean()),
    warrantyUntil: maybe(fc.constantFrom("2024-02-29", "2027-01-31")),
    orderedAt: fc.constantFrom("2026-01-31T12:00:00Z", "2026-06-01T00:00:00.123Z"),
    lines: fc.array(
      fc.record({
        product: maybe(text),
        parts: fc.array(fc.record({ serial: maybe(text) }), { maxLength: 2 }),
      }),
      { maxLength: 3 },
    ),
  }),
  { maxLength: 5 },
);

/** What a cell of text says in UTF-8: half a surrogate pair has no bytes. */
const cell = (value: unknown) => (value === null ? null : Buffer.from(String(value)).toString());
const cellsOf = (files: Unzipped, path: string) => {
  const parsed = parseCsv(files.file(path).replace(/^\uFEFF/, ""));
  return parsed.map((row) => row.map((value) => (value === null ? null : withoutApostrophes(value))));
};

test("gives back every row as it was held, as JSON to its schema and as tables", async () => {
  await fc.assert(
    fc.asyncProperty(rows, fc.integer({ min: 1, max: 3 }), async (held, pageSize) => {
      const files = await archiveOf(contentsOf({ "crm.orders": held }, {}, pageSize));
      expect(JSON.parse(files.file("data/crm/orders.json"))).toEqual(held);
      expect(valid(files, orders)).toEqual([]);

      const fields = [
        "number",
        "note",
        "quantity",
        "weight",
        "total",
        "paid",
        "warrantyUntil",
        "orderedAt",
      ] as const;
      const lines = held.flatMap((row, i) => row.lines.map((line) => ({ line, parent: i + 1 })));
      const parts = lines.flatMap(({ line }, i) => line.parts.map((part) => ({ part, parent: i + 1 })));
      expect(cellsOf(files, "csv/crm/orders.csv")).toEqual([
        ["_row", ...fields],
        ...held.map((row, i) => [`${i + 1}`, ...fields.map((name) => cell(row[name]))]),
      ]);
      expect(cellsOf(files, "csv/crm/orders.lines.csv")).toEqual([
        ["_row", "_parent_row", "product"],
        ...lines.map(({ line, parent }, i) => [`${i + 1}`, `${parent}`, cell(line.product)]),
      ]);
      expect(cellsOf(files, "csv/crm/orders.lines.parts.csv")).toEqual([
        ["_row", "_parent_row", "serial"],
        ...parts.map(({ part, parent }, i) => [`${i + 1}`, `${parent}`, cell(part.serial)]),
      ]);
    }),
    { numRuns: 60 },
  );
});

test("the schema refuses what the record type does not say", async () => {
  const files = await archiveOf(contentsOf({ "crm.orders": [order({ total: null, paid: "yes" })] }));
  expect(valid(files, orders).map(({ instancePath }) => instancePath)).toEqual(["/0/total", "/0/paid"]);
});

test("the schema takes null where a field was withheld, and there alone", async () => {
  const rows = [order({ number: null, lines: [{ product: null, parts: [] }] })];
  const withheldFrom = (recordType: string, field: string) =>
    archiveOf(
      contentsOf(
        { "crm.orders": rows },
        {
          withheld: [
            { source: "crm", recordType, field, count: 1, ground: inAll("GDPR Art. 15(4)"), because: "x" },
          ],
        },
      ),
    );
  expect(valid(await withheldFrom("orders", "number"), orders)).toEqual([]);
  expect(valid(await withheldFrom("conversations", "number"), orders)).toHaveLength(1);
  expect(valid(await withheldFrom("orders", "total"), orders)).toHaveLength(1);
});

test("writes tables that spreadsheets read as numbers and text, and run nothing of", async () => {
  const files = await archiveOf(
    contentsOf({
      "crm.orders": [order({ number: "-7.5", note: "=1+1", total: "-12.50", quantity: -3, lines: null })],
    }),
  );
  expect(files.file("csv/crm/orders.csv").split("\r\n")).toEqual([
    '\uFEFF"_row","number","note","quantity","weight","total","paid","warrantyUntil","orderedAt"',
    `1,"-7.5","'=1+1",-3,0.5,"-12.50",true,"2027-01-31","2026-01-31T12:00:00.000Z"`,
    "",
  ]);
  expect(files.file("csv/crm/orders.lines.csv")).toBe('\uFEFF"_row","_parent_row","product"\r\n');
});
