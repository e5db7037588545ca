import type { Db } from "../store/tables.ts";
import type { StepRow } from "./rows.ts";

/** What a step says that is to be carried out once more, from the start. */
export const reopened = {
  state: "PENDING",
  attempts: 0,
  next_attempt_at: null,
  last_error: null,
  result: null,
  count: null,
  detail: null,
  about: null,
  finished_at: null,
} as const satisfies Partial<Record<keyof StepRow, unknown>>;

/** Unless it has begun, or ended otherwise, meanwhile. */
export async function reopen(
  db: Db,
  { id, state, turn }: Pick<StepRow, "id" | "state" | "turn">,
): Promise<void> {
  await db
    .updateTable("request_step")
    .set(reopened)
    .where("id", "=", id)
    .where("state", "=", state)
    .where("turn", "=", turn)
    .execute();
}
