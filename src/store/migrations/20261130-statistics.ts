import { Migration } from "@mikro-orm/migrations";

/** Anonymous counts as they are shown, until they are old enough to be made anew. */
export class Statistics extends Migration {
  override name = "20261130-statistics";

  override up(): void {
    this.addSql(`create table statistics (
      dimension text not null,
      source text not null,
      minimum_group_size int not null,
      groups jsonb not null,
      made_at timestamptz not null,
      primary key (dimension, source, minimum_group_size))`);
  }
}
