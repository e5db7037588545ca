import { sql } from "kysely";
import { InvalidCursor } from "../sources/contract.ts";
import { decodeCursor, encodeCursor } from "../sources/cursor.ts";
import type { Db } from "../store/tables.ts";
import { isUuid } from "../store/uuid.ts";

/** A record that names somebody who was erased, as it stands in the DPO's list. */
export interface WaitingReappearance {
  readonly id: string;
  readonly subject_id: string;
  readonly source: string;
  readonly seen_at: Date;
  /** Microseconds since 1970, as the database has them. */
  readonly seen: string;
}

/** Where one stands in the list: `seen`, `id`. */
export type ReappearancePosition = readonly [seen: string, id: string];

const cursorName = "reappearances";

export const reappearanceCursor = ({ seen, id }: WaitingReappearance): string =>
  encodeCursor(cursorName, [seen, id]);

/** @throws InvalidCursor */
export function reappearancePosition(cursor: string): ReappearancePosition {
  const [seen, id] = decodeCursor(cursorName, cursor, 2);
  if (!seen || !/^\d{1,16}$/.test(seen) || !id || !isUuid(id)) throw new InvalidCursor();
  return [seen, id];
}

/** Those that wait, oldest first; `after` null: from the start. */
export async function waitingReappearances(
  db: Db,
  after: ReappearancePosition | null,
  most: number,
): Promise<readonly WaitingReappearance[]> {
  const [seen, id] = after ?? ["0", "00000000-0000-0000-0000-000000000000"];
  const { rows } = await sql<WaitingReappearance>`select id, subject_id, source, seen_at,
      (extract(epoch from seen_at) * 1000000)::bigint::text as seen
    from reappearance
    where decided_at is null and (seen_at, id) >
      (timestamptz 'epoch' + ${seen}::bigint * interval '1 microsecond', ${id}::uuid)
    order by seen_at, id limit ${most}`.execute(db);
  return rows;
}
