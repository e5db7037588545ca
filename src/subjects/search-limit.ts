import { sql } from "kysely";
import type { Store } from "../store/store.ts";
import { type Db, dbOf } from "../store/tables.ts";

/** A member of staff has searched as often as is allowed for now. */
export class TooManySearches extends Error {
  override readonly name = "TooManySearches";
  readonly retryAfterSeconds: number;
  constructor(retryAfterSeconds: number) {
    super("too many searches");
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

export interface SearchAllowance {
  readonly perMinute: number;
  readonly perDay: number;
}

/** Counts one search of a member of staff, over all replicas. Rejects with `TooManySearches`. */
export type CountSearch = (actor: string) => Promise<void>;

type Span = "minute" | "day";

export function createSearchLimit(store: Store, { perMinute, perDay }: SearchAllowance): CountSearch {
  return async (actor) => {
    const db = dbOf(store);
    // One after the other: what the minute refuses does not use up the day.
    await countIn(db, actor, "minute", perMinute);
    const { searches } = await countIn(db, actor, "day", perDay);
    if (searches === 1) await forgetOld(db);
  };
}

interface Count {
  readonly searches: number;
  /** Until the span is over. */
  readonly seconds: number;
}

/** A span begins with the first search after the last one was over, by the database's clock. */
async function countIn(db: Db, actor: string, span: Span, most: number): Promise<Count> {
  const length = sql`${`1 ${span}`}::interval`;
  const isOver = sql`kept.began_at + ${length} <= now()`;
  const { rows } = await sql<Count>`
    insert into search_count as kept (actor, span, began_at, searches) values (${actor}, ${span}, now(), 1)
    on conflict (actor, span) do update set
      searches = case when ${isOver} then 1 else least(kept.searches, ${most}::int) + 1 end,
      began_at = case when ${isOver} then now() else kept.began_at end
    returning searches, ceil(extract(epoch from began_at + ${length} - now()))::int as seconds`.execute(db);
  const [count = { searches: 0, seconds: 0 }] = rows;
  if (count.searches > most) throw new TooManySearches(Math.max(1, count.seconds));
  return count;
}

/** Of those who have not searched since; they may have left. Passes over what somebody is counting just now. */
async function forgetOld(db: Db): Promise<void> {
  await sql`delete from search_count where (actor, span) in (
    select actor, span from search_count where began_at < now() - interval '2 days' for update skip locked)`.execute(
    db,
  );
}
