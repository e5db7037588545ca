import { randomUUID } from "node:crypto";
import { sql } from "kysely";
import type { PersonKey, PersonKeys } from "../../src/store/person-keys.ts";
import type { Store } from "../../src/store/store.ts";
import { dbOf } from "../../src/store/tables.ts";

export interface Kept {
  readonly id: string;
  readonly key: PersonKey;
}

/** A row of `subject` with a key of its own. */
export async function insertPerson(store: Store, personKeys: PersonKeys): Promise<Kept> {
  const id = randomUUID();
  const { key, wrappedKey, masterKeyId } = await personKeys.create(id);
  await sql`with kept as (insert into keys.person_key values (${id}, ${wrappedKey}, ${masterKeyId}))
    insert into subject (id, created_at) values (${id}, now())`.execute(dbOf(store));
  return { id, key };
}

/** @throws what `PersonKeys.open` throws */
export async function openPerson(store: Store, personKeys: PersonKeys, id: string): Promise<PersonKey> {
  const { rows } = await sql<{ wrappedKey: Uint8Array | null; masterKeyId: string | null }>`
    select wrapped_key as "wrappedKey", master_key_id as "masterKeyId"
    from subject left join keys.person_key on subject_id = id where id = ${id}`.execute(dbOf(store));
  const row = rows[0];
  if (row === undefined) throw new Error("nobody has this id");
  return personKeys.open(id, row);
}

/** How many persons' keys each master key wraps. */
export async function personsByMasterKey(store: Store): Promise<Readonly<Record<string, number>>> {
  const { rows } = await sql<{ id: string; n: number }>`
    select master_key_id as id, count(*)::int as n from keys.person_key group by 1`.execute(dbOf(store));
  return Object.fromEntries(rows.map(({ id, n }) => [id, n]));
}

/** How many keys the gateway has of its own. */
export async function keysOfGateway(store: Store): Promise<number> {
  const { rows } = await sql<{ n: number }>`select count(*)::int as n from keyring`.execute(dbOf(store));
  return rows[0]?.n ?? 0;
}
