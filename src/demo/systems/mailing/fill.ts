import { faker } from "@faker-js/faker/locale/nb_NO";
import { daysFrom, within } from "../../people/calendar.ts";
import { seedFor } from "../../people/generate.ts";
import type { Held, Person } from "../../people/person.ts";
import type { Batch } from "../batch.ts";
import type { Layout } from "../layout.ts";
import { constraints, tables } from "./schema.ts";

const { arrayElement } = faker.helpers;
const { int } = faker.number;
const COMMON_SEED = 11;
const CAMPAIGNS = 240;
const LINKS = 40;
const GREAT_READER_DELIVERIES = 20_000;
const lists = ["Nyhetsbrev", "Kurs og arrangementer", "Produktnytt", "VIP"];
/** Beyond every number that is given out. */
const FORMER_ID = 1_000_000_000;

/** The e-mail tool keeps microseconds. */
const micros = (moment: Date): string => moment.toISOString().replace("Z", `${faker.string.numeric(3)}Z`);
const after = (moment: Date, today: Date, hours: number): Date => {
  const later = daysFrom(moment, faker.number.float({ min: 0.01, max: hours }) / 24);
  return later < today ? later : today;
};

export function mailingLayout(today: Date): Layout {
  let lastDelivery = 0;
  let lastEvent = 0;

  function addPerson(person: Person, into: Batch): void {
    const held = person.held.mailing;
    if (held === undefined) return;
    seedFor(person.index, "mailing");
    const id = person.index + 1;
    const whole = person.extent !== "usual";
    const age = whole ? 1_900.37 : faker.number.float({ min: 30, max: 2_000 });
    const created = daysFrom(today, -age);
    const uuid = faker.string.uuid();
    into.add("subscribers", {
      id,
      uuid,
      email: held.email,
      name: held.name,
      attribs: whole || faker.datatype.boolean(0.5) ? { phone: held.phone, city: "Oslo" } : {},
      status: status(person),
      created_at: micros(created),
      updated_at: micros(faker.date.between({ from: created, to: today })),
    });
    addSubscriptions(id, person, age, into);
    addDeliveries({ id, reader: readerOf(person, uuid, held.email) }, person, age, into);
    if (whole) addFormerAddress(id, uuid, held, micros(daysFrom(created, 30)), into);
    if (whole || faker.datatype.boolean(0.05)) addBounce(id, into);
    if (person.extent === "full")
      addFormerSubscriber(FORMER_ID + id, held, micros(daysFrom(created, -60)), into);
  }

  function addSubscriptions(subscriber: number, person: Person, age: number, into: Batch): void {
    const count = person.extent === "usual" ? int(3) : 3;
    for (let list = 1; list <= count; list++) {
      const since = within(today, age);
      const left = person.extent === "usual" ? faker.datatype.boolean(0.2) : list === 3;
      into.add("subscriber_lists", {
        subscriber_id: subscriber,
        list_id: list,
        status: left ? "unsubscribed" : arrayElement(["confirmed", "confirmed", "unconfirmed"]),
        created_at: micros(since),
        updated_at: micros(left ? faker.date.between({ from: since, to: today }) : since),
      });
    }
  }

  function addDeliveries(subscriber: Subscriber, person: Person, age: number, into: Batch): void {
    if (person.extent === "reader") {
      // Three at the same moment, so that paging must break ties.
      for (let n = 0; n < GREAT_READER_DELIVERIES; n++) {
        addDelivery(
          subscriber,
          daysFrom(today, -(1 + Math.floor(n / 3)) / 4),
          { opened: 0.05, replied: 0.001 },
          into,
        );
      }
      return;
    }
    const rates = {
      usual: { opened: 0.4, replied: 0.02 },
      full: { opened: 0.8, replied: 0.2 },
      whole: { opened: 1, replied: 1 },
    };
    const count = { usual: int(12), full: 15, whole: 2 }[person.extent];
    for (let n = 0; n < count; n++)
      addDelivery(subscriber, within(today, Math.min(age, 1_000)), rates[person.extent], into);
  }

  function addDelivery(
    subscriber: Subscriber,
    sentAt: Date,
    rates: { readonly opened: number; readonly replied: number },
    into: Batch,
  ): void {
    const id = ++lastDelivery;
    const campaign = 1 + (id % CAMPAIGNS);
    into.add("deliveries", {
      id,
      subscriber_id: subscriber.id,
      campaign_id: campaign,
      sent_at: sentAt,
    });
    if (!faker.datatype.boolean(rates.opened)) return;
    const of = {
      campaign_id: campaign,
      subscriber_id: subscriber.id,
      delivery_id: id,
      ...subscriber.reader,
    };
    const opened = after(sentAt, today, 48);
    into.add("campaign_views", {
      id: ++lastEvent,
      ...of,
      created_at: micros(opened),
    });
    for (let clicks = rates.opened === 1 ? 2 : int(2); clicks > 0; clicks--) {
      const link = int({ min: 1, max: LINKS });
      into.add("link_clicks", {
        id: ++lastEvent,
        link_id: link,
        ...of,
        created_at: micros(after(opened, today, 2)),
      });
    }
    if (faker.datatype.boolean(rates.replied)) {
      into.add("replies", {
        delivery_id: id,
        created_at: micros(after(opened, today, 24)),
      });
    }
  }

  function addBounce(subscriber: number, into: Batch): void {
    into.add("bounces", {
      id: ++lastEvent,
      subscriber_id: subscriber,
      campaign_id: int({ min: 1, max: CAMPAIGNS }),
      type: arrayElement(["hard", "soft"]),
      source: "smtp",
      meta: { code: "550" },
      created_at: micros(within(today, 900)),
    });
  }

  return {
    tables,
    constraints,
    addCommon: (into) => addCommon(today, into),
    addPerson,
  };
}

/** What a tracking pixel or link notes of whoever follows it. */
interface Reader {
  readonly subscriber_uuid: string;
  readonly recipient: string;
  readonly ip_address: string;
  readonly user_agent: string;
}

interface Subscriber {
  readonly id: number;
  readonly reader: Reader;
}

const userAgents = ["Thunderbird/128.5", "AppleMail/16.0 (iPhone)", "Outlook/16.0", "GoogleImageProxy"];

/** An address of its own for each person, from the block for benchmarks (RFC 2544). */
function readerOf({ index }: Person, uuid: string, email: string): Reader {
  const network = [198, 18 + ((index >> 16) & 1), (index >> 8) & 255, index & 255].join(".");
  return {
    subscriber_uuid: uuid,
    recipient: email,
    ip_address: network,
    user_agent: userAgents[index % userAgents.length] ?? "",
  };
}

/** Subscribed before, and deleted long ago: the note of it is left. */
function addFormerSubscriber(id: number, held: Held, at: string, into: Batch): void {
  into.add("subscriber_history", {
    subscriber_id: id,
    subscriber_uuid: faker.string.uuid(),
    event: "deleted",
    email: held.email,
    name: held.name,
    created_at: at,
  });
}

/** The tool remembers under which address somebody came. */
function addFormerAddress(id: number, uuid: string, held: Held, at: string, into: Batch): void {
  into.add("subscriber_history", {
    subscriber_id: id,
    subscriber_uuid: uuid,
    event: "address-changed",
    email: held.email.replace("@", ".privat@"),
    name: held.name,
    created_at: at,
  });
}

function status({ extent, restricted }: Person): string {
  if (restricted) return "blocklisted";
  if (extent !== "usual") return "enabled";
  return faker.helpers.weightedArrayElement([
    { value: "enabled", weight: 94 },
    { value: "disabled", weight: 3 },
    { value: "blocklisted", weight: 3 },
  ]);
}

function addCommon(today: Date, into: Batch): void {
  faker.seed(COMMON_SEED);
  const made = micros(daysFrom(today, -2_200));
  lists.forEach((name, index) =>
    into.add("lists", {
      id: index + 1,
      uuid: faker.string.uuid(),
      name,
      type: name === "VIP" ? "private" : "public",
      optin: index === 0 ? "double" : "single",
      tags: ["demo"],
      created_at: made,
      updated_at: made,
    }),
  );
  for (let id = 1; id <= CAMPAIGNS; id++) {
    const name = `Nyhetsbrev ${id}`;
    const started = micros(daysFrom(today, -id * 7));
    into.add("campaigns", {
      id,
      uuid: faker.string.uuid(),
      name,
      subject: name,
      started_at: started,
    });
  }
  for (let id = 1; id <= LINKS; id++) {
    into.add("links", {
      id,
      uuid: faker.string.uuid(),
      url: `https://intech.example/artikkel/${id}`,
    });
  }
}
