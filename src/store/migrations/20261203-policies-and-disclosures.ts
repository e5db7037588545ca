import { Migration } from "@mikro-orm/migrations";

/** Versions of the privacy policy, who has been told of and has answered which, and what was disclosed to authorities. */
export class PoliciesAndDisclosures extends Migration {
  override name = "20261203-policies-and-disclosures";

  override up(): void {
    this.addSql(`create table privacy_policy (
      version text primary key,
      place integer not null generated always as identity unique,
      published_at timestamptz not null,
      text text not null,
      language text not null,
      changes text,
      requires_consent boolean not null,
      is_told boolean not null)`);
    this.addSql(`create table policy_answer (
      id uuid primary key,
      subject_id uuid not null references subject (id),
      version text not null references privacy_policy (version),
      agreed boolean not null,
      at timestamptz not null)`);
    this.addSql(`create index policy_answer_subject on policy_answer (subject_id, at desc)`);
    this.addSql(`create index policy_answer_version on policy_answer (version, subject_id, at desc)`);
    for (const table of ["privacy_policy", "policy_answer"])
      this.refuseChanges(table, "refuse_to_change_what_was_said");
    this.addSql(`create table policy_telling (
      version text primary key references privacy_policy (version),
      told_through uuid,
      is_through boolean not null default false)`);
    this.addSql(`create table policy_notice (
      id uuid primary key default gen_random_uuid(),
      version text not null references privacy_policy (version),
      subject_id uuid not null references subject (id),
      state text not null,
      attempts integer not null default 0,
      next_attempt_at timestamptz not null,
      told_at timestamptz,
      unique (version, subject_id))`);
    this.addSql(`create index policy_notice_subject on policy_notice (subject_id)`);
    this.addSql(
      `create index policy_notice_due on policy_notice (next_attempt_at, id) where state = 'PENDING'`,
    );
    this.addSql(`create table disclosure (
      id uuid primary key,
      subject_id uuid not null references subject (id),
      sealed_authority bytea not null,
      sealed_legal_ground bytea not null,
      categories text[] not null,
      secret_until date,
      at timestamptz not null)`);
    this.addSql(`create index disclosure_subject on disclosure (subject_id, at desc)`);
    // The words are sealed anew where the person's key is another.
    this.addSql(`create function refuse_to_change_what_was_disclosed() returns trigger language plpgsql as $$
      declare resealed text[] := '{subject_id,sealed_authority,sealed_legal_ground}';
      begin
        if tg_op = 'UPDATE' and to_jsonb(new) - resealed = to_jsonb(old) - resealed then return new; end if;
        raise exception '% is only ever added to', tg_table_name using errcode = 'insufficient_privilege';
      end $$`);
    this.refuseChanges("disclosure", "refuse_to_change_what_was_disclosed");
    this.addSql(`create index audit_entry_looks_in_secrecy on audit_entry (subject_ref, sequence)
      where event = 'READ_IN_SECRECY'`);
  }

  private refuseChanges(table: string, refuse: string): void {
    this.addSql(`create trigger only_added_to before update or delete on ${table}
      for each row execute function ${refuse}()`);
    this.addSql(`create trigger never_emptied before truncate on ${table}
      for each statement execute function ${refuse}()`);
  }
}
