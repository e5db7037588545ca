import { sql } from "kysely";
import type { Db } from "../store/tables.ts";
import type { StepFinished } from "./step.ts";

/**
 * How a step ends that would change what the person's record in a source says, where the person is being erased from there,
 * or where what is left is what the law keeps; null: it may be changed.
 */
export async function erasedThere(db: Db, subjectId: string, source: string): Promise<StepFinished | null> {
  const { rows } = await sql<{ readonly kept: boolean; readonly erasing: boolean }>`select
    exists (select from retained r join request q on q.id = r.request_id
      where q.subject_id = ${subjectId} and r.source = ${source} and r.ended_at is null) as kept,
    exists (select from request q join erasure e on e.request_id = q.id
      where q.subject_id = ${subjectId} and q.kind = 'ERASURE' and q.status in ('RUNNING', 'NEEDS_ATTENTION')
        and (e.sources is null or ${source} = any(e.sources))) as erasing`.execute(db);
  const [{ kept, erasing } = { kept: false, erasing: false }] = rows;
  if (kept) return keptByLaw;
  return erasing ? { state: "SKIPPED", result: "ABSENT", detail: "BY_ERASURE" } : null;
}

/** It documents what was so. */
export const keptByLaw = {
  state: "SKIPPED",
  result: "RETAINED",
  detail: "DOCUMENTS_PAST_EVENT",
} as const satisfies StepFinished;
