import { randomUUID } from "node:crypto";
import type { Db } from "../store/tables.ts";
import { isLetter } from "./letters.ts";
import type { MessageCode } from "./messages.ts";
import type { RequestRow, StepRow } from "./rows.ts";
import { ownSource } from "./step.ts";
import type { RequestKind, RequestStatus } from "./vocabulary.ts";

const code: MessageCode = "DONE";

/** Letters after which there is nothing more to tell. */
const telling: readonly (string | null)[] = [code, "RESTRICTION_TO_BE_LIFTED" satisfies MessageCode];

/** An erasure and a copy have letters of their own. */
const toldOtherwise: readonly RequestKind[] = ["ERASURE", "ACCESS", "PORTABILITY"];

/**
 * Where a request is about to end, and whoever asked could not see in the answer what became of it (GDPR Art. 12(3)): adds
 * a step that tells them. Once for each request. Resolves with the step's id; null: there is nothing to tell. Within the
 * open transaction, which holds the request.
 */
export async function addDoneLetter(
  db: Db,
  request: RequestRow,
  steps: readonly StepRow[],
  status: RequestStatus,
): Promise<string | null> {
  if (status !== "COMPLETED" && status !== "COMPLETED_WITH_RETENTION") return null;
  if (toldOtherwise.includes(request.kind)) return null;
  if (steps.some((step) => isLetter(step) && telling.includes(step.record_type))) return null;
  const work = steps.filter((step) => !isLetter(step));
  // Whoever asked by letter is told also that nothing was found to do.
  const isDone =
    request.channel !== "PORTAL"
      ? work.length > 0
      : work.some(({ state }) => state === "DONE" || state === "RETAINED");
  // Whoever is erased is told of that, and of nothing that it has overtaken.
  const isOvertaken = steps.some(({ detail }) => detail === "BY_ERASURE");
  if (!isDone || isOvertaken || !(await wentUnseen(db, request, work))) return null;
  const id = randomUUID();
  await db
    .insertInto("request_step")
    .values({
      id,
      request_id: request.id,
      position: Math.max(...steps.map(({ position }) => position)) + 1,
      lane: null,
      source: ownSource,
      action: "NOTIFY",
      record_type: code,
      field: null,
      sealed_work: null,
      state: "PENDING",
      next_attempt_at: null,
      last_error: null,
      result: null,
      count: null,
      retained_until: null,
      legal_ground: null,
      detail: null,
      about: null,
      finished_at: null,
    })
    .execute();
  return id;
}

/** It was not asked for in the portal, or was not done at the first go. */
async function wentUnseen(db: Db, { id, channel }: RequestRow, work: readonly StepRow[]): Promise<boolean> {
  const events = await db
    .selectFrom("request_event")
    .select(["event", "by_role"])
    .where("request_id", "=", id)
    .where("event", "in", ["RECEIVED", "RETRIED"])
    .execute();
  const byThemselves = events.some(({ event, by_role }) => event === "RECEIVED" && by_role === "SUBJECT");
  // Such as an unsubscribe in the e-mail tool: that has told them itself.
  if (channel !== "PORTAL") return !byThemselves;
  return (
    events.some(({ event }) => event === "RETRIED") ||
    work.some(({ attempts, detail }) => attempts > 1 || detail === "CONFIRMED_BY_STAFF")
  );
}
