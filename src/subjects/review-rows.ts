import { sql } from "kysely";
import { InvalidCursor } from "../sources/contract.ts";
import { decodeCursor, encodeCursor } from "../sources/cursor.ts";
import type { MatchProblem } from "../sources/match.ts";
import type { Db } from "../store/tables.ts";

/** A match that waits for staff, as it was when somebody last looked. */
export interface ReviewRow {
  readonly subject_id: string;
  readonly source: string;
  readonly reason: MatchProblem;
  /** Microseconds since 1970, as the database has them. */
  readonly opened: string;
}

/** Where a review stands in the work list: `opened`, `subject_id`, `source`. */
export type ReviewPosition = readonly [opened: string, subjectId: string, source: string];

const cursorName = "matchReviews";
const uuid = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/;

export const reviewCursor = ({ opened, subject_id, source }: ReviewRow): string =>
  encodeCursor(cursorName, [opened, subject_id, source]);

/** @throws InvalidCursor */
export function reviewPosition(cursor: string): ReviewPosition {
  const [opened, subjectId, source] = decodeCursor(cursorName, cursor, 3);
  if (!opened || !/^\d{1,16}$/.test(opened) || !subjectId || !uuid.test(subjectId) || !source)
    throw new InvalidCursor();
  return [opened, subjectId, source];
}

/** Oldest first; `after` null: from the start. */
export async function reviewRows(
  db: Db,
  sources: readonly string[],
  after: ReviewPosition | null,
  limit: number,
): Promise<readonly ReviewRow[]> {
  const [opened, subjectId, source] = after ?? ["0", "00000000-0000-0000-0000-000000000000", ""];
  const { rows } = await sql<ReviewRow>`select subject_id, source, reason,
      (extract(epoch from opened_at) * 1000000)::bigint::text as opened
    from match_review
    where source = any(${sources}) and (opened_at, subject_id, source) >
      (timestamptz 'epoch' + ${opened}::bigint * interval '1 microsecond', ${subjectId}::uuid, ${source})
    order by opened_at, subject_id, source limit ${limit}`.execute(db);
  return rows;
}

/** How many matches wait; `sources` absent: in all. */
export async function countReviews(db: Db, sources?: readonly string[]): Promise<number> {
  const { rows } = await sql<{ open: number }>`select count(*)::int as open from match_review
    where ${sources === undefined} or source = any(${sources ?? []})`.execute(db);
  return rows[0]?.open ?? 0;
}
