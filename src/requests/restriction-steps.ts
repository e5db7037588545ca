import type { ConnectedSource } from "../subjects/ask.ts";
import { writtenFor } from "./consent-steps.ts";
import { type NewStep, ownSource } from "./step.ts";

/** Of the gateway's own step that ends an objection. */
export const objectionEnded = "OBJECTION_ENDED";

/** Has each of the systems heed what is restricted in it. `sources` null: all of them. */
export function restrictingSteps(
  connected: readonly ConnectedSource[],
  sources: readonly string[] | null,
): readonly NewStep[] {
  const concerned = connected.filter(({ key }) => sources === null || sources.includes(key));
  return concerned.flatMap((source): readonly NewStep[] => {
    const steps = markingSteps([source], 1);
    if (steps.length > 0) return steps;
    const end = { state: "DONE", result: "RESTRICTED", detail: "CANNOT_MARK" } as const;
    return [{ source: source.key, action: "RESTRICT", end }];
  });
}

/** A mark where a system can bear one, and no more letters from one that writes to persons; or an end to both. */
export function markingSteps(connected: readonly ConnectedSource[], position: number): readonly NewStep[] {
  return connected.flatMap(({ key, capabilities }): NewStep[] => {
    const about = { source: key, position };
    return [
      ...(capabilities.restricts ? [{ ...about, action: "RESTRICT", work: {} } as const] : []),
      ...(capabilities.suppresses
        ? [{ ...about, action: "SUPPRESS", work: { purpose: writtenFor } } as const]
        : []),
    ];
  });
}

/** The person's own word counts at once: it is done when it is written down. */
export const lifted: NewStep = {
  source: ownSource,
  action: "RESTRICT",
  recordType: "RESTRICTION_LIFTED",
  end: { state: "DONE", result: "DONE" },
};

/** The person is told first (GDPR Art. 18(3)); only then is the restriction lifted here. */
export const liftingSteps = (work: unknown): readonly NewStep[] => [
  { source: ownSource, action: "NOTIFY", recordType: "RESTRICTION_TO_BE_LIFTED", work: {} },
  { source: ownSource, action: "RESTRICT", position: 2, recordType: "RESTRICTION_LIFTED", work },
];

/** Ends an objection that is turned down, and with it the restriction of its purpose: after the person has been told. */
export const endingSteps: readonly NewStep[] = [
  { source: ownSource, action: "RESTRICT", position: 2, recordType: objectionEnded },
];
