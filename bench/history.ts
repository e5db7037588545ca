import pg from "pg";
import type { BenchSettings } from "./settings.ts";

/** Whose long history the thousand records are; the demo gives the person 20,000 deliveries and little else. */
export const reader = "stor.leser@example.com";
const model = "kari.nordmann@example.com";

const copies = 10;
/** Keys of copies: above every key that the demo gives. */
const least = 1_000_000_000;
const integerKey = (key: string) => `${least} + ${key} * 100 + n`;
const uuidKey = (key: string) => `md5(${key}::text || '/' || n)::uuid`;
/** Every copy a little older, so that keyset pages have an order to keep. */
const epoch = (column: string) => `${column} - n * 3600`;
const moment = (column: string) => `${column} - n * interval '1 hour'`;

const from = (table: string) => `from ${table} s, generate_series(1, ${copies}) n`;
const fromOwned = (table: string, parent: string) =>
  `${from(table)} where s.${parent} = (select key from model)`;

const ofCopiedOrders = (key: string) =>
  `where s.${key} < ${least} and s.ordre_id in (select (ordre_id - ${least}) / 100 from ordre where ordre_id > ${least})`;

const person = (table: string, key: string, email: string, insert: string) =>
  `with model as (select ${key} as key from ${table} where lower(${email}) = '${model}'),
     reader as (select ${key} as key from ${table} where lower(${email}) = '${reader}')
   ${insert} on conflict do nothing`;

const inCrm = (insert: string) => person("kontakt", "kontakt_id", "epost", insert);
const inLearning = (insert: string) => person("mdl_user", "id", "email", insert);
const inEvents = (insert: string) => person(`"Attendee"`, `"Id"`, `"Email"`, insert);

const statements = {
  crm: [
    inCrm(`insert into ordre select ${integerKey("ordre_id")}, (select key from reader), ordrenr || '-' || n,
      ${moment("ordredato")}, belop, valuta, status, garanti_til, sperret, oppbevares_til ${fromOwned("ordre", "kontakt_id")}`),
    `insert into ordrelinje select ${integerKey("linje_id")}, ${integerKey("ordre_id")}, vare, antall, stykkpris, belop
      ${from("ordrelinje")} ${ofCopiedOrders("linje_id")} on conflict do nothing`,
    `insert into retur select ${integerKey("retur_id")}, ${integerKey("ordre_id")}, mottatt, arsak, status
      ${from("retur")} ${ofCopiedOrders("retur_id")} on conflict do nothing`,
    inCrm(`insert into samtale select ${integerKey("samtale_id")}, (select key from reader), null,
      ${moment("tidspunkt")}, kanal, emne, tekst, saksbehandler ${fromOwned("samtale", "kontakt_id")}`),
  ],
  learning: [
    inLearning(`insert into mdl_course_completions select ${integerKey("id")}, (select key from reader), course, level,
      state, grade, ${epoch("timecompleted")} ${fromOwned("mdl_course_completions", "userid")}`),
    inLearning(`insert into mdl_feedback_value select ${integerKey("id")}, (select key from reader), feedback, item,
      value, ${epoch("timemodified")} ${fromOwned("mdl_feedback_value", "userid")}`),
    inLearning(`insert into mdl_session_trace select ${integerKey("id")}, (select key from reader),
      ${moment(`"startedAt"`)}, "userAgent", ip, "responseMs" ${fromOwned("mdl_session_trace", "userid")}`),
  ],
  events: [
    inEvents(`insert into "Registration" select ${uuidKey(`"Id"`)}, (select key from reader), "EventId",
      ${moment(`"RegisteredAt"`)}, "Status", "Attended", "Name", "Email", "Phone", "DietaryNeeds", "AccessNeeds", "Note"
      ${fromOwned(`"Registration"`, `"AttendeeId"`)}`),
    inEvents(`insert into "CompetitionEntry" select ${uuidKey(`"Id"`)}, (select key from reader), "Competition",
      ${moment(`"EnteredAt"`)}, "Answer", "Won" ${fromOwned(`"CompetitionEntry"`, `"AttendeeId"`)}`),
  ],
};

/** Gives the reader ten times the model's history. Run again, it changes nothing. */
export async function lengthenHistory(systems: BenchSettings["systems"]): Promise<void> {
  for (const key of ["crm", "learning", "events"] as const) {
    const client = new pg.Client({ connectionString: systems[key] });
    await client.connect();
    try {
      for (const statement of statements[key]) await client.query(statement);
      await client.query("analyze");
    } finally {
      await client.end();
    }
  }
}
