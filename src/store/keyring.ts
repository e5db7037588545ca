import { randomBytes } from "node:crypto";
import { sql } from "kysely";
import { type KeyedHash, keyedHash } from "./keyed-hash.ts";
import type { MasterKeys } from "./master-keys.ts";
import type { Store } from "./store.ts";
import { unwrap, wrap, type WrappedKey } from "./wrapping.ts";

const uses = ["sign-in", "identifier", "record", "actor", "audit"] as const;

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
 * @throws Unreadable
 */
export async function openKeyring(store: Store, masterKeys: MasterKeys): Promise<Keyring> {
  let rows = await readRows(store);
  const missing = uses.filter((use) => !rows.has(use));
  if (missing.length > 0) {
    for (const use of missing)
      await insert(store, use, await wrap(masterKeys, randomBytes(32), keyringContext(use)));
    // Another replica may have been faster: what counts is what is kept.
    rows = await readRows(store);
  }
  const keys = new Map<KeyUse, Uint8Array>();
  for (const use of uses) {
    const row = rows.get(use);
    if (row !== undefined) keys.set(use, await unwrap(masterKeys, row, keyringContext(use)));
  }
  const key = (use: KeyUse): Uint8Array => {
    const found = keys.get(use);
    if (found === undefined) throw new Error(`the keyring has no key ${use}`);
    return found;
  };
  return { key, hash: (use) => keyedHash(key(use)) };
}

async function readRows(store: Store): Promise<ReadonlyMap<string, WrappedKey>> {
  const { rows } = await sql<WrappedKey & { readonly name: string }>`
    select name, wrapped_key as "wrappedKey", master_key_id as "masterKeyId" from keyring`.execute(
    store.em.getKysely(),
  );
  return new Map(rows.map((row) => [row.name, row]));
}

async function insert(store: Store, use: KeyUse, { wrappedKey, masterKeyId }: WrappedKey): Promise<void> {
  await sql`insert into keyring (name, wrapped_key, master_key_id) values (${use}, ${wrappedKey}, ${masterKeyId})
    on conflict do nothing`.execute(store.em.getKysely());
}
