import { sql } from "kysely";
import type { ExpiredRow } from "../sources/expiring.ts";
import { ownRecord } from "../sources/writes.ts";
import { seal, Unreadable, unseal } from "../store/cipher.ts";
import { type Db, inTransaction } from "../store/tables.ts";
import { identifierHash, type RegisterParts } from "../subjects/people.ts";
import type { ReviewItemRow } from "./retention-review-rows.ts";

type Keys = Pick<RegisterParts, "keyring">;

/** What a batch is bound to besides its item. */
const context = (itemId: string): string => JSON.stringify(["retention_review_item.sealed_batch", itemId]);

/** By what somebody who was erased is known again in a batch: keyed hashes. */
export interface ErasedFrom {
  readonly identifiers: ReadonlySet<string>;
  /** Of records that the erasure has read, so that it has looked for their traces itself. */
  readonly records: ReadonlySet<string>;
}

const lockKey = sql`hashtextextended('retention_review_item.sealed_batch', 0)`;

/** Until the transaction is over nobody else writes a batch down, nor is anybody being taken out of one. */
const lockBatches = (db: Db) => sql`select pg_advisory_xact_lock(${lockKey})`.execute(db);

/**
 * Which records are going, and what names them, before they do: whoever goes on after a crash knows whose traces are to go.
 * Empty: none are. Sealed with a key of the gateway's own, since it is nobody's request. Whoever was erased since the
 * rows were read is left out.
 */
export async function keepBatch(
  register: Pick<RegisterParts, "store" | "keyring">,
  itemId: string,
  rows: readonly ExpiredRow[],
): Promise<void> {
  await inTransaction(register.store, async (db) => {
    await lockBatches(db);
    const item = await db
      .selectFrom("retention_review_item")
      .select(["id", "source"])
      .where("id", "=", itemId)
      .where("state", "=", "PENDING")
      .forUpdate()
      .executeTakeFirst();
    if (!item) return;
    const erased = await erasedMeanwhile(db, register, item, rows);
    await put(db, register, itemId, without(register, item.source, rows, erased));
  });
}

/**
 * Takes over from reviews that have ended whose records had gone and whose traces had not: nothing else leads to them any
 * more. Within the open transaction, for the items that it has made.
 */
export async function inheritBatches(db: Db, keys: Keys, reviewId: string): Promise<void> {
  await lockBatches(db);
  const left = await db
    .selectFrom("retention_review_item")
    .select(["id", "source", "sealed_batch"])
    .where("sealed_batch", "is not", null)
    .where("review_id", "<>", reviewId)
    .forUpdate()
    .execute();
  const own = await db
    .selectFrom("retention_review_item")
    .select(["id", "source"])
    .where("review_id", "=", reviewId)
    .where("record_type", "=", ownRecord)
    .where("fields", "is", null)
    .execute();
  for (const { id, source } of own) {
    const taken = left.filter((item) => item.source === source);
    if (taken.length === 0) continue;
    await put(
      db,
      keys,
      id,
      taken.flatMap((item) => batchOf(keys, item)),
    );
    for (const item of taken) await put(db, keys, item.id, []);
  }
}

/**
 * Takes somebody who is being erased out of the batches of sources, null: of all: what names them, and the records that the
 * erasure has read. The key of a record that had gone before it stays, without what names it, since nothing else leads to what
 * hangs on that. Last in the open transaction, which has the erasure down as finished: reviews wait for it.
 */
export async function forgetInBatches(
  db: Db,
  keys: Keys,
  sources: readonly string[] | null,
  erased: ErasedFrom,
): Promise<void> {
  // Erasures do not wait for each other: each only takes out, and those that meet in a batch do so one after the other.
  await sql`select pg_advisory_xact_lock_shared(${lockKey})`.execute(db);
  const items = await db
    .selectFrom("retention_review_item")
    .select(["id", "source", "sealed_batch"])
    .where("sealed_batch", "is not", null)
    .$if(sources !== null, (query) => query.where("source", "in", [...(sources ?? [])]))
    .orderBy("id")
    .execute();
  for (const item of items) {
    if (!names(keys, item, erased)) continue;
    const now = await db
      .selectFrom("retention_review_item")
      .select(["id", "sealed_batch"])
      .where("id", "=", item.id)
      .forUpdate()
      .executeTakeFirstOrThrow();
    await put(db, keys, item.id, without(keys, item.source, batchOf(keys, now), erased));
  }
}

/** What `keepBatch` has kept. @throws Unreadable */
export function batchOf(
  { keyring }: Keys,
  { id, sealed_batch }: Pick<ReviewItemRow, "id" | "sealed_batch">,
): readonly ExpiredRow[] {
  if (sealed_batch === null) return [];
  const text = unseal(keyring.key("retention"), sealed_batch, context(id)).toString();
  const rows: unknown = JSON.parse(text);
  if (!Array.isArray(rows)) throw new Unreadable("no batch of records");
  return rows as readonly ExpiredRow[];
}

async function put(db: Db, { keyring }: Keys, itemId: string, rows: readonly ExpiredRow[]): Promise<void> {
  const batch =
    rows.length === 0
      ? null
      : seal(keyring.key("retention"), Buffer.from(JSON.stringify(rows)), context(itemId));
  await db
    .updateTable("retention_review_item")
    .set({ sealed_batch: batch })
    .where("id", "=", itemId)
    .execute();
}

/**
 * Who was erased since the review was approved: what a turn has in memory was read after that. Somebody erased before who is in a
 * batch has come up again, or is what the law had kept. An hour more than that, for erasures that took so long to commit.
 */
async function erasedMeanwhile(
  db: Db,
  keys: Keys,
  item: Pick<ReviewItemRow, "id" | "source">,
  rows: readonly ExpiredRow[],
): Promise<ErasedFrom> {
  const { identifiers, records } = hashesIn(keys, item.source, rows);
  const { rows: found } = await sql<{ readonly hash: string; readonly is_record: boolean }>`
    with erased as (select e.request_id, q.subject_id from erasure e join request q on q.id = e.request_id
      where e.finished_at > (select coalesce(r.approved_at, r.opened_at) - interval '1 hour'
          from retention_review_item i join retention_review r on r.id = i.review_id where i.id = ${item.id})
        and (e.sources is null or ${item.source} = any(e.sources)))
    select hash, false as is_record from suppressed_identifier
      where hash = any(${identifiers}::text[]) and source in ('', ${item.source}) and lifted_at is null
        and subject_id in (select subject_id from erased)
    union select record_hash, true from erasure_source
      where record_hash = any(${records}::text[]) and source = ${item.source}
        and request_id in (select request_id from erased)`.execute(db);
  const hashes = (isRecord: boolean) =>
    new Set(found.filter(({ is_record }) => is_record === isRecord).map(({ hash }) => hash));
  return { identifiers: hashes(false), records: hashes(true) };
}

const recordHash = ({ keyring }: Keys, source: string, { key }: ExpiredRow): string =>
  keyring.hash("record")(source, key);

function hashesIn(keys: Keys, source: string, rows: readonly ExpiredRow[]) {
  const hash = identifierHash(keys.keyring.hash("identifier"));
  return {
    identifiers: rows.flatMap((row) => row.identifiers.map(hash)),
    records: rows.map((row) => recordHash(keys, source, row)),
  };
}

function names(keys: Keys, item: Pick<ReviewItemRow, "id" | "source" | "sealed_batch">, erased: ErasedFrom) {
  const { identifiers, records } = hashesIn(keys, item.source, batchOf(keys, item));
  return (
    identifiers.some((each) => erased.identifiers.has(each)) ||
    records.some((each) => erased.records.has(each))
  );
}

function without(
  keys: Keys,
  source: string,
  rows: readonly ExpiredRow[],
  { identifiers, records }: ErasedFrom,
): readonly ExpiredRow[] {
  const hash = identifierHash(keys.keyring.hash("identifier"));
  return rows
    .filter((row) => !records.has(recordHash(keys, source, row)))
    .map((row) => ({ ...row, identifiers: row.identifiers.filter((each) => !identifiers.has(hash(each))) }));
}
