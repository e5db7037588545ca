import type { Identifier, SourceRecord } from "../sources/contract.ts";
import type { SourceReader } from "../sources/loader.ts";
import type { WritableSource } from "../sources/writes.ts";
import { type Db, dbOf, inTransaction } from "../store/tables.ts";
import { distinctIdentifiers, normalise } from "../subjects/identifiers.ts";
import { identifierHash, type RegisterParts, remember } from "../subjects/people.ts";
import type { Task } from "./step.ts";

/** What it takes to let a person go by another address without losing them, or finding somebody else. */
export interface IdentityParts {
  readonly register: RegisterParts;
  /** Has read nothing yet. */
  readonly newReader: () => SourceReader;
}

/** Whether a value that people are found by leads to somebody else already: in the source, or in the register. */
export async function isOfAnother(
  { register, newReader }: IdentityParts,
  { subject }: Pick<Task, "subject">,
  source: Pick<WritableSource, "key">,
  record: Pick<SourceRecord, "key"> | null,
  given: Identifier,
): Promise<boolean> {
  const identifier = normalised(given);
  if (await isKnownOfAnother(dbOf(register.store), register, subject.id, source.key, identifier)) return true;
  const finding = await newReader().find(source.key, { identifiers: [identifier] });
  if (finding.state === "NOT_HELD") return false;
  return finding.state === "NEEDS_REVIEW" || finding.record.key !== record?.key;
}

async function isKnownOfAnother(
  db: Db,
  { keyring }: RegisterParts,
  subjectId: string,
  source: string,
  identifier: Identifier,
): Promise<boolean> {
  const known = await db
    .selectFrom("identifier")
    .select("subject_id")
    .where("hash", "=", identifierHash(keyring.hash("identifier"))(identifier))
    .where("source", "in", ["", source])
    .where("subject_id", "!=", subjectId)
    .executeTakeFirst();
  return known !== undefined;
}

/**
 * Before a record says something else: what it is found by now, and what it will be found by, lead to this one record
 * of the person's from then on. Neither leads to anybody else's record that says the same.
 */
export async function keepFindable(
  { register }: IdentityParts,
  subjectId: string,
  source: string,
  record: Pick<SourceRecord, "key" | "identifiers">,
  coming: readonly Identifier[],
): Promise<void> {
  const kinds = new Set(coming.map(({ kind }) => kind));
  const known = record.identifiers.filter(({ kind }) => kinds.has(kind));
  const once = distinctIdentifiers([...known, ...coming.map(normalised)]);
  const recordHash = register.keyring.hash("record")(source, record.key);
  await inTransaction(register.store, (db) =>
    remember(db, register, subjectId, "CORRECTED", once, source, recordHash),
  );
}

const normalised = ({ kind, value }: Identifier): Identifier => ({
  kind,
  value: normalise(kind, value) ?? value,
});
