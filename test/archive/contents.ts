import type { ArchiveContents, ArchiveRow } from "../../src/archive/contents.ts";
import type { RecordField, RecordType } from "../../src/archive/record-type.ts";
import type { Text } from "../../src/language/language.ts";

export const inAll = (text: string): Text => ({ nb: text, nn: text, en: text });

/** Every type of field, and lists two deep. */
export const orders = {
  source: "crm",
  name: "orders",
  title: { nb: "Bestillinger", nn: "Bestillingar", en: "Orders" },
  fields: [
    {
      name: "number",
      type: "string",
      nullable: false,
      description: "As printed on the invoice.",
      label: { category: "PURCHASE", purposes: ["ORDER_FULFILMENT", "BOOKKEEPING"] },
    },
    {
      name: "note",
      type: "string",
      nullable: true,
      label: { category: "PURCHASE", purposes: ["ORDER_FULFILMENT"], freeText: true },
    },
    { name: "quantity", type: "integer", nullable: true },
    { name: "weight", type: "number", nullable: true },
    { name: "total", type: "decimal", nullable: false },
    { name: "paid", type: "boolean", nullable: true },
    { name: "warrantyUntil", type: "date", nullable: true },
    { name: "orderedAt", type: "date-time", nullable: false },
    {
      name: "lines",
      list: [
        { name: "product", type: "string", nullable: true },
        { name: "parts", list: [{ name: "serial", type: "string", nullable: true }] },
      ],
    },
  ] satisfies readonly RecordField[],
} as const satisfies RecordType;

export const record = {
  source: "learning",
  name: "record",
  title: { nb: "Konto", nn: "Konto", en: "Account" },
  fields: [{ name: "name", type: "string", nullable: true }],
} as const satisfies RecordType;

export const order = (row: Partial<ArchiveRow> = {}): ArchiveRow => ({
  number: "1001",
  note: null,
  quantity: 2,
  weight: 0.5,
  total: "1299.00",
  paid: true,
  warrantyUntil: "2027-01-31",
  orderedAt: "2026-01-31T12:00:00.000Z",
  lines: [],
  ...row,
});

type Rows = Readonly<Record<string, readonly ArchiveRow[]>>;

/** @param rows of each record type, by `source.name`; given in pages of `pageSize` */
export function contentsOf(rows: Rows, more: Partial<ArchiveContents> = {}, pageSize = 2): ArchiveContents {
  return {
    language: "nb",
    madeAt: new Date("2026-11-29T23:30:15.500Z"),
    requestId: "0195f3a0-0000-7000-8000-000000000001",
    kind: "ACCESS",
    first: "JSON",
    controller: {
      name: "Intech AS",
      organisationNumber: "912345678",
      postalAddress: "Storgata 1, 0155 Oslo",
      email: "personvern@example.no",
      phone: "+4722000000",
    },
    notice: [{ title: inAll("Purposes"), lines: [inAll("Order fulfilment")] }],
    recordTypes: [orders, record],
    async *rows({ source, name }) {
      const all = rows[`${source}.${name}`] ?? [];
      for (let at = 0; at < all.length; at += pageSize) yield all.slice(at, at + pageSize);
    },
    missing: [],
    withheld: [],
    leftOut: [],
    ...more,
  };
}
