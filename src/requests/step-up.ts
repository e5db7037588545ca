import type { Principal } from "../subjects/principal.ts";
import { Refused } from "./refused.ts";
import type { StepUp } from "./erasure-settings.ts";

/** RFC 9470, as an answer. @throws Refused */
export function requireStepUp(
  principal: Pick<Principal, "authenticatedAt" | "authenticationContext"> | null,
  { acrValues, maxAgeSeconds }: StepUp,
  now: Date,
  reason: "STEP_UP" | "STEP_UP_TO_CONFIRM" | "STEP_UP_TO_APPROVE" = "STEP_UP",
): void {
  const { authenticatedAt = null, authenticationContext = null } = principal ?? {};
  const isRecent =
    authenticatedAt !== null && now.getTime() - authenticatedAt.getTime() <= maxAgeSeconds * 1_000;
  const isStrong = authenticationContext !== null && acrValues.includes(authenticationContext);
  if (!isRecent || !isStrong) throw new Refused(reason);
}
