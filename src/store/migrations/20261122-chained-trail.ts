import { Migration } from "@mikro-orm/migrations";

/** Entries that only the gateway can have written, chained in seals, and none of either changed or removed. */
export class ChainedTrail extends Migration {
  override name = "20261122-chained-trail";

  override up(): void {
    // Entries of before the chain cannot be vouched for, and the persons they name are enrolled anew.
    this.addSql(`delete from audit_entry`);
    this.addSql(`alter table audit_entry
      add column id uuid not null unique,
      add column actor_ref text,
      add column sealed_actor_name bytea,
      add column detail text,
      add column mac bytea not null`);
    this.addSql(`create table audit_unsealed (sequence bigint primary key)`);
    this.addSql(`create table audit_seal (
      number bigint primary key,
      previous_head bytea not null,
      sealed_at timestamptz not null,
      sequences bigint[] not null,
      macs bytea not null,
      head bytea not null)`);
    this.addSql(`create function refuse_to_change_the_trail() returns trigger language plpgsql as $$
      begin
        raise exception '% is only ever added to', tg_table_name using errcode = 'insufficient_privilege';
      end $$`);
    for (const table of ["audit_entry", "audit_seal"]) {
      this.addSql(`create trigger only_added_to before update or delete or truncate on ${table}
        for each statement execute function refuse_to_change_the_trail()`);
    }
  }
}
