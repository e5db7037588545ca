import { randomUUID } from "node:crypto";
import { sql } from "kysely";
import type { Purpose } from "../access/vocabulary.ts";
import type { PersonKey } from "../store/person-keys.ts";
import { type Db, sealedColumn } from "../store/tables.ts";
import { askedAnew } from "./asked-anew.ts";

/** That a person objects to a purpose (GDPR Art. 21). In force from the moment it is written down until it has ended. */
export interface ObjectionRow {
  readonly id: string;
  readonly request_id: string;
  readonly purpose: Purpose;
  readonly sealed_reason: Uint8Array | null;
  readonly at: Date;
  /** Null: in force. */
  readonly ended_at: Date | null;
}

export const objectionReason = sealedColumn("objection", "sealed_reason");

export interface NewObjection {
  readonly subjectId: string;
  readonly requestId: string;
  readonly purpose: Purpose;
  /** Null: direct marketing, which asks for none. */
  readonly reason: string | null;
}

/** Within the open transaction. */
export async function recordObjection(
  db: Db,
  key: PersonKey,
  { subjectId, requestId, purpose, reason }: NewObjection,
): Promise<void> {
  await db
    .insertInto("objection")
    .values({
      id: randomUUID(),
      subject_id: subjectId,
      request_id: requestId,
      purpose,
      sealed_reason: reason === null ? null : key.seal(reason, objectionReason),
      at: sql<Date>`clock_timestamp()`,
      ended_at: null,
    })
    .execute();
}

/** Newest first, those that have ended among them. */
export function objectionsOf(db: Db, subjectId: string): Promise<readonly ObjectionRow[]> {
  return db
    .selectFrom("objection")
    .select(["id", "request_id", "purpose", "sealed_reason", "at", "ended_at"])
    .where("subject_id", "=", subjectId)
    .orderBy("at", "desc")
    .orderBy("id")
    .$castTo<ObjectionRow>()
    .execute();
}

/** It counts no more: staff have turned it down, or the person has said yes since. Within the open transaction. */
export async function endObjections(
  db: Db,
  which: { readonly requestId: string } | { readonly subjectId: string; readonly purpose: Purpose },
): Promise<void> {
  const ending = db
    .updateTable("objection")
    .set({ ended_at: sql<Date>`clock_timestamp()` })
    .where("ended_at", "is", null);
  const ended = await (
    "requestId" in which
      ? ending.where("request_id", "=", which.requestId)
      : ending.where("subject_id", "=", which.subjectId).where("purpose", "=", which.purpose)
  )
    .returning("request_id")
    .execute();
  await askedAnew(
    db,
    ended.map(({ request_id }) => request_id),
  );
}
