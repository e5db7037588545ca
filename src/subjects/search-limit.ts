import { sql } from "kysely";
import type { Store } from "../store/store.ts";
import { dbOf } from "../store/tables.ts";

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

export function createSearchLimit(store: Store, { perMinute, perDay }: SearchAllowance): CountSearch {
  const spans = [
    { span: "minute", seconds: 60, most: perMinute },
    { span: "day", seconds: 86_400, most: perDay },
  ];
  return async (actor) => {
    const { rows } = await sql<{ span: string; searches: number; left: number }>`
      insert into search_count as kept (actor, span, began_at, searches)
      select ${actor}, span, now(), 1
        from jsonb_to_recordset(${JSON.stringify(spans)}::jsonb) as s (span text, seconds int)
      on conflict (actor, span) do update set
        searches = case when ${isOver} then 1 else kept.searches + 1 end,
        began_at = case when ${isOver} then now() else kept.began_at end
      returning span, searches, ceil(extract(epoch from began_at + ${length("kept")} - now()))::int as left`.execute(
      dbOf(store),
    );
    const waits = rows.flatMap(({ span, searches, left }) => {
      const most = spans.find((each) => each.span === span)?.most ?? 0;
      return searches > most ? [left] : [];
    });
    if (waits.length > 0) throw new TooManySearches(Math.max(1, ...waits));
  };
}

const length = (table: string) => sql`('1 ' || ${sql.ref(`${table}.span`)})::interval`;
const isOver = sql`kept.began_at + ${length("kept")} <= now()`;
