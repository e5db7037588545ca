import { Migration } from "@mikro-orm/migrations";

/** Whoever audits pages through the trail by time: all of it, one kind of event, or one person's. */
export class TrailReading extends Migration {
  override name = "20261201-trail-reading";

  override up(): void {
    this.addSql(`create index audit_entry_time on audit_entry (at, sequence)`);
    this.addSql(`create index audit_entry_event on audit_entry (event, at, sequence)`);
    this.addSql(`create index audit_entry_person on audit_entry (subject_ref, at, sequence)
      where subject_ref is not null`);
  }
}
