import { sql } from "kysely";
import type { PersonKey, PersonKeys } from "../store/person-keys.ts";
import type { Db } from "../store/tables.ts";

/**
 * Puts a fresh key in the place of a person's: nothing that was sealed before opens any more, in whatever copy of the
 * database it lies. What is to stay must have been opened before. Within the open transaction, which holds the person.
 */
export async function replaceKey(
  db: Db,
  { personKeys }: { readonly personKeys: PersonKeys },
  subjectId: string,
): Promise<PersonKey> {
  const { key, wrappedKey, masterKeyId } = await personKeys.create(subjectId);
  const fresh = { wrapped_key: wrappedKey, master_key_id: masterKeyId };
  await db
    .insertInto("keys.person_key")
    .values({ subject_id: subjectId, ...fresh })
    .onConflict((conflict) => conflict.column("subject_id").doUpdateSet(fresh))
    .execute();
  return key;
}

/** A row that was overwritten lies in the table's file until it is swept out: a copy of the files would still have the key. */
export async function sweepKeys(db: Db): Promise<void> {
  await sql`vacuum keys.person_key`.execute(db);
}
