import { Migration } from "@mikro-orm/migrations";

/** What persons take along: as far as it has been read, and the archive that was made of it. */
export class Exports extends Migration {
  override name = "20261129-exports";

  override up(): void {
    this.addSql(`create table export (
      id uuid primary key references request (id),
      format text not null,
      sealed_key bytea,
      archive_id uuid,
      is_whole boolean not null default false,
      size bigint,
      sha256 varchar(64),
      token_hash varchar(64) unique,
      sealed_token bytea,
      made_at timestamptz,
      expires_at timestamptz,
      served int8multirange not null default '{}',
      gather_anew boolean not null default false)`);
    this.addSql(`create index export_expires on export (expires_at) where archive_id is not null`);
    this.addSql(`create table export_reading (
      export_id uuid not null references export (id),
      source text not null,
      record_type text not null,
      encrypted_position bytea,
      parts integer not null default 0,
      rows bigint not null default 0,
      is_done boolean not null default false,
      primary key (export_id, source, record_type))`);
    this.addSql(`create table export_part (
      export_id uuid not null references export (id),
      source text not null,
      record_type text not null,
      n integer not null,
      encrypted_rows bytea not null,
      primary key (export_id, source, record_type, n))`);
    this.addSql(`create table export_chunk (
      archive_id uuid not null,
      n integer not null,
      export_id uuid not null references export (id),
      encrypted bytea not null,
      primary key (archive_id, n))`);
    this.addSql(`create index export_chunk_export on export_chunk (export_id)`);
    // Compressed and encrypted already.
    this.addSql(`alter table export_part alter column encrypted_rows set storage external`);
    this.addSql(`alter table export_chunk alter column encrypted set storage external`);
  }
}
