/**
 * What somebody who knows the demo's tables would ask them by hand: how many rows of each type are over on a day (ISO 8601)
 * and may go. Written without the gateway's rules at hand: what the gateway counts is compared with it.
 *
 * @param canary the e-mail address of the made-up person
 */
export function retentionByHand(asOf: string, canary: string) {
  const day = `date '${asOf}'`;
  /** The first moment in Norway of a day. */
  const start = (of: string) => `((${of})::timestamp at time zone 'Europe/Oslo')`;
  const epoch = (of: string) => `extract(epoch from ${start(of)})::bigint`;
  const yearEnd = (years: string) => start(`make_date((${years})::int, 1, 1)`);
  const fiveYears = yearEnd(`extract(year from ${day}) - 5`);
  const threeAndAHalf = yearEnd(`extract(year from ${day} - interval '6 months') - 3`);
  const free = (column: string) => `(${column} is null or ${column} < ${day})`;

  const talk = `(s.tidspunkt < ${threeAndAHalf} and ${free("s.oppbevares_til")})`;
  const order = `(o.ordredato < ${fiveYears} and ${free("o.garanti_til")} and ${free("o.oppbevares_til")})`;
  const enrichment = `(b.hentet < ${start(`${day} - interval '1 year'`)})`;
  const contact = `not k.sperret and lower(k.epost) is distinct from '${canary}'`;

  const course = `(c.timecompleted > 0 and c.timecompleted < ${epoch(`${day} - interval '5 years'`)})`;
  const answer = `(f.timemodified > 0 and f.timemodified < ${epoch(`${day} - interval '2 years'`)})`;
  const session = `(t."startedAt" < ${start(`${day} - interval '90 days'`)})`;
  const account = (key: string) =>
    `${key} not in (0, 1, 2) and ${key} <> (select id from mdl_user where lower(email) = '${canary}')`;

  const event = `(e."StartsAt" < ${start(`${day} - interval '2 years'`)})`;
  const needed = `(e."StartsAt" < ${start(`${day} - interval '30 days'`)} and coalesce(r."DietaryNeeds", r."AccessNeeds") is not null)`;
  const entry = `(c."EnteredAt" < ${start(`${day} - interval '1 year'`)})`;
  const attendee = `lower(a."Email") <> '${canary}'`;

  const submission = `(s.submitted_at < ${start(`${day} - interval '1 year'`)})`;
  const visit = `(v.started_at < ${start(`${day} - interval '90 days'`)})`;
  const shared = `exists (select from web_contact_browser o where o.visitor_id = b.visitor_id and o.contact_key is distinct from b.contact_key)`;
  const browser = `(b.recognised_at < ${start(`${day} - interval '1 year'`)} and (${shared}
    or not exists (select from web_visit v where v.visitor_id = b.visitor_id and not ${visit})))`;
  const visitor = `c.email <> '${canary}'`;

  return {
    crm: {
      conversations: `select count(*)::int as n from samtale s join kontakt k using (kontakt_id) where ${talk} and ${contact}`,
      orders: `select count(*)::int as n from ordre o join kontakt k using (kontakt_id) where ${order} and ${contact}`,
      enrichments: `select count(*)::int as n from berikelse b join kontakt k using (kontakt_id) where ${enrichment} and ${contact}`,
      record: `select count(*)::int as n from kontakt k where k.sist_aktiv < ${start(`${day} - interval '2 years'`)} and ${contact}
        and not exists (select from samtale s where s.kontakt_id = k.kontakt_id and not ${talk})
        and not exists (select from ordre o where o.kontakt_id = k.kontakt_id and not ${order})
        and not exists (select from berikelse b where b.kontakt_id = k.kontakt_id and not ${enrichment})`,
    },
    learning: {
      courses: `select count(*)::int as n from mdl_course_completions c where ${course} and ${account("c.userid")}`,
      surveyAnswers: `select count(*)::int as n from mdl_feedback_value f where ${answer} and ${account("f.userid")}`,
      sessions: `select count(*)::int as n from mdl_session_trace t where ${session} and ${account("t.userid")}`,
      record: `select count(*)::int as n from mdl_user u
        where u.lastlogin > 0 and u.lastlogin < ${epoch(`${day} - interval '2 years'`)} and ${account("u.id")}
        and not exists (select from mdl_course_completions c where c.userid = u.id and ${course} is not true)
        and not exists (select from mdl_feedback_value f where f.userid = u.id and not ${answer})
        and not exists (select from mdl_session_trace t where t.userid = u.id and not ${session})`,
    },
    events: {
      registrations: `select count(*)::int as n from "Registration" r join "Event" e on e."Id" = r."EventId"
        join "Attendee" a on a."Id" = r."AttendeeId" where ${event} and ${attendee}`,
      "registrations dietaryNeeds accessNeeds": `select count(*)::int as n from "Registration" r join "Event" e on e."Id" = r."EventId"
        join "Attendee" a on a."Id" = r."AttendeeId" where ${needed} and ${attendee}`,
      competitionEntries: `select count(*)::int as n from "CompetitionEntry" c join "Attendee" a on a."Id" = c."AttendeeId"
        where ${entry} and ${attendee}`,
      record: `select count(*)::int as n from "Attendee" a where a."UpdatedAt" < ${start(`${day} - interval '2 years'`)} and ${attendee}
        and not exists (select from "Registration" r join "Event" e on e."Id" = r."EventId" where r."AttendeeId" = a."Id" and not ${event})
        and not exists (select from "CompetitionEntry" c where c."AttendeeId" = a."Id" and not ${entry})`,
    },
    website: {
      submissions: `select count(*)::int as n from web_submission s join web_contact c using (contact_key) where ${submission} and ${visitor}`,
      visits: `select count(*)::int as n from web_visit v where ${visit}
        and not exists (select from web_contact_browser b join web_contact c using (contact_key) where b.visitor_id = v.visitor_id and c.email = '${canary}')`,
      browsers: `select count(*)::int as n from web_contact_browser b join web_contact c using (contact_key) where ${browser} and ${visitor}`,
      record: `select count(*)::int as n from web_contact c where c.last_seen_at < ${start(`${day} - interval '2 years'`)} and ${visitor}
        and not exists (select from web_submission s where s.contact_key = c.contact_key and not ${submission})
        and not exists (select from web_contact_browser b where b.contact_key = c.contact_key and not ${browser})`,
    },
  } as const;
}
