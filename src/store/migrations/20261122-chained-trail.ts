import { Migration } from "@mikro-orm/migrations";

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
  }
}
