import "reflect-metadata";
import { Extensions } from "type-graphql";
import type { Label, PersonalLabel } from "./labels.ts";
import type { Purpose, Role } from "./vocabulary.ts";

const annotation = (label: Label) => Extensions({ label });

/** Labels a field, or every field of a type that has no label of its own. */
export const Personal = (label: Omit<PersonalLabel, "kind">) => annotation({ kind: "personal", ...label });
export const Public = annotation({ kind: "public" });
export const SignedIn = annotation({ kind: "signedIn" });
export const Container = annotation({ kind: "container" });
/** What tells of the gateway's work, open to these roles. */
export const OpenTo = (...roles: readonly Role[]) => annotation({ kind: "roles", roles, changes: false });
/** A mutation that these roles may call. */
export const ChangedBy = (...roles: readonly Role[]) => annotation({ kind: "roles", roles, changes: true });

/** What a mutation changes of what is shown: coordinates, a type's name for all of its fields, `*.field` for that of every type. */
export const Changes = (...changed: readonly string[]) => Extensions({ changed });

/** Whose data a field of `Query`, `Mutation` or `SubscriptionRoot` leads to: the caller's own, or another's for a stated purpose. */
export interface Entry {
  /**
   * `named`: the caller's own, unless the argument `input.subjectId` names a person. `byRole`: another's for whoever is
   * staff, and the caller's own for others. `reference`: another's for the purpose that the request states in a header,
   * and the caller's own where it states none.
   */
  readonly as: "own" | "staff" | "named" | "byRole" | "reference";
  /** Where it is always the same; otherwise staff state it in the argument `purpose`. */
  readonly purpose?: Purpose;
}
export const entersAsSelf: Entry = { as: "own", purpose: "DATA_SUBJECT_RIGHTS" };
export const EntersAsSelf = Extensions({ entry: entersAsSelf });
export const EntersAsStaff = (purpose?: Purpose) =>
  Extensions({ entry: { as: "staff", ...(purpose && { purpose }) } satisfies Entry });
export const EntersAsNamed = Extensions({
  entry: { as: "named", purpose: "DATA_SUBJECT_RIGHTS" } satisfies Entry,
});
export const EntersByRole = Extensions({
  entry: { as: "byRole", purpose: "DATA_SUBJECT_RIGHTS" } satisfies Entry,
});
export const EntersByReference = Extensions({ entry: { as: "reference" } satisfies Entry });

/** Shows the schema itself: for whoever may introspect it, whatever the label. */
export const Introspects = Extensions({ introspects: true });
