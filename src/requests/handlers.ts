import { notifyStep, tellRecipient, type TellRecipientParts } from "./notify-step.ts";
import { type RectifyParts, rectifyStep } from "./rectify-step.ts";
import { type RestrictParts, restrictStep } from "./restrict-step.ts";
import type { StepHandlers } from "./step.ts";
import { suppressStep } from "./suppress-step.ts";
import { type TellPersonParts, tellPerson } from "./tell-person-step.ts";

export interface HandlerParts extends RectifyParts, RestrictParts, TellPersonParts, TellRecipientParts {}

/** What carries out each action. An action that is not here is refused. */
export const stepHandlers = (parts: HandlerParts): StepHandlers => ({
  RECTIFY: rectifyStep(parts),
  SUPPRESS: suppressStep(parts),
  RESTRICT: restrictStep(parts),
  NOTIFY: notifyStep(tellPerson(parts), tellRecipient(parts)),
});
