import { createHash } from "node:crypto";
import { faker } from "@faker-js/faker/locale/nb_NO";
import { daysFrom, epochSeconds, within } from "../../people/calendar.ts";
import { seedFor } from "../../people/generate.ts";
import type { Held, Person } from "../../people/person.ts";
import type { Batch } from "../batch.ts";
import type { Layout } from "../layout.ts";
import { administrator, constraints, guest, nobody, tables } from "./schema.ts";
import { commonAnswers } from "./texts.ts";

const { arrayElement } = faker.helpers;
const { int } = faker.number;
const courses = [
  "Personvern i praksis",
  "Sikker IT-bruk",
  "Regneark for viderekomne",
  "Brannvern",
  "Presentasjonsteknikk",
  "Ergonomi på kontoret",
  "Innføring i bokføring",
  "Førstehjelp",
];
const levels = ["Nivå 1", "Nivå 2", "Nivå 3"];
const questions = [
  ["Kursevaluering", "Hva lærte du mest av?"],
  ["Kursevaluering", "Vil du anbefale kurset?"],
  ["Arbeidsmiljø", "Hvordan trives du?"],
  ["Behov for opplæring", "Hva vil du lære mer om?"],
] as const;
const answers = [...commonAnswers, "Øvelsene med Ingrid", "Mer om personvern", "Litt for langt"];
const COMMON_SEED = 11;
/** Of each kind, of the many who have left: so many that none of them is the only one of its course and level. */
const GUEST_ROWS = 600;

export function learningLayout(today: Date): Layout {
  const last = { completion: 0, answer: 0, session: 0, log: 0 };

  function addPerson(person: Person, into: Batch): void {
    const held = person.held.learning;
    if (held === undefined) return;
    seedFor(person.index, "learning");
    const userId = 20_000 + person.index;
    const age = person.extent === "usual" ? faker.number.float({ min: 30, max: 2_500 }) : 2_400.61;
    into.add("mdl_user", account(userId, person, held, daysFrom(today, -age)));
    const full = person.extent === "full" ? 10 : undefined;
    const least = person.extent === "whole" ? 2 : 0;
    for (let n = full ?? int({ min: least, max: 6 }); n > 0; n--) addCompletion(userId, person, age, into);
    for (let n = full ?? int({ min: least, max: 5 }); n > 0; n--) addAnswer(userId, age, into);
    for (let n = full ?? int({ min: least, max: 6 }); n > 0; n--) addSession(userId, age, into);
    addLog(userId, held, age, into);
    if (person.extent === "full") addFormerAccount(person, held, into);
  }

  function account(id: number, person: Person, held: Held, created: Date): object {
    const whole = person.extent !== "usual";
    const split = held.name.lastIndexOf(" ");
    const seen = faker.date.between({ from: created, to: today });
    return {
      id,
      username: `${faker.string.alpha({ length: 3, casing: "lower" })}${id}`,
      password: `$2y$10$${faker.string.alphanumeric(53)}`,
      idnumber: person.held.crm === undefined ? null : person.customerNumber,
      firstname: held.name.slice(0, split),
      lastname: held.name.slice(split + 1),
      email: held.email,
      phone1: whole || faker.datatype.boolean(0.6) ? held.phone : null,
      title: whole || faker.datatype.boolean(0.8) ? person.jobTitle : null,
      institution: whole || faker.datatype.boolean(0.8) ? person.organisation : null,
      lang: "nb",
      // A soft-deleted account still holds the person.
      deleted: !whole && faker.datatype.boolean(0.02) ? 1 : 0,
      suspended: person.restricted ? 1 : 0,
      timecreated: epochSeconds(created),
      // 0: never signed in.
      lastlogin: whole || faker.datatype.boolean(0.9) ? epochSeconds(seen) : 0,
      timemodified: epochSeconds(seen),
    };
  }

  function addCompletion(userId: number, person: Person, age: number, into: Batch): void {
    const done = person.extent === "whole" || faker.datatype.boolean(0.7);
    into.add("mdl_course_completions", {
      id: ++last.completion,
      userid: userId,
      course: int({ min: 1, max: courses.length }),
      level: arrayElement(levels),
      state: done ? "complete" : "inprogress",
      grade: done ? int({ min: 400, max: 1_000 }) / 10 : null,
      timecompleted: done ? epochSeconds(within(today, age)) : null,
    });
  }

  function addAnswer(userId: number, age: number, into: Batch): void {
    const [survey, question] = arrayElement(questions);
    into.add("mdl_feedback_value", {
      id: ++last.answer,
      userid: userId,
      feedback: survey,
      item: question,
      value: arrayElement(answers),
      timemodified: epochSeconds(within(today, Math.min(age, 1_000))),
    });
  }

  function addSession(userId: number, age: number, into: Batch): void {
    into.add("mdl_session_trace", {
      id: ++last.session,
      userid: userId,
      startedAt: within(today, Math.min(age, 120)),
      userAgent: faker.internet.userAgent(),
      // Networks set aside for documentation (RFC 5737, RFC 3849).
      ip: faker.datatype.boolean(0.7)
        ? `203.0.113.${int({ min: 1, max: 254 })}`
        : `2001:db8::${int({ min: 1, max: 9_999 })}`,
      responseMs: int({ min: 20, max: 900 }),
    });
  }

  /** The account made by the administrator, sign-ins, and one that failed: known by what was typed alone. */
  function addLog(userId: number, { email }: Held, age: number, into: Batch): void {
    const log = (eventname: string, by: number, about: number | null, other: object | null) =>
      into.add("mdl_logstore_standard_log", {
        id: ++last.log,
        eventname: `\\core\\event\\${eventname}`,
        userid: by,
        relateduserid: about,
        ip: `203.0.113.${int({ min: 1, max: 254 })}`,
        other: other && asPhpWrites(other),
        timecreated: epochSeconds(within(today, age)),
      });
    log("user_created", administrator, userId, null);
    log("user_updated", administrator, userId, { email });
    log("user_loggedin", userId, null, { username: email });
    log("user_login_failed", nobody, null, { username: email.toUpperCase(), reason: 3 });
  }

  /** An account that the same person had before, as Moodle leaves one that it deletes. */
  function addFormerAccount(person: Person, held: Held, into: Batch): void {
    const id = 10_000 + person.index;
    const [created, deleted] = [daysFrom(today, -2_600), daysFrom(today, -2_450)].map(epochSeconds);
    const former = account(id, person, held, daysFrom(today, -2_600));
    into.add("mdl_user", {
      ...former,
      username: `${held.email}.${deleted}`,
      email: createHash("md5").update(`kno${id}`).digest("hex"),
      idnumber: "",
      deleted: 1,
      timecreated: created,
      lastlogin: created,
      timemodified: deleted,
    });
    into.add("mdl_logstore_standard_log", {
      id: ++last.log,
      eventname: "\\core\\event\\user_deleted",
      userid: administrator,
      relateduserid: id,
      ip: null,
      other: asPhpWrites({ username: `kno${id}`, email: held.email, idnumber: person.customerNumber }),
      timecreated: deleted,
    });
  }

  function addCommon(into: Batch): void {
    into.add("mdl_user", {
      id: guest,
      username: "guest",
      password: "",
      idnumber: null,
      firstname: "Gjest",
      lastname: "",
      email: "",
      phone1: null,
      title: null,
      institution: null,
      lang: "nb",
      deleted: 0,
      suspended: 1,
      timecreated: 0,
      lastlogin: 0,
      timemodified: 0,
    });
    courses.forEach((fullname, index) => into.add("mdl_course", { id: index + 1, fullname }));
    addGuestRows(into);
  }

  /** What is left of people who were erased before: the statistics, without anything exact. */
  function addGuestRows(into: Batch): void {
    faker.seed(COMMON_SEED);
    const key = () => -int({ min: 1, max: 2 ** 31 });
    const year = () => Date.UTC(today.getUTCFullYear() - int({ min: 1, max: 6 }), 0, 1) / 1_000;
    const keys = (count: number) => faker.helpers.uniqueArray(key, count);
    for (const id of keys(GUEST_ROWS)) {
      const done = faker.datatype.boolean(0.7);
      into.add("mdl_course_completions", {
        id,
        userid: guest,
        course: int({ min: 1, max: courses.length }),
        level: arrayElement(levels),
        state: done ? "complete" : "inprogress",
        grade: done ? int({ min: 4, max: 10 }) * 10 : null,
        timecompleted: done ? year() : null,
      });
    }
    for (const id of keys(GUEST_ROWS)) {
      const [survey, question] = arrayElement(questions);
      into.add("mdl_feedback_value", {
        id,
        userid: guest,
        feedback: survey,
        item: question,
        value: faker.datatype.boolean(0.6) ? arrayElement(commonAnswers) : null,
        timemodified: year(),
      });
    }
  }

  return { tables, constraints, addCommon, addPerson };
}

/** JSON in ASCII alone. */
const asPhpWrites = (value: object) =>
  JSON.stringify(value).replace(
    /[^\p{ASCII}]/gu,
    (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
