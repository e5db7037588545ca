import {
  type DocumentNode,
  type GraphQLError,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from "graphql";
import type { Entry } from "../access/annotate.ts";
import { type Capacity, grants } from "../access/decide.ts";
import { policy as policyTable } from "../access/policy.ts";
import { Purpose, type DataCategory, Role } from "../access/vocabulary.ts";
import type { Principal } from "../subjects/principal.ts";
import { argumentValue } from "./argument-value.ts";
import { fault } from "./faults.ts";
import { type CoordinatePolicy, permits, type Policies } from "./policies.ts";
import { type RootSelection, selectionsOf } from "./selection.ts";

/** Whether a part of an operation reads the caller's own data, or another's. */
export type As = "own" | "staff";

/** Personal data that an operation would read, for the trail. */
export interface Look {
  readonly as: As;
  readonly purpose: Purpose;
  readonly coordinates: readonly string[];
  readonly categories: readonly DataCategory[];
  readonly sources: readonly string[];
  /** Something of it is worked out from every source that holds the person. */
  readonly acrossSources: boolean;
  /** Of one's own, where it is known only afterwards whether the field led there: it is noted then. */
  readonly notedApart?: true;
}

export interface Verdict {
  /** Null: the operation may run. */
  readonly refusal: GraphQLError | null;
  readonly looks: readonly Look[];
}

export type OperationCheck = (
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
  principal: Principal | null,
  /** What the request itself states in the header `purposeHeader`. */
  statedPurpose?: string | null,
) => Verdict;

/** Where staff say why they look, when a field has no argument for it. */
export const purposeHeader = "innsyn-purpose";

/**
 * Decides an operation as a whole before anything is fetched: every coordinate it selects × role × stated purpose.
 * A verdict is kept for as long as the parsed document is, per operation, role set and purposes.
 */
export function createOperationCheck(
  schema: GraphQLSchema,
  policies: Policies,
  mayIntrospect: (roles: ReadonlySet<Role>) => boolean,
): OperationCheck {
  const kept = new WeakMap<DocumentNode, Map<string, Analysed>>();
  return (document, operation, variables, principal, statedPurpose = null) => {
    const name = operation.name?.value ?? "";
    let operations = kept.get(document);
    if (!operations) kept.set(document, (operations = new Map()));
    let analysed = operations.get(name);
    if (!analysed) {
      const roots = selectionsOf(schema, document, operation);
      operations.set(name, (analysed = { roots, verdicts: new Map() }));
    }
    const entries = analysed.roots.map((root) =>
      enteredAs(root, operation, variables, principal, statedPurpose),
    );
    const key = `${rolesKey(principal)}|${entries.map((e) => e && `${e.as} ${e.purpose}`).join()}`;
    let verdict = analysed.verdicts.get(key);
    if (!verdict) {
      if (analysed.verdicts.size >= mostVerdicts) analysed.verdicts.clear();
      verdict = judge(analysed.roots, entries, principal, policies, mayIntrospect);
      analysed.verdicts.set(key, verdict);
    }
    return verdict;
  };
}

/** Role sets and purposes are few; a document with many entries could still combine them without end. */
const mostVerdicts = 500;

interface Analysed {
  readonly roots: readonly RootSelection[];
  readonly verdicts: Map<string, Verdict>;
}

const rolesKey = (principal: Principal | null) =>
  principal === null ? "nobody" : [...principal.roles].sort().join("+");

interface Entered {
  readonly as: As;
  /** Null: staff have not stated any. */
  readonly purpose: Purpose | null;
}

/** Null: the field leads to nobody's data. One's own is read by right of access; staff state their purpose. */
function enteredAs(
  { entry, field }: RootSelection,
  operation: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
  principal: Principal | null,
  statedPurpose: string | null,
): Entered | null {
  if (entry === null) return null;
  if (entry.as === "reference") return referred(statedPurpose);
  const argument = (name: string): unknown => {
    const value = field.arguments?.find((each) => each.name.value === name)?.value;
    return value && argumentValue(value, operation, variables);
  };
  const purpose = entry.purpose ?? argument("purpose");
  return { as: asOf(entry.as, argument, principal), purpose: purposeOf(purpose) };
}

const referred = (statedPurpose: string | null): Entered =>
  statedPurpose === null
    ? { as: "own", purpose: "DATA_SUBJECT_RIGHTS" }
    : { as: "staff", purpose: purposeOf(statedPurpose) };

/** Null: none, or none that there is. */
export const purposeOf = (stated: unknown): Purpose | null =>
  typeof stated === "string" && Object.hasOwn(Purpose, stated) ? (stated as Purpose) : null;

function asOf(
  as: Exclude<Entry["as"], "reference">,
  argument: (name: string) => unknown,
  principal: Principal | null,
): As {
  if (as === "byRole") return principal && rolesAs("staff", principal).size > 0 ? "staff" : "own";
  if (as !== "named") return as;
  const input = argument("input");
  const named = typeof input === "object" && input !== null && "subjectId" in input ? input.subjectId : null;
  return named === null || named === undefined ? "own" : "staff";
}

function judge(
  roots: readonly RootSelection[],
  entries: readonly (Entered | null)[],
  principal: Principal | null,
  policies: Policies,
  mayIntrospect: (roles: ReadonlySet<Role>) => boolean,
): Verdict {
  const lacking = principal && lackOfPurpose(roots, entries, principal);
  if (lacking) return { refusal: lacking, looks: [] };
  const refused = new Set<string>();
  const looks: Look[] = [];
  roots.forEach((root, i) => {
    if (root.introspects) {
      if (principal === null || !mayIntrospect(principal.roles)) refused.add(root.coordinate);
      return;
    }
    const entry = entries[i] ?? null;
    const capacity = capacityOf(entry, principal);
    for (const coordinate of root.coordinates) {
      const policy = policies.get(coordinate);
      // Whoever names another person acts as staff alone, and nobody acts as staff on their own.
      const roles = capacity?.roles ?? principal?.roles ?? null;
      const allowed = policy !== undefined && permits(policy, roles, capacity);
      if (!allowed) refused.add(coordinate);
    }
    if (entry !== null && entry.purpose !== null)
      looks.push({
        as: entry.as,
        purpose: entry.purpose,
        ...lookedAt(root.coordinates, policies),
        ...(root.entry?.as === "reference" && { notedApart: true }),
      });
  });
  if (refused.size === 0) return { refusal: null, looks };
  if (principal === null) return { refusal: fault("UNAUTHENTICATED"), looks: [] };
  return { refusal: fault("FORBIDDEN", { coordinates: [...refused].sort() }), looks };
}

/** Whoever is nobody's data subject can only mean another, and has to say why. */
function lackOfPurpose(
  roots: readonly RootSelection[],
  entries: readonly (Entered | null)[],
  principal: Principal,
): GraphQLError | null {
  const isSubject = principal.roles.has("SUBJECT");
  for (const [i, { entry }] of roots.entries()) {
    const isReference = entry?.as === "reference";
    if (entries[i]?.purpose === null)
      return fault("BAD_USER_INPUT", isReference ? { header: purposeHeader } : { argument: "purpose" });
    if (isReference && entries[i]?.as === "own" && !isSubject && rolesAs("staff", principal).size > 0)
      return fault("PURPOSE_REQUIRED", { header: purposeHeader });
  }
  return null;
}

function capacityOf(entry: Entered | null, principal: Principal | null): Capacity | null {
  if (principal === null || entry === null || entry.purpose === null) return null;
  return { roles: rolesAs(entry.as, principal), purpose: entry.purpose };
}

/** One's own data is read as SUBJECT alone, and others' never as that. */
export function rolesAs(as: As, { roles }: Principal): ReadonlySet<Role> {
  return new Set([...roles].filter((role) => (role === "SUBJECT") === (as === "own")));
}

/** The role that reads most of the coordinates for the purpose; null: the caller has none. */
export function actingRole(
  { roles, purpose }: Capacity,
  coordinates: Iterable<string>,
  policies: Policies,
): Role | null {
  const labels = [...coordinates].flatMap((coordinate) => {
    const label = policies.get(coordinate)?.label;
    return label?.kind === "personal" ? [label] : [];
  });
  const reads = (role: Role) =>
    labels.filter((label) => grants(role, purpose, label)).length +
    (policyTable[role][purpose] === undefined ? 0 : 1);
  const [first, ...others] = Object.values(Role).filter((role) => roles.has(role));
  if (first === undefined) return null;
  return others.reduce((best, role) => (reads(role) > reads(best) ? role : best), first);
}

/** Personal data among the coordinates, and what changes it. */
export function lookedAt(selected: ReadonlySet<string>, policies: Policies): Omit<Look, "as" | "purpose"> {
  let acrossSources = false;
  const categories = new Set<DataCategory>();
  const sources = new Set<string>();
  const coordinates: string[] = [];
  for (const coordinate of selected) {
    const policy = policies.get(coordinate);
    if (policy === undefined || (policy.within.length === 0 && !changes(policy))) continue;
    coordinates.push(coordinate);
    if (policy.label.kind === "personal") {
      categories.add(policy.label.category);
      acrossSources ||= policy.label.acrossSources === true;
    }
    // Where a container leads to several, what is selected within it says to which.
    const [source, ...more] = new Set(policy.within.flatMap((label) => label.source ?? []));
    if (source !== undefined && more.length === 0) sources.add(source);
  }
  return { coordinates, categories: [...categories], sources: [...sources], acrossSources };
}

const changes = ({ label }: CoordinatePolicy) => label.kind === "roles" && label.changes;
