import { Migration } from "@mikro-orm/migrations";

/** What of a person's data is about somebody else, and is withheld from what they are shown (GDPR Art. 15(4)). */
export class Withheld extends Migration {
  override name = "20261129-withheld";

  override up(): void {
    this.addSql(`create table withheld (
      id uuid primary key,
      subject_id uuid not null references subject (id),
      request_id uuid not null references request (id),
      source text not null,
      record_type text not null,
      field text not null,
      text_hash varchar(64) not null,
      sealed_passages bytea not null,
      sealed_because bytea not null,
      at timestamptz not null)`);
    this.addSql(`create index withheld_subject on withheld (subject_id, source)`);
    this.addSql(`alter table export add column edition integer not null default 0`);
  }
}
