import {
  type ASTVisitor,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  type ValidationContext,
  type ValueNode,
} from "graphql";
import { fault } from "./faults.ts";

/** How large a document may be. Tokens are counted by the parser, the rest with fragments spread out. */
export const limits = {
  tokens: 2_000,
  /** As deep as the introspection query that graphql-js writes, which is deeper than any record. */
  depth: 15,
  fields: 1_000,
  aliases: 60,
  /** The same field, under whatever alias, in one selection set. */
  repeated: 30,
  directives: 40,
  rootFields: 20,
  /** Rows of one page, and rows of all pages of an operation together. */
  pageSize: 500,
  rows: 5_000,
} as const;

type Limit = keyof typeof limits;

interface Size {
  readonly depth: number;
  readonly fields: number;
  readonly aliases: number;
  readonly directives: number;
}

const nothing: Size = { depth: 0, fields: 0, aliases: 0, directives: 0 };

/** A validation rule. It authorises nothing, so its result may be kept with the document. */
export function documentLimits(context: ValidationContext): ASTVisitor {
  const report = (limit: Limit) => context.reportError(fault("LIMIT_EXCEEDED", { limit, allowed: limits[limit] }));
  return {
    Document(document) {
      const exceeded = exceededLimit(document);
      if (exceeded) report(exceeded);
    },
  };
}

export function exceededLimit(document: DocumentNode): Limit | null {
  const measure = createMeasure(document);
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.OPERATION_DEFINITION) continue;
    const size = measure(definition.selectionSet);
    const directives = size.directives + (definition.directives?.length ?? 0);
    if (size.depth > limits.depth) return "depth";
    if (size.fields > limits.fields) return "fields";
    if (size.aliases > limits.aliases) return "aliases";
    if (directives > limits.directives) return "directives";
    if (definition.selectionSet.selections.length > limits.rootFields) return "rootFields";
  }
  return repeatsTooOften(document) ? "repeated" : null;
}

/** Each fragment is measured once, so that fragments that spread each other twice cost no more than their text. */
function createMeasure(document: DocumentNode) {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const d of document.definitions) if (d.kind === Kind.FRAGMENT_DEFINITION) fragments.set(d.name.value, d);
  const measured = new Map<string, Size>();

  function fragmentSize(name: string): Size {
    const known = measured.get(name);
    if (known) return known;
    // A circle is the business of graphql's own rule; here it only must not run for ever.
    measured.set(name, nothing);
    const fragment = fragments.get(name);
    const size = fragment ? measure(fragment.selectionSet) : nothing;
    measured.set(name, size);
    return size;
  }

  function measure(set: SelectionSetNode): Size {
    let { depth, fields, aliases, directives } = nothing;
    for (const selection of set.selections) {
      directives += selection.directives?.length ?? 0;
      const isField = selection.kind === Kind.FIELD;
      const inner = isField
        ? selection.selectionSet
          ? measure(selection.selectionSet)
          : nothing
        : selection.kind === Kind.INLINE_FRAGMENT
          ? measure(selection.selectionSet)
          : fragmentSize(selection.name.value);
      depth = Math.max(depth, inner.depth + (isField ? 1 : 0));
      fields += inner.fields + (isField ? 1 : 0);
      aliases += inner.aliases + (isField && selection.alias ? 1 : 0);
      directives += inner.directives;
    }
    return { depth, fields, aliases, directives };
  }
  return measure;
}

function repeatsTooOften(document: DocumentNode): boolean {
  const sets: SelectionSetNode[] = document.definitions.flatMap((d) => ("selectionSet" in d ? [d.selectionSet] : []));
  for (let set = sets.pop(); set; set = sets.pop()) {
    const seen = new Map<string, number>();
    for (const selection of set.selections) {
      if (selection.kind !== Kind.FRAGMENT_SPREAD && selection.selectionSet) sets.push(selection.selectionSet);
      if (selection.kind !== Kind.FIELD) continue;
      const count = (seen.get(selection.name.value) ?? 0) + 1;
      if (count > limits.repeated) return true;
      seen.set(selection.name.value, count);
    }
  }
  return false;
}

/** Every `first:` of the document, for `pagesWithinLimits`. */
export function pageSizesOf(document: DocumentNode): readonly ValueNode[] {
  const found: ValueNode[] = [];
  const fields = (set: SelectionSetNode): FieldNode[] =>
    set.selections.flatMap((s) => [
      ...(s.kind === Kind.FIELD ? [s] : []),
      ...(s.kind !== Kind.FRAGMENT_SPREAD && s.selectionSet ? fields(s.selectionSet) : []),
    ]);
  for (const definition of document.definitions) {
    if (!("selectionSet" in definition)) continue;
    for (const field of fields(definition.selectionSet)) {
      for (const argument of field.arguments ?? []) if (argument.name.value === "first") found.push(argument.value);
    }
  }
  return found;
}

/** Page sizes are known only with the variables, so they are checked per request. @throws LIMIT_EXCEEDED, BAD_USER_INPUT */
export function checkPageSizes(
  sizes: readonly ValueNode[],
  operation: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
): void {
  let rows = 0;
  for (const size of sizes) {
    const first = Number(pageSize(size, operation, variables));
    if (first < 1) throw fault("BAD_USER_INPUT", { argument: "first", atLeast: 1 });
    if (first > limits.pageSize) throw fault("LIMIT_EXCEEDED", { limit: "pageSize", allowed: limits.pageSize });
    rows += Number.isNaN(first) ? 0 : first;
  }
  if (rows > limits.rows) throw fault("LIMIT_EXCEEDED", { limit: "rows", allowed: limits.rows });
}

function pageSize(
  node: ValueNode,
  operation: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
): unknown {
  if (node.kind === Kind.INT) return node.value;
  if (node.kind !== Kind.VARIABLE) return undefined;
  const name = node.name.value;
  if (Object.hasOwn(variables, name)) return variables[name];
  const fallback = operation.variableDefinitions?.find((d) => d.variable.name.value === name)?.defaultValue;
  return fallback?.kind === Kind.INT ? fallback.value : undefined;
}
