import {
  astFromValue,
  GraphQLDeprecatedDirective,
  type GraphQLDirective,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLOneOfDirective,
  type GraphQLSchema,
  GraphQLSpecifiedByDirective,
  GraphQLString,
  print,
} from "graphql";

/** A directive as it stands at a part of the schema; each value is a GraphQL literal. */
export interface AppliedDirective {
  readonly name: string;
  readonly args: readonly { readonly name: string; readonly value: string | null }[];
}

/** The two types that graphql-java shows applied directives by, under its names. */
export function appliedDirectiveTypes(): readonly [GraphQLObjectType, GraphQLObjectType] {
  const extensions = { label: { kind: "signedIn" } };
  const argument = new GraphQLObjectType({
    name: "_DirectiveArgument",
    description: "An argument of a directive, as it is applied.",
    extensions,
    fields: {
      name: { type: new GraphQLNonNull(GraphQLString) },
      value: { type: GraphQLString, description: "As a GraphQL literal." },
    },
  });
  const directive = new GraphQLObjectType({
    name: "_AppliedDirective",
    description: "A directive that stands at a part of the schema.",
    extensions,
    fields: {
      name: { type: new GraphQLNonNull(GraphQLString) },
      args: { type: listOf(argument) },
    },
  });
  return [directive, argument];
}

/** A list without nulls. */
export const listOf = (type: GraphQLObjectType) =>
  new GraphQLNonNull(new GraphQLList(new GraphQLNonNull(type)));

/** A part of a schema that directives can stand at, so far as it says which. */
interface Element {
  readonly extensions?: { readonly directives?: Readonly<Record<string, Values>> };
  readonly deprecationReason?: string | null;
  readonly specifiedByURL?: string | null;
  readonly isOneOf?: boolean;
}
type Values = Readonly<Record<string, unknown>>;

const known = new WeakMap<GraphQLSchema, WeakMap<Element, readonly AppliedDirective[]>>();

/** What stands at a part of the schema, with arguments that are left to their defaults too. */
export function appliedDirectivesOf(element: Element, schema: GraphQLSchema): readonly AppliedDirective[] {
  const ofSchema = known.get(schema) ?? new WeakMap<Element, readonly AppliedDirective[]>();
  known.set(schema, ofSchema);
  const applied = ofSchema.get(element) ?? [...applicationsOf(element, schema)];
  ofSchema.set(element, applied);
  return applied;
}

function* applicationsOf(element: Element, schema: GraphQLSchema): Generator<AppliedDirective> {
  const { extensions, deprecationReason, specifiedByURL, isOneOf } = element;
  for (const [name, values] of Object.entries(extensions?.directives ?? {})) {
    const directive = schema.getDirective(name);
    if (directive) yield applicationOf(directive, values);
  }
  if (deprecationReason != null)
    yield applicationOf(GraphQLDeprecatedDirective, { reason: deprecationReason });
  if (specifiedByURL != null) yield applicationOf(GraphQLSpecifiedByDirective, { url: specifiedByURL });
  if (isOneOf === true) yield applicationOf(GraphQLOneOfDirective, {});
}

function applicationOf({ name, args }: GraphQLDirective, values: Values): AppliedDirective {
  return {
    name,
    args: args.flatMap((arg) => {
      const value = values[arg.name] ?? arg.defaultValue;
      const literal = value === undefined ? null : astFromValue(value, arg.type);
      return literal ? [{ name: arg.name, value: print(literal) }] : [];
    }),
  };
}
