import { randomUUID } from "node:crypto";
import DataLoader from "dataloader";
import { sql } from "kysely";
import type { Statement, Statements } from "../sources/statements.ts";
import type { PersonKey } from "../store/person-keys.ts";
import { type Db, dbOf, sealedColumn } from "../store/tables.ts";
import type { RegisterParts } from "../subjects/people.ts";

const textColumn = sealedColumn("statement", "sealed_text");
const recordColumn = sealedColumn("statement", "sealed_record");

export interface NewStatement extends Pick<Statement, "recordType" | "record" | "text"> {
  readonly subjectId: string;
  readonly requestId: string;
  readonly source: string;
}

/** Within the open transaction. */
export async function recordStatement(
  db: Db,
  key: PersonKey,
  { subjectId, requestId, source, recordType, record, text }: NewStatement,
): Promise<void> {
  await db
    .insertInto("statement")
    .values({
      id: randomUUID(),
      subject_id: subjectId,
      request_id: requestId,
      source,
      record_type: recordType,
      sealed_record: record === null ? null : key.seal(record, recordColumn),
      sealed_text: key.seal(text, textColumn),
      at: sql<Date>`clock_timestamp()`,
    })
    .execute();
}

/** Statements as one operation reads them: each person's are read once. */
export function createStatements(register: RegisterParts): Statements {
  const db = dbOf(register.store);
  const all = new DataLoader((ids: readonly string[]) => statementsOf(db, register, ids));
  return async (subjectId, source) => (await all.load(subjectId)).filter((each) => each.source === source);
}

async function statementsOf(
  db: Db,
  register: RegisterParts,
  subjectIds: readonly string[],
): Promise<readonly (readonly (Statement & { readonly source: string })[])[]> {
  // With the keys in one statement: a person who is forgotten meanwhile has both, or neither.
  const rows = await db
    .selectFrom("statement")
    .leftJoin("keys.person_key as kept", "kept.subject_id", "statement.subject_id")
    .selectAll("statement")
    .select(["wrapped_key as wrappedKey", "master_key_id as masterKeyId"])
    .where("statement.subject_id", "in", [...subjectIds])
    .orderBy("at", "desc")
    .orderBy("id")
    .execute();
  return Promise.all(
    subjectIds.map(async (subjectId) => {
      const own = rows.filter(({ subject_id }) => subject_id === subjectId);
      if (!own[0]) return [];
      const key = await register.personKeys.open(subjectId, own[0]);
      return own.map(({ id, source, record_type, sealed_record, sealed_text, at }) => ({
        id,
        source,
        recordType: record_type,
        record: sealed_record && key.unseal(sealed_record, recordColumn),
        text: key.unseal(sealed_text, textColumn),
        at,
      }));
    }),
  );
}
