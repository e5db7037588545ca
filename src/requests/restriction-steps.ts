import type { ConnectedSource } from "../subjects/ask.ts";
import { writtenFor } from "./consent-steps.ts";
import { type NewStep, ownSource } from "./step.ts";

/**
 * What has each system heed what is restricted in it: a mark where it can bear one, and no more letters from one that
 * writes to persons. `sources` null: all of them.
 */
export function markingSteps(
  connected: readonly ConnectedSource[],
  sources: readonly string[] | null,
  position = 1,
): readonly NewStep[] {
  const concerned = connected.filter(({ key }) => sources === null || sources.includes(key));
  return concerned.flatMap(({ key, capabilities }): NewStep[] => {
    const about = { source: key, position };
    const steps: NewStep[] = [
      ...(capabilities.restricts ? [{ ...about, action: "RESTRICT", work: {} } as const] : []),
      ...(capabilities.suppresses
        ? [{ ...about, action: "SUPPRESS", work: { purpose: writtenFor } } as const]
        : []),
    ];
    if (steps.length > 0) return steps;
    return [
      { ...about, action: "RESTRICT", end: { state: "DONE", result: "RESTRICTED", detail: "CANNOT_MARK" } },
    ];
  });
}

/** The person is told first (GDPR Art. 18(3)); only then is the restriction lifted here. */
export const liftingSteps = (work: unknown): readonly NewStep[] => [
  { source: ownSource, action: "NOTIFY", recordType: "RESTRICTION_TO_BE_LIFTED", work: {} },
  { source: ownSource, action: "RESTRICT", position: 2, recordType: "RESTRICTION_LIFTED", work },
];
