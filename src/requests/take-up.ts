import { sql } from "kysely";
import { databaseNow } from "../store/clock.ts";
import type { Db } from "../store/tables.ts";
import { NotFound } from "../subjects/not-found.ts";
import { Refused } from "./actor.ts";
import type { RequestContext } from "./context.ts";
import type { Asker } from "./desk.ts";
import { isExport } from "./export-steps.ts";
import { endCodes } from "./identity-codes.ts";
import { type RequestRow, type StepRow, stepsOf } from "./rows.ts";
import { erasureIn, noteEnded } from "./erasure-rows.ts";
import { isCodeStep } from "./identity-code-step.ts";
import { reopen } from "./reopen.ts";
import { isLetter, lettersOnceKnown } from "./letters.ts";
import { stated } from "./stated.ts";
import { longestStep } from "./jobs.ts";
import { isLong } from "./step.ts";
import type { StepAction } from "./vocabulary.ts";

/** Has everything that failed, or waits for a system, tried again at once. @throws Refused */
export async function retry(
  row: RequestRow,
  by: Asker,
  { requests }: Pick<RequestContext, "requests">,
): Promise<RequestRow> {
  const request = await requests.change({
    request: row,
    by,
    event: "RETRIED",
    change: async (db, locked) => {
      const { id } = locked;
      const now = await databaseNow(db);
      const steps = await stepsOf(db, [id]);
      const stuck = steps.filter((step) => isStuck(step, now));
      // What is being tried at this very moment needs nothing more.
      if (stuck.length === 0 && !steps.some(({ state }) => state === "RUNNING"))
        throw new Refused("NOTHING_TO_RETRY");
      for (const step of stuck) await reopen(db, step);
      for (const step of stuck.filter(({ action }) => action === "VERIFY")) await eraseAnew(db, step);
      return {};
    },
  });
  return requests.settled(request.id);
}

/** Milliseconds after which what should have begun, or ended, is taken for lost: no attempt lasts as long. */
const lostAfter = (action: StepAction) => (isLong(action) ? longestStep * 1_000 : 600_000);

/** Failed for good, waiting for its next attempt, or lost by the queue. What runs at this moment is left to run. */
const isStuck = ({ action, state, last_error, next_attempt_at }: StepRow, now: Date) =>
  state === "FAILED" ||
  (state === "PENDING" && last_error !== null) ||
  (next_attempt_at !== null && now.getTime() - next_attempt_at.getTime() > lostAfter(action));

/** What is left is erased before it is looked for again. */
async function eraseAnew(db: Db, { request_id, source }: StepRow): Promise<void> {
  const steps = await stepsOf(db, [request_id]);
  for (const step of steps)
    if (step.source === source && step.state === "DONE" && erasing.has(step.action)) await reopen(db, step);
}

const erasing: ReadonlySet<StepAction> = new Set(["ERASE", "ANONYMISE"]);

/** Staff have made sure who asks (GDPR Art. 12(6)): from now on the request can be acted on. @throws Refused */
export function establish(
  establishedBy: string,
  row: RequestRow,
  by: Asker,
  { requests }: Pick<RequestContext, "requests">,
): Promise<RequestRow> {
  return requests.change({
    request: row,
    by,
    event: "IDENTITY_ESTABLISHED",
    because: stated(establishedBy, "establishedBy"),
    detail: "STAFF",
    change: async (db, { id }) => {
      await endCodes(db, id);
      return { steps: await lettersOnceKnown(db, id) };
    },
  });
}

/**
 * A letter that the mail server has not taken, or a copy of a system that does not answer: the person can be told, or
 * given it, otherwise, also while it is tried on.
 */
const isTriedInVain = (request: RequestRow, step: StepRow) =>
  ((isExport(request) && step.action === "READ") || (isLetter(step) && !isCodeStep(step))) &&
  step.state === "PENDING" &&
  step.last_error !== null;

/** Staff have done by hand what a step could not; they say how. @throws Refused, NotFound */
export async function confirm(
  { stepId, because }: { readonly stepId: string; readonly because: string },
  row: RequestRow,
  by: Asker,
  { requests }: Pick<RequestContext, "requests">,
): Promise<RequestRow> {
  const request = await requests.change({
    request: row,
    by,
    event: "CONFIRMED",
    because: stated(because, "because"),
    change: async (db, locked) => {
      const { id } = locked;
      const step = (await stepsOf(db, [id])).find((each) => each.id === stepId);
      if (!step) throw new NotFound();
      if (step.state === "RUNNING") throw new Refused("AT_WORK");
      if (step.state !== "FAILED" && !isTriedInVain(locked, step)) throw new Refused("NOT_FAILED");
      const { numUpdatedRows } = await db
        .updateTable("request_step")
        .set({
          state: "DONE",
          result: "DONE",
          detail: "CONFIRMED_BY_STAFF",
          next_attempt_at: null,
          last_error: null,
          finished_at: sql<Date>`clock_timestamp()`,
        })
        .where("id", "=", step.id)
        // Unless it has been begun since it was read.
        .where("state", "=", step.state)
        .where("turn", "=", step.turn)
        .executeTakeFirst();
      if (numUpdatedRows === 0n) throw new Refused("AT_WORK");
      // Staff vouch for it: what the system holds may be read again.
      const read = step.action === "VERIFY" ? await erasureIn(db, id, step.source) : null;
      if (read) await noteEnded(db, read.id);
      return {};
    },
  });
  return requests.settled(request.id);
}
