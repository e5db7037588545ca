import type { Identifier, SourceRecord } from "../sources/contract.ts";
import type { Viewer } from "../sources/data-subject.ts";
import type { SourceReader } from "../sources/loader.ts";
import type { KeyedHash } from "../store/keyed-hash.ts";
import { type Db, dbOf, inTransaction } from "../store/tables.ts";
import { type ClaimedRecord, claimsFor } from "./claims.ts";
import { isErasing, latestDecision, lockPerson, lockRecord, writeDecision } from "./decision-rows.ts";
import type { InTurn } from "./in-turn.ts";
import type { Matching } from "./matching.ts";
import { NotFound } from "./not-found.ts";
import { type People, type RegisterParts, remember } from "./people.ts";

/** Why a decision cannot stand. It has changed nothing then. */
export type RefusedDecision =
  | "NO_RECORD"
  | "SEVERAL_RECORDS"
  | "LINKED_TO_ANOTHER_PERSON"
  | "ANOTHER_RECORD_LINKED"
  | "NOTHING_MATCHED"
  | "BEING_ERASED";

export interface DecisionAbout {
  readonly subjectId: string;
  readonly source: string;
  readonly because: string;
  readonly viewer: Viewer;
}

/** Settles whose a record is. All reject with `NotFound`, and with `SourceUnavailable` where a source cannot say. */
export interface Decisions {
  /** The record that the identifier finds in the source is the person's. Null: it stands. */
  link(about: DecisionAbout, identifier: Identifier): Promise<RefusedDecision | null>;
  /** Nothing that the source now has for the person is theirs. Null: it stands. */
  unlink(about: DecisionAbout): Promise<RefusedDecision | null>;
}

export interface DecisionParts {
  readonly register: RegisterParts;
  readonly people: People;
  readonly reader: SourceReader;
  readonly matching: Matching;
  readonly hashIdentifier: (identifier: Identifier) => string;
  readonly hashRecord: KeyedHash;
  /** Decisions hold a connection while the trail needs another: one at a time, they never use up all that there are. */
  readonly inTurn: InTurn;
  /** Keyed hash of the caller's name at the issuer. */
  readonly decidedBy: () => string;
  /** Makes the trail's entry durable. */
  readonly record: (event: "LINKED" | "UNLINKED", subjectId: string, source: string) => Promise<void>;
}

export function createDecisions(parts: DecisionParts): Decisions {
  return {
    async link(about, identifier) {
      if ((await parts.people.byId(about.subjectId)) === null) throw new NotFound();
      const finding = await parts.reader.find(about.source, { identifiers: [identifier] });
      if (finding.state === "NOT_HELD") return "NO_RECORD";
      if (finding.state === "NEEDS_REVIEW") return "SEVERAL_RECORDS";
      const record = claimedRecord(parts, about.source, finding.record);
      return settle(parts, (db) => link(parts, db, about, identifier, record));
    },
    async unlink(about) {
      for (;;) {
        const outcome = await unlink(parts, about);
        if (outcome !== "SETTLED_MEANWHILE") return outcome;
      }
    },
  };
}

/** In one transaction; what matching has worked out before it counts no more. */
async function settle<T>({ register, matching, inTurn }: DecisionParts, work: (db: Db) => Promise<T>) {
  try {
    return await inTurn(() => inTransaction(register.store, work));
  } finally {
    matching.forget();
  }
}

async function link(
  parts: DecisionParts,
  db: Db,
  { subjectId, source, because }: DecisionAbout,
  identifier: Identifier,
  record: ClaimedRecord,
): Promise<RefusedDecision | null> {
  await lockRecord(db, record.recordHash);
  const id = await lockPerson(db, subjectId);
  if (await isErasing(db, id, source)) return "BEING_ERASED";
  const claims = await claimsFor(db)().load(record);
  const linked = claims.filter(({ origin }) => origin === "LINKED").map((claim) => claim.subjectId);
  if (linked.some((other) => other !== id)) return "LINKED_TO_ANOTHER_PERSON";
  const latest = await latestDecision(db, id, source);
  if (latest?.decision === "LINKED") {
    if (!latest.record_hashes.includes(record.recordHash)) return "ANOTHER_RECORD_LINKED";
    if (await isLink(parts, db, id, source, identifier)) return null;
  }
  await remember(db, parts.register, id, "LINKED", [identifier], source);
  await write(parts, db, "LINKED", { subjectId: id, source, because }, [record.recordHash]);
  return null;
}

async function isLink(parts: DecisionParts, db: Db, id: string, source: string, identifier: Identifier) {
  const known = await db
    .selectFrom("identifier")
    .select("hash")
    .where("subject_id", "=", id)
    .where("origin", "=", "LINKED")
    .where("source", "=", source)
    .where("hash", "=", parts.hashIdentifier(identifier))
    .executeTakeFirst();
  return known !== undefined;
}

/** What answers is found before the locks, since sources take their time, and found anew if it was settled meanwhile. */
async function unlink(
  parts: DecisionParts,
  about: DecisionAbout,
): Promise<RefusedDecision | "SETTLED_MEANWHILE" | null> {
  const { people, matching, hashRecord, register } = parts;
  const { source, viewer } = about;
  const known = await people.byId(about.subjectId);
  const before = known && (await latestDecision(dbOf(register.store), known.id, source));
  // Read again after it: what is worked out from is at least as new.
  const person = known && (await people.byId(known.id));
  if (person === null) throw new NotFound();
  const subject = { ...person, viewer };
  const { state } = await matching.find(source, subject);
  const isMatched = state === "HELD" || state === "NEEDS_REVIEW" || subject.links.has(source);
  const records = isMatched ? await matching.answering(source, subject) : [];
  return settle(parts, async (db) => {
    const id = await lockPerson(db, person.id);
    const latest = await latestDecision(db, id, source);
    if (id !== person.id || latest?.id !== before?.id) return "SETTLED_MEANWHILE";
    if (!isMatched) return "NOTHING_MATCHED";
    await db
      .deleteFrom("identifier")
      .where("subject_id", "=", id)
      .where("origin", "in", ["LINKED", "REFERENCE", "CORRECTED"])
      .where("source", "=", source)
      .execute();
    const hashes = records.map(({ key }) => hashRecord(source, key));
    await write(parts, db, "UNLINKED", { ...about, subjectId: id }, hashes);
    return null;
  });
}

/** Within the open transaction the trail's entry comes last: a decision without its entry never stands. */
async function write(
  { register, decidedBy, record }: DecisionParts,
  db: Db,
  decision: "LINKED" | "UNLINKED",
  { subjectId, source, because }: Omit<DecisionAbout, "viewer">,
  recordHashes: readonly string[],
): Promise<void> {
  await writeDecision(db, register, {
    subjectId,
    source,
    decision,
    recordHashes,
    because,
    decidedBy: decidedBy(),
  });
  await record(decision, subjectId, source);
}

function claimedRecord(
  { hashRecord, hashIdentifier }: DecisionParts,
  source: string,
  { key, identifiers }: SourceRecord,
): ClaimedRecord {
  return { source, recordHash: hashRecord(source, key), identifierHashes: identifiers.map(hashIdentifier) };
}
