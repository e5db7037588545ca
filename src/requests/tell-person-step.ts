import type { Mailer } from "../sources/mailer.ts";
import { isMessageCode, written } from "./messages.ts";
import type { Organisation } from "./organisation.ts";
import type { StepHandler } from "./step.ts";

export interface TellPersonParts {
  readonly mailer: Mailer;
  readonly organisation: Organisation;
}

/** Writes to the person, at an address that they have shown to be theirs; sent again, it is the same message. */
export function tellPerson({ mailer, organisation }: TellPersonParts): StepHandler {
  return async ({ step, request, subject, signal }) => {
    const code = step.record_type;
    if (!isMessageCode(code)) throw new Error("a message without a text");
    const address = subject.proven && subject.identity.identifiers.find(({ kind }) => kind === "EMAIL");
    if (!address) return { state: "FAILED", result: "FAILED", detail: "NO_ADDRESS" };
    if (!mailer.reachable) return { state: "FAILED", result: "FAILED", detail: "TELL_BY_HAND" };
    const message = { id: step.id, to: address.value, ...written(code, request.language, organisation) };
    await mailer.send(message, { signal });
    return { state: "DONE", result: "DONE" };
  };
}
