import { MapperKind, mapSchema, printSchemaWithDirectives } from "@graphql-tools/utils";
import { GraphQLObjectType, GraphQLSchema, lexicographicSortSchema } from "graphql";

/**
 * Composition adds its own; and it makes whatever is called `Subscription` the root of a supergraph's subscriptions,
 * which the mailing lists of that name are not.
 */
const leftOut: ReadonlySet<string> = new Set([
  "_Any",
  "_AppliedDirective",
  "_DirectiveArgument",
  "_Entity",
  "_Service",
  "Subscription",
  "SubscriptionRoot",
]);

/** Directives of composition, by the type that has them. */
const typeDirectives: Readonly<Record<string, object>> = {
  DataSubject: { key: { fields: "id" } },
  // As Relay defines it: other subgraphs have it too.
  PageInfo: { shareable: {} },
};

/** The first version with `@composeDirective`: whoever composes by a later one reads it too. */
const federation = "https://specs.apollo.dev/federation/v2.1";
/** A name, not an address: it tells these directives from others that are called the same. */
const policy = "https://innsyn.example/privacy/v1.0";

const schemaDirectives = {
  link: [
    { url: federation, import: ["@key", "@shareable", "@composeDirective"] },
    { url: policy, import: ["@access", "@personalData"] },
  ],
  composeDirective: [{ name: "@access" }, { name: "@personalData" }],
};

/** The schema as a subgraph of Apollo Federation 2 says it: with the policy of every coordinate, for composition to keep. */
export function subgraphSdl(schema: GraphQLSchema): string {
  const known = printed.get(schema);
  if (known !== undefined) return known;
  const sdl = `${printSchemaWithDirectives(lexicographicSortSchema(subgraph(schema)))}\n`;
  printed.set(schema, sdl);
  return sdl;
}

const directivesOf = ({ extensions }: GraphQLObjectType): object =>
  (extensions as { readonly directives?: object }).directives ?? {};

const printed = new WeakMap<GraphQLSchema, string>();

function subgraph(schema: GraphQLSchema): GraphQLSchema {
  const mapped = mapSchema(schema, {
    [MapperKind.TYPE]: (type) => (leftOut.has(type.name) ? null : undefined),
    [MapperKind.OBJECT_TYPE](type) {
      if (leftOut.has(type.name)) return null;
      const directives = typeDirectives[type.name];
      if (directives === undefined) return undefined;
      return new GraphQLObjectType({
        ...type.toConfig(),
        extensions: { ...type.extensions, directives: { ...directives, ...directivesOf(type) } },
      });
    },
  });
  return new GraphQLSchema({
    ...mapped.toConfig(),
    subscription: null,
    extensions: { ...mapped.extensions, directives: schemaDirectives },
  });
}
