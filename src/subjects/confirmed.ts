import { sql } from "kysely";
import type { Identifier } from "../sources/contract.ts";
import type { Db } from "../store/tables.ts";
import { identifierHash, type RegisterParts, remember } from "./people.ts";

/**
 * Writes down that a person has shown an identifier to be theirs otherwise than by a sign-in. What staff had found them
 * by counts no more, as after a sign-in. False: it leads to somebody else as well by now, or somebody
 * signs in with it at this moment, and nothing is changed. Within the transaction that holds the person.
 */
export async function confirmIdentifier(
  db: Db,
  register: RegisterParts,
  subjectId: string,
  identifier: Identifier,
): Promise<boolean> {
  const hash = identifierHash(register.keyring.hash("identifier"))(identifier);
  // Whoever signs in with it has it first, and then the person, whom this holds already: they would wait for each other.
  const { rows } = await sql<{ free: boolean }>`
    select pg_try_advisory_xact_lock(hashtextextended(${hash}, 0)) as free`.execute(db);
  if (rows[0]?.free !== true) return false;
  const others = await db
    .selectFrom("identifier")
    .select("subject_id")
    .where("hash", "=", hash)
    .where("subject_id", "!=", subjectId)
    .where("origin", "!=", "FOUND")
    .executeTakeFirst();
  if (others) return false;
  await db
    .deleteFrom("identifier")
    .where("subject_id", "=", subjectId)
    .where("origin", "=", "FOUND")
    .execute();
  await remember(db, register, subjectId, "CONFIRMED", [identifier]);
  return true;
}
