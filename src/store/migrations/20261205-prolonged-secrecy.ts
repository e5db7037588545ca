import { Migration } from "@mikro-orm/migrations";

/** Days to which the secrecy of a disclosure has been prolonged, and until when it lasts. */
export class ProlongedSecrecy extends Migration {
  override name = "20261205-prolonged-secrecy";

  override up(): void {
    this.addSql(`create table prolonged_secrecy (
      disclosure_id uuid not null references disclosure (id),
      secret_until date not null,
      at timestamptz not null,
      primary key (disclosure_id, secret_until))`);
    this.addSql(`create trigger only_added_to before update or delete on prolonged_secrecy
      for each row execute function refuse_to_change_what_was_said()`);
    this.addSql(`create trigger never_emptied before truncate on prolonged_secrecy
      for each statement execute function refuse_to_change_what_was_said()`);
    // Every day that a secrecy was ordered to, and the last of them.
    this.addSql(`create view secrecy as
      select disclosure_id, subject_id, day, max(day) over (partition by disclosure_id, subject_id) as until from (
        select id as disclosure_id, subject_id, secret_until as day from disclosure where secret_until is not null
        union all
        select p.disclosure_id, d.subject_id, p.secret_until from prolonged_secrecy p
          join disclosure d on d.id = p.disclosure_id) as ordered`);
  }
}
