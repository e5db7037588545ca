import { z } from "zod";
import { dbOf } from "../store/tables.ts";
import type { RegisterParts } from "../subjects/people.ts";
import { exportOf } from "./export-rows.ts";
import type { Mailer } from "../sources/mailer.ts";
import { isMessageCode, type MessageCode, written } from "./messages.ts";
import type { Organisation } from "./organisation.ts";
import type { RequestRow } from "./rows.ts";
import type { StepFinished, StepHandler } from "./step.ts";

export interface TellPersonParts {
  readonly mailer: Mailer;
  readonly organisation: Organisation;
  readonly register: RegisterParts;
}

/** Whether there is an archive to be fetched still. */
async function isThere({ store }: RegisterParts, requestId: string): Promise<boolean> {
  return (await exportOf(dbOf(store), requestId))?.archive_id != null;
}

/** What only the sender knows that a message is to say. */
const extra = z.looseObject({ until: z.coerce.date().optional() }).nullish();

/** Writes to the person, at an address that they have shown to be theirs; sent again, it is the same message. */
export function tellPerson({ mailer, organisation, register }: TellPersonParts): StepHandler {
  return async ({ step, request, subject, work, signal }) => {
    const code = step.record_type;
    if (!isMessageCode(code)) throw new Error("a message without a text");
    if (code === "DOWNLOAD_READY" && !(await isThere(register, request.id)))
      return { state: "SKIPPED", result: "ABSENT", detail: "EXPORT_ENDED" };
    const address = subject.shown.find(({ kind }) => kind === "EMAIL");
    if (!address) return unsent(code, request, "NO_ADDRESS");
    if (!mailer.reachable) return unsent(code, request, "TELL_BY_HAND");
    const facts = { caseNumber: request.id, answerBy: request.due_at, until: extra.parse(work)?.until };
    const letter = written(code, request.language, organisation, facts);
    await mailer.send({ id: step.id, to: address.value, ...letter }, { signal });
    return { state: "DONE", result: "DONE", told: { code, ...letter } };
  };
}

const unsent = (
  code: MessageCode,
  request: RequestRow,
  detail: "NO_ADDRESS" | "TELL_BY_HAND",
): StepFinished =>
  isDispensable(code, request)
    ? { state: "SKIPPED", result: "ABSENT", detail: "NOBODY_TOLD" }
    : { state: "FAILED", result: "FAILED", detail };

/**
 * What needs nobody to tell it by hand: a receipt; the end of an erasure, which would be held up by it; and what the person
 * sees where they asked.
 */
function isDispensable(code: MessageCode, { channel }: RequestRow): boolean {
  if (code === "RECEIVED" || code === "ERASED" || code === "PARTLY_ERASED") return true;
  return (code === "DONE" || code === "DOWNLOAD_READY") && channel === "PORTAL";
}
