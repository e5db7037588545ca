import { z } from "zod";
import type { Mailer } from "../sources/mailer.ts";
import { dbOf } from "../store/tables.ts";
import type { RegisterParts } from "../subjects/people.ts";
import { writtenCode } from "./identity-code-message.ts";
import { isLive } from "./identity-codes.ts";
import type { Organisation } from "./organisation.ts";
import { type NewStep, ownSource, type StepFinished, type StepHandler } from "./step.ts";

export interface IdentityCodeParts {
  readonly mailer: Mailer;
  readonly organisation: Organisation;
  readonly register: RegisterParts;
}

const recordType = "IDENTITY_CODE";

const work = z.object({ id: z.string(), code: z.string(), to: z.string(), minutes: z.number() });
export type CodeToSend = z.infer<typeof work>;

/** Behind all else, so that nothing of what is done once it is established waits for a mail server. */
const last = 1_000;

export const codeStep = (send: CodeToSend): NewStep => ({
  source: ownSource,
  action: "NOTIFY",
  recordType,
  position: last,
  lane: "identity",
  work: send,
});

export const isCodeStep = ({ record_type }: { readonly record_type: string | null }): boolean =>
  record_type === recordType;

const notSent: StepFinished = {
  state: "SKIPPED",
  result: "ABSENT",
  detail: "CODE_NOT_SENT",
  forgetsWork: true,
};

/**
 * Writes a code to the address that a source holds, which nobody has shown to be theirs yet. Sent again after a kill, it is
 * the same message; one that does not count any more is not sent. Either way the code is forgotten.
 */
export function identityCodeStep({ mailer, organisation, register }: IdentityCodeParts): StepHandler {
  return async ({ step, request, work: given, signal }) => {
    // The person has been forgotten meanwhile.
    if (given === null) return notSent;
    const { id, code, to, minutes } = work.parse(given);
    if (!mailer.reachable || !(await isLive(dbOf(register.store), id))) return notSent;
    const text = writtenCode({ code, requestId: request.id, minutes }, request.language, organisation);
    await mailer.send({ id: step.id, to, ...text }, { signal });
    return { state: "DONE", result: "DONE", forgetsWork: true };
  };
}
