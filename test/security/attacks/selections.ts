import { getNamedType, type GraphQLOutputType, isCompositeType, isObjectType, isUnionType } from "graphql";
import { decodeJwt } from "jose";

/** What can be selected of a type, as far down as it goes without entering a type twice. */
export interface Tree {
  readonly type: string;
  readonly fields: readonly Branch[];
  /** Of a union. */
  readonly members: readonly Tree[];
}
export interface Branch {
  readonly coordinate: string;
  readonly name: string;
  /** Where the same field is selected several times. */
  readonly alias?: string;
  readonly paged: boolean;
  /** Null: a leaf. */
  readonly below: Tree | null;
}

export function treeOf(output: GraphQLOutputType, entered: readonly string[] = []): Tree | null {
  const type = getNamedType(output);
  if (!isCompositeType(type)) return null;
  if (isUnionType(type)) {
    const members = type.getTypes().flatMap((member) => treeOf(member, entered) ?? []);
    return { type: type.name, fields: [], members };
  }
  const fields = isObjectType(type) ? Object.values(type.getFields()) : [];
  return {
    type: type.name,
    members: [],
    fields: fields.flatMap((field): Branch[] => {
      if (entered.includes(getNamedType(field.type).name)) return [];
      return [
        {
          coordinate: `${type.name}.${field.name}`,
          name: field.name,
          paged: field.args.some(({ name }) => name === "first"),
          below: treeOf(field.type, [...entered, type.name]),
        },
      ];
    }),
  };
}

/** Only what is wanted, and the way to it. Null: nothing of it. */
export function prune(tree: Tree, wanted: (coordinate: string) => boolean): Tree | null {
  const fields = tree.fields.flatMap((branch): Branch[] => {
    if (!wanted(branch.coordinate)) return [];
    if (branch.below === null) return [branch];
    const below = prune(branch.below, wanted);
    return below === null ? [] : [{ ...branch, below }];
  });
  const members = tree.members.flatMap((member) => prune(member, wanted) ?? []);
  return fields.length + members.length === 0 ? null : { ...tree, fields, members };
}

export function coordinatesIn({ fields, members }: Tree): readonly string[] {
  return [
    ...fields.flatMap(({ coordinate, below }) => [coordinate, ...(below ? coordinatesIn(below) : [])]),
    ...members.flatMap(coordinatesIn),
  ];
}

export function countFields({ fields, members }: Tree): number {
  const own = fields.reduce((sum, { below }) => sum + 1 + (below ? countFields(below) : 0), 0);
  return own + members.reduce((sum, member) => sum + countFields(member), 0);
}

/** Values that differ from one moment to the next. */
const momentary = /^(Holding\.checkedAt|DataSubject\.accessLog)$/;
/** Signed anew each time: what it says counts, but not when it was signed. */
const signed = /^Consent\.receipt$/;
export const atSomeTime = "at some time";

/** What a selection shows of a whole: the same shape, nothing more. */
export function project(tree: Tree, whole: unknown, source: "whole" | "answer"): unknown {
  if (Array.isArray(whole)) return whole.map((item: unknown) => project(tree, item, source));
  if (typeof whole !== "object" || whole === null) return whole;
  const members = whole as Readonly<Record<string, unknown>>;
  return Object.fromEntries(
    tree.fields.map(({ coordinate, name, alias, below }) => {
      const value = members[source === "answer" ? (alias ?? name) : name];
      const shown = below === null ? value : project(below, value, source);
      return [alias ?? name, value == null ? shown : lasting(coordinate, shown)];
    }),
  );
}

function lasting(coordinate: string, value: unknown): unknown {
  if (momentary.test(coordinate)) return atSomeTime;
  if (!signed.test(coordinate) || typeof value !== "string") return value;
  return { ...decodeJwt(value), issued_at: atSomeTime };
}
