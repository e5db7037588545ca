import { Migration } from "@mikro-orm/migrations";

/** The clock that deadlines are counted by: one for all replicas, which a test can put in another year. */
export class Clock extends Migration {
  override name = "20261129-clock";

  override up(): void {
    this.addSql(`create function gateway_now() returns timestamptz language sql volatile
      as 'select clock_timestamp()'`);
  }
}
