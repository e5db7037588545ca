import { z } from "zod";
import { Purpose } from "../access/vocabulary.ts";
import type { RecipientEvent } from "../sources/recipient.ts";
import type { RegisterParts } from "../subjects/people.ts";
import type { Disclosures } from "./disclosures.ts";
import { namedTo } from "./named-to.ts";
import { ownSource, type StepHandler } from "./step.ts";

const events = [
  "CONSENT_GIVEN",
  "CONSENT_WITHDRAWN",
  "OBJECTION",
  "RECTIFICATION",
  "ERASURE",
  "RESTRICTION",
  "RESTRICTION_LIFTED",
] as const satisfies readonly RecipientEvent[];

const notice = z.object({
  event: z.enum(events),
  purpose: z.enum(Purpose).optional(),
  changes: z.array(z.object({ field: z.string(), value: z.string() })).optional(),
});

/** Tells whom a notice is for: the person themself, or a recipient. */
export const notifyStep =
  (person: StepHandler, recipient: StepHandler): StepHandler =>
  (task) =>
    task.step.source === ownSource ? person(task) : recipient(task);

export interface TellRecipientParts {
  readonly disclosures: Disclosures;
  readonly register: RegisterParts;
}

/**
 * Tells one recipient, in what it knows the person by; sent again, it is the same notice. Who may not have the person's
 * data any more is told what is wrong in it, and not what would be right. Who was told of a restriction is not told that
 * it is lifted while there is any: whatever ends the last tells them.
 */
export function tellRecipient({ disclosures, register }: TellRecipientParts): StepHandler {
  const { recipients, mayReceive, isRestricted, saidAt } = disclosures;
  return async (task) => {
    const { step, request, subject, work, signal } = task;
    const recipient = recipients.get(step.source);
    if (!recipient?.reachable) return { state: "FAILED", result: "FAILED", detail: "TELL_BY_HAND" };
    const { event, purpose, changes } = notice.parse(work);
    if (event === "RESTRICTION_LIFTED" && (await isRestricted(subject.id)))
      return { state: "SKIPPED", result: "ABSENT", detail: "STILL_RESTRICTED" };
    const withValues = await mayReceive(subject.id, recipient);
    const identifiers = await namedTo(register, task, recipient, withValues);
    if (identifiers.length === 0) return { state: "FAILED", result: "FAILED", detail: "TELL_BY_HAND" };
    await recipient.tell(
      {
        id: step.id,
        event,
        at: await saidAt(request.id),
        purpose,
        identifiers,
        changes: changes?.map(({ field, value }) => (withValues ? { field, value } : { field })),
      },
      { signal },
    );
    return { state: "DONE", result: "DONE" };
  };
}
