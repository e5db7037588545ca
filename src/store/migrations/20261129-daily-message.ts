import { Migration } from "@mikro-orm/migrations";

/** On which day the DPO was last told how many requests are open: by one replica, once. */
export class DailyMessage extends Migration {
  override name = "20261129-daily-message";

  override up(): void {
    this.addSql(`create table daily_message (day date primary key)`);
  }
}
