import { Migration } from "@mikro-orm/migrations";

/** Reviews of what has no purpose left: what each found, and how far it has come with it. */
export class RetentionReviews extends Migration {
  override name = "20261204-retention-review";

  override up(): void {
    this.addSql(`create table retention_review (
      id uuid primary key,
      opened_at timestamptz not null default clock_timestamp(),
      as_of date not null,
      status text not null,
      turn integer not null default 0,
      counted_at timestamptz,
      approved_at timestamptz,
      ended_at timestamptz)`);
    this.addSql(
      `create unique index retention_review_open on retention_review ((true)) where ended_at is null`,
    );
    this.addSql(`create table retention_review_item (
      id uuid primary key,
      review_id uuid not null references retention_review (id),
      place integer not null,
      source text not null,
      record_type text not null,
      fields text[],
      rule text not null,
      action text not null,
      count bigint not null,
      held bigint not null,
      undated bigint not null,
      set_aside bigint not null,
      state text not null,
      reason text,
      attempts integer not null default 0,
      next_attempt_at timestamptz,
      sealed_batch bytea,
      over_before bigint,
      gone bigint,
      remaining bigint,
      unique (review_id, source, record_type, rule))`);
    this.addSql(`create table retention_review_schedule (day date primary key)`);
  }
}
