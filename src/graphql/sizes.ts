import {
  type DocumentNode,
  type FieldNode,
  Kind,
  type OperationDefinitionNode,
  type ValueNode,
} from "graphql";
import { argumentValue } from "./argument-value.ts";
import { fault } from "./faults.ts";
import { limits, walk } from "./limits.ts";
import { parseRepresentations } from "./representations.ts";

type Variables = Readonly<Record<string, unknown>>;

/** Arguments that say how much an operation asks for, as often as they are spread. */
export interface Sizes {
  readonly pages: readonly Page[];
  /** Of each `_entities`. */
  readonly representations: readonly ValueNode[];
}

interface Page {
  readonly first: ValueNode;
  /** The page is asked for as many times as these are; null: once. */
  readonly representations: ValueNode | null;
}

/** The document must have been validated. */
export function sizesOf(document: DocumentNode, operation: OperationDefinitionNode): Sizes {
  const pages: Page[] = [];
  const found: ValueNode[] = [];
  let representations: ValueNode | null = null;
  walk(document, operation.selectionSet, (field, parent) => {
    if (parent === "") {
      representations = field.name.value === "_entities" ? argumentOf(field, "representations") : null;
      if (representations !== null) found.push(representations);
    }
    const first = argumentOf(field, "first");
    if (first !== null) pages.push({ first, representations });
  });
  return { pages, representations: found };
}

const argumentOf = ({ arguments: given = [] }: FieldNode, name: string): ValueNode | null =>
  given.find((each) => each.name.value === name)?.value ?? null;

/** Known only with the variables, so checked per request. @throws LIMIT_EXCEEDED, BAD_USER_INPUT */
export function checkSizes(
  { pages, representations }: Sizes,
  operation: OperationDefinitionNode,
  variables: Variables,
): void {
  const counts = checkRepresentations(representations, operation, variables);
  let rows = 0;
  for (const page of pages) {
    const first = Number(pageSize(page.first, operation, variables));
    if (first < 1) throw fault("BAD_USER_INPUT", { argument: "first", atLeast: 1 });
    if (first > limits.pageSize) throw exceeded("pageSize");
    const times = page.representations === null ? 1 : (counts.get(page.representations) ?? 0);
    rows += Number.isNaN(first) ? 0 : first * times;
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

function pageSize(node: ValueNode, operation: OperationDefinitionNode, variables: Variables): unknown {
  if (node.kind === Kind.INT) return node.value;
  if (node.kind !== Kind.VARIABLE) return undefined;
  const name = node.name.value;
  if (Object.hasOwn(variables, name)) return variables[name] ?? undefined;
  const fallback = operation.variableDefinitions?.find((d) => d.variable.name.value === name)?.defaultValue;
  return fallback?.kind === Kind.INT ? fallback.value : undefined;
}
