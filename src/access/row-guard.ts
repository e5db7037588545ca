import { type Capacity, mayRead } from "./decide.ts";
import type { PersonalLabel } from "./labels.ts";
import { legalBases, readersOfRestricted, withoutConsent } from "./policy.ts";
import type { Purpose, Role } from "./vocabulary.ts";

/** What a person has decided about the processing, so far as it bears on who may read. */
export interface Standing {
  /** Restricted (GDPR Art. 18) in these sources, or in all. */
  readonly restrictedIn: ReadonlySet<string> | "everywhere";
  /** Purposes that the person has said yes to, and not withdrawn (Art. 7). */
  readonly consents: ReadonlySet<Purpose>;
  /** Purposes that the person has objected to (Art. 21), also while it is not decided yet. */
  readonly objections: ReadonlySet<Purpose>;
}

export type RowRefusal = "PROCESSING_RESTRICTED" | "CONSENT_REQUIRED";

/** Whether staff may read what the labels say of this very person; the role and purpose have been decided before. */
export function rowRefusal(
  capacity: Capacity,
  labels: readonly PersonalLabel[],
  { restrictedIn, consents, objections }: Standing,
): RowRefusal | null {
  const restricted = labels.filter(
    ({ source }) =>
      restrictedIn === "everywhere" ||
      objections.has(capacity.purpose) ||
      (source !== undefined && restrictedIn.has(source)),
  );
  const exempt = { ...capacity, roles: exemptRoles(capacity) };
  if (!restricted.every((label) => mayRead(exempt, label))) return "PROCESSING_RESTRICTED";
  const needsConsent = legalBases[capacity.purpose] === "CONSENT" && !consents.has(capacity.purpose);
  const covered = labels.every(({ category }) => withoutConsent.has(category));
  return needsConsent && !covered ? "CONSENT_REQUIRED" : null;
}

function exemptRoles({ roles, purpose }: Capacity): ReadonlySet<Role> {
  return new Set(
    [...roles].filter((role) => {
      const purposes = readersOfRestricted[role];
      return purposes === "any" || purposes?.includes(purpose);
    }),
  );
}
