import {
  type DocumentNode,
  type FieldNode,
  getNamedType,
  getNullableType,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLOutputType,
  type GraphQLSchema,
  isCompositeType,
  isInterfaceType,
  isListType,
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

/** A field that has an argument `first`, whether it is given or not; or a list that counts as a row. */
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
  const entered = (field: FieldNode, { args, type }: Field, isList: boolean, within: Within): Within => {
    if (field.name.value === "_entities") {
      const given = argumentOf(field, "representations");
      if (given !== null) representations.push(given);
      return given;
    }
    const argument = args.find(({ name }) => name === "first");
    if (argument === undefined && !(isList && isListOfObjects(type))) return within;
    const otherwise = argument === undefined ? 1 : Number(argument.defaultValue ?? defaultPageSize);
    const page = { first: argumentOf(field, "first"), otherwise, within };
    pages.push(page);
    return page;
  };
  /** `again`: through a person in a page, to whom what is selected belongs as often as the page has rows. */
  const enter = (set: SelectionSetNode, type: Type, within: Within, again: boolean): void => {
    for (const selection of set.selections) {
      if (selection.kind === Kind.FIELD) {
        // Of introspection and `__typename` there are no pages.
        const known = isObjectType(type) || isInterfaceType(type) ? type.getFields() : {};
        const field = known[selection.name.value];
        if (field === undefined) continue;
        const to = getNamedType(field.type);
        // The edges of a page are its rows, and counted with it.
        const inside = entered(selection, field, again && known["pageInfo"] === undefined, within);
        const isAgain = again || (to.name === "DataSubject" && isPage(inside));
        if (selection.selectionSet) enter(selection.selectionSet, to, inside, isAgain);
      } else {
        const inner =
          selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments.get(selection.name.value);
        const on = inner?.typeCondition?.name.value;
        if (inner) enter(inner.selectionSet, on === undefined ? type : schema.getType(on), within, again);
      }
    }
  };
  enter(operation.selectionSet, schema.getRootType(operation.operation) ?? undefined, null, false);
  return { pages, representations };
}

type Type = GraphQLNamedType | undefined;
type Field = Pick<GraphQLField<unknown, unknown>, "args" | "type">;

const isPage = (within: Within): boolean => within !== null && "otherwise" in within;

const isListOfObjects = (type: GraphQLOutputType): boolean =>
  isListType(getNullableType(type)) && isCompositeType(getNamedType(type));

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
