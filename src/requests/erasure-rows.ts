import { randomUUID } from "node:crypto";
import { sql } from "kysely";
import { z } from "zod";
import { IdentifierKind } from "../access/vocabulary.ts";
import type { Identifier } from "../sources/contract.ts";
import type { OfRecord, Whose } from "../sources/erasures.ts";
import type { PersonKey } from "../store/person-keys.ts";
import { type Db, sealedColumn } from "../store/tables.ts";
import { finalStatuses } from "./vocabulary.ts";

/** An erasure, beside the request that asks for it. */
export interface ErasureRow {
  readonly request_id: string;
  /** Null: all sources, and what the gateway itself keeps. */
  readonly sources: readonly string[] | null;
  /** ISO 8601. */
  readonly as_of: string;
  readonly finished_at: Date | null;
}

/** How far an erasure has come in one source. */
export interface ErasureSourceRow {
  readonly id: string;
  readonly request_id: string;
  readonly source: string;
  readonly sealed_record: Uint8Array | null;
  readonly record_hash: string | null;
  readonly tally: Readonly<Record<string, number>> | null;
  readonly kept_digest: string | null;
  readonly begun_at: Date | null;
  readonly ended_at: Date | null;
}

const recordColumn = sealedColumn("erasure_source", "sealed_record");

const identifiers = z.array(z.object({ kind: z.enum(IdentifierKind), value: z.string() }));
const things = z.record(z.string(), z.array(z.string()));
const whose = z.object({ recordKey: z.string().nullable(), identifiers, things: things.exactOptional() });
const beside = z.object({ shared: identifiers.default([]), others: z.array(z.string()).default([]) });

export async function insertErasure(
  db: Db,
  requestId: string,
  { sources, asOf }: { readonly sources: readonly string[] | null; readonly asOf: string },
): Promise<void> {
  await db
    .insertInto("erasure")
    .values({ request_id: requestId, sources: sources && [...sources], as_of: asOf, finished_at: null })
    .execute();
}

export async function erasureOf(db: Db, requestId: string): Promise<ErasureRow | null> {
  const { rows } = await sql<ErasureRow>`select request_id, sources, as_of::text as as_of, finished_at
    from erasure where request_id = ${requestId}`.execute(db);
  return rows[0] ?? null;
}

/** Of the person's erasures that have not ended; null: there is none. */
export async function openErasure(db: Db, subjectId: string): Promise<string | null> {
  const found = await db
    .selectFrom("request")
    .innerJoin("erasure", "erasure.request_id", "request.id")
    .select("request.id")
    .where("request.subject_id", "=", subjectId)
    .where("request.kind", "=", "ERASURE")
    .where("request.status", "not in", [...finalStatuses])
    .executeTakeFirst();
  return found?.id ?? null;
}

export const erasureSources = (db: Db, requestId: string): Promise<readonly ErasureSourceRow[]> =>
  db
    .selectFrom("erasure_source")
    .selectAll()
    .where("request_id", "=", requestId)
    .orderBy("source")
    .$castTo<ErasureSourceRow>()
    .execute();

/** Null: the source has not been read for the erasure yet. */
export async function erasureIn(db: Db, requestId: string, source: string): Promise<ErasureSourceRow | null> {
  const all = await erasureSources(db, requestId);
  return all.find((each) => each.source === source) ?? null;
}

/** @throws Unreadable */
export function whoseIn(key: PersonKey, { sealed_record }: ErasureSourceRow): Whose | null {
  return sealed_record && whose.parse(JSON.parse(key.unseal(sealed_record, recordColumn)));
}

export interface Beside {
  /** By `Reading.shared`. */
  readonly shared: readonly Identifier[];
  /** Keyed hashes of the records of `Reading.others`. */
  readonly others: readonly string[];
}

/** What others go by as well, and their records. @throws Unreadable */
export function besideIn(key: PersonKey, { sealed_record }: ErasureSourceRow): Beside {
  return beside.parse(sealed_record ? JSON.parse(key.unseal(sealed_record, recordColumn)) : {});
}

export interface ReadSource {
  readonly source: string;
  /** Null: the source has nothing of the person. */
  readonly found: {
    readonly whose: Whose;
    readonly beside: Beside;
    /** Null: it has no record of theirs. */
    readonly recordHash: string | null;
    readonly tally: ReadonlyMap<string, number>;
    readonly keptDigest: string;
  } | null;
}

export interface Named {
  readonly source: string;
  readonly whose: OfRecord;
  readonly recordHash: string;
}

/** What a source said before anything of it was erased: the first word counts, as it may say less by the second. */
export async function noteRead(
  db: Db,
  key: PersonKey,
  requestId: string,
  { source, found }: ReadSource,
): Promise<void> {
  await db
    .insertInto("erasure_source")
    .values({
      id: randomUUID(),
      request_id: requestId,
      source,
      sealed_record: found && key.seal(JSON.stringify({ ...found.whose, ...found.beside }), recordColumn),
      record_hash: found?.recordHash ?? null,
      tally: found && Object.fromEntries(found.tally),
      kept_digest: found?.keptDigest ?? null,
      begun_at: null,
      ended_at: null,
    })
    .onConflict((conflict) =>
      conflict
        .columns(["request_id", "source"])
        .doUpdateSet((set) => ({
          sealed_record: set.ref("excluded.sealed_record"),
          tally: set.ref("excluded.tally"),
          kept_digest: set.ref("excluded.kept_digest"),
        }))
        // It was only named till now.
        .where("erasure_source.sealed_record", "is not", null)
        .where("erasure_source.tally", "is", null),
    )
    .execute();
}

/** Whose data it is, where that is known before the source has been read. */
export async function noteNamed(
  db: Db,
  key: PersonKey,
  requestId: string,
  { source, whose, recordHash }: Named,
): Promise<void> {
  await db
    .insertInto("erasure_source")
    .values({
      id: randomUUID(),
      request_id: requestId,
      source,
      sealed_record: key.seal(JSON.stringify(whose), recordColumn),
      record_hash: recordHash,
      tally: null,
      kept_digest: null,
      begun_at: null,
      ended_at: null,
    })
    .execute();
}

/** From now on nobody reads what the source holds of the person, until it has ended. */
export async function noteBegun(db: Db, id: string): Promise<void> {
  await db
    .updateTable("erasure_source")
    .set({ begun_at: sql<Date>`clock_timestamp()`, ended_at: null })
    .where("id", "=", id)
    .where((where) => where.or([where("begun_at", "is", null), where("ended_at", "is not", null)]))
    .execute();
}

export async function noteEnded(db: Db, id: string): Promise<void> {
  await db
    .updateTable("erasure_source")
    .set({ ended_at: sql<Date>`clock_timestamp()` })
    .where("id", "=", id)
    .where("ended_at", "is", null)
    .execute();
}
