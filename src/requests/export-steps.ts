import type { ConnectedSource } from "../subjects/ask.ts";
import type { RequestRow, StepRow } from "./rows.ts";
import { type NewStep, ownSource } from "./step.ts";
import type { RequestKind } from "./vocabulary.ts";

/** What a person takes along (GDPR Art. 15(3), 20). */
export type ExportKind = "ACCESS" | "PORTABILITY";

export const isExport = <T extends { readonly kind: RequestKind }>(
  request: T,
): request is T & { readonly kind: ExportKind } =>
  request.kind === "ACCESS" || request.kind === "PORTABILITY";

/** Positions: the archive comes after all that is in it, and word of it after that. */
const archiveAt = 2;
export const wordAt = 3;

/** Every source is read, the gateway's own records as well; then the archive is made, which tells the person. */
export const exportSteps = (connected: readonly ConnectedSource[]): readonly NewStep[] => [
  ...[...connected.map(({ key }) => key), ownSource].map((source): NewStep => ({
    source,
    action: "READ",
    position: 1,
  })),
  { source: ownSource, action: "EXPORT", position: archiveAt },
];

/** What could not be read for that many attempts holds nothing up: the archive is made, and says what is missing in it. */
export const isGivenUpFor = (
  request: RequestRow,
  { action, state, attempts, last_error }: StepRow,
  most: number,
): boolean =>
  isExport(request) &&
  action === "READ" &&
  // One that a replica was killed at has failed at nothing.
  (state === "FAILED" || (attempts >= most && last_error !== null));
