import { systemKeys as systems } from "../../src/demo/people/person.ts";
import { messages } from "../../src/requests/messages.ts";
import type { Killable } from "./killable.ts";

/** Columns that say when something happened, or by which serial number: no two runs agree on them. */
const volatile = [
  "endret",
  "timemodified",
  "UpdatedAt",
  "updated_at",
  "subscription_updated_at",
  "modified_at",
];

/** The same, of tables in which the columns of that name say more elsewhere. */
const volatileIn: Readonly<Record<string, readonly string[]>> = {
  "crm.kontakt_historikk": ["historikk_id"],
  "website.web_contact_browser": ["link_key"],
  "website.web_contact_log": ["log_key", "at"],
  'events."AuditLog"': ["Id", "At"],
  // Whose person is gone get keys at random.
  "learning.mdl_course_completions": ["id"],
  "learning.mdl_feedback_value": ["id"],
  "mailing.privacy_erasures": ["id", "reference", "due_at", "created_at"],
  "mailing.subscriber_history": ["created_at"],
};

/** What every system's own database holds, table by table, as one digest each. */
async function systemsOf({ world }: Killable): Promise<Readonly<Record<string, string>>> {
  const state: Record<string, string> = {};
  for (const system of systems) {
    const tables = await world.own<{ name: string }>(
      system,
      "select quote_ident(table_name) as name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE' order by 1",
    );
    for (const { name } of tables) {
      const [row] = await world.own<{ digest: string }>(
        system,
        `select md5(coalesce(string_agg(r, '' order by r), '')) as digest
         from (select (to_jsonb(t) - $1::text[])::text as r from ${name} t) rows`,
        [[...volatile, ...(volatileIn[`${system}.${name}`] ?? [])]],
      );
      state[`${system}.${name}`] = row?.digest ?? "";
    }
  }
  return state;
}

/**
 * Everything that a run leaves behind: in the systems, outside, and in the gateway's own database. But that whoever's
 * request took more than one attempt is told when it is done: what is killed takes more than one.
 */
export async function endState(killable: Killable) {
  const { world } = killable;
  const { gateway } = world;
  const sorted = <T>(rows: readonly T[]) => rows.map((row) => JSON.stringify(row)).sort();
  const [notices, mails] = await Promise.all([gateway.outside.notices(), gateway.outside.mails()]);
  return {
    systems: await systemsOf(killable),
    notices: sorted(
      notices.map(({ event, purpose, identifiers, changes }) => ({ event, purpose, identifiers, changes })),
    ),
    mails: sorted(
      mails
        .filter(({ subject }) => subject !== messages.DONE.subject.en)
        .map(({ to, subject, text }) => ({ to, subject, text: text.replace(/^Case number: .*$/m, "") })),
    ),
    steps: sorted(
      await gateway.rows(
        `select q.kind, q.status, s.source, s.action, s.field, s.record_type, s.state, s.result, s.detail, s.count
         from request_step s join request q on q.id = s.request_id
         where s.source <> 'gateway' or s.record_type is distinct from 'DONE'`,
      ),
    ),
    timeline: sorted(
      await gateway.rows(
        "select by_role, event, detail from request_event where (event, detail) is distinct from ('NOTIFY_DONE', 'DONE')",
      ),
    ),
    consents: await gateway.rows(
      "select purpose, status, channel from consent_event order by at, status, purpose",
    ),
    objections: await gateway.rows("select purpose, ended_at is null as in_force from objection order by at"),
    restrictions: await gateway.rows(
      "select sources, until is null as in_force from restriction order by since",
    ),
    retained: sorted(
      await gateway.rows(
        "select source, record_type, count, until::text as until, ground, ended_at is null as in_force from retained",
      ),
    ),
    erasures: sorted(
      await gateway.rows(
        `select e.sources, e.finished_at is not null as finished, q.receipt is not null as receipt
         from erasure e join request q on q.id = e.request_id`,
      ),
    ),
    erasedIn: sorted(
      await gateway.rows(
        `select source, tally, begun_at is not null as begun, ended_at is not null as ended, sealed_record is null as forgotten
         from erasure_source`,
      ),
    ),
    suppressed: sorted(
      await gateway.rows(
        "select source, count(*)::int, bool_or(lifted_at is not null) as lifted from suppressed_identifier group by 1",
      ),
    ),
    forgotten: await gateway.rows(
      "select count(*)::int from subject where forgotten_at is not null and merged_into is null",
    ),
    identifiers: sorted(await gateway.rows("select origin, source, kind from identifier")),
    // How often is left out: what is recorded is durable before it is done, and is done again after a kill in between.
    trail: sorted(
      await gateway.rows(
        "select distinct event, detail from audit_entry where event in ('REQUESTED', 'STEP_ENDED')",
      ),
    ),
  };
}
