import { randomUUID } from "node:crypto";
import DataLoader from "dataloader";
import type { Mark, Passage, Withholding } from "../sources/withheld.ts";
import { databaseNow } from "../store/clock.ts";
import type { PersonKey } from "../store/person-keys.ts";
import { type Db, dbOf } from "../store/tables.ts";
import { becauseColumn, insertMark, passagesColumn } from "../subjects/kept-marks.ts";
import type { RegisterParts } from "../subjects/people.ts";
import { legible, readSealed, type Sealed } from "../subjects/person-key.ts";

/** What a person gets does not adversely affect the rights and freedoms of others. */
export const ground = "GDPR Art. 15(4), 20(4)";

/** What is withheld from a person, and why. */
export interface StoredMark extends Mark {
  readonly id: string;
  readonly because: string;
  readonly at: Date;
}

/** What a text goes by: it is not kept itself. */
export const textHash = ({ keyring }: Pick<RegisterParts, "keyring">, text: string): string =>
  keyring.hash("withheld")(text);

/** Newest first. */
export async function marksOf(
  db: Db,
  register: RegisterParts,
  subjectId: string,
): Promise<readonly StoredMark[]> {
  const read = () => readSealed(db, register, subjectId, () => rowsOf(db, subjectId));
  const sealed = await read();
  // A person who is forgotten between the key and the rows has them sealed anew: then both are read again.
  return opened(isLegible(sealed) ? sealed : await read());
}

const rowsOf = (db: Db, subjectId: string) =>
  db
    .selectFrom("withheld")
    .selectAll()
    .where("subject_id", "=", subjectId)
    .orderBy("at", "desc")
    .orderBy("id")
    .execute();

type SealedMarks = Sealed<Awaited<ReturnType<typeof rowsOf>>[number]>;

const isLegible = ({ rows, unseal }: SealedMarks): boolean =>
  rows.every(({ sealed_because }) => legible({ unseal }, sealed_because, becauseColumn) !== null);

const opened = ({ rows, unseal }: SealedMarks): readonly StoredMark[] =>
  rows.map(({ id, source, record_type, field, text_hash, sealed_passages, sealed_because, at }) => ({
    id,
    source,
    recordType: record_type,
    field,
    textHash: text_hash,
    passages: JSON.parse(unseal(sealed_passages, passagesColumn)) as readonly Passage[],
    because: unseal(sealed_because, becauseColumn),
    at,
  }));

/** Marks as one operation reads them: each person's are read once. */
export function createWithholding(register: RegisterParts): Withholding {
  const db = dbOf(register.store);
  const all = new DataLoader((ids: readonly string[]) =>
    Promise.all(ids.map((id) => marksOf(db, register, id))),
  );
  return {
    of: async (subjectId, source) => (await all.load(subjectId)).filter((mark) => mark.source === source),
    hash: (text) => textHash(register, text),
  };
}

export interface NewMark extends Mark {
  readonly subjectId: string;
  readonly requestId: string;
  readonly because: string;
}

/** In the place of what the same text was marked with before. Within the open transaction, which holds the person. */
export async function putMark(db: Db, key: PersonKey, mark: NewMark): Promise<string> {
  const { subjectId, source, recordType, field, passages } = mark;
  await db
    .deleteFrom("withheld")
    .where("subject_id", "=", subjectId)
    .where("source", "=", source)
    .where("record_type", "=", recordType)
    .where("field", "=", field)
    .where("text_hash", "=", mark.textHash)
    .execute();
  const id = randomUUID();
  await insertMark(db, key, { ...mark, id, passages: JSON.stringify(passages), at: await databaseNow(db) });
  return id;
}

/** False: there is none. Within the open transaction, which holds the person. */
export async function takeMark(db: Db, subjectId: string, id: string): Promise<boolean> {
  const { numDeletedRows } = await db
    .deleteFrom("withheld")
    .where("subject_id", "=", subjectId)
    .where("id", "=", id)
    .executeTakeFirst();
  return numDeletedRows > 0n;
}
