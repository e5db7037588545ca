import { faker } from "@faker-js/faker/locale/nb_NO";
import { daysFrom, fullDate, inAccountingYear, within } from "../../people/calendar.ts";
import { seedFor } from "../../people/generate.ts";
import type { Held, Person } from "../../people/person.ts";
import type { Batch } from "../batch.ts";
import type { Layout } from "../layout.ts";
import { constraints, tables } from "./schema.ts";
import { channels, conversations, enrichments, orderStates, products, returnReasons } from "./texts.ts";

/** How many years back the orders of a person with a full record lie: under and past the five years of the law. */
const fullOrderYears = [0, 0, 0, 0, 1, 1, 2, 3, 4, 6, 7, 8];
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
      into.add("samtale", {
        samtale_id: ++last.conversation,
        kontakt_id: contactId,
        ordre_id: n % 3 === 0 ? (orders[n % Math.max(orders.length, 1)] ?? null) : null,
        tidspunkt: within(today, 1_500),
        kanal: arrayElement(channels),
        emne: subject,
        tekst: body,
        saksbehandler: "Sara Support",
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

  return { tables, constraints, addPerson };
}

function orderYears({ extent }: Person): readonly number[] {
  if (extent === "full") return fullOrderYears;
  if (extent === "whole") return [0, 1, 7];
  return Array.from({ length: int(5) }, () => int(9));
}
