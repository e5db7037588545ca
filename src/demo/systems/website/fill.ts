import { faker } from "@faker-js/faker/locale/nb_NO";
import { daysFrom, within } from "../../people/calendar.ts";
import { seedFor } from "../../people/generate.ts";
import type { Extent, Held, Person } from "../../people/person.ts";
import type { Batch } from "../batch.ts";
import type { Layout } from "../layout.ts";
import { constraints, tables } from "./schema.ts";

const { arrayElement } = faker.helpers;
const { int } = faker.number;
const forms = ["Kontakt oss", "Bestill demo", "Meld deg på seminar", "Meld fra om feil"];
const messages = [
  "Kan dere ringe meg om tilbudet?",
  "Jeg får ikke logget inn på kurset.",
  "Har dere ledige plasser på seminaret?",
  "Skjemaet virker ikke på telefonen min.",
];
/** Of Kari's, the first names another. */
const aboutOthers = "Per Berg sa at jeg skulle skrive til dere om fakturaen.";
const devices = ["iPhone", "Pixel 9", "MacBook Air", "ThinkPad", "iPad"];
const browsers = ["Safari 19", "Firefox 146", "Chrome 143", "Edge 143"];
const places = ["Oslo", "Bergen", "Trondheim", "Sandvika", "Tromsø"];
const screens = ["390x844", "412x915", "1440x900", "1920x1080"];
const sources = ["nyhetsbrev", "søk", "messe", "annonse"];
const COMMON_SEED = 13;
const ANONYMOUS_VISITORS = 40;

/** How many of each a person has; `usual` up to so many. */
const extents: Readonly<Record<Extent, { forms: number; browsers: number; visits: number }>> = {
  usual: { forms: 2, browsers: 2, visits: 3 },
  full: { forms: 4, browsers: 3, visits: 4 },
  whole: { forms: 2, browsers: 1, visits: 2 },
  reader: { forms: 1, browsers: 1, visits: 2 },
};

/** As a plug-in makes its keys. */
const keyOf = (letter: string) =>
  `${letter}_${faker.string.hexadecimal({ length: 20, prefix: "", casing: "lower" })}`;

export function websiteLayout(today: Date): Layout {
  const formKey = (title: string) => `form_${forms.indexOf(title) + 1}`;

  function addPerson(person: Person, into: Batch): void {
    const held = person.held.website;
    if (held === undefined) return;
    seedFor(person.index, "website");
    const isUsual = person.extent === "usual";
    const contact = keyOf("c");
    const first = daysFrom(today, -(isUsual ? faker.number.float({ min: 30, max: 900 }) : 400.25));
    const last = faker.date.between({ from: first, to: today });
    into.add("web_contact", {
      contact_key: contact,
      email: held.email,
      locale: isUsual && faker.datatype.boolean(0.3) ? null : "nb-NO",
      came_from: isUsual && faker.datatype.boolean(0.5) ? null : arrayElement(sources),
      first_seen_at: first,
      last_seen_at: last,
      updated_at: last,
    });
    into.add("web_contact_log", {
      log_key: keyOf("l"),
      contact_key: contact,
      at: first,
      note: `insert contact ${held.email}`,
    });
    addForms(contact, person, held, first, into);
    addBrowsers(contact, person, first, into);
    addRequests(contact, held, first, into);
    if (person.extent === "full") {
      addSignUp(held, first, into);
      addFormerContact(held, first, into);
    }
  }

  function addForms(contact: string, person: Person, held: Held, since: Date, into: Batch): void {
    const most = extents[person.extent].forms;
    const count = person.extent === "usual" ? int(most) : most;
    for (let n = 0; n < count; n++) {
      const message = person.extent === "full" && n === 0 ? aboutOthers : arrayElement(messages);
      addForm(contact, held, { message, typed: held.email, since }, into);
    }
    // Written before the website knew the address: nobody's contact.
    const isGuest = person.extent !== "usual" || faker.datatype.boolean(0.2);
    if (isGuest && held.email.includes("@")) {
      const typed = held.email.charAt(0).toUpperCase() + held.email.slice(1);
      addForm(null, held, { message: arrayElement(messages), typed, since }, into);
    }
  }

  function addForm(
    contact: string | null,
    held: Held,
    { message, typed, since }: { message: string; typed: string; since: Date },
    into: Batch,
  ): void {
    const submission = keyOf("s");
    const at = faker.date.between({ from: since, to: today });
    into.add("web_submission", {
      submission_key: submission,
      contact_key: contact,
      form_key: formKey(arrayElement(forms)),
      reply_to: typed,
      submitted_at: at,
    });
    addFields(submission, { Navn: held.name, "E-post": typed, Telefon: held.phone, Melding: message }, into);
    into.add("web_mail_log", {
      mail_key: keyOf("m"),
      contact_key: contact,
      sent_at: at,
      sent_to: "post@intech.example",
      body: `Ny henvendelse fra "${held.name}" <${typed}>:\n${message}`,
    });
  }

  function addFields(submission: string, fields: Readonly<Record<string, string>>, into: Batch): void {
    Object.entries(fields).forEach(([label, value], position) =>
      into.add("web_submission_field", {
        field_key: keyOf("f"),
        submission_key: submission,
        position,
        label,
        value,
      }),
    );
  }

  /** Sent in before the website knew them, by a form without an address to reply to; and the thanks for it. */
  function addSignUp({ name, email, phone }: Held, at: Date, into: Batch): void {
    const submission = keyOf("s");
    into.add("web_submission", {
      submission_key: submission,
      contact_key: null,
      form_key: formKey("Meld deg på seminar"),
      reply_to: null,
      submitted_at: at,
    });
    addFields(submission, { Navn: name, "E-post": email, Telefon: phone }, into);
    into.add("web_mail_log", {
      mail_key: keyOf("m"),
      contact_key: null,
      sent_at: at,
      sent_to: `"${name}" <${email}>`,
      body: "Takk! Vi har mottatt påmeldingen din.",
    });
  }

  /** Known under another key before, and deleted: the note of it is left. */
  function addFormerContact({ email }: Held, since: Date, into: Batch): void {
    into.add("web_contact_log", {
      log_key: keyOf("l"),
      contact_key: keyOf("c"),
      at: daysFrom(since, -90),
      note: `delete contact ${email}`,
    });
  }

  function addBrowsers(contact: string, person: Person, since: Date, into: Batch): void {
    const { browsers: most, visits } = extents[person.extent];
    const isUsual = person.extent === "usual";
    const own = Array.from({ length: isUsual ? int({ min: 1, max: most }) : most }, () => keyOf("v"));
    const used = person.familyBrowser === null ? own : [...own, person.familyBrowser];
    for (const visitor of used) {
      into.add("web_contact_browser", {
        link_key: keyOf("b"),
        contact_key: contact,
        visitor_id: visitor,
        recognised_at: faker.date.between({ from: since, to: today }),
        recognised_by: arrayElement(["form", "sign-in"]),
      });
      for (let n = isUsual ? int(visits) : visits; n > 0; n--) addVisit(visitor, into);
    }
  }

  function addVisit(visitor: string, into: Batch): void {
    into.add("web_visit", {
      visit_key: keyOf("t"),
      visitor_id: visitor,
      started_at: within(today, 120),
      // Networks set aside for documentation (RFC 5737, RFC 3849).
      ip: faker.datatype.boolean(0.7)
        ? `198.51.100.${int({ min: 1, max: 254 })}`
        : `2001:db8::${int({ min: 1, max: 9_999 })}`,
      device: arrayElement(devices),
      browser: arrayElement(browsers),
      settings: { language: "nb-NO", screen: arrayElement(screens), darkMode: faker.datatype.boolean() },
      country: "NO",
      city: arrayElement(places),
    });
  }

  /** A sign-in, and the link that confirmed the address: followed before it was known whose it was. */
  function addRequests(contact: string, { email }: Held, since: Date, into: Batch): void {
    const log = (by: string | null, request: string) =>
      into.add("web_request_log", {
        request_key: keyOf("r"),
        contact_key: by,
        at: faker.date.between({ from: since, to: today }),
        ip: `198.51.100.${int({ min: 1, max: 254 })}`,
        request,
      });
    log(null, `GET /bekreft?epost=${encodeURIComponent(email)}`);
    log(contact, "GET /min-side");
  }

  function addCommon(into: Batch): void {
    faker.seed(COMMON_SEED);
    for (const title of forms) into.add("web_form", { form_key: formKey(title), title });
    // Who has never said who they are.
    for (let n = 0; n < ANONYMOUS_VISITORS; n++) {
      const visitor = keyOf("v");
      for (let visits = int({ min: 1, max: 3 }); visits > 0; visits--) addVisit(visitor, into);
    }
  }

  return { tables, constraints, addCommon, addPerson };
}
