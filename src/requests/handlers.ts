import type { ErasableSource } from "../sources/erasures.ts";
import { endConsentsStep } from "./end-consents-step.ts";
import { eraseStep, keepStep, readStep } from "./erase-step.ts";
import { exportPackStep } from "./export-pack-step.ts";
import { exportReadStep } from "./export-read-step.ts";
import { isExport } from "./export-steps.ts";
import type { ExportWork } from "./export-work.ts";
import { type ForgetParts, forgetStep } from "./forget-step.ts";
import { identityCodeStep, isCodeStep } from "./identity-code-step.ts";
import { notifyStep, tellRecipient, type TellRecipientParts } from "./notify-step.ts";
import { type RectifyParts, rectifyStep } from "./rectify-step.ts";
import { type RestrictParts, restrictStep } from "./restrict-step.ts";
import { ownSource, type StepHandler, type StepHandlers, type Task } from "./step.ts";
import { suppressStep } from "./suppress-step.ts";
import { type TellPersonParts, tellPerson } from "./tell-person-step.ts";
import { verifyStep } from "./verify-step.ts";

export interface HandlerParts
  extends
    Omit<RectifyParts & RestrictParts, "sources">,
    TellPersonParts,
    TellRecipientParts,
    ForgetParts,
    ExportWork {
  readonly sources: ReadonlyMap<string, ErasableSource>;
}

/** What carries out each action. An action that is not here is refused. */
export const stepHandlers = (parts: HandlerParts): StepHandlers => ({
  RECTIFY: rectifyStep(parts),
  READ: either(ofAnExport, exportReadStep(parts), readStep(parts)),
  EXPORT: exportPackStep(parts),
  SUPPRESS: either(ofTheGateway, endConsentsStep(parts), suppressStep(parts)),
  RESTRICT: either(ofAnErasure, keepStep(parts), restrictStep(parts)),
  ERASE: either(ofTheGateway, forgetStep(parts), eraseStep(parts)),
  ANONYMISE: eraseStep(parts),
  VERIFY: verifyStep(parts),
  NOTIFY: notifyStep(either(ofACode, identityCodeStep(parts), tellPerson(parts)), tellRecipient(parts)),
});

const either =
  (isSo: (task: Task) => boolean, one: StepHandler, other: StepHandler): StepHandler =>
  (task) =>
    isSo(task) ? one(task) : other(task);

const ofTheGateway = ({ step }: Task) => step.source === ownSource;
const ofAnExport = ({ request }: Task) => isExport(request);
const ofACode = ({ step }: Task) => isCodeStep(step);
const ofAnErasure = ({ request }: Task) => request.kind === "ERASURE";
