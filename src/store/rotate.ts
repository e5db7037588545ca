import { type RawBuilder, sql } from "kysely";
import { setTimeout as delay } from "node:timers/promises";
import { Unreadable, unseal } from "./cipher.ts";
import { keyringContext } from "./keyring.ts";
import type { MasterKey, MasterKeys } from "./master-keys.ts";
import { personKeyContext } from "./person-keys.ts";
import type { Store } from "./store.ts";
import { type Db, dbOf, inTransaction } from "./tables.ts";
import { wrap } from "./wrapping.ts";

export interface RotationOptions {
  /** Keys per transaction. */
  readonly batchSize?: number;
  /** After each transaction: keys rewrapped so far. */
  readonly onProgress?: (rewrapped: number) => void;
}

export interface Rotation {
  readonly rewrapped: number;
  /** Keys still wrapped with another master key than the current one, by its id; empty: the rotation is complete. */
  readonly remaining: ReadonlyMap<string, number>;
  /** Those of `remaining` that do not open with the key that they name: the rows were changed. */
  readonly unreadable: number;
}

interface KeyTable {
  readonly name: RawBuilder<unknown>;
  readonly id: RawBuilder<unknown>;
  readonly idType: RawBuilder<unknown>;
  readonly contextOf: (id: string) => string;
}

const tables: readonly KeyTable[] = [
  { name: sql.table("keyring"), id: sql.ref("name"), idType: sql`text`, contextOf: keyringContext },
  {
    name: sql.table("keys.person_key"),
    id: sql.ref("subject_id"),
    idType: sql`uuid`,
    contextOf: personKeyContext,
  },
];

const MAX_PASSES = 50;
const PAUSE_MS = 100;

/**
 * Wraps every key with the current master key. Each batch is a transaction of its own, so that it may be killed and
 * begun again, and run beside itself and beside a gateway that serves.
 */
export async function rotate(
  store: Store,
  masterKeys: MasterKeys,
  { batchSize = 500, onProgress = () => undefined }: RotationOptions = {},
): Promise<Rotation> {
  const current = await masterKeys.current();
  let rewrapped = 0;
  for (let pass = 1; ; pass++) {
    const before = rewrapped;
    let unreadable = 0;
    for (const id of (await othersThan(current, store)).keys()) {
      const earlier = await masterKeys.byId(id);
      if (earlier === null) continue;
      for (const table of tables) {
        for await (const batch of batches(store, table, { earlier, current, batchSize })) {
          unreadable += batch.unreadable;
          if (batch.rewrapped > 0) onProgress((rewrapped += batch.rewrapped));
        }
      }
    }
    const remaining = await othersThan(current, store);
    if (pass === MAX_PASSES || (await isEnd(remaining, masterKeys, unreadable)))
      return { rewrapped, remaining, unreadable };
    // What others held locked, or have made meanwhile, is for the next pass.
    if (rewrapped === before) await delay(PAUSE_MS);
  }
}

/** How many keys each master key wraps. */
export async function keysByMasterKey(store: Store): Promise<ReadonlyMap<string, number>> {
  const { rows } = await sql<{ readonly id: string; readonly count: number }>`
    select master_key_id as id, count(*)::int as count from (
      select master_key_id from keys.person_key
      union all select master_key_id from keyring) as kept
    group by 1`.execute(dbOf(store));
  return new Map(rows.map(({ id, count }) => [id, count]));
}

async function othersThan(current: MasterKey, store: Store): Promise<ReadonlyMap<string, number>> {
  return new Map([...(await keysByMasterKey(store))].filter(([id]) => id !== current.id));
}

async function isEnd(
  remaining: ReadonlyMap<string, number>,
  masterKeys: MasterKeys,
  unreadable: number,
): Promise<boolean> {
  let within = 0;
  for (const [id, count] of remaining) if ((await masterKeys.byId(id)) !== null) within += count;
  return within <= unreadable;
}

interface BatchSettings {
  readonly earlier: MasterKey;
  readonly current: MasterKey;
  readonly batchSize: number;
}

interface Batch {
  readonly rewrapped: number;
  readonly unreadable: number;
  /** Where the next batch goes on; null: this was the last one. */
  readonly last: string | null;
}

async function* batches(store: Store, table: KeyTable, settings: BatchSettings): AsyncGenerator<Batch> {
  let after: string | null = null;
  do {
    const start = after;
    const batch: Batch = await inTransaction(store, (db) => rewrapBatch(db, table, start, settings));
    yield batch;
    after = batch.last;
  } while (after !== null);
}

async function rewrapBatch(
  db: Db,
  { name, id, idType, contextOf }: KeyTable,
  after: string | null,
  { earlier, current, batchSize }: BatchSettings,
): Promise<Batch> {
  const { rows } = await sql<{ readonly id: string; readonly wrapped: Uint8Array }>`
    select ${id} as id, wrapped_key as wrapped from ${name}
    where master_key_id = ${earlier.id}
      ${after === null ? sql`` : sql`and ${id} > ${after}`}
    order by ${id} limit ${batchSize} for update skip locked`.execute(db);
  const renewed = rows.flatMap((row) => {
    const key = opened(earlier, row.wrapped, contextOf(row.id));
    return key === null ? [] : [{ id: row.id, ...wrap(current, key, contextOf(row.id)) }];
  });
  if (renewed.length > 0) {
    await sql`update ${name} as kept set wrapped_key = renewed.wrapped, master_key_id = ${current.id}
      from unnest(${renewed.map((each) => each.id)}::${idType}[],
                  ${renewed.map((each) => each.wrappedKey)}::bytea[]) as renewed (id, wrapped)
      where kept.${id} = renewed.id`.execute(db);
  }
  return {
    rewrapped: renewed.length,
    unreadable: rows.length - renewed.length,
    last: rows.length < batchSize ? null : (rows.at(-1)?.id ?? null),
  };
}

function opened(master: MasterKey, wrapped: Uint8Array, context: string): Buffer | null {
  try {
    return unseal(master.bytes, wrapped, context);
  } catch (error) {
    if (error instanceof Unreadable) return null;
    throw error;
  }
}
