import { Role } from "../access/vocabulary.ts";
import type { Integrity } from "../audit/integrity.ts";
import { sharing } from "../audit/share.ts";
import type { AuditTrail } from "../audit/trail.ts";
import type { GatewayContext } from "./context.ts";

type Asking = Pick<GatewayContext, "principal" | "actorRef" | "requestId">;

/** Verifies the trail for those who audit it, and records that it was done, and with what result. */
export function createVerification(trail: Pick<AuditTrail, "record">, verify: () => Promise<Integrity>) {
  const shared = sharing(verify);
  return async ({ principal, actorRef, requestId }: Asking): Promise<Integrity> => {
    const integrity = await shared();
    await trail.record({
      event: "TRAIL_VERIFIED",
      actorRole: auditorOf(principal),
      actorRef,
      actorName: null,
      subjectRef: null,
      purpose: "AUDIT",
      requestId,
      coordinates: ["Query.auditIntegrity"],
      categories: [],
      sources: [],
      detail: integrity.fault ?? "INTACT",
    });
    return integrity;
  };
}

/** In which role somebody audits; null: in none. */
export const auditorOf = (principal: GatewayContext["principal"]): Role | null =>
  [Role.AUDITOR, Role.DPO].find((role) => principal?.roles.has(role)) ?? null;
