import { randomUUID } from "node:crypto";
import { sql } from "kysely";
import type { JournalledErasure } from "../store/erasure-journal.ts";
import type { Db } from "../store/tables.ts";

/**
 * Writes an erasure that has been carried out down again, with what the law keeps of it: that there was one is to be shown
 * (GDPR Art. 5(2)), and what is kept is to be erased when its day has come. Within the open transaction, which holds the
 * person.
 */
export async function restoreErasure(db: Db, subjectId: string, erasure: JournalledErasure): Promise<void> {
  const { requestId, at, kept, receipt, sources } = erasure;
  const ended = {
    status: kept.length > 0 ? "COMPLETED_WITH_RETENTION" : "COMPLETED",
    completed_at: new Date(at),
    receipt,
  };
  await db
    .insertInto("request")
    .values({
      id: requestId,
      subject_id: subjectId,
      kind: "ERASURE",
      channel: erasure.channel,
      language: erasure.language,
      received_at: new Date(erasure.receivedAt),
      due_at: new Date(erasure.dueAt),
      ...ended,
    })
    .onConflict((conflict) => conflict.column("id").doUpdateSet(ended))
    .execute();
  await endSteps(db, requestId, new Date(at));
  await sql`insert into erasure (request_id, sources, as_of, finished_at)
    values (${requestId}, ${sources && [...sources]}::text[], ${at}::timestamptz::date, ${at}::timestamptz)
    on conflict (request_id) do update set finished_at = excluded.finished_at`.execute(db);
  await sql`update retained k set ended_at = ${at}::timestamptz from request q
    where q.id = k.request_id and q.subject_id = ${subjectId} and q.id <> ${requestId} and k.ended_at is null
      and (${sources === null} or k.source = any(${[...(sources ?? [])]}::text[]))`.execute(db);
  if (kept.length === 0) return;
  await db
    .insertInto("retained")
    .values(
      kept.map(({ source, recordType, count, until, ground }) => ({
        id: randomUUID(),
        request_id: requestId,
        source,
        record_type: recordType,
        count,
        until,
        ground,
        since: new Date(at),
        ended_at: null,
      })),
    )
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** They were carried out after the backup: whoever still has one of them to do does nothing. */
async function endSteps(db: Db, requestId: string, at: Date): Promise<void> {
  await db
    .updateTable("request_step")
    .set({ state: "SKIPPED", result: "ABSENT", next_attempt_at: null, last_error: null, finished_at: at })
    .where("request_id", "=", requestId)
    .where("state", "in", ["PENDING", "RUNNING", "FAILED"])
    .execute();
  await db
    .updateTable("erasure_source")
    .set({ ended_at: at })
    .where("request_id", "=", requestId)
    .where("begun_at", "is not", null)
    .where("ended_at", "is", null)
    .execute();
}
