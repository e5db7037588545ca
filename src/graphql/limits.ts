import {
  type ASTVisitor,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  Kind,
  type SelectionSetNode,
  type ValidationContext,
} from "graphql";
import { fault } from "./faults.ts";

/** How large a document may be. Tokens are counted by the parser, the rest with fragments spread out. */
export const limits = {
  tokens: 2_000,
  /** As deep as the introspection query that graphql-js writes, which is deeper than any record. */
  depth: 15,
  /** And fragments spread. */
  fields: 1_000,
  aliases: 60,
  /** The same field, under whatever alias, in one place of the answer. */
  repeated: 30,
  directives: 40,
  rootFields: 20,
  /** `__schema`: each answers with a megabyte. */
  introspections: 2,
  /** Places that ask for `appliedDirectives`: there are six in one introspection of everything. */
  appliedDirectives: 12,
  /** `@skip` and `@include` where a subscription begins: the specification allows none (§5.2.4.1), and graphql's rule fails on them. */
  rootConditions: 0,
  operations: 10,
  /** Rows of one page, and rows of all pages of an operation together: each as often as what it is within has rows. */
  pageSize: 500,
  rows: 5_000,
  /** Of all `_entities` of an operation together: a page of another subgraph. */
  representations: 100,
} as const;

type Limit = keyof typeof limits;

interface Size {
  readonly depth: number;
  readonly fields: number;
  readonly aliases: number;
  readonly directives: number;
}

const nothing: Size = { depth: 0, fields: 0, aliases: 0, directives: 0 };

/** How many validation errors are told. */
export const maxErrors = 5;

/** A validation rule. It authorises nothing, so its result may be kept with the document. */
export function documentLimits(context: ValidationContext): ASTVisitor {
  return {
    Document(document) {
      const limit = exceededLimit(document);
      if (limit === null) return;
      const error = fault("LIMIT_EXCEEDED", { limit, allowed: limits[limit] });
      // The error after the last one that is told ends validation: rules that take long on such a document never run.
      for (let i = 0; i <= maxErrors; i++) context.reportError(error);
    },
  };
}

export function exceededLimit(document: DocumentNode): Limit | null {
  const operations = document.definitions.filter((d) => d.kind === Kind.OPERATION_DEFINITION);
  if (operations.length > limits.operations) return "operations";
  const { measure, isCircular } = createMeasure(document);
  let fields = 0;
  for (const definition of document.definitions) {
    // Unused fragments too: every rule of graphql's reads them.
    if (!("selectionSet" in definition)) continue;
    const size = measure(definition.selectionSet);
    const directives = size.directives + (definition.directives?.length ?? 0);
    fields += size.fields;
    if (size.depth > limits.depth) return "depth";
    if (size.fields > limits.fields || fields > limits.fields * limits.operations) return "fields";
    if (size.aliases > limits.aliases) return "aliases";
    if (directives > limits.directives) return "directives";
  }
  if (isCircular()) return "depth";
  return exceededWhenMerged(document) ?? (startsOnCondition(document) ? "rootConditions" : null);
}

function startsOnCondition(document: DocumentNode): boolean {
  const fragments = fragmentsOf(document);
  const conditional = ({ selections }: SelectionSetNode): boolean =>
    selections.some((selection) => {
      if (selection.directives?.some(({ name: { value } }) => value === "skip" || value === "include"))
        return true;
      if (selection.kind === Kind.FIELD) return false;
      const inner = selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments.get(selection.name.value);
      return inner !== undefined && conditional(inner.selectionSet);
    });
  return document.definitions.some(
    (definition) =>
      definition.kind === Kind.OPERATION_DEFINITION &&
      definition.operation === "subscription" &&
      conditional(definition.selectionSet),
  );
}

/**
 * Fields that are merged into one are compared pair by pair by graphql's rule on overlapping fields, at every level:
 * what a fragment brings along counts where it is spread.
 */
function exceededWhenMerged(document: DocumentNode): Limit | null {
  for (const definition of document.definitions) {
    if (!("selectionSet" in definition)) continue;
    const seen = new Map<string, number>();
    let rootFields = 0;
    let most = 0;
    let introspections = 0;
    let applied = 0;
    walk(document, definition.selectionSet, (field, parent) => {
      const name = field.name.value;
      const place = `${parent}/${name}`;
      const count = (seen.get(place) ?? 0) + 1;
      seen.set(place, count);
      most = Math.max(most, count);
      if (parent === "") rootFields += 1;
      if (name === "__schema") introspections += 1;
      if (name === "appliedDirectives") applied += 1;
    });
    if (most > limits.repeated) return "repeated";
    if (introspections > limits.introspections) return "introspections";
    if (applied > limits.appliedDirectives) return "appliedDirectives";
    if (definition.kind === Kind.OPERATION_DEFINITION && rootFields > limits.rootFields) return "rootFields";
  }
  return null;
}

/** Every field with its fragments spread out, each root field before what is selected through it, and the path of response names that leads to it. The document must be free of circles. */
export function walk(
  document: DocumentNode,
  start: SelectionSetNode,
  visit: (field: FieldNode, parent: string) => void,
): void {
  const fragments = fragmentsOf(document);
  const enter = (set: SelectionSetNode, parent: string): void => {
    for (const selection of set.selections) {
      if (selection.kind === Kind.FIELD) {
        visit(selection, parent);
        const name = selection.alias?.value ?? selection.name.value;
        if (selection.selectionSet) enter(selection.selectionSet, `${parent}/${name}`);
      } else {
        const inner =
          selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments.get(selection.name.value);
        if (inner) enter(inner.selectionSet, parent);
      }
    }
  };
  enter(start, "");
}

export function fragmentsOf({ definitions }: DocumentNode): ReadonlyMap<string, FragmentDefinitionNode> {
  return new Map(
    definitions.filter((d) => d.kind === Kind.FRAGMENT_DEFINITION).map((d) => [d.name.value, d]),
  );
}

/** Each fragment is measured once, so that fragments that spread each other twice cost no more than their text. */
function createMeasure(document: DocumentNode) {
  const fragments = fragmentsOf(document);
  const measured = new Map<string, Size | "under way">();
  let circular = false;

  function fragmentSize(name: string): Size {
    const known = measured.get(name);
    if (known === "under way") circular = true;
    if (known) return known === "under way" ? nothing : known;
    measured.set(name, "under way");
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
      // Spreads too: fragments that double each other and end in nothing would take for ever to walk.
      fields += inner.fields + 1;
      aliases += inner.aliases + (isField && selection.alias ? 1 : 0);
      directives += inner.directives;
    }
    return { depth, fields, aliases, directives };
  }
  return { measure, isCircular: () => circular };
}
