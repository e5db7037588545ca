import type { SqlMapping } from "../../../connectors/sql/mapping.ts";
import type { CustomerCollections, CustomerField } from "../../../sources/crm/records.ts";
import { canary, reference } from "../canary.ts";

const mark = { restriction: { column: "sperret", on: true }, until: "oppbevares_til" } as const;

export function crmMapping(url: string): SqlMapping<CustomerField, CustomerCollections> {
  return {
    connector: "sql",
    dialect: "postgresql",
    url,
    person: {
      table: "kontakt",
      key: "kontakt_id",
      identifiers: [
        { kind: "EMAIL", column: "epost" },
        { kind: "CUSTOMER_NUMBER", column: "kundenr" },
      ],
      fields: {
        customerNumber: "kundenr",
        name: "navn",
        email: "epost",
        phone: "mobil",
        jobTitle: "stilling",
        organisation: "firma",
        postalAddress: "adresse",
        customerSince: { column: "kunde_siden", as: "date" },
        lastActivityAt: { column: "sist_aktiv", as: "moment" },
      },
      other: [
        { name: "Fødselsdato", column: { column: "fodselsdato", as: "date" }, category: "IDENTITY" },
        { name: "Merknad", column: "merknad", category: "CONVERSATION" },
        { name: "Sperret", column: "sperret", category: "RIGHTS_REQUEST" },
      ],
      notPersonal: {
        soketekst: "computed by the CRM from the number, name, address and phone that are shown",
      },
      updatedAt: { column: "endret", as: "moment" },
      writes: {
        fields: {
          name: { kind: "TEXT" },
          email: { kind: "EMAIL" },
          phone: { kind: "PHONE", form: "INTERNATIONAL", groups: [3, 2, 3] },
          jobTitle: { kind: "TEXT" },
          organisation: { kind: "TEXT" },
          postalAddress: { kind: "TEXT" },
        },
        touched: [{ column: "endret", as: "moment" }],
        restriction: { column: "sperret", on: true, off: false },
      },
    },
    collections: {
      conversations: {
        table: "samtale",
        key: "samtale_id",
        parent: "kontakt_id",
        order: { column: "tidspunkt", direction: "desc" },
        fields: {
          at: { column: "tidspunkt", as: "moment" },
          channel: "kanal",
          subject: "emne",
          body: "tekst",
          handledBy: "saksbehandler",
          order: "ordre.ordrenr",
          restricted: { column: "sperret", as: "boolean" },
          retainedUntil: { column: "oppbevares_til", as: "date" },
        },
        joins: [{ table: "ordre", alias: "ordre", on: ["ordre_id", "ordre_id"] }],
        notPersonal: { ordre_id: reference },
      },
      orders: {
        table: "ordre",
        key: "ordre_id",
        parent: "kontakt_id",
        order: { column: "ordredato", direction: "desc" },
        fields: {
          number: "ordrenr",
          orderedAt: { column: "ordredato", as: "moment" },
          total: { column: "belop", as: "decimal" },
          currency: "valuta",
          status: "status",
          warrantyUntil: { column: "garanti_til", as: "date" },
          restricted: { column: "sperret", as: "boolean" },
          retainedUntil: { column: "oppbevares_til", as: "date" },
        },
      },
      "orders.lines": {
        table: "ordrelinje",
        key: "linje_id",
        parent: "ordre_id",
        fields: {
          product: "vare",
          quantity: { column: "antall", as: "number" },
          unitPrice: { column: "stykkpris", as: "decimal" },
          amount: { column: "belop", as: "decimal" },
        },
      },
      "orders.returns": {
        table: "retur",
        key: "retur_id",
        parent: "ordre_id",
        fields: {
          returnedAt: { column: "mottatt", as: "moment" },
          reason: "arsak",
          status: "status",
        },
      },
      enrichments: {
        table: "berikelse",
        key: "berikelse_id",
        parent: "kontakt_id",
        fields: {
          attribute: "egenskap",
          value: "verdi",
          provider: "leverandor",
          obtainedAt: { column: "hentet", as: "moment" },
        },
      },
    },
    canary,
    erasures: {
      collections: {
        conversations: { mark },
        orders: {
          mark,
          // Where the goods went is part of the sales document (bokføringsforskriften § 5-1-1 first paragraph no. 4).
          along: [{ table: "ordre_levering", key: "levering_id", parent: "ordre_id" }],
        },
        enrichments: {},
      },
      record: {
        mark: { restriction: { column: "sperret", on: true } },
        reduced: {
          overwrite: {
            epost: null,
            mobil: null,
            stilling: null,
            fodselsdato: null,
            merknad: null,
            kunde_siden: { yearOf: "date" },
            sist_aktiv: { yearOf: "moment" },
          },
          keeps: {
            kundenr: "names the buyer on the sales documents",
            navn: "the buyer's name (bokføringsforskriften § 5-1-1)",
            firma: "the buyer's name, of a business",
            adresse: "the buyer's address (bokføringsforskriften § 5-1-2)",
            sperret: "says that it is kept for nothing else",
            endret: "when the system changed the row",
            soketekst: "computed from the others",
          },
        },
      },
      traces: [
        {
          table: "kontakt_historikk",
          key: "historikk_id",
          // Of a contact that was deleted, the number leads to nobody any more.
          named: [
            { column: "kontakt_id", by: "RECORD" },
            { column: "epost", by: "EMAIL", within: true },
            { column: "mobil", by: "PHONE", within: true },
          ],
        },
        {
          table: "epost_logg",
          key: "logg_id",
          // What went out before there was a contact has an address alone, as a mailer writes it.
          named: [
            { column: "kontakt_id", by: "RECORD" },
            { column: "mottaker", by: "EMAIL", within: true },
          ],
        },
      ],
    },
  };
}
