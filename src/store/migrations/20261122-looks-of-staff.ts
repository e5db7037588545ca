import { Migration } from "@mikro-orm/migrations";

/** The person's log of looks pages through what staff have read; most entries are the persons' own and stay out. */
export class LooksOfStaff extends Migration {
  override name = "20261122-looks-of-staff";

  override up(): void {
    this.addSql(`drop index audit_entry_subject`);
    this.addSql(`create index audit_entry_looks on audit_entry (subject_ref, sequence)
      where event = 'READ' and actor_role <> 'SUBJECT'`);
  }
}
