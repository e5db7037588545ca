import { Migration } from "@mikro-orm/migrations";

export class SubjectsAndAudit extends Migration {
  override name = "20261122-subjects-and-audit";

  override up(): void {
    this.addSql(`create table subject (id uuid primary key, created_at timestamptz not null)`);
    this.addSql(`create table sign_in (
      hash varchar(64) primary key,
      subject_id uuid not null references subject (id))`);
    this.addSql(`create table audit_entry (
      sequence bigint generated always as identity primary key,
      at timestamptz not null,
      event text not null,
      actor_role text,
      subject_ref text,
      purpose text,
      request_id text not null,
      coordinates text[] not null,
      categories text[] not null,
      sources text[] not null)`);
    this.addSql(`create index audit_entry_subject on audit_entry (subject_ref, sequence desc)`);
  }
}
