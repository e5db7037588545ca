import { sql } from "kysely";
import { IdentifierKind } from "../access/vocabulary.ts";
import { Unreadable } from "../store/cipher.ts";
import type { JournalledErasure } from "../store/erasure-journal.ts";
import type { PersonKey } from "../store/person-keys.ts";
import type { Db } from "../store/tables.ts";
import type { KeptLink } from "./forget.ts";
import { sealedMarks } from "./kept-marks.ts";
import { notTheirsOf } from "./not-theirs.ts";
import type { RegisterParts } from "./people.ts";
import { keyOfPerson } from "./person-key.ts";
import { identifierColumn } from "./person-rows.ts";

/** What a link is bound to in the journal. */
const linkPlace = "erasure_journal.link";

/**
 * What the journal is to have of an erasure, as it stands at its end. Within the transaction that ends it, when the person
 * has been forgotten: written before that commits, since an erasure that nobody knows of any more is worse than one that
 * is carried out twice.
 */
export async function erasureOfRequest(
  db: Db,
  register: RegisterParts,
  requestId: string,
): Promise<JournalledErasure> {
  const request = await db
    .selectFrom("request")
    .innerJoin("erasure", "erasure.request_id", "request.id")
    .innerJoin("subject", "subject.id", "request.subject_id")
    .select([
      "forgotten_at",
      "subject_id",
      "received_at",
      "due_at",
      "channel",
      "language",
      "receipt",
      "sources",
      "finished_at",
    ])
    .where("request.id", "=", requestId)
    .executeTakeFirstOrThrow();
  const subjectId = request.subject_id;
  const former = await db
    .selectFrom("subject")
    .select("id")
    .where("merged_into", "=", subjectId)
    .orderBy("id")
    .execute();
  const suppressed = await db
    .selectFrom("suppressed_identifier")
    .select("hash")
    .distinct()
    .where("request_id", "=", requestId)
    .orderBy("hash")
    .execute();
  const kept = await sql<JournalledErasure["kept"][number]>`select source, record_type as "recordType", count,
      until::text, ground from retained where request_id = ${requestId} order by 1, 2, 4, 5`.execute(db);
  const key = request.forgotten_at === null ? null : await keyOfPerson(db, register, subjectId);
  return {
    requestId,
    subjectId,
    formerIds: former.map(({ id }) => id),
    receivedAt: request.received_at.toISOString(),
    dueAt: request.due_at.toISOString(),
    at: (request.finished_at ?? new Date()).toISOString(),
    channel: request.channel,
    language: request.language,
    sources: request.sources,
    suppressed: suppressed.map(({ hash }) => hash),
    kept: kept.rows,
    links: key ? await sealedLinks(db, key, subjectId) : [],
    notTheirs: [...(await notTheirsOf(db, subjectId))],
    receipt: request.receipt,
    marks: key ? await sealedMarks(db, key, subjectId) : [],
  };
}

async function sealedLinks(db: Db, key: PersonKey, subjectId: string): Promise<JournalledErasure["links"]> {
  const links = await db
    .selectFrom("identifier")
    .select(["source", "kind", "sealed_value", "record_hash"])
    .where("subject_id", "=", subjectId)
    .where("origin", "=", "LINKED")
    .orderBy("source")
    .orderBy("hash")
    .execute();
  return links.map(({ source, kind, sealed_value, record_hash }) => ({
    source,
    kind,
    sealed: key.seal(key.unseal(sealed_value, identifierColumn), linkPlace).toString("base64"),
    recordHash: record_hash,
  }));
}

/** What leads to the records that the law keeps; none where the person's key is another since. */
export function linksIn(key: PersonKey, { links }: JournalledErasure): readonly KeptLink[] {
  try {
    return links.map(({ source, kind, sealed, recordHash }) => {
      const value = key.unseal(Buffer.from(sealed, "base64"), linkPlace);
      if (!isKind(kind)) throw new Error(`the journal has a link of an unknown kind: ${kind}`);
      return { source, identifier: { kind, value }, recordHash };
    });
  } catch (error) {
    if (error instanceof Unreadable) return [];
    throw error;
  }
}

const isKind = (kind: string): kind is IdentifierKind => Object.hasOwn(IdentifierKind, kind);
