import { Unreadable } from "../store/cipher.ts";
import { KeyDestroyed, type PersonKey, type PersonKeys } from "../store/person-keys.ts";
import type { Db } from "../store/tables.ts";

interface Keys {
  readonly personKeys: PersonKeys;
}

/**
 * The key that what is kept of a person is sealed under. Whoever is to seal holds the person before: what the same
 * statement waited for, it would not see.
 * @throws KeyDestroyed
 */
export async function keyOfPerson(db: Db, { personKeys }: Keys, subjectId: string): Promise<PersonKey> {
  const kept = await db
    .selectFrom("keys.person_key")
    .select(["wrapped_key", "master_key_id"])
    .where("subject_id", "=", subjectId)
    .executeTakeFirst();
  return personKeys.open(subjectId, {
    wrappedKey: kept?.wrapped_key ?? null,
    masterKeyId: kept?.master_key_id ?? null,
  });
}

/** As `keyOfPerson`; null: it is destroyed. */
export async function keyIfAny(db: Db, keys: Keys, subjectId: string): Promise<PersonKey | null> {
  try {
    return await keyOfPerson(db, keys, subjectId);
  } catch (error) {
    if (error instanceof KeyDestroyed) return null;
    throw error;
  }
}

/** Null: it was sealed under a key that is gone. */
export function legible(key: Pick<PersonKey, "unseal">, sealed: Uint8Array, column: string): string | null {
  try {
    return key.unseal(sealed, column);
  } catch (error) {
    if (error instanceof Unreadable || error instanceof KeyDestroyed) return null;
    throw error;
  }
}

export interface Sealed<Row> {
  readonly rows: readonly Row[];
  /** @throws KeyDestroyed, Unreadable */
  readonly unseal: PersonKey["unseal"];
}

/**
 * Rows outside of a transaction, with what opens them. The key comes before them: when the person is forgotten between the
 * two, nothing that it would have opened is there any more.
 */
export async function readSealed<Row>(
  db: Db,
  keys: Keys,
  subjectId: string,
  read: () => Promise<readonly Row[]>,
): Promise<Sealed<Row>> {
  const key = await keyIfAny(db, keys, subjectId);
  return {
    rows: await read(),
    unseal(sealed, column) {
      if (key === null) throw new KeyDestroyed("the person's key is destroyed");
      return key.unseal(sealed, column);
    },
  };
}
