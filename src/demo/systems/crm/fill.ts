import { faker } from "@faker-js/faker/locale/nb_NO";
import { daysFrom, fullDate, inAccountingYear, within } from "../../people/calendar.ts";
import { seedFor } from "../../people/generate.ts";
import type { Held, Person } from "../../people/person.ts";
import type { Batch } from "../batch.ts";
import type { Layout } from "../layout.ts";
import { constraints, tables } from "./schema.ts";
import {
  channels,
  conversations,
  enrichments,
  mailSubjects,
  orderStates,
  products,
  returnReasons,
} from "./texts.ts";

/** How many years back the orders of a person with a full record lie: under and past the five years of the law. */
const fullOrderYears = [0, 0, 0, 0, 1, 1, 2, 3, 4, 6, 7, 8];
/**
 * Of a full record's conversations, those about an order or of old: within and past the three and a half years that the law
 * keeps what belongs to an order, one of them about an order that has to go before it. The rest are about none.
 */
const fullConversations: Readonly<Record<number, { readonly order?: number; readonly yearsBack: number }>> = {
  0: { order: 0, yearsBack: 0 },
  3: { order: fullOrderYears.indexOf(7), yearsBack: 7 },
  4: { yearsBack: 6 },
  6: { order: fullOrderYears.indexOf(6), yearsBack: 1 },
  9: { order: fullOrderYears.indexOf(2), yearsBack: 2 },
};
const { arrayElement } = faker.helpers;
const { int } = faker.number;

/** Two years, but for one thing that was sold with ten: it outlasts what the law orders kept. */
const warrantyDays = ({ extent }: Person, position: number) =>
  extent === "full" && position === fullOrderYears.indexOf(7) ? 3_652 : 730;

export function crmLayout(today: Date): Layout {
  const last = {
    order: 5_000,
    line: 0,
    return: 0,
    conversation: 0,
    enrichment: 0,
    delivery: 0,
    history: 0,
    mail: 0,
  };

  function addPerson(person: Person, into: Batch): void {
    const held = person.held.crm;
    if (held === undefined) return;
    seedFor(person.index, "crm");
    const contactId = 1_000 + person.index;
    into.add("kontakt", contact(contactId, person, held));
    const orders = orderYears(person).map((yearsBack, position) =>
      addOrder(contactId, person, inAccountingYear(today, yearsBack), position, into),
    );
    addConversations(contactId, person, orders, into);
    addEnrichments(contactId, person, into);
    for (const order of orders) addDelivery(order, person, held, into);
    addHistory(contactId, person, held, into);
    addMails(contactId, person, held, into);
    if (person.extent === "full") addFormerContact(person, held, into);
  }

  function contact(id: number, person: Person, held: Held): object {
    const whole = person.extent !== "usual";
    const active = within(today, whole ? 30 : 700);
    return {
      kontakt_id: id,
      kundenr: person.customerNumber,
      navn: held.name,
      epost: held.email,
      mobil: whole || faker.datatype.boolean(0.9) ? held.phone : null,
      stilling: whole || faker.datatype.boolean(0.7) ? person.jobTitle : null,
      firma: whole || faker.datatype.boolean(0.7) ? person.organisation : null,
      adresse: person.postalAddress,
      fodselsdato:
        whole || faker.datatype.boolean(0.3)
          ? fullDate(daysFrom(today, -int({ min: 7_000, max: 29_000 })))
          : null,
      merknad: whole ? "Ringes helst etter kl. 15." : null,
      kunde_siden: fullDate(inAccountingYear(today, 9)),
      sist_aktiv: active,
      sperret: person.restricted,
      endret: active,
    };
  }

  function addOrder(contactId: number, person: Person, at: Date, position: number, into: Batch): number {
    const id = ++last.order;
    const total = addLines(id, person, into);
    // Kept by law though the person asked for restriction or erasure (bokføringsloven § 13).
    const kept = person.extent === "whole" || person.restricted;
    into.add("ordre", {
      ordre_id: id,
      kontakt_id: contactId,
      ordrenr: `${at.getUTCFullYear()}-${id}`,
      ordredato: at,
      belop: total.toFixed(2),
      valuta: "NOK",
      status: arrayElement(orderStates),
      garanti_til: position % 4 === 3 ? null : fullDate(daysFrom(at, warrantyDays(person, position))),
      sperret: kept,
      oppbevares_til: kept ? `${at.getUTCFullYear() + 5}-12-31` : null,
    });
    const returned = person.extent === "usual" ? faker.datatype.boolean(0.08) : position < 2;
    if (returned) addReturn(id, at, into);
    return id;
  }

  function addLines(orderId: number, person: Person, into: Batch): number {
    let total = 0;
    for (let n = int({ min: person.extent === "full" ? 2 : 1, max: 3 }); n > 0; n--) {
      const quantity = int({ min: 1, max: 4 });
      const price = int({ min: 4_900, max: 990_000 }) / 100;
      total += quantity * price;
      into.add("ordrelinje", {
        linje_id: ++last.line,
        ordre_id: orderId,
        vare: arrayElement(products),
        antall: quantity,
        stykkpris: price.toFixed(2),
        belop: (quantity * price).toFixed(2),
      });
    }
    return total;
  }

  function addReturn(orderId: number, orderedAt: Date, into: Batch): void {
    const at = daysFrom(orderedAt, int({ min: 3, max: 14 }));
    into.add("retur", {
      retur_id: ++last.return,
      ordre_id: orderId,
      mottatt: at < today ? at : today,
      arsak: arrayElement(returnReasons),
      status: "kreditert",
    });
  }

  function addConversations(contactId: number, person: Person, orders: readonly number[], into: Batch): void {
    const count = { usual: int(4), full: 10, whole: 2, reader: 3 }[person.extent];
    for (let n = 0; n < count; n++) {
      const [subject, body] =
        (person.extent === "full" ? conversations[n % conversations.length] : undefined) ??
        arrayElement(conversations);
      const full = person.extent === "full" ? fullConversations[n] : undefined;
      const about = full ? full.order : n % 3 === 0 ? n % Math.max(orders.length, 1) : undefined;
      const at = full ? inAccountingYear(today, full.yearsBack) : within(today, 1_500);
      const orderId = about === undefined ? null : (orders[about] ?? null);
      const kept = person.extent === "whole" || (person.restricted && orderId !== null);
      into.add("samtale", {
        samtale_id: ++last.conversation,
        kontakt_id: contactId,
        ordre_id: orderId,
        tidspunkt: at,
        kanal: arrayElement(channels),
        emne: subject,
        tekst: body,
        saksbehandler: "Sara Support",
        sperret: kept,
        oppbevares_til: kept ? `${at.getUTCFullYear() + 4}-06-30` : null,
      });
    }
  }

  function addEnrichments(contactId: number, person: Person, into: Batch): void {
    const count = {
      usual: faker.datatype.boolean(0.25) ? 1 : 0,
      full: 3,
      whole: 1,
      reader: 1,
    }[person.extent];
    for (const [attribute, value, provider] of faker.helpers.arrayElements(enrichments, count)) {
      into.add("berikelse", {
        berikelse_id: ++last.enrichment,
        kontakt_id: contactId,
        egenskap: attribute,
        verdi: value,
        leverandor: provider,
        hentet: within(today, 300),
      });
    }
  }

  /** Name and address as they were when it was sent. */
  function addDelivery(orderId: number, person: Person, held: Held, into: Batch): void {
    into.add("ordre_levering", {
      levering_id: ++last.delivery,
      ordre_id: orderId,
      navn: held.name,
      adresse: person.postalAddress,
      sporingsnr: `7${faker.string.numeric(16)}`,
    });
  }

  function addHistory(contactId: number, person: Person, held: Held, into: Batch): void {
    const former = person.extent === "usual" ? (faker.datatype.boolean(0.3) ? 1 : 0) : 2;
    for (let n = 0; n < former; n++) {
      into.add("kontakt_historikk", {
        historikk_id: ++last.history,
        kontakt_id: contactId,
        endret: within(today, 1_200),
        navn: held.name,
        epost: held.email,
        mobil: n === 0 ? null : held.phone,
        adresse: `${faker.location.streetAddress()}, ${faker.location.zipCode()} ${faker.location.city()}`,
      });
    }
  }

  /** A second card of the same person, deleted long ago: only what the deletion wrote down is left of it. */
  function addFormerContact(person: Person, held: Held, into: Batch): void {
    into.add("kontakt_historikk", {
      historikk_id: ++last.history,
      kontakt_id: 900 + person.index,
      endret: daysFrom(today, -800),
      navn: held.name,
      epost: held.email.toUpperCase(),
      mobil: held.phone,
      adresse: person.postalAddress,
    });
  }

  function addMails(contactId: number, person: Person, held: Held, into: Batch): void {
    const count = person.extent === "usual" ? int(2) : 4;
    for (let n = 0; n < count; n++) {
      const known = n % 2 === 0;
      into.add("epost_logg", {
        logg_id: ++last.mail,
        kontakt_id: known ? contactId : null,
        mottaker: known ? held.email : `"${held.name}" <${capitals(held.email)}>`,
        emne: arrayElement(mailSubjects),
        sendt: within(today, 900),
      });
    }
  }

  return { tables, constraints, addPerson };
}

function orderYears({ extent }: Person): readonly number[] {
  if (extent === "full") return fullOrderYears;
  if (extent === "whole") return [0, 1, 7];
  return Array.from({ length: int(5) }, () => int(9));
}

/** As people write their own name. */
const capitals = (address: string) => address.replace(/(?<!\p{L})\p{L}/gu, (letter) => letter.toUpperCase());
