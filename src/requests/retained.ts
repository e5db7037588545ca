import { randomUUID } from "node:crypto";
import { sql } from "kysely";
import type { LegalGround } from "../access/legal-grounds.ts";
import type { Db } from "../store/tables.ts";
import type { KeptGroup } from "./kept.ts";

/** Writes down what the law keeps of an erasure: from now on it is restricted. Done again, it changes nothing. */
export async function insertRetained(
  db: Db,
  requestId: string,
  source: string,
  kept: readonly KeptGroup[],
): Promise<void> {
  await db
    .insertInto("retained")
    .values(
      kept.map(({ recordType, ground, until, count }) => ({
        id: randomUUID(),
        request_id: requestId,
        source,
        record_type: recordType,
        count,
        until,
        ground,
        ended_at: null,
      })),
    )
    .onConflict((conflict) =>
      conflict.columns(["request_id", "source", "record_type", "ground", "until"]).doNothing(),
    )
    .execute();
}

export interface RetainedRow {
  readonly source: string;
  readonly record_type: string;
  readonly count: number;
  /** ISO 8601. */
  readonly until: string;
  readonly ground: LegalGround;
}

/** What was kept of what the request has erased. */
export async function retainedOf(db: Db, requestId: string): Promise<readonly RetainedRow[]> {
  const { rows } = await sql<RetainedRow>`select source, record_type, count, until::text as until, ground
    from retained where request_id = ${requestId} order by source, record_type, until, ground`.execute(db);
  return rows;
}

/** What is kept of what a person has had erased, whichever request it was. */
export async function retainedFor(db: Db, subjectId: string): Promise<readonly RetainedFor[]> {
  const { rows } =
    await sql<RetainedFor>`select r.request_id, r.source, r.until::text as until, r.ground, min(r.since) as since
    from retained r join request q on q.id = r.request_id
    where q.subject_id = ${subjectId} and r.ended_at is null
    group by r.request_id, r.source, r.until, r.ground order by r.source, r.until, r.ground`.execute(db);
  return rows;
}

/** How much is kept of a person in a source, by record type, whichever requests it was. */
export async function retainedIn(
  db: Db,
  subjectId: string,
  source: string,
): Promise<ReadonlyMap<string, number>> {
  const rows = await db
    .selectFrom("retained")
    .innerJoin("request", "request.id", "retained.request_id")
    .select((each) => ["retained.record_type", each.fn.sum<string>("retained.count").as("count")])
    .where("request.subject_id", "=", subjectId)
    .where("retained.source", "=", source)
    .where("retained.ended_at", "is", null)
    .groupBy("retained.record_type")
    .execute();
  return new Map(rows.map(({ record_type, count }) => [record_type, Number(count)]));
}

/** Sources in which something is kept of what the request has erased. */
export async function retainedSources(db: Db, requestId: string): Promise<readonly string[]> {
  const rows = await db
    .selectFrom("retained")
    .select("source")
    .distinct()
    .where("request_id", "=", requestId)
    .where("ended_at", "is", null)
    .execute();
  return rows.map(({ source }) => source);
}

export interface RetainedFor extends Pick<RetainedRow, "source" | "until" | "ground"> {
  readonly request_id: string;
  readonly since: Date;
}

/**
 * What earlier erasures have kept in the sources is kept no longer, but for what the request itself has kept anew, and for
 * where it was about another record of the person than the one that was kept.
 */
export async function endRetained(
  db: Db,
  request: { readonly id: string; readonly subjectId: string },
  sources: readonly string[],
): Promise<void> {
  await sql`update retained r set ended_at = clock_timestamp() from request q
    where q.id = r.request_id and q.subject_id = ${request.subjectId} and q.id <> ${request.id}
      and r.source = any(${[...sources]}) and r.ended_at is null
      and not exists (select from erasure_source es join identifier i on i.source = es.source
        where es.request_id = ${request.id} and es.source = r.source and i.subject_id = q.subject_id
          and i.origin = 'LINKED' and i.record_hash <> es.record_hash)`.execute(db);
}

/** What was kept of a person in a source is not there any more. */
export async function endRetainedIn(db: Db, subjectId: string, source: string): Promise<void> {
  await sql`update retained r set ended_at = clock_timestamp() from request q
    where q.id = r.request_id and q.subject_id = ${subjectId} and r.source = ${source} and r.ended_at is null`.execute(
    db,
  );
}

/**
 * Persons of whom something is kept that no law keeps any more on the day (ISO 8601), with where; but for what they have
 * had restricted since, as evidence perhaps (GDPR Art. 18(1)(c)).
 */
export async function due(
  db: Db,
  today: string,
): Promise<readonly { readonly subject_id: string; readonly sources: readonly string[] }[]> {
  const { rows } = await sql<{ readonly subject_id: string; readonly sources: readonly string[] }>`
    select q.subject_id, array_agg(distinct r.source order by r.source) as sources
    from retained r join request q on q.id = r.request_id
    where r.ended_at is null and r.until < ${today}
      and not exists (select from restriction a where a.subject_id = q.subject_id and a.since <= gateway_now()
        and (a.until is null or a.until > gateway_now()) and (a.sources = '{}' or r.source = any(a.sources)))
    group by q.subject_id order by q.subject_id`.execute(db);
  return rows;
}
