import { Migration } from "@mikro-orm/migrations";

/** What persons ask for, the steps that carry it out, and what is to be shown of both. */
export class Requests extends Migration {
  override name = "20261123-requests";

  override up(): void {
    this.addSql(`create table request (
      id uuid primary key,
      subject_id uuid not null references subject (id),
      kind text not null,
      status text not null,
      channel text not null,
      received_at timestamptz not null,
      due_at timestamptz not null,
      completed_at timestamptz,
      purpose text,
      sealed_reason bytea,
      digest varchar(64),
      language text not null,
      refusal_code text,
      sealed_refusal bytea,
      refusal_ground text)`);
    this.addSql(`create index request_subject on request (subject_id, received_at desc, id desc)`);
    this.addSql(`create index request_due on request (due_at, id) where completed_at is null`);
    this.addSql(`create table objection (
      id uuid primary key,
      subject_id uuid not null references subject (id),
      request_id uuid not null references request (id),
      purpose text not null,
      sealed_reason bytea,
      at timestamptz not null,
      ended_at timestamptz)`);
    this.addSql(`create index objection_subject on objection (subject_id, at desc)`);
    this.addSql(`create index objection_request on objection (request_id)`);
    this.addSql(`create table request_step (
      id uuid primary key,
      request_id uuid not null references request (id),
      position integer not null,
      place integer generated always as identity,
      source text not null,
      action text not null,
      record_type text,
      field text,
      sealed_work bytea,
      state text not null,
      turn integer not null default 0,
      attempts integer not null default 0,
      next_attempt_at timestamptz,
      last_error text,
      result text,
      count integer,
      retained_until date,
      legal_ground text,
      detail text,
      finished_at timestamptz)`);
    this.addSql(`create index request_step_request on request_step (request_id, position, place)`);
    this.addSql(`create table request_event (
      id bigint generated always as identity primary key,
      request_id uuid not null references request (id),
      at timestamptz not null,
      by_role text,
      event text not null,
      detail text,
      sealed_note bytea)`);
    this.addSql(`create index request_event_request on request_event (request_id, id)`);
    this.addSql(`create table statement (
      id uuid primary key,
      subject_id uuid not null references subject (id),
      request_id uuid not null references request (id),
      source text not null,
      record_type text not null,
      sealed_record bytea,
      sealed_text bytea not null,
      at timestamptz not null)`);
    this.addSql(`create index statement_subject on statement (subject_id, source, at desc)`);
    this.addSql(`alter table consent_event add column wording text, add column language text,
      add column request_id uuid references request (id)`);
    // A merge of two persons moves what was said along, and changes nothing of it.
    this.addSql(`create function refuse_to_change_what_was_said() returns trigger language plpgsql as $$
      begin
        if tg_op = 'UPDATE' and to_jsonb(new) - 'subject_id' = to_jsonb(old) - 'subject_id' then return new; end if;
        raise exception '% is only ever added to', tg_table_name using errcode = 'insufficient_privilege';
      end $$`);
    this.addSql(`create trigger only_added_to before update or delete on consent_event
      for each row execute function refuse_to_change_what_was_said()`);
    this.addSql(`create trigger never_emptied before truncate on consent_event
      for each statement execute function refuse_to_change_what_was_said()`);
    this.addSql(`alter table restriction add column request_id uuid references request (id)`);
    this.addSql(`alter table identifier add column record_hash varchar(64)`);
    this.addSql(`create table withdrawals_seen (source text primary key, until timestamptz not null)`);
  }
}
