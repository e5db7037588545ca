import {
  getNamedType,
  type GraphQLNamedType,
  type GraphQLSchema,
  isAbstractType,
  isCompositeType,
} from "graphql";
import { type Capacity, mayRead, readersOf } from "../access/decide.ts";
import { fieldsOf, inventory } from "../access/inventory.ts";
import type { Label, PersonalLabel } from "../access/labels.ts";
import { Role } from "../access/vocabulary.ts";
import { writersOf } from "./writers.ts";

/** What the gate knows of one coordinate. */
export interface CoordinatePolicy {
  readonly label: Label;
  /** The personal labels that decide: the coordinate's own, or for a container those within it. */
  readonly within: readonly PersonalLabel[];
  readonly readers: readonly Role[];
  /** The roles that may change what it shows; of a mutation, those that may call it. */
  readonly writers: readonly Role[];
}

export type Policies = ReadonlyMap<string, CoordinatePolicy>;

/** The policy of every coordinate. @throws with the name of each coordinate that has none, or that a mutation names in vain. */
export function policiesOf(schema: GraphQLSchema): Policies {
  const labels = new Map(inventory(schema).map(({ coordinate, label }) => [coordinate, label]));
  const writers = writersOf(schema);
  const policies = new Map<string, CoordinatePolicy>();
  for (const { field, coordinate } of fieldsOf(schema)) {
    const label = labels.get(coordinate);
    if (label === undefined) continue;
    const within = label.kind === "container" ? reachable(schema, labels, getNamedType(field.type)) : [];
    const deciding = label.kind === "personal" ? [label] : within;
    policies.set(coordinate, {
      label,
      within: deciding,
      readers: readers(label, deciding),
      writers: writers.get(coordinate) ?? [],
    });
  }
  return policies;
}

/** Whether a coordinate may be selected; `roles` null: nobody has signed in; `capacity` null: outside a person. */
export function permits(
  policy: CoordinatePolicy,
  roles: ReadonlySet<Role> | null,
  capacity: Capacity | null,
): boolean {
  const { label } = policy;
  switch (label.kind) {
    case "public":
      return true;
    case "signedIn":
      return roles !== null;
    case "roles":
      return label.roles.some((role) => roles?.has(role));
    default:
      return capacity !== null && policy.within.some((label) => mayRead(capacity, label));
  }
}

function readers(label: Label, within: readonly PersonalLabel[]): readonly Role[] {
  if (label.kind !== "container") return readersOf(label);
  const found = new Set(within.flatMap((inner) => readersOf(inner)));
  return Object.values(Role).filter((role) => found.has(role));
}

function reachable(
  schema: GraphQLSchema,
  labels: ReadonlyMap<string, Label>,
  type: GraphQLNamedType,
  seen = new Set<GraphQLNamedType>(),
): PersonalLabel[] {
  if (!isCompositeType(type) || seen.has(type)) return [];
  seen.add(type);
  if (isAbstractType(type))
    return schema.getPossibleTypes(type).flatMap((member) => reachable(schema, labels, member, seen));
  return Object.values(type.getFields()).flatMap((field) => {
    const label = labels.get(`${type.name}.${field.name}`);
    const inner = reachable(schema, labels, getNamedType(field.type), seen);
    return label?.kind === "personal" ? [label, ...inner] : inner;
  });
}
