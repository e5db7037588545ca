import { randomUUID } from "node:crypto";
import { sql } from "kysely";
import type { PersonKey } from "../store/person-keys.ts";
import { databaseNow } from "../store/clock.ts";
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
  /** By the database's clock, as the guard has it. */
  readonly in_force: boolean;
}

/** Newest first, those that have ended among them. */
export function restrictionsOf(db: Db, subjectId: string): Promise<readonly RestrictionRow[]> {
  return db
    .selectFrom("restriction")
    .select(["id", "sources", "sealed_reason", "since", "until", "legal_ground", "request_id"])
    .select(sql<boolean>`until is null or until > clock_timestamp()`.as("in_force"))
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
 * Ends restrictions. One that holds for more than is to be freed goes on for the rest, as itself: whoever is to lift it
 * lifts that. Done again, it changes nothing. Within the open transaction, which holds the person.
 */
export async function liftRestrictions(
  db: Db,
  key: PersonKey,
  subjectId: string,
  { ids, freed, all }: Lifting,
): Promise<void> {
  const until = await databaseNow(db);
  for (const row of await restrictionsOf(db, subjectId)) {
    if (!row.in_force || !ids.includes(row.id)) continue;
    const holds = heldIn(row, all);
    const rest = freed === null ? [] : holds.filter((source) => !freed.includes(source));
    if (rest.length === holds.length) continue;
    await db
      .updateTable("restriction")
      .set(rest.length === 0 ? { until } : { sources: rest })
      .where("id", "=", row.id)
      .execute();
    await askedAnew(db, row.request_id === null ? [] : [row.request_id]);
    if (rest.length === 0) continue;
    await restrict(db, key, subjectId, {
      sources: holds.filter((source) => !rest.includes(source)),
      reason: key.unseal(row.sealed_reason, reasonColumn),
      since: row.since,
      until,
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
  const rows = (await restrictionsOf(db, subjectId)).filter(({ in_force }) => in_force);
  return new Set(rows.flatMap((row) => heldIn(row, all)));
}

/** Sources that a restriction holds for. */
export const heldIn = ({ sources }: Pick<RestrictionRow, "sources">, all: readonly string[]) =>
  sources.length === 0 ? all : sources;
