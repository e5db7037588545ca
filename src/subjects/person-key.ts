import type { PersonKey } from "../store/person-keys.ts";
import type { Db } from "../store/tables.ts";
import type { RegisterParts } from "./people.ts";
import { openKey } from "./person-rows.ts";

/** The key that what is kept of a person is sealed under. @throws KeyDestroyed */
export async function keyOfPerson(
  db: Db,
  { personKeys }: Pick<RegisterParts, "personKeys">,
  subjectId: string,
): Promise<PersonKey> {
  const subject = await db
    .selectFrom("subject")
    .select(["id", "wrapped_key", "master_key_id"])
    .where("id", "=", subjectId)
    .executeTakeFirstOrThrow();
  return openKey(personKeys, subject);
}
