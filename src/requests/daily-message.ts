import { dayOf } from "../access/holds.ts";
import type { Language } from "../language/language.ts";
import type { Mailer } from "../sources/mailer.ts";
import { databaseNow } from "../store/clock.ts";
import { dbOf, type Db } from "../store/tables.ts";
import type { RegisterParts } from "../subjects/people.ts";
import { dailyText } from "./daily-text.ts";
import { countOpen } from "./work-list.ts";

export interface DailyParts {
  readonly register: RegisterParts;
  readonly mailer: Mailer;
  /** To whom and in what; null: to nobody. */
  readonly daily: { readonly to: string; readonly language: Language } | null;
}

/** Milliseconds after midnight at which a day begins for whoever reads the message. */
const morning = 6 * 3_600_000;
/** Milliseconds for the mail server. */
const patience = 30_000;

/**
 * Tells the DPO how many requests are open, once a day of Norway, from six in the morning on; nothing where none is. Sent
 * again after a crash, it is the same message. Rejects with `SourceFailure` where the mail server does not take it.
 */
export async function sendDaily({ register, mailer, daily }: DailyParts): Promise<void> {
  if (daily === null) return;
  const db = dbOf(register.store);
  const day = dayOf(new Date((await databaseNow(db)).getTime() - morning));
  if (await isSent(db, day)) return;
  const counted = await countOpen(db);
  if (counted.open > 0) {
    const message = { id: `daily-${day}`, to: daily.to, ...dailyText(counted, daily.language) };
    await mailer.send(message, { signal: AbortSignal.timeout(patience) });
  }
  await db
    .insertInto("daily_message")
    .values({ day })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  // One is enough to know which was the last.
  await db.deleteFrom("daily_message").where("day", "<", day).execute();
}

async function isSent(db: Db, day: string): Promise<boolean> {
  const sent = await db.selectFrom("daily_message").select("day").where("day", ">=", day).executeTakeFirst();
  return sent !== undefined;
}
