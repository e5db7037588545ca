import {
  getNamedType,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLSchema,
  isInputObjectType,
} from "graphql";

/** A field of an operation's root, and the places in its arguments where somebody can be named. */
export interface EntryPoint {
  readonly root: "Query" | "Mutation" | "Subscription";
  readonly name: string;
  readonly field: GraphQLField<unknown, unknown>;
  /** `input.subjectId`. Empty: it leads to whomever it leads. */
  readonly names: readonly string[];
}

/** Ids of any kind, and identifiers and what other subgraphs refer by, which are as good as an id. */
const naming = new Set(["ID", "IdentifierInput", "_Any"]);

export function entryPoints(schema: GraphQLSchema): readonly EntryPoint[] {
  const roots = {
    Query: schema.getQueryType(),
    Mutation: schema.getMutationType(),
    Subscription: schema.getSubscriptionType(),
  };
  return (["Query", "Mutation", "Subscription"] as const).flatMap((root) => {
    const type = roots[root];
    return Object.values(type?.getFields() ?? {}).map((field) => ({
      root,
      name: field.name,
      field,
      names: field.args.flatMap((arg) => namesIn(arg, [])),
    }));
  });
}

export type Input = Pick<GraphQLArgument, "name" | "type" | "defaultValue">;

function namesIn({ name, type }: Input, entered: readonly string[], before = ""): readonly string[] {
  const named = getNamedType(type);
  if (naming.has(named.name)) return [before + name];
  if (!isInputObjectType(named) || entered.includes(named.name)) return [];
  return Object.values(named.getFields()).flatMap((field) =>
    namesIn(field, [...entered, named.name], `${before}${name}.`),
  );
}
