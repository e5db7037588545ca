import { sql } from "kysely";
import { z } from "zod";
import type { JournalledErasure } from "../store/erasure-journal.ts";
import type { PersonKey } from "../store/person-keys.ts";
import { type Db, sealedColumn } from "../store/tables.ts";
import { legible } from "./person-key.ts";

export const passagesColumn = sealedColumn("withheld", "sealed_passages");
export const becauseColumn = sealedColumn("withheld", "sealed_because");

/** Passages, as JSON, and why they are withheld. */
const wordsSchema = z.tuple([z.string(), z.string()]);

/** What a mark is bound to in the journal. */
const markPlace = "erasure_journal.mark";

/**
 * What is withheld from a person goes where nothing is kept of them; `sources` null: in all. Where the law keeps something the
 * person goes on reading it, and the rights of those whom it names are as they were (GDPR Art. 15(4)). Within the open
 * transaction, which holds the person.
 */
export async function dropMarks(db: Db, subjectId: string, sources: readonly string[] | null): Promise<void> {
  await sql`delete from withheld w where subject_id = ${subjectId}
    and (${sources === null} or source = any(${[...(sources ?? [])]}::text[]))
    and not exists (select from retained r join request q on q.id = r.request_id
      where q.subject_id = w.subject_id and r.source = w.source and r.ended_at is null)`.execute(db);
}

/** As `dropMarks`, everywhere; what stays goes from one key to another, and what opens with neither goes. */
export async function keepMarks(
  db: Db,
  subjectId: string,
  { old, own }: { readonly old: PersonKey | null; readonly own: PersonKey },
): Promise<void> {
  await dropMarks(db, subjectId, null);
  const rows = await db
    .selectFrom("withheld")
    .select(["id", "sealed_passages", "sealed_because"])
    .where("subject_id", "=", subjectId)
    .execute();
  for (const { id, sealed_passages, sealed_because } of rows) {
    const passages = old && legible(old, sealed_passages, passagesColumn);
    const because = old && legible(old, sealed_because, becauseColumn);
    if (passages === null || because === null) await db.deleteFrom("withheld").where("id", "=", id).execute();
    else
      await db
        .updateTable("withheld")
        .set({
          sealed_passages: own.seal(passages, passagesColumn),
          sealed_because: own.seal(because, becauseColumn),
        })
        .where("id", "=", id)
        .execute();
  }
}

/** What the journal is to have of what is withheld from somebody who has been forgotten. */
export async function sealedMarks(
  db: Db,
  key: PersonKey,
  subjectId: string,
): Promise<NonNullable<JournalledErasure["marks"]>> {
  const rows = await db
    .selectFrom("withheld")
    .selectAll()
    .where("subject_id", "=", subjectId)
    .orderBy("at")
    .orderBy("id")
    .execute();
  return rows.map(({ id, source, record_type, field, text_hash, sealed_passages, sealed_because, at }) => {
    const words = [
      key.unseal(sealed_passages, passagesColumn),
      key.unseal(sealed_because, becauseColumn),
    ] satisfies z.output<typeof wordsSchema>;
    return {
      id,
      source,
      recordType: record_type,
      field,
      textHash: text_hash,
      at: at.toISOString(),
      sealed: key.seal(JSON.stringify(words), markPlace).toString("base64"),
    };
  });
}

/**
 * Puts back what the journal has, as of the erasure's own request: that by which it was withheld may be younger than the backup.
 * None where the person's key is another since. Within the open transaction, which holds the person and has the request.
 */
export async function restoreMarks(
  db: Db,
  key: PersonKey,
  subjectId: string,
  { requestId, marks = [] }: JournalledErasure,
): Promise<void> {
  for (const { id, source, recordType, field, textHash, at, sealed } of marks) {
    const words = legible(key, Buffer.from(sealed, "base64"), markPlace);
    if (words === null) continue;
    const [passages, because] = wordsSchema.parse(JSON.parse(words));
    const about = { subjectId, requestId, source, recordType, field, textHash };
    await insertMark(db, key, { ...about, id, passages, because, at: new Date(at) });
  }
}

export interface SealedMark {
  readonly id: string;
  readonly subjectId: string;
  readonly requestId: string;
  readonly source: string;
  readonly recordType: string;
  readonly field: string;
  /** Keyed hash of the whole text. */
  readonly textHash: string;
  /** JSON. */
  readonly passages: string;
  readonly because: string;
  readonly at: Date;
}

/** Within the open transaction, which holds the person. */
export async function insertMark(
  db: Db,
  key: PersonKey,
  { id, subjectId, requestId, source, recordType, field, textHash, passages, because, at }: SealedMark,
): Promise<void> {
  await db
    .insertInto("withheld")
    .values({
      id,
      subject_id: subjectId,
      request_id: requestId,
      source,
      record_type: recordType,
      field,
      text_hash: textHash,
      sealed_passages: key.seal(passages, passagesColumn),
      sealed_because: key.seal(because, becauseColumn),
      at,
    })
    .execute();
}
