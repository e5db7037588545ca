import {
  getNamedType,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLSchema,
  isInputObjectType,
  isRequiredArgument,
} from "graphql";

/** A field of `Query` or `Mutation`, and the places in its arguments where somebody can be named. */
export interface EntryPoint {
  readonly root: "Query" | "Mutation";
  readonly name: string;
  readonly field: GraphQLField<unknown, unknown>;
  /** `input.subjectId`. Empty: it leads to whomever it leads. */
  readonly names: readonly string[];
}

/** Ids of any kind, and identifiers, which are as good as an id. */
const naming = new Set(["ID", "IdentifierInput"]);

export function entryPoints(schema: GraphQLSchema): readonly EntryPoint[] {
  return (["Query", "Mutation"] as const).flatMap((root) => {
    const type = root === "Query" ? schema.getQueryType() : schema.getMutationType();
    return Object.values(type?.getFields() ?? {}).map((field) => ({
      root,
      name: field.name,
      field,
      names: field.args.flatMap((arg) => namesIn(arg, [])),
    }));
  });
}

type Input = Pick<GraphQLArgument, "name" | "type">;

function namesIn({ name, type }: Input, entered: readonly string[], before = ""): readonly string[] {
  const named = getNamedType(type);
  if (naming.has(named.name)) return [before + name];
  if (!isInputObjectType(named) || entered.includes(named.name)) return [];
  return Object.values(named.getFields()).flatMap((field) =>
    namesIn(field, [...entered, named.name], `${before}${name}.`),
  );
}

/** A value of an enum is written without quotes. */
export class EnumValue {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}
export interface Given {
  readonly name: string;
  readonly type: string;
  readonly value: unknown;
}

/** The arguments that a field needs, with one value for every place where somebody is named. */
export function argumentsOf(
  { field }: EntryPoint,
  whom: { readonly id: string; readonly email: string },
  purpose: string,
): readonly Given[] {
  const valueOf = ({ name, type }: Input): unknown => {
    const named = getNamedType(type);
    if (named.name === "ID") return whom.id;
    if (named.name === "IdentifierInput") return { kind: new EnumValue("EMAIL"), value: whom.email };
    if (named.name === "Purpose") return new EnumValue(purpose);
    if (isInputObjectType(named))
      return Object.fromEntries(
        Object.values(named.getFields()).map((inner) => [inner.name, valueOf(inner)]),
      );
    return name === "source" ? "crm" : "Because they asked";
  };
  return field.args
    .filter((arg) => isRequiredArgument(arg) || namesIn(arg, []).length > 0)
    .map((arg) => ({ name: arg.name, type: String(arg.type), value: valueOf(arg) }));
}
