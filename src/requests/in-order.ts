import { sql } from "kysely";
import type { Db } from "../store/tables.ts";
import type { Task } from "./step.ts";

/** Whether a correction is to be written by this attempt. */
export type Order =
  | "NOW"
  /** An earlier one is being written at this moment. */
  | "LATER"
  /** The person has said something else since. */
  | "NEVER";

/**
 * Corrections of one field of one source are written in the order in which they were asked for, and none after a later
 * one: whether it waited, was tried when that came, or is tried anew.
 */
export async function orderOf(db: Db, { step, request }: Pick<Task, "step" | "request">): Promise<Order> {
  const {
    rows: [others],
  } = await sql<{ readonly overtaken: boolean | null; readonly running: boolean | null }>`
    select bool_or(s.place > ${step.place}) as overtaken,
      bool_or(s.place < ${step.place} and s.state = 'RUNNING') as running
    from request_step s join request q on q.id = s.request_id
    where q.subject_id = ${request.subject_id} and q.id <> ${request.id} and s.action = 'RECTIFY'
      and s.source = ${step.source} and s.field = ${step.field} and s.sealed_work is not null`.execute(db);
  if (others?.overtaken) return "NEVER";
  return others?.running ? "LATER" : "NOW";
}
