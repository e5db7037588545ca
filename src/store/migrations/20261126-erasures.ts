import { Migration } from "@mikro-orm/migrations";

/** Persons' keys in a schema of their own, so that a backup of the rest is no copy of them; and what a backup has lost. */
export class KeysApart extends Migration {
  override name = "20261126-erasures";

  override up(): void {
    this.addSql(`create schema if not exists keys`);
    // No foreign key: the newest keys go with an older copy of the rest, which may lack some of the persons. Vacuumed at
    // once: a key that was replaced is to be in the table's file no longer than it must.
    this.addSql(`create table keys.person_key (
      subject_id uuid primary key,
      wrapped_key bytea not null,
      master_key_id text not null)
      with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1)`);
    this.addSql(`insert into keys.person_key (subject_id, wrapped_key, master_key_id)
      select id, wrapped_key, master_key_id from subject where wrapped_key is not null and master_key_id is not null`);
    this.addSql(`create index person_key_master_key on keys.person_key (master_key_id, subject_id)`);
    this.addSql(`drop index subject_master_key`);
    this.addSql(`alter table subject drop column wrapped_key, drop column master_key_id,
      add column forgotten_at timestamptz`);
    this.addSql(`create table erasure_replay (
      request_id uuid primary key,
      subject_id uuid not null references subject (id),
      sources text[],
      erased_at timestamptz not null,
      opened_as uuid references request (id))`);
  }
}
