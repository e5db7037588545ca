import {
  getNamedType,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
  isAbstractType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
} from "graphql";
import { type Entry, entersAsSelf } from "../access/annotate.ts";
import type { Capacity } from "../access/decide.ts";
import { fieldsOf } from "../access/inventory.ts";
import { Purpose, type Role } from "../access/vocabulary.ts";
import { permits, type Policies } from "./policies.ts";
import type { As } from "./operation-check.ts";

/** In what capacity a field of a root can be entered; without `capacity`, it leads to nobody's data. */
interface Way {
  readonly capacity: Capacity | null;
  readonly as: As | null;
}

type Field = GraphQLField<unknown, unknown>;

/** Arguments of an input by which staff act for somebody: of no use to whoever may not. */
const forStaff = new Set(["subjectId", "requestId"]);

/**
 * What some operation of a caller with these roles could select or state, by the rules of the operation check, as schema
 * coordinates: `Type`, `Type.field`, `Type.field(argument:)`, `Enum.VALUE`.
 */
export function visibleTo(
  schema: GraphQLSchema,
  policies: Policies,
  roles: ReadonlySet<Role>,
): ReadonlySet<string> {
  const visible = new Set<string>();
  const reaches = new Map<string, Reach>();
  const reachOf = (way: Way): Reach => {
    const key = `${way.as} ${way.capacity?.purpose}`;
    const known = reaches.get(key) ?? createReach(schema, policies, roles, way, visible);
    reaches.set(key, known);
    return known;
  };
  for (const root of [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()]) {
    if (!root) continue;
    for (const field of Object.values(root.getFields()) as Field[]) {
      const entry = (field.extensions["entry"] as Entry | undefined) ?? null;
      for (const way of waysInto(entry, roles)) reachOf(way).enter(root, field, entry);
    }
  }
  return visible;
}

function waysInto(entry: Entry | null, roles: ReadonlySet<Role>): readonly Way[] {
  if (entry === null) return [{ capacity: null, as: null }];
  const as = (side: As): readonly Way[] => {
    const acting = new Set([...roles].filter((role) => (role === "SUBJECT") === (side === "own")));
    const purposes =
      side === "own"
        ? [entersAsSelf.purpose ?? "DATA_SUBJECT_RIGHTS"]
        : entry.purpose
          ? [entry.purpose]
          : Object.values(Purpose);
    if (side === "staff" && acting.size === 0) return [];
    return purposes.map((purpose) => ({ as: side, capacity: { roles: acting, purpose } }));
  };
  if (entry.as === "named" || entry.as === "reference") return [...as("own"), ...as("staff")];
  if (entry.as !== "byRole") return as(entry.as);
  const staff = as("staff");
  return staff.length > 0 ? staff : as("own");
}

interface Reach {
  /** Adds what can be selected and stated through a field of a root. */
  enter(root: GraphQLObjectType, field: Field, entry: Entry | null): void;
}

/** What can be reached in one capacity. Nothing is read through a field whose type then has nothing to read. */
function createReach(
  schema: GraphQLSchema,
  policies: Policies,
  roles: ReadonlySet<Role>,
  { capacity, as }: Way,
  visible: Set<string>,
): Reach {
  const permitted = new Set<string>();
  for (const [coordinate, policy] of policies)
    if (permits(policy, capacity?.roles ?? roles, capacity)) permitted.add(coordinate);
  const fruitful = fruitfulTypes(schema, permitted);
  const isOpen = (type: GraphQLNamedType, field: Field) =>
    permitted.has(`${type.name}.${field.name}`) && bears(field, fruitful);
  const walked = new Set<GraphQLNamedType>();

  function addField(type: GraphQLNamedType, field: Field, entry: Entry | null): void {
    visible.add(type.name).add(`${type.name}.${field.name}`);
    addType(getNamedType(field.type));
    for (const { name, type: argument } of field.args) {
      visible.add(`${type.name}.${field.name}(${name}:)`);
      if (entry?.as === "staff" && !entry.purpose && name === "purpose" && capacity)
        visible.add("Purpose").add(`Purpose.${capacity.purpose}`);
      else addInput(argument, entry?.as === "named" && as === "own" ? forStaff : new Set());
    }
  }

  function addType(type: GraphQLNamedType): void {
    if (walked.has(type)) return;
    walked.add(type);
    if (isEnumType(type)) addValues(type);
    if (isObjectType(type) || isInterfaceType(type)) {
      for (const field of Object.values(type.getFields()) as Field[])
        if (isObjectType(type) ? isOpen(type, field) : isOpenInAll(type, field)) addField(type, field, null);
    }
    if (isAbstractType(type))
      for (const member of schema.getPossibleTypes(type)) if (fruitful.has(member)) addType(member);
    visible.add(type.name);
  }

  /** The operation check asks each possible type, and refuses for one of them. */
  const isOpenInAll = (type: GraphQLNamedType, { name }: Field) =>
    isInterfaceType(type) &&
    schema.getPossibleTypes(type).every((member) => {
      const field = member.getFields()[name];
      return !fruitful.has(member) || (field !== undefined && isOpen(member, field));
    });

  function addValues(type: GraphQLNamedType): void {
    if (isEnumType(type)) for (const { name } of type.getValues()) visible.add(`${type.name}.${name}`);
  }

  function addInput(input: GraphQLInputType, except: ReadonlySet<string>): void {
    const type = getNamedType(input);
    // Not kept: what one way leaves out another may have.
    visible.add(type.name);
    addValues(type);
    if (!isInputObjectType(type)) return;
    for (const field of Object.values(type.getFields())) {
      const coordinate = `${type.name}.${field.name}`;
      if (except.has(field.name) || visible.has(coordinate)) continue;
      visible.add(coordinate);
      addInput(field.type, new Set());
    }
  }

  return {
    enter(root, field, entry) {
      if (isOpen(root, field)) addField(root, field, entry);
    },
  };
}

/** Whether a field has something to read: a leaf, or a type with such a field. */
function bears(field: Field, fruitful: ReadonlySet<GraphQLNamedType>): boolean {
  const type = getNamedType(field.type);
  return isObjectType(type) || isAbstractType(type) ? fruitful.has(type) : true;
}

function fruitfulTypes(schema: GraphQLSchema, permitted: ReadonlySet<string>): ReadonlySet<GraphQLNamedType> {
  const fruitful = new Set<GraphQLNamedType>();
  const open = [...fieldsOf(schema)].filter(({ coordinate }) => permitted.has(coordinate));
  const abstract = Object.values(schema.getTypeMap()).filter(isAbstractType);
  for (let before = -1; before < fruitful.size;) {
    before = fruitful.size;
    for (const { type, field } of open) if (bears(field, fruitful)) fruitful.add(type);
    for (const type of abstract)
      if (schema.getPossibleTypes(type).some((member) => fruitful.has(member))) fruitful.add(type);
  }
  return fruitful;
}
