import { Migration } from "@mikro-orm/migrations";

/** By what an erased person would be known again, and where that has happened. */
export class Suppression extends Migration {
  override name = "20261127-suppression";

  override up(): void {
    this.addSql(`create table suppressed_identifier (
      hash varchar(64) not null,
      source text not null,
      subject_id uuid not null references subject (id),
      request_id uuid references request (id),
      at timestamptz not null,
      lifted_at timestamptz,
      primary key (hash, source, subject_id))`);
    this.addSql(`create index suppressed_identifier_subject on suppressed_identifier (subject_id)`);
    this.addSql(`create table reappearance (
      id uuid primary key,
      subject_id uuid not null references subject (id),
      source text not null,
      record_hash varchar(64) not null,
      sealed_record bytea,
      seen_at timestamptz not null,
      decided_at timestamptz,
      decision text,
      sealed_reason bytea,
      request_id uuid references request (id))`);
    this.addSql(`create unique index reappearance_open on reappearance (subject_id, source, record_hash)
      where decided_at is null`);
    this.addSql(`create index reappearance_seen on reappearance (seen_at, id) where decided_at is null`);
    this.addSql(`create table suppression_scan (source text primary key, cursor bytea not null)`);
  }
}
