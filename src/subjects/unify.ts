import { createHash } from "node:crypto";
import type { ProfileField } from "../sources/module.ts";
import { normaliseStored } from "./identifiers.ts";

export interface HeldFact {
  readonly source: string;
  readonly value: string | null;
  /** Quoted when the value is changed, so that a change made meanwhile is noticed. */
  readonly version: string;
  readonly updatedAt: string | null;
  /** Whether it can be corrected through the gateway. */
  readonly rectifiable: boolean;
}

export interface Unified {
  readonly value: string | null;
  readonly agrees: boolean;
  readonly heldBy: readonly HeldFact[];
  readonly unavailable: readonly string[];
}

export function versionOf(source: string, field: ProfileField, value: string | null): string {
  return createHash("sha256")
    .update(JSON.stringify([source, field, value]))
    .digest("base64url")
    .slice(0, 22);
}

/** The fact as every system holds it. Two spellings of one address or number agree; anything else does not. */
export function unify(
  field: ProfileField,
  heldBy: readonly HeldFact[],
  unavailable: readonly string[],
): Unified {
  const stated = heldBy.map(({ value }) => value).filter((value) => value !== null);
  const same = new Set(stated.map((value) => comparable(field, value))).size <= 1;
  return {
    value: same ? (stated[0] ?? null) : null,
    agrees: same && unavailable.length === 0,
    heldBy,
    unavailable,
  };
}

/** Whether two spellings say the same. */
export const sameFact = (field: ProfileField, a: string, b: string): boolean =>
  comparable(field, a) === comparable(field, b);

function comparable(field: ProfileField, value: string): string {
  const kind = field === "email" ? "EMAIL" : field === "phone" ? "PHONE" : null;
  return (kind && normaliseStored(kind, value)) ?? value.normalize("NFKC").trim().replaceAll(/\s+/g, " ");
}
