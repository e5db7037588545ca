import { randomUUID } from "node:crypto";
import { type RawBuilder, sql } from "kysely";
import type { DataCategory } from "../access/vocabulary.ts";
import { databaseNow } from "../store/clock.ts";
import type { PersonKey, PersonKeys } from "../store/person-keys.ts";
import { type Db, sealedColumn } from "../store/tables.ts";
import { legible, readSealed, type Sealed } from "./person-key.ts";

const authorityColumn = sealedColumn("disclosure", "sealed_authority");
const legalGroundColumn = sealedColumn("disclosure", "sealed_legal_ground");

/** What was handed over to an authority, on which ground, and until when the person is not to know of it. */
export interface StoredDisclosure {
  readonly id: string;
  /** Null, as the ground: what they were sealed under is gone. */
  readonly authority: string | null;
  readonly legalGround: string | null;
  readonly categories: readonly DataCategory[];
  /** The last day (ISO 8601) of Norway, as prolonged; null: there is none. */
  readonly secretUntil: string | null;
  readonly isSecret: boolean;
  readonly at: Date;
}

interface Keys {
  readonly personKeys: PersonKeys;
}

/** In Norway, by the database's clock. */
const today: RawBuilder<string> = sql<string>`(gateway_now() at time zone 'Europe/Oslo')::date`;

/** The day (ISO 8601) that it is in Norway, by the database's clock. */
export async function todayInNorway(db: Db): Promise<string> {
  const { rows } = await sql<{ readonly day: string }>`select ${today}::text as day`.execute(db);
  return rows[0]?.day ?? "";
}

const secretUntil = sql<string | null>`(select max(until) from secrecy where disclosure_id = disclosure.id)`;

/** Oldest first. What is secret is not even read, unless it is asked for. */
export async function disclosuresOf(
  db: Db,
  keys: Keys,
  subjectId: string,
  { alsoSecret }: { readonly alsoSecret: boolean },
): Promise<readonly StoredDisclosure[]> {
  const read = () => readSealed(db, keys, subjectId, () => rowsOf(db, subjectId, alsoSecret));
  const sealed = await read();
  // A person who is forgotten between the key and the rows has them sealed anew: then both are read again.
  return opened(sealed.rows.every((row) => isLegible(sealed, row)) ? sealed : await read());
}

const rowsOf = (db: Db, subjectId: string, alsoSecret: boolean) =>
  db
    .selectFrom("disclosure")
    .select(["id", "sealed_authority", "sealed_legal_ground", "categories", "at"])
    .select(sql<string | null>`${secretUntil}::text`.as("secret_until"))
    .select(sql<boolean>`coalesce(${secretUntil} >= ${today}, false)`.as("is_secret"))
    .where("subject_id", "=", subjectId)
    .$if(!alsoSecret, (query) => query.where(sql<boolean>`coalesce(${secretUntil} < ${today}, true)`))
    .orderBy("at")
    .orderBy("id")
    .execute();

type Row = Awaited<ReturnType<typeof rowsOf>>[number];

const opened = (sealed: Sealed<Row>): readonly StoredDisclosure[] =>
  sealed.rows.map((row) => ({
    id: row.id,
    authority: legible(sealed, row.sealed_authority, authorityColumn),
    legalGround: legible(sealed, row.sealed_legal_ground, legalGroundColumn),
    categories: row.categories as readonly DataCategory[],
    secretUntil: row.secret_until,
    isSecret: row.is_secret,
    at: row.at,
  }));

const isLegible = (sealed: Pick<PersonKey, "unseal">, { sealed_authority }: Row) =>
  legible(sealed, sealed_authority, authorityColumn) !== null;

export interface NewDisclosure {
  readonly authority: string;
  readonly legalGround: string;
  readonly categories: readonly DataCategory[];
  readonly secretUntil: string | null;
}

/** Adds a disclosure; nothing of it is ever changed. Within the open transaction, which holds the person. */
export async function insertDisclosure(
  db: Db,
  key: PersonKey,
  subjectId: string,
  { authority, legalGround, categories, secretUntil }: NewDisclosure,
): Promise<Date> {
  const at = await databaseNow(db);
  await db
    .insertInto("disclosure")
    .values({
      id: randomUUID(),
      subject_id: subjectId,
      sealed_authority: key.seal(authority, authorityColumn),
      sealed_legal_ground: key.seal(legalGround, legalGroundColumn),
      categories: [...categories],
      secret_until: secretUntil,
      at,
    })
    .execute();
  return at;
}

/** Whose a disclosure is, and until when it is secret. Within the open transaction, which keeps others from it. */
export async function lockDisclosure(
  db: Db,
  id: string,
): Promise<{ readonly subjectId: string; readonly secretUntil: string | null } | null> {
  await db.selectFrom("disclosure").select("id").where("id", "=", id).forUpdate().execute();
  // By a statement of its own: one that has waited for a lock sees the day as it was before.
  const row = await db
    .selectFrom("disclosure")
    .select("subject_id")
    .select(sql<string | null>`${secretUntil}::text`.as("secret_until"))
    .where("id", "=", id)
    .executeTakeFirst();
  return row ? { subjectId: row.subject_id, secretUntil: row.secret_until } : null;
}

/** Adds a later last day. Within the open transaction, which holds the disclosure. */
export async function insertProlonging(db: Db, disclosureId: string, secretUntil: string): Promise<void> {
  await db
    .insertInto("prolonged_secrecy")
    .values({ disclosure_id: disclosureId, secret_until: secretUntil, at: await databaseNow(db) })
    .execute();
}

/**
 * Seals anew what is accounted for beyond an erasure (GDPR Art. 5(2), 17(3)(b)): to whom the law had the data handed over.
 * From one key to another; what opens with neither stays as it is. Within the open transaction, which holds the person.
 */
export async function keepDisclosures(
  db: Db,
  subjectId: string,
  { old, own }: Readonly<Record<"old" | "own", PersonKey>>,
): Promise<void> {
  const rows = await db
    .selectFrom("disclosure")
    .select(["id", "sealed_authority", "sealed_legal_ground"])
    .where("subject_id", "=", subjectId)
    .execute();
  for (const { id, sealed_authority, sealed_legal_ground } of rows) {
    const authority = legible(old, sealed_authority, authorityColumn);
    const legalGround = legible(old, sealed_legal_ground, legalGroundColumn);
    if (authority === null || legalGround === null) continue;
    await db
      .updateTable("disclosure")
      .set({
        sealed_authority: own.seal(authority, authorityColumn),
        sealed_legal_ground: own.seal(legalGround, legalGroundColumn),
      })
      .where("id", "=", id)
      .execute();
  }
}

/** To whom data was handed over goes along with whoever the person is now. */
export async function moveDisclosures(
  db: Db,
  {
    from,
    to,
    old,
    own,
  }: { readonly from: string; readonly to: string } & Readonly<Record<"old" | "own", PersonKey>>,
): Promise<void> {
  await keepDisclosures(db, from, { old, own });
  await db.updateTable("disclosure").set({ subject_id: to }).where("subject_id", "=", from).execute();
}
