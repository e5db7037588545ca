import { Migration } from "@mikro-orm/migrations";

/** Steps at work are few; what else of a person's is at work is asked at every step of an erasure. */
export class RunningSteps extends Migration {
  override name = "20261206-running-steps";

  override up(): void {
    this.addSql(`create index request_step_running on request_step (request_id) where state = 'RUNNING'`);
  }
}
