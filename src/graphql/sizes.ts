import {
  type DocumentNode,
  type FieldNode,
  getNamedType,
  type GraphQLArgument,
  type GraphQLNamedType,
  type GraphQLSchema,
  isInterfaceType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  type ValueNode,
} from "graphql";
import { defaultPageSize } from "../sources/connection.ts";
import { argumentValue } from "./argument-value.ts";
import { fault } from "./faults.ts";
import { fragmentsOf, limits } from "./limits.ts";
import { parseRepresentations } from "./representations.ts";

type Variables = Readonly<Record<string, unknown>>;

/** Arguments that say how much an operation asks for, as often as they are spread. */
export interface Sizes {
  /** Each after the one that it is within. */
  readonly pages: readonly Page[];
  /** Of each `_entities`. */
  readonly representations: readonly ValueNode[];
}

/** A field that has an argument `first`, whether it is given or not. */
interface Page {
  /** Null: not given. */
  readonly first: ValueNode | null;
  /** Rows where `first` is not given, or null. */
  readonly otherwise: number;
  readonly within: Within;
}

/** The page is asked for as often as this has rows; null: once. */
type Within = Page | ValueNode | null;

/** The document must have been validated. */
export function sizesOf(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): Sizes {
  const fragments = fragmentsOf(document);
  const pages: Page[] = [];
  const representations: ValueNode[] = [];
  const entered = (field: FieldNode, argument: GraphQLArgument | undefined, within: Within): Within => {
    if (field.name.value === "_entities") {
      const given = argumentOf(field, "representations");
      if (given !== null) representations.push(given);
      return given;
    }
    if (argument === undefined) return within;
    const page = {
      first: argumentOf(field, "first"),
      otherwise: Number(argument.defaultValue ?? defaultPageSize),
      within,
    };
    pages.push(page);
    return page;
  };
  const enter = (set: SelectionSetNode, type: GraphQLNamedType | undefined, within: Within): void => {
    for (const selection of set.selections) {
      if (selection.kind === Kind.FIELD) {
        // Of introspection and `__typename` there are no pages.
        const known = isObjectType(type) || isInterfaceType(type) ? type.getFields() : {};
        const field = known[selection.name.value];
        if (field === undefined) continue;
        const first = field.args.find(({ name }) => name === "first");
        const inside = entered(selection, first, within);
        if (selection.selectionSet) enter(selection.selectionSet, getNamedType(field.type), inside);
      } else {
        const inner =
          selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments.get(selection.name.value);
        const on = inner?.typeCondition?.name.value;
        if (inner) enter(inner.selectionSet, on === undefined ? type : schema.getType(on), within);
      }
    }
  };
  enter(operation.selectionSet, schema.getRootType(operation.operation) ?? undefined, null);
  return { pages, representations };
}

const argumentOf = ({ arguments: given = [] }: FieldNode, name: string): ValueNode | null =>
  given.find((each) => each.name.value === name)?.value ?? null;

/** Known only with the variables, so checked per request. @throws LIMIT_EXCEEDED, BAD_USER_INPUT */
export function checkSizes(
  { pages, representations }: Sizes,
  operation: OperationDefinitionNode,
  variables: Variables,
): void {
  const counts = new Map<Within, number>(checkRepresentations(representations, operation, variables));
  let rows = 0;
  for (const page of pages) {
    const first = pageSize(page, operation, variables);
    if (first < 1) throw fault("BAD_USER_INPUT", { argument: "first", atLeast: 1 });
    if (first > limits.pageSize) throw exceeded("pageSize");
    const times = page.within === null ? 1 : (counts.get(page.within) ?? 0);
    // What is no number is for the executor to refuse.
    const size = Number.isNaN(first) ? 0 : first * times;
    counts.set(page, size);
    rows += size;
  }
  if (rows > limits.rows) throw exceeded("rows");
}

const exceeded = (limit: "pageSize" | "rows" | "representations") =>
  fault("LIMIT_EXCEEDED", { limit, allowed: limits[limit] });

/** How many there are in each argument. Counted before any is read. */
function checkRepresentations(
  nodes: readonly ValueNode[],
  operation: OperationDefinitionNode,
  variables: Variables,
): ReadonlyMap<ValueNode, number> {
  const given = nodes.map((node) => {
    const value = argumentValue(node, operation, variables);
    // Where there is nothing, or a single one in place of a list, the executor says so, or makes it one.
    const values: readonly unknown[] = Array.isArray(value)
      ? value
      : value === undefined || value === null
        ? []
        : [value];
    return [node, values] as const;
  });
  if (given.reduce((sum, [, { length }]) => sum + length, 0) > limits.representations)
    throw exceeded("representations");
  for (const [, values] of given) parseRepresentations(values);
  return new Map(given.map(([node, { length }]) => [node, length]));
}

/** NaN: no number. Read by itself, not as `argumentValue` does: there may be many pages, and many variables. */
function pageSize(
  { first, otherwise }: Page,
  operation: OperationDefinitionNode,
  variables: Variables,
): number {
  if (first === null || first.kind === Kind.NULL) return otherwise;
  if (first.kind === Kind.INT) return Number(first.value);
  if (first.kind !== Kind.VARIABLE) return Number.NaN;
  const name = first.name.value;
  if (Object.hasOwn(variables, name)) {
    const sent = variables[name] ?? otherwise;
    return typeof sent === "number" ? sent : Number.NaN;
  }
  const fallback = operation.variableDefinitions?.find((d) => d.variable.name.value === name)?.defaultValue;
  return fallback?.kind === Kind.INT ? Number(fallback.value) : otherwise;
}
