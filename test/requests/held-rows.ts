import type { SystemKey } from "../../src/demo/people/person.ts";
import type { World } from "./world.ts";

/** What each system's own database has of whoever goes by an address ($1), written by hand: one statement per record type. */
export const heldRows: Readonly<Record<`${SystemKey}/${string}`, string>> = {
  "crm/record": `select kundenr as "customerNumber", navn as name, epost as email, mobil as phone, stilling as "jobTitle",
      firma as organisation, adresse as "postalAddress", kunde_siden::text as "customerSince", sist_aktiv as "lastActivityAt",
      json_build_array(
        json_build_object('name', 'Fødselsdato', 'value', fodselsdato::text, 'category', 'IDENTITY'),
        json_build_object('name', 'Merknad', 'value', merknad, 'category', 'CONVERSATION'),
        json_build_object('name', 'Sperret', 'value', sperret::text, 'category', 'RIGHTS_REQUEST')) as other
    from kontakt where lower(epost) = $1`,
  "crm/orders": `select o.ordrenr as number, o.ordredato as "orderedAt", o.belop::text as total, o.valuta as currency,
      o.status, o.garanti_til::text as "warrantyUntil", o.sperret as restricted, o.oppbevares_til::text as "retainedUntil",
      (select coalesce(json_agg(json_build_object('product', vare, 'quantity', antall, 'unitPrice', stykkpris::text,
        'amount', l.belop::text) order by linje_id), '[]') from ordrelinje l where l.ordre_id = o.ordre_id) as lines,
      (select coalesce(json_agg(json_build_object('returnedAt', mottatt, 'reason', arsak, 'status', r.status)
        order by retur_id), '[]') from retur r where r.ordre_id = o.ordre_id) as returns, '[]'::json as statements
    from ordre o join kontakt k using (kontakt_id) where lower(k.epost) = $1 order by o.ordredato desc, o.ordre_id desc`,
  "crm/conversations": `select tidspunkt as at, kanal as channel, emne as subject, tekst as body, saksbehandler as "handledBy",
      ordrenr as order, s.sperret as restricted, s.oppbevares_til::text as "retainedUntil"
    from samtale s join kontakt k using (kontakt_id) left join ordre o using (ordre_id)
    where lower(k.epost) = $1 order by tidspunkt desc, samtale_id desc`,
  "crm/enrichments": `select egenskap as attribute, verdi as value, leverandor as provider, hentet as "obtainedAt"
    from berikelse join kontakt k using (kontakt_id) where lower(k.epost) = $1 order by berikelse_id`,
  "learning/record": `select username, email, firstname || ' ' || lastname as name, phone1 as phone, title as "jobTitle",
      institution as organisation, to_timestamp(timecreated) as "createdAt", to_timestamp(lastlogin) as "lastLoginAt",
      json_build_array(json_build_object('name', 'Kundenummer', 'value', idnumber, 'category', 'IDENTITY'),
        json_build_object('name', 'Språk', 'value', lang, 'category', 'TECHNICAL'),
        json_build_object('name', 'Slettet konto', 'value', deleted::text, 'category', 'TECHNICAL'),
        json_build_object('name', 'Sperret konto', 'value', suspended::text, 'category', 'TECHNICAL')) as other
    from mdl_user where lower(email) = $1`,
  "learning/courses": `select c.fullname as course, level, state as status, grade::float as score,
      to_timestamp(timecompleted) as "completedAt"
    from mdl_course_completions p join mdl_course c on c.id = p.course join mdl_user u on u.id = p.userid
    where lower(u.email) = $1 order by timecompleted desc nulls last, p.id desc`,
  "learning/surveyAnswers": `select feedback as survey, item as question, value as answer,
      to_timestamp(v.timemodified) as "answeredAt"
    from mdl_feedback_value v join mdl_user u on u.id = v.userid where lower(u.email) = $1
    order by v.timemodified desc, v.id desc`,
  "learning/sessions": `select "startedAt", "userAgent" as browser, host(ip) as "ipAddress", "responseMs" as "responseTimeMs"
    from mdl_session_trace s join mdl_user u on u.id = s.userid where lower(u.email) = $1
    order by "startedAt" desc, s.id desc`,
  "events/record": `select "FullName" as name, "Email" as email, "Phone" as phone,
      json_build_array(json_build_object('name', 'Notat', 'value', "MarketingNote", 'category', 'EVENT_PARTICIPATION'),
        json_build_object('name', 'Opprettet', 'value', "CreatedAt", 'category', 'EVENT_PARTICIPATION')) as other
    from "Attendee" where lower("Email") = $1`,
  "events/registrations": `select e."Title" as event, e."StartsAt" as "startsAt", r."RegisteredAt" as "registeredAt",
      r."Status" as status, r."Attended" as attended, r."Name" as name, r."Email" as email, r."Phone" as phone,
      r."DietaryNeeds" as "dietaryNeeds", r."AccessNeeds" as "accessNeeds", r."Note" as note
    from "Registration" r join "Event" e on e."Id" = r."EventId" join "Attendee" a on a."Id" = r."AttendeeId"
    where lower(a."Email") = $1 order by r."RegisteredAt" desc, r."Id" desc`,
  "events/competitionEntries": `select "Competition" as competition, "EnteredAt" as "enteredAt", "Answer" as answer,
      "Won" as won
    from "CompetitionEntry" c join "Attendee" a on a."Id" = c."AttendeeId" where lower(a."Email") = $1 order by c."Id"`,
  "mailing/record": `select email as address, upper(status::text) as status, name, attribs->>'phone' as phone,
      json_build_array(json_build_object('name', 'By', 'value', attribs->>'city', 'category', 'CONTACT'),
        json_build_object('name', 'Opprettet', 'value', created_at, 'category', 'EMAIL_ENGAGEMENT')) as other
    from subscribers where lower(email) = $1`,
  "mailing/subscriptions": `select l.name as list, sl.status::text as status, sl.created_at as "subscribedAt",
      case when sl.status = 'unsubscribed' then sl.updated_at end as "unsubscribedAt"
    from subscriber_lists sl join lists l on l.id = sl.list_id join subscribers s on s.id = sl.subscriber_id
    where lower(s.email) = $1 order by l.id`,
  "mailing/deliveries": `select c.name as campaign, d.sent_at as "sentAt",
      (select min(created_at) from campaign_views where delivery_id = d.id) as "openedAt",
      (select created_at from replies where delivery_id = d.id) as "repliedAt",
      (select coalesce(json_agg(json_build_object('url', l.url, 'at', k.created_at) order by k.created_at, k.id), '[]')
        from link_clicks k join links l on l.id = k.link_id where k.delivery_id = d.id) as clicks
    from deliveries d join campaigns c on c.id = d.campaign_id join subscribers s on s.id = d.subscriber_id
    where lower(s.email) = $1 order by d.sent_at desc, d.id desc`,
  "mailing/bounces": `select b.created_at as at, b.type, b.source, c.name as campaign
    from bounces b left join campaigns c on c.id = b.campaign_id join subscribers s on s.id = b.subscriber_id
    where lower(s.email) = $1 order by b.created_at, b.id`,
  "website/record": `select email, first_seen_at as "firstSeenAt", last_seen_at as "lastSeenAt",
      json_build_array(json_build_object('name', 'Språk', 'value', locale, 'category', 'TECHNICAL'),
        json_build_object('name', 'Kom fra', 'value', came_from, 'category', 'TECHNICAL')) as other
    from web_contact where lower(email) = $1`,
  "website/submissions": `select f.title as form, s.submitted_at as "submittedAt", s.reply_to as "replyTo",
      (select json_agg(json_build_object('name', label, 'value', value) order by position)
        from web_submission_field v where v.submission_key = s.submission_key) as fields
    from web_submission s join web_form f using (form_key) join web_contact c using (contact_key)
    where lower(c.email) = $1 order by s.submitted_at desc, s.submission_key desc`,
  "website/visits": `select started_at as at, host(ip) as "ipAddress", device, browser, settings::text as settings, country, city
    from web_visit v where exists (select from web_contact_browser b join web_contact c using (contact_key)
      where b.visitor_id = v.visitor_id and lower(c.email) = $1)
    and (select count(distinct coalesce(contact_key, '')) from web_contact_browser b where b.visitor_id = v.visitor_id) = 1
    order by started_at desc, visit_key desc`,
  "website/browsers": `select visitor_id as "visitorId", recognised_at as "recognisedAt", recognised_by as "recognisedBy",
      (select count(distinct coalesce(contact_key, '')) from web_contact_browser o where o.visitor_id = b.visitor_id) > 1 as shared
    from web_contact_browser b join web_contact c using (contact_key) where lower(c.email) = $1 order by link_key`,
};

export async function rowsHeld(
  { own }: World,
  place: keyof typeof heldRows,
  email: string,
): Promise<unknown> {
  const [system = "crm"] = place.split("/") as [SystemKey];
  return comparable(await own(system, heldRows[place] ?? "", [email]));
}

/** Moments at the millisecond in UTC, however they are written; numbers as numbers. */
export function comparable(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value), (_, part: unknown) =>
    typeof part === "string" && /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d/.test(part) && !Number.isNaN(Date.parse(part))
      ? new Date(part).toISOString()
      : part,
  );
}
