import { Migration } from "@mikro-orm/migrations";

/** Erasures, how far each has come in every source, and what the law has kept of them. */
export class Erasing extends Migration {
  override name = "20261128-erasing";

  override up(): void {
    this.addSql(`alter table request add column starts_at timestamptz, add column receipt text`);
    this.addSql(`alter table request_step add column lane text, add column about text`);
    this.addSql(`create table erasure (
      request_id uuid primary key references request (id),
      sources text[],
      as_of date not null,
      finished_at timestamptz)`);
    this.addSql(`create table erasure_source (
      id uuid primary key,
      request_id uuid not null references request (id),
      source text not null,
      sealed_record bytea,
      record_hash varchar(64),
      tally jsonb,
      kept_digest varchar(64),
      begun_at timestamptz,
      ended_at timestamptz,
      unique (request_id, source))`);
    this.addSql(`create index erasure_source_begun on erasure_source (begun_at) where ended_at is null`);
    this.addSql(`create table retained (
      id uuid primary key,
      request_id uuid not null references request (id),
      source text not null,
      record_type text not null,
      count integer not null,
      until date not null,
      ground text not null,
      since timestamptz not null default clock_timestamp(),
      ended_at timestamptz,
      unique (request_id, source, record_type, ground, until))`);
    this.addSql(`create index retained_until on retained (until) where ended_at is null`);
    this.addSql(`create index request_erasure on request (subject_id) where kind = 'ERASURE'`);
  }
}
