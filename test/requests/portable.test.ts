import { expect, it } from "vitest";
import type { Purpose } from "../../src/access/vocabulary.ts";
import type { RecordField, RecordType } from "../../src/archive/record-type.ts";
import { details } from "../../src/requests/details.ts";
import { notPortable } from "../../src/requests/portable.ts";

const title = { nb: "Ordrer", nn: "Ordrar", en: "Orders" };
const typeOf = (fields: readonly RecordField[]): RecordType => ({
  source: "crm",
  name: "orders",
  title,
  fields,
});
const field = (name: string, ...purposes: readonly Purpose[]) =>
  ({ name, type: "string", nullable: true, label: { category: "PURCHASE", purposes } }) as const;
const left = { source: "crm", recordType: "orders", title };

it("names a record type of which nothing is taken along", () => {
  expect(notPortable(typeOf([field("number", "BOOKKEEPING")]))).toEqual([
    { ...left, part: "RECORD_TYPE", field: null, reason: details.NOT_PORTABLE },
  ]);
});

it("names each field that is left out, as it is called, in lists too", () => {
  const lines = { name: "lines", list: [field("product", "STATISTICS"), field("text", "NEWSLETTER")] };
  const type = typeOf([field("number", "ORDER_FULFILMENT"), field("total", "BOOKKEEPING"), lines]);
  expect(notPortable(type)).toEqual([
    {
      ...left,
      part: "FIELD",
      field: { name: "total", title: { nb: "Sum", nn: "Sum", en: "Total" } },
      reason: details.NOT_PORTABLE,
    },
    {
      ...left,
      part: "FIELD",
      field: {
        name: "lines.product",
        title: { nb: "Ordrelinjer, Vare", nn: "Ordrelinjer, Vare", en: "Lines, Product" },
      },
      reason: details.NOT_PORTABLE,
    },
  ]);
});

it("names the record types that may have rows which are kept for a law alone", () => {
  const type = typeOf([field("number", "ORDER_FULFILMENT"), field("restricted", "ORDER_FULFILMENT")]);
  expect(notPortable(type)).toEqual([
    {
      ...left,
      part: "ROWS",
      field: null,
      reason: expect.objectContaining({ nb: expect.stringContaining("en lov krever det") }),
    },
  ]);
  expect(notPortable(typeOf([field("number", "ORDER_FULFILMENT")]))).toEqual([]);
});
