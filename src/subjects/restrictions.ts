import { randomUUID } from "node:crypto";
import { sql } from "kysely";
import type { PersonKey } from "../store/person-keys.ts";
import type { Db } from "../store/tables.ts";
import { reasonColumn } from "./absorb.ts";
import { askedAnew } from "./asked-anew.ts";

/** GDPR Art. 18. `sources` empty: in every source. */
export interface RestrictionOrder {
  readonly sources: readonly string[];
  readonly reason: string;
  /** Absent: from now on. */
  readonly since?: Date;
  /** Absent: until it is lifted. */
  readonly until?: Date;
  readonly legalGround?: string;
  readonly requestId?: string;
}

/** Within the open transaction. */
export async function restrict(
  db: Db,
  key: PersonKey,
  subjectId: string,
  { sources, reason, since, until, legalGround, requestId }: RestrictionOrder,
): Promise<void> {
  await db
    .insertInto("restriction")
    .values({
      id: randomUUID(),
      subject_id: subjectId,
      sources: [...sources],
      sealed_reason: key.seal(reason, reasonColumn),
      since: since ?? sql<Date>`clock_timestamp()`,
      until: until ?? null,
      legal_ground: legalGround ?? null,
      request_id: requestId ?? null,
    })
    .execute();
}

export interface RestrictionRow {
  readonly id: string;
  readonly sources: readonly string[];
  readonly sealed_reason: Uint8Array;
  readonly since: Date;
  readonly until: Date | null;
  readonly legal_ground: string | null;
  readonly request_id: string | null;
}

/** Newest first, those that have ended among them. */
export function restrictionsOf(db: Db, subjectId: string): Promise<readonly RestrictionRow[]> {
  return db
    .selectFrom("restriction")
    .select(["id", "sources", "sealed_reason", "since", "until", "legal_ground", "request_id"])
    .where("subject_id", "=", subjectId)
    .orderBy("since", "desc")
    .orderBy("id")
    .$castTo<RestrictionRow>()
    .execute();
}

export interface Lifting {
  /** Which restrictions: one that comes later is not meant. */
  readonly ids: readonly string[];
  /** Sources that are freed; null: all that they hold for. */
  readonly freed: readonly string[] | null;
  /** Every source there is. */
  readonly all: readonly string[];
}

/**
 * Ends restrictions. One that holds for more than is to be freed goes on for the rest, for the same reason. Done again,
 * it changes nothing. Within the open transaction.
 */
export async function liftRestrictions(
  db: Db,
  key: PersonKey,
  subjectId: string,
  { ids, freed, all }: Lifting,
): Promise<void> {
  for (const row of await restrictionsOf(db, subjectId)) {
    if (!isInForce(row) || !ids.includes(row.id)) continue;
    const holds = heldIn(row, all);
    const rest = freed === null ? [] : holds.filter((source) => !freed.includes(source));
    if (rest.length === holds.length) continue;
    await db
      .updateTable("restriction")
      .set({ until: sql<Date>`clock_timestamp()` })
      .where("id", "=", row.id)
      .execute();
    await askedAnew(db, row.request_id === null ? [] : [row.request_id]);
    if (rest.length === 0) continue;
    const reason = key.unseal(row.sealed_reason, reasonColumn);
    await restrict(db, key, subjectId, {
      sources: rest,
      reason,
      since: row.since,
      ...(row.legal_ground !== null && { legalGround: row.legal_ground }),
      ...(row.request_id !== null && { requestId: row.request_id }),
    });
  }
}

/** Which of the sources a person's processing is restricted in now. */
export async function restrictedSources(
  db: Db,
  subjectId: string,
  all: readonly string[],
): Promise<ReadonlySet<string>> {
  const rows = (await restrictionsOf(db, subjectId)).filter(isInForce);
  return new Set(rows.flatMap((row) => heldIn(row, all)));
}

/** Sources that a restriction holds for. */
export const heldIn = ({ sources }: Pick<RestrictionRow, "sources">, all: readonly string[]) =>
  sources.length === 0 ? all : sources;

export const isInForce = ({ until }: Pick<RestrictionRow, "until">) => until === null || until > new Date();
