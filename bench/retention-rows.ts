/** Rows that a review has to go through, beside the demo's own: a million and more over the systems with databases. */
export const rows = {
  crm: [
    `insert into kontakt (kontakt_id, kundenr, navn, epost, kunde_siden, sist_aktiv, endret)
      select 3000000 + n, 'B' || n, 'Navn ' || n, 'b' || n || '@example.org', '2012-01-01',
        now() - (n % 3650) * interval '1 day', now() from generate_series(1, 100000) n`,
    `insert into ordre (ordre_id, kontakt_id, ordrenr, ordredato, belop, valuta, status, garanti_til)
      select 3000000 + n, 3000000 + 1 + n % 60000, 'B-' || n, now() - (n % 3650) * interval '1 day', 100, 'NOK', 'LEVERT',
        case when n % 4 = 0 then null else (now() - (n % 3650) * interval '1 day')::date + 730 end
      from generate_series(1, 250000) n`,
    `insert into samtale (samtale_id, kontakt_id, ordre_id, tidspunkt, kanal)
      select 3000000 + n, 3000000 + 1 + n % 80000, case when n % 3 = 0 then 3000000 + n end,
        now() - (n % 3000) * interval '1 day', 'EPOST' from generate_series(1, 150000) n`,
    `insert into berikelse (berikelse_id, kontakt_id, egenskap, leverandor, hentet)
      select 3000000 + n, 3000000 + 1 + n % 90000, 'Bransje', 'Leverandør', now() - (n % 1000) * interval '1 day'
      from generate_series(1, 100000) n`,
  ],
  learning: [
    `insert into mdl_user (id, username, password, firstname, lastname, email, timecreated, lastlogin, timemodified)
      select 3000000 + n, 'b' || n, 'x', 'Navn', 'Navnesen', 'b' || n || '@example.org', 1300000000,
        extract(epoch from now() - (n % 2000) * interval '1 day')::bigint, 1300000000 from generate_series(1, 60000) n`,
    `insert into mdl_course_completions (id, userid, course, level, state, timecompleted)
      select 3000000 + n, 3000000 + 1 + n % 50000, (select min(id) from mdl_course), '1', 'complete',
        extract(epoch from now() - (n % 3650) * interval '1 day')::bigint from generate_series(1, 110000) n`,
    `insert into mdl_feedback_value (id, userid, feedback, item, value, timemodified)
      select 3000000 + n, 3000000 + 1 + n % 50000, 'Kurs', 'Spørsmål', 'Bra',
        extract(epoch from now() - (n % 1500) * interval '1 day')::bigint from generate_series(1, 80000) n`,
    `insert into mdl_session_trace (id, userid, "startedAt")
      select 3000000 + n, 3000000 + 1 + n % 50000, now() - (n % 200) * interval '1 day' from generate_series(1, 50000) n`,
  ],
  events: [
    `insert into "Attendee" ("Id", "FullName", "Email", "CreatedAt", "UpdatedAt")
      select ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid, 'Navn', 'b' || n || '@example.org',
        now() - interval '9 years', now() - (n % 3000) * interval '1 day' from generate_series(1, 30000) n`,
    `insert into "Event" ("Id", "Title", "Venue", "StartsAt")
      select ('10000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid, 'Dag', 'Oslo', now() - n * interval '1 day'
      from generate_series(1, 2000) n`,
    `insert into "Registration" ("Id", "AttendeeId", "EventId", "RegisteredAt", "Status", "Name", "Email")
      select gen_random_uuid(), ('00000000-0000-4000-8000-' || lpad((1 + n % 25000)::text, 12, '0'))::uuid,
        ('10000000-0000-4000-8000-' || lpad((1 + n % 2000)::text, 12, '0'))::uuid, now() - interval '9 years', 'ok', 'Navn', 'b@example.org'
      from generate_series(1, 50000) n`,
    `insert into "CompetitionEntry" ("Id", "AttendeeId", "Competition", "EnteredAt")
      select gen_random_uuid(), ('00000000-0000-4000-8000-' || lpad((1 + n % 25000)::text, 12, '0'))::uuid, 'Quiz',
        now() - (n % 1000) * interval '1 day' from generate_series(1, 20000) n`,
  ],
  website: [
    `insert into web_contact (contact_key, email, first_seen_at, last_seen_at, updated_at)
      select 'B' || n, 'b' || n || '@example.org', now() - interval '9 years', now() - (n % 2000) * interval '1 day', now()
      from generate_series(1, 30000) n`,
    // Every eighth browser has two who use it.
    `insert into web_contact_browser (link_key, contact_key, visitor_id, recognised_at, recognised_by)
      select 'B' || n, 'B' || (1 + n % 28000), 'v' || (case when n % 8 = 0 then n - 1 else n end),
        now() - (n % 900) * interval '1 day', 'FORM' from generate_series(1, 40000) n`,
    `insert into web_visit (visit_key, visitor_id, started_at, ip, country)
      select 'B' || n, 'v' || (1 + n % 45000), now() - (n % 365) * interval '1 day', '192.0.2.7', 'NO'
      from generate_series(1, 150000) n`,
    `insert into web_submission (submission_key, contact_key, form_key, submitted_at)
      select 'B' || n, 'B' || (1 + n % 28000), (select min(form_key) from web_form), now() - (n % 900) * interval '1 day'
      from generate_series(1, 30000) n`,
  ],
} as const;
