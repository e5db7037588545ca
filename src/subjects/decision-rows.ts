import { randomUUID } from "node:crypto";
import { sql } from "kysely";
import type { Db } from "../store/tables.ts";
import { reasonColumn } from "./absorb.ts";
import { NotFound } from "./not-found.ts";
import type { RegisterParts } from "./people.ts";
import { keyOfPerson } from "./person-key.ts";

/** What was settled of a person in one source. */
export interface DecisionRow {
  readonly id: string;
  readonly decision: "LINKED" | "UNLINKED";
  readonly record_hashes: readonly string[];
}

/** Null: nothing was ever settled. */
export async function latestDecision(db: Db, subjectId: string, source: string): Promise<DecisionRow | null> {
  const { rows } = await sql<DecisionRow>`select id, decision, record_hashes from match_decision
    where subject_id = ${subjectId} and source = ${source} order by at desc, id limit 1`.execute(db);
  return rows[0] ?? null;
}

/** Whether an erasure of the person has looked in the source already: what came to it now would be forgotten, and stay. */
export async function isErasing(db: Db, subjectId: string, source: string): Promise<boolean> {
  const { rows } = await sql`select from request q join erasure e on e.request_id = q.id
    join request_step s on s.request_id = q.id
    where q.subject_id = ${subjectId} and q.kind = 'ERASURE' and q.completed_at is null and e.finished_at is null
      and s.source = ${source} and s.action in ('READ', 'VERIFY') and s.state in ('RUNNING', 'DONE') limit 1`.execute(
    db,
  );
  return rows.length > 0;
}

/** Whoever else would settle the same record waits until the transaction ends. */
export async function lockRecord(db: Db, recordHash: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${recordHash}, 0))`.execute(db);
}

/**
 * Whoever else would settle something of the person, or merge the person into another, waits until the transaction
 * ends. Resolves with the id that the person goes by. @throws NotFound
 */
export async function lockPerson(db: Db, id: string): Promise<string> {
  const subject = await db
    .selectFrom("subject")
    .select("merged_into")
    .where("id", "=", id)
    // Rows that refer to the person may still be added: matching does so on other connections.
    .forNoKeyUpdate()
    .executeTakeFirst();
  if (!subject) throw new NotFound();
  return subject.merged_into === null ? id : lockPerson(db, subject.merged_into);
}

export interface NewDecision {
  readonly subjectId: string;
  readonly source: string;
  readonly decision: DecisionRow["decision"];
  readonly recordHashes: readonly string[];
  readonly because: string;
  /** Keyed hash of the employee's name at the issuer. */
  readonly decidedBy: string;
}

/** Adds a decision, its reason under the person's key, and takes the match off the work list. */
export async function writeDecision(db: Db, register: RegisterParts, made: NewDecision): Promise<void> {
  const key = await keyOfPerson(db, register, made.subjectId);
  await db
    .insertInto("match_decision")
    .values({
      id: randomUUID(),
      subject_id: made.subjectId,
      source: made.source,
      decision: made.decision,
      record_hashes: [...made.recordHashes],
      sealed_reason: key.seal(made.because, reasonColumn),
      decided_by: made.decidedBy,
      // The database's clock, after the locks: decisions have one order, whichever replica makes them.
      at: sql<Date>`clock_timestamp()`,
    })
    .execute();
  await db
    .deleteFrom("match_review")
    .where("subject_id", "=", made.subjectId)
    .where("source", "=", made.source)
    .execute();
}
