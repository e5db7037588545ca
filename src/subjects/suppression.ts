import { sql } from "kysely";
import type { Db } from "../store/tables.ts";

/** By what an erased person would be known again. */
export interface Suppressed {
  readonly subjectId: string;
  /** The erasure that it comes of; null: it came before there were any. */
  readonly requestId: string | null;
  /** Keyed hashes of identifiers, as in `identifier`. */
  readonly hashes: readonly string[];
  /** Where they must not come up again; null: in no source. */
  readonly sources: readonly string[] | null;
}

/**
 * Within the open transaction. What is in force already stays as it is, but for the erasure that it comes of where that was not
 * known; what was lifted is in force again.
 */
export async function suppress(db: Db, { subjectId, requestId, hashes, sources }: Suppressed): Promise<void> {
  if (hashes.length === 0) return;
  await sql`insert into suppressed_identifier (hash, source, subject_id, request_id, at)
    select distinct hash, source, ${subjectId}::uuid, ${requestId}::uuid, clock_timestamp()
    from unnest(${[...hashes]}::text[]) hash, unnest(${[...(sources ?? [""])]}::text[]) source
    on conflict (hash, source, subject_id) do update
      set lifted_at = null, at = excluded.at, request_id = excluded.request_id
      where suppressed_identifier.lifted_at is not null or suppressed_identifier.request_id is null`.execute(
    db,
  );
}

/** Erased persons who go by one of the identifiers and must not come up again in the source. */
export async function suppressedBy(
  db: Db,
  source: string,
  hashes: readonly string[],
): Promise<readonly string[]> {
  if (hashes.length === 0) return [];
  const rows = await db
    .selectFrom("suppressed_identifier")
    .select("subject_id")
    .distinct()
    .where("hash", "in", [...hashes])
    .where("source", "in", ["", source])
    .where("lifted_at", "is", null)
    .execute();
  return rows.map(({ subject_id }) => subject_id);
}

/** Whether anybody must not come up again in the source. */
export async function isAnybodySuppressed(db: Db, source: string): Promise<boolean> {
  const found = await db
    .selectFrom("suppressed_identifier")
    .select("hash")
    .where("source", "in", ["", source])
    .where("lifted_at", "is", null)
    .limit(1)
    .executeTakeFirst();
  return found !== undefined;
}

export interface Lifted {
  /** The erasures that the suppression came of. */
  readonly requestIds: readonly string[];
  /** One of them was of everything. */
  readonly wasErasedWhole: boolean;
}

/** The person may come up again, everywhere. Within the open transaction. */
export async function liftSuppression(db: Db, subjectId: string): Promise<Lifted> {
  const lifted = await db
    .updateTable("suppressed_identifier")
    .set({ lifted_at: sql<Date>`clock_timestamp()` })
    .where("subject_id", "=", subjectId)
    .where("lifted_at", "is", null)
    .returning(["request_id", "source"])
    .execute();
  return {
    requestIds: [...new Set(lifted.flatMap(({ request_id }) => request_id ?? []))].sort(),
    wasErasedWhole: lifted.some(({ source }) => source === ""),
  };
}

/** The erasure that the person's suppression last came of; null: there is none. */
export async function suppressedSince(db: Db, subjectId: string): Promise<string | null> {
  const latest = await db
    .selectFrom("suppressed_identifier")
    .select("request_id")
    .where("subject_id", "=", subjectId)
    .where("lifted_at", "is", null)
    .where("request_id", "is not", null)
    .orderBy("at", "desc")
    .limit(1)
    .executeTakeFirst();
  return latest?.request_id ?? null;
}
