import { Migration } from "@mikro-orm/migrations";

/** Whose is what: identifiers under each person's own key, what staff have settled, and what limits a look. */
export class Identities extends Migration {
  override name = "20261122-identities";

  override up(): void {
    // Before this nobody had a key of their own: whoever signs in again is enrolled anew.
    this.addSql(`delete from sign_in`);
    this.addSql(`delete from subject`);
    this.addSql(`alter table subject
      add column wrapped_key bytea,
      add column master_key_id text,
      add column merged_into uuid references subject (id)`);
    this.addSql(`create index subject_master_key on subject (master_key_id, id)`);
    this.addSql(`create index subject_merged_into on subject (merged_into) where merged_into is not null`);
    this.addSql(`create index sign_in_subject on sign_in (subject_id)`);
    this.addSql(`create table keyring (
      name text primary key,
      wrapped_key bytea not null,
      master_key_id text not null)`);
    this.addSql(`create table identifier (
      subject_id uuid not null references subject (id),
      hash varchar(64) not null,
      origin text not null,
      source text not null default '',
      kind text not null,
      sealed_value bytea not null,
      at timestamptz not null,
      primary key (subject_id, hash, origin, source))`);
    this.addSql(`create index identifier_hash on identifier (hash)`);
    this.addSql(`create table match_decision (
      id uuid primary key,
      subject_id uuid not null references subject (id),
      source text not null,
      decision text not null,
      record_hashes text[] not null,
      sealed_reason bytea not null,
      decided_by text not null,
      at timestamptz not null)`);
    this.addSql(`create index match_decision_subject on match_decision (subject_id, source)`);
    this.addSql(`create table match_review (
      subject_id uuid not null references subject (id),
      source text not null,
      reason text not null,
      opened_at timestamptz not null,
      primary key (subject_id, source))`);
    this.addSql(`create index match_review_age on match_review (opened_at, subject_id, source)`);
    this.addSql(`create table consent_event (
      id uuid primary key,
      subject_id uuid not null references subject (id),
      purpose text not null,
      status text not null,
      at timestamptz not null,
      by_role text not null,
      channel text not null,
      policy_version text not null)`);
    this.addSql(`create index consent_event_subject on consent_event (subject_id, purpose, at desc)`);
    this.addSql(`create table restriction (
      id uuid primary key,
      subject_id uuid not null references subject (id),
      sources text[] not null,
      sealed_reason bytea not null,
      since timestamptz not null,
      until timestamptz,
      legal_ground text)`);
    this.addSql(`create index restriction_subject on restriction (subject_id)`);
    this.addSql(`create table search_count (
      actor varchar(64) not null,
      span text not null,
      began_at timestamptz not null,
      searches integer not null,
      primary key (actor, span))`);
  }
}
