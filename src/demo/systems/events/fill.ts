import { faker } from "@faker-js/faker/locale/nb_NO";
import { daysFrom, within } from "../../people/calendar.ts";
import { seedFor } from "../../people/generate.ts";
import type { Held, Person } from "../../people/person.ts";
import type { Batch } from "../batch.ts";
import type { Layout } from "../layout.ts";
import { constraints, tables } from "./schema.ts";

const { arrayElement } = faker.helpers;
const { int, float } = faker.number;
const titles = [
  "Personverndagen",
  "Frokostseminar",
  "Brukerforum",
  "Sommerfest",
  "Fagdag regnskap",
  "Julebord",
];
const venues = ["Oslo", "Bergen", "Tromsø", "Trondheim", "Ålesund"];
const diets = ["vegetar", "halal", "glutenfritt", "nøtteallergi", "vegan"];
const needs = ["rullestol", "teleslynge", "følge med ledsager", "førerhund"];
const notes = [
  "Kommer sammen med Per Berg.",
  "Må gå kl. 14.",
  "Ønsker parkering.",
  "Deler rom med Anne Berg.",
];
const competitions = ["Vinn et kurs", "Årets forslag", "Sommerquiz"];
const COMMON_SEED = 7;

interface Happening {
  readonly Id: string;
  readonly StartsAt: Date;
}

export function eventsLayout(today: Date): Layout {
  const happenings = makeHappenings(today);

  function addPerson(person: Person, into: Batch): void {
    const held = person.held.events;
    if (held === undefined) return;
    seedFor(person.index, "events");
    const id = faker.string.uuid();
    const created = within(today, 1_300);
    into.add("Attendee", {
      Id: id,
      FullName: held.name,
      Email: held.email,
      Phone: person.extent !== "usual" || faker.datatype.boolean(0.8) ? held.phone : null,
      MarketingNote: person.extent === "usual" ? null : "Kom via messen i fjor.",
      CreatedAt: created,
      UpdatedAt: faker.date.between({ from: created, to: today }),
    });
    const registrations = {
      usual: int({ min: 1, max: 3 }),
      full: 8,
      whole: 2,
      reader: 2,
    }[person.extent];
    const chosen = faker.helpers.arrayElements(happenings, registrations);
    chosen.forEach((event, position) =>
      into.add("Registration", registration(id, person, held, event, position)),
    );
    const entries = {
      usual: faker.datatype.boolean(0.3) ? 1 : 0,
      full: 2,
      whole: 1,
      reader: 0,
    }[person.extent];
    for (const competition of faker.helpers.arrayElements(competitions, entries)) {
      into.add("CompetitionEntry", entry(id, competition));
    }
    addGuest(person, held, into);
    into.add("AuditLog", {
      Id: faker.string.uuid(),
      Entity: "Attendee",
      AttendeeId: id,
      Action: "Insert",
      Changes: { Id: id, FullName: held.name, Email: held.email, Phone: held.phone },
      At: created,
    });
    if (person.extent === "full") addFormerAttendee(person, held, into);
  }

  /** A second entry of the same person, deleted long ago: what was in it is in the log. */
  function addFormerAttendee(person: Person, held: Held, into: Batch): void {
    const [id, at] = [faker.string.uuid(), daysFrom(today, -700.5)];
    into.add("AuditLog", {
      Id: faker.string.uuid(),
      Entity: "Attendee",
      AttendeeId: id,
      Action: "Delete",
      Changes: {
        Id: id,
        FullName: held.name,
        Email: held.email,
        Phone: held.phone,
        MarketingNote: `Arbeidsgiver: ${person.organisation}`,
        CreatedAt: daysFrom(at, -30).toISOString(),
      },
      At: at,
    });
  }

  /** Registered without signing in, under the same address: nobody's attendee. */
  function addGuest(person: Person, held: Held, into: Batch): void {
    const count = person.extent === "usual" ? (faker.datatype.boolean(0.2) ? 1 : 0) : 1;
    for (const event of faker.helpers.arrayElements(happenings, count)) {
      const address = held.email.charAt(0).toUpperCase() + held.email.slice(1);
      const registered = registration(null, person, { ...held, email: address }, event, 1);
      into.add("Registration", registered);
      into.add("AuditLog", {
        Id: faker.string.uuid(),
        Entity: "Registration",
        AttendeeId: null,
        Action: "Insert",
        Changes: registered,
        At: event.StartsAt < today ? event.StartsAt : today,
      });
    }
  }

  function registration(
    attendeeId: string | null,
    person: Person,
    held: Held,
    event: Happening,
    position: number,
  ): object {
    const whole = person.extent === "whole";
    const full = person.extent === "full";
    const asked = daysFrom(event.StartsAt, -float({ min: 1, max: 60 }));
    const past = event.StartsAt < today;
    return {
      Id: faker.string.uuid(),
      AttendeeId: attendeeId,
      EventId: event.Id,
      RegisteredAt: asked < today ? asked : within(today, 30),
      Status: arrayElement(["Confirmed", "Confirmed", "Confirmed", "Cancelled", "Waitlisted"]),
      Attended: whole || past ? faker.datatype.boolean(0.8) : null,
      Name: held.name,
      Email: (position === 0 ? person.mistyped : null) ?? held.email,
      Phone: whole || faker.datatype.boolean(0.8) ? held.phone : null,
      DietaryNeeds:
        whole || (full && position < 4) || faker.datatype.boolean(0.2) ? arrayElement(diets) : null,
      AccessNeeds:
        whole || (full && position < 2) || faker.datatype.boolean(0.05) ? arrayElement(needs) : null,
      Note: whole || (full && position < 3) || faker.datatype.boolean(0.1) ? arrayElement(notes) : null,
    };
  }

  function entry(attendeeId: string, competition: string): object {
    return {
      Id: faker.string.uuid(),
      AttendeeId: attendeeId,
      Competition: competition,
      EnteredAt: within(today, 600),
      Answer: arrayElement(["42", "Fordi personvern angår alle.", "Trondheim"]),
      Won: faker.datatype.boolean(0.05),
    };
  }

  function addCommon(into: Batch): void {
    for (const happening of happenings) into.add("Event", happening);
  }

  return { tables, constraints, addCommon, addPerson };
}

/** Sixty over the last three years, and some of the next three months. */
function makeHappenings(today: Date): (Happening & { readonly Title: string; readonly Venue: string })[] {
  faker.seed(COMMON_SEED);
  return Array.from({ length: 60 }, (_, n) => ({
    Id: faker.string.uuid(),
    Title: arrayElement(titles),
    Venue: arrayElement(venues),
    StartsAt: daysFrom(today, 90.375 - n * 20),
  }));
}
