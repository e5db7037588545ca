import { randomBytes } from "node:crypto";
import { sql } from "kysely";
import { type KeyedHash, keyedHash } from "./keyed-hash.ts";
import type { MasterKeys } from "./master-keys.ts";
import type { Store } from "./store.ts";
import { dbOf } from "./tables.ts";
import { UnknownMasterKey, unwrap, wrap, type WrappedKey } from "./wrapping.ts";

const uses = [
  "sign-in",
  "identifier",
  "record",
  "actor",
  "audit",
  "request",
  "receipt",
  "scan",
  "erasures",
  "download",
  "identity-code",
  "withheld",
  "statistics",
  "retention",
] as const;

/** What a key of the gateway's own is for. */
export type KeyUse = (typeof uses)[number];

/**
 * The gateway's own keys. They are random and only wrapped by the master key, not derived from it: its rotation
 * changes no hash.
 */
export interface Keyring {
  readonly hash: (use: KeyUse) => KeyedHash;
  /** 32 bytes. */
  readonly key: (use: KeyUse) => Uint8Array;
}

/** What binds a wrapped key to its row. */
export const keyringContext = (name: string): string => JSON.stringify(["keyring", name]);

/**
 * Opens the keys, and makes them the first time; replicas that start at once agree.
 * @throws UnknownMasterKey where a key, of the gateway or of a person, is wrapped with a master key that is not here
 * @throws KeysNotRestored, Unreadable
 */
export async function openKeyring(store: Store, masterKeys: MasterKeys): Promise<Keyring> {
  await checkPersons(store, masterKeys);
  let rows = await readRows(store);
  if (uses.some((use) => !rows.has(use))) {
    await insertMissing(store, masterKeys);
    rows = await readRows(store);
  }
  const keys = new Map<string, Uint8Array>();
  for (const [name, row] of rows) keys.set(name, await unwrap(masterKeys, row, keyringContext(name)));
  const key = (use: KeyUse): Uint8Array => {
    const found = keys.get(use);
    if (found === undefined) throw new Error(`the keyring has no key ${use}`);
    return found;
  };
  return { key, hash: (use) => keyedHash(key(use)) };
}

async function readRows(store: Store): Promise<ReadonlyMap<string, WrappedKey>> {
  const { rows } = await sql<WrappedKey & { readonly name: string }>`
    select name, wrapped_key as "wrappedKey", master_key_id as "masterKeyId" from keyring
    where name = any(${uses})`.execute(dbOf(store));
  return new Map(rows.map((row) => [row.name, row]));
}

/** Where another replica is faster, its keys count. */
async function insertMissing(store: Store, masterKeys: MasterKeys): Promise<void> {
  const master = await masterKeys.current();
  for (const use of uses) {
    const { wrappedKey, masterKeyId } = wrap(master, randomBytes(32), keyringContext(use));
    await sql`insert into keyring (name, wrapped_key, master_key_id) values (${use}, ${wrappedKey}, ${masterKeyId})
      on conflict do nothing`.execute(dbOf(store));
  }
}

/** The database was restored without the keys, which are backed up apart from it. */
export class KeysNotRestored extends Error {
  override readonly name = "KeysNotRestored";
  constructor() {
    super("The database has no persons' keys: restore the newest copy of its schema `keys` as well.");
  }
}

/** That a master key was taken away too early is better known at the start than when somebody asks for their data. */
async function checkPersons(store: Store, masterKeys: MasterKeys): Promise<void> {
  const there = await sql`select where to_regclass('keys.person_key') is not null`.execute(dbOf(store));
  if (there.rows.length === 0) throw new KeysNotRestored();
  // One step per key through the index, however many persons there are.
  const { rows } = await sql<{ readonly id: string }>`
    with recursive used (id) as (
      select min(master_key_id) from keys.person_key
      union all
      select (select min(master_key_id) from keys.person_key where master_key_id > used.id) from used where id is not null)
    select id from used where id is not null`.execute(dbOf(store));
  for (const { id } of rows) if ((await masterKeys.byId(id)) === null) throw new UnknownMasterKey(id);
}
