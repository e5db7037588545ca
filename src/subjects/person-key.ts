import type { PersonKey, PersonKeys } from "../store/person-keys.ts";
import type { Db } from "../store/tables.ts";

/**
 * The key that what is kept of a person is sealed under. Whoever is to seal holds the person before: what the same
 * statement waited for, it would not see.
 * @throws KeyDestroyed
 */
export async function keyOfPerson(
  db: Db,
  { personKeys }: { readonly personKeys: PersonKeys },
  subjectId: string,
): Promise<PersonKey> {
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
