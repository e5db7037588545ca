import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  getDirectiveValues,
  getNamedType,
  type GraphQLCompositeType,
  GraphQLIncludeDirective,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  GraphQLSkipDirective,
  isAbstractType,
  isCompositeType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from "graphql";
import type { Entry } from "../access/annotate.ts";

/** A field of an operation's root, and every coordinate that is selected through it. */
export interface RootSelection {
  readonly field: FieldNode;
  readonly coordinate: string;
  /** Whose data it leads to; null: nobody's. */
  readonly entry: Entry | null;
  /** The root's own coordinate first; `@skip` and `@include` are not considered, nor is what a type turns out to be. */
  readonly coordinates: ReadonlySet<string>;
  readonly introspects: boolean;
}

/** What an operation selects. The document must have been validated: fragments exist and form no circle. */
export function selectionsOf(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): readonly RootSelection[] {
  const root = schema.getRootType(operation.operation);
  if (!root) return [];
  const fragments = new Map(
    document.definitions.filter((d) => d.kind === Kind.FRAGMENT_DEFINITION).map((d) => [d.name.value, d]),
  );
  return [...rootFields(operation.selectionSet, fragments)].map((field) => {
    const name = field.name.value;
    const definition = root.getFields()[name];
    const coordinates = new Set([`${root.name}.${name}`]);
    const type = definition && getNamedType(definition.type);
    if (field.selectionSet && isCompositeType(type)) {
      collect({ schema, fragments, coordinates, spread: new Set() }, type, field.selectionSet);
    }
    return {
      field,
      coordinate: `${root.name}.${name}`,
      entry: (definition?.extensions["entry"] as Entry | undefined) ?? null,
      coordinates,
      introspects: name === "__schema" || name === "__type" || definition?.extensions["introspects"] === true,
    };
  });
}

interface Within {
  /** Leaves out what `@skip` and `@include` leave out. */
  readonly onlyIncluded?: boolean;
  /** Leaves out what is selected of these types. */
  readonly except?: ReadonlySet<string>;
}

/** What is selected through the field that is being resolved, its own coordinate first. */
export function coordinatesWithin(info: GraphQLResolveInfo, within: Within = {}): ReadonlySet<string> {
  const { schema, parentType, fieldName, fieldNodes, returnType, variableValues } = info;
  const fragments = new Map(Object.entries(info.fragments));
  const coordinates = new Set([`${parentType.name}.${fieldName}`]);
  const type = getNamedType(returnType);
  const state: Collecting = {
    schema,
    fragments,
    coordinates,
    spread: new Set(),
    ...(within.onlyIncluded && { variables: variableValues }),
    ...(within.except && { except: within.except }),
  };
  for (const { selectionSet } of fieldNodes)
    if (selectionSet && isCompositeType(type)) collect(state, type, selectionSet);
  return coordinates;
}

type Fragments = ReadonlyMap<string, FragmentDefinitionNode>;

function* rootFields(selections: SelectionSetNode, fragments: Fragments): Generator<FieldNode> {
  for (const selection of selections.selections) {
    if (selection.kind === Kind.FIELD) {
      if (selection.name.value !== "__typename") yield selection;
    } else if (selection.kind === Kind.INLINE_FRAGMENT) yield* rootFields(selection.selectionSet, fragments);
    else {
      const fragment = fragments.get(selection.name.value);
      if (fragment) yield* rootFields(fragment.selectionSet, fragments);
    }
  }
}

interface Collecting {
  readonly schema: GraphQLSchema;
  readonly fragments: Fragments;
  readonly coordinates: Set<string>;
  /** Fragments already walked for a type: each is walked once, however often it is spread. */
  readonly spread: Set<string>;
  /** To leave out what `@skip` and `@include` leave out; absent: everything counts. */
  readonly variables?: GraphQLResolveInfo["variableValues"];
  readonly except?: ReadonlySet<string>;
}

function collect(state: Collecting, parent: GraphQLCompositeType, selections: SelectionSetNode): void {
  if (state.except?.has(parent.name)) return;
  for (const selection of selections.selections) {
    if (state.variables && !isIncluded(selection, state.variables)) continue;
    if (selection.kind === Kind.FIELD) {
      collectField(state, parent, selection);
    } else if (selection.kind === Kind.INLINE_FRAGMENT) {
      collect(state, conditioned(state, parent, selection.typeCondition?.name.value), selection.selectionSet);
    } else {
      const fragment = state.fragments.get(selection.name.value);
      if (!fragment || state.spread.has(selection.name.value)) continue;
      state.spread.add(selection.name.value);
      collect(state, conditioned(state, parent, fragment.typeCondition.name.value), fragment.selectionSet);
    }
  }
}

function isIncluded(selection: SelectionNode, variables: GraphQLResolveInfo["variableValues"]): boolean {
  const skip = getDirectiveValues(GraphQLSkipDirective, selection, variables);
  const include = getDirectiveValues(GraphQLIncludeDirective, selection, variables);
  return skip?.["if"] !== true && include?.["if"] !== false;
}

function collectField(state: Collecting, parent: GraphQLCompositeType, node: FieldNode): void {
  for (const type of possibleTypes(state.schema, parent)) {
    const field = type.getFields()[node.name.value];
    if (!field) continue;
    state.coordinates.add(`${type.name}.${field.name}`);
    const inner = getNamedType(field.type);
    if (node.selectionSet && isCompositeType(inner)) collect(state, inner, node.selectionSet);
  }
}

function conditioned({ schema }: Collecting, parent: GraphQLCompositeType, name: string | undefined) {
  const type = name === undefined ? parent : schema.getType(name);
  return isCompositeType(type) ? type : parent;
}

const possibleTypes = (schema: GraphQLSchema, type: GraphQLCompositeType) =>
  isObjectType(type) ? [type] : isAbstractType(type) ? schema.getPossibleTypes(type) : [];
