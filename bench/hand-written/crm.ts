import type pg from "pg";
import { canaryEmail } from "../../src/demo/people/fixed.ts";
import { groupedBy, only, page, prepared, text } from "./rows.ts";

export function crmReads(pool: pg.Pool) {
  const rows = prepared(pool);
  const orders = async (id: unknown, first: number) => {
    const found = await rows(
      "ordre",
      `select ordre_id, ordrenr, ordredato, belop, valuta, status, garanti_til, sperret, oppbevares_til from ordre
       where kontakt_id = $1 order by ordredato desc, ordre_id desc limit $2`,
      [id, first + 1],
    );
    const ids = found.slice(0, first).map((o) => o["ordre_id"]);
    const [lines, returns] = await Promise.all([
      rows(
        "ordrelinje",
        `select ordre_id, vare, antall, stykkpris, belop from ordrelinje where ordre_id = any($1) order by linje_id`,
        [ids],
      ),
      rows(
        "retur",
        `select ordre_id, mottatt, arsak, status from retur where ordre_id = any($1) order by retur_id`,
        [ids],
      ),
    ]);
    const linesOf = groupedBy(lines, "ordre_id");
    const returnsOf = groupedBy(returns, "ordre_id");
    return page(found, first, ["ordredato", "ordre_id"], (o) => ({
      number: o["ordrenr"],
      orderedAt: o["ordredato"],
      total: o["belop"],
      currency: o["valuta"],
      status: o["status"],
      warrantyUntil: o["garanti_til"],
      restricted: o["sperret"],
      retainedUntil: o["oppbevares_til"],
      lines: (linesOf.get(o["ordre_id"]) ?? []).map((l) => ({
        product: l["vare"],
        quantity: Number(l["antall"]),
        unitPrice: l["stykkpris"],
        amount: l["belop"],
      })),
      returns: (returnsOf.get(o["ordre_id"]) ?? []).map((r) => ({
        returnedAt: r["mottatt"],
        reason: r["arsak"],
        status: r["status"],
      })),
    }));
  };
  return async (email: string, first: number) => {
    const found = await rows(
      "kontakt",
      `select kontakt_id, kundenr, navn, epost, mobil, stilling, firma, adresse, kunde_siden, sist_aktiv, fodselsdato,
         merknad, sperret from kontakt where lower(epost) in ($1, $2) limit 1001`,
      [email, canaryEmail],
    );
    const own = only(found, email, "epost");
    const id = own["kontakt_id"];
    const [conversations, theirOrders, enrichments] = await Promise.all([
      rows(
        "samtale",
        `select samtale_id, tidspunkt, kanal, emne, tekst, saksbehandler from samtale where kontakt_id = $1
         order by tidspunkt desc, samtale_id desc limit $2`,
        [id, first + 1],
      ),
      orders(id, first),
      rows(
        "berikelse",
        `select egenskap, verdi, leverandor, hentet from berikelse where kontakt_id = $1 order by berikelse_id`,
        [id],
      ),
    ]);
    return {
      customerNumber: own["kundenr"],
      name: own["navn"],
      email: own["epost"],
      phone: own["mobil"],
      jobTitle: own["stilling"],
      organisation: own["firma"],
      postalAddress: own["adresse"],
      customerSince: own["kunde_siden"],
      lastActivityAt: own["sist_aktiv"],
      conversations: page(conversations, first, ["tidspunkt", "samtale_id"], (c) => ({
        at: c["tidspunkt"],
        channel: c["kanal"],
        subject: c["emne"],
        body: c["tekst"],
        handledBy: c["saksbehandler"],
      })),
      orders: theirOrders,
      enrichments: enrichments.map((e) => ({
        attribute: e["egenskap"],
        value: e["verdi"],
        provider: e["leverandor"],
        obtainedAt: e["hentet"],
      })),
      other: [
        { name: "Fødselsdato", value: text(own["fodselsdato"]), category: "IDENTITY" },
        { name: "Merknad", value: text(own["merknad"]), category: "CONVERSATION" },
        { name: "Sperret", value: text(own["sperret"]), category: "RIGHTS_REQUEST" },
      ],
    };
  };
}
