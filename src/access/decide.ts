import type { Label, PersonalLabel } from "./labels.ts";
import { barredFromFreeText, policy, readersOfStatistics, universalPurposes } from "./policy.ts";
import { Purpose, Role } from "./vocabulary.ts";

/** In what capacity a part of an operation is read: as one's own data, or as staff for a stated purpose. */
export interface Capacity {
  readonly roles: ReadonlySet<Role>;
  readonly purpose: Purpose;
}

/** Whether the policy table lets one role read the label for one purpose (GDPR Art. 5(1)(b), 25, 32(4)). */
export function grants(role: Role, purpose: Purpose, label: PersonalLabel): boolean {
  if (label.onlyFor !== undefined && !label.onlyFor.includes(role)) return false;
  if (label.freeText === true && barredFromFreeText.has(role)) return false;
  const heldForIt = universalPurposes.has(purpose) || label.purposes.includes(purpose);
  return heldForIt && (policy[role][purpose]?.includes(label.category) ?? false);
}

export function mayRead({ roles, purpose }: Capacity, label: PersonalLabel): boolean {
  for (const role of roles) if (grants(role, purpose, label)) return true;
  return false;
}

/** What anonymous counts are of. */
export interface Countable {
  readonly label: Omit<PersonalLabel, "kind">;
  /** Roles whose work the counts are for though they read no row of it. */
  readonly alsoFor?: readonly Role[];
}

/** Whether anonymous counts may be shown to one of the roles. */
export function mayCount(roles: ReadonlySet<Role>, { label, alsoFor = [] }: Countable): boolean {
  if (!label.purposes.includes("STATISTICS")) return false;
  const readers = [...readersOf({ kind: "personal", ...label }), ...alsoFor];
  return [...roles].some(
    (role) => readersOfStatistics.has(role) && (role === "AUDITOR" || readers.includes(role)),
  );
}

/** The roles that may read the label for at least one purpose: what `@access(read:)` prints. */
export function readersOf(label: Exclude<Label, { kind: "container" }>): readonly Role[] {
  if (label.kind === "roles") return label.roles;
  const roles = Object.values(Role);
  if (label.kind !== "personal") return roles;
  const purposes = Object.values(Purpose);
  return roles.filter((role) => purposes.some((purpose) => grants(role, purpose, label)));
}
