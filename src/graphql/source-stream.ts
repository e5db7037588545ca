import type { GraphQLRequestContextDidResolveOperation } from "@apollo/server";
import {
  createSourceEventStream,
  type GraphQLFieldResolver,
  GraphQLObjectType,
  type GraphQLSchema,
} from "graphql";
import type { GatewayContext } from "./context.ts";

/**
 * Opens the source stream of a subscription that may run, and takes its first tick: what is read from now on is never
 * older than what a later tick tells of.
 */
export async function openSource({
  schema,
  document,
  request: { operationName, variables },
  contextValue,
}: GraphQLRequestContextDidResolveOperation<GatewayContext>): Promise<void> {
  const { stream } = contextValue;
  if (stream === null || stream.source !== null) return;
  const opened = await createSourceEventStream({
    schema,
    document,
    operationName,
    variableValues: variables,
    rootValue: stream,
    contextValue,
  });
  // What stands in the way of it stands in the way of the execution, which says so.
  if (!(Symbol.asyncIterator in opened)) return;
  stream.source = opened[Symbol.asyncIterator]();
  await stream.source.next();
}

type Subscribe = GraphQLFieldResolver<unknown, unknown>;

/** type-graphql calls the root of subscriptions `Subscription`, whatever else has that name; here it is a type like others. */
export function subscriptionRoot(schema: GraphQLSchema, name: string): GraphQLObjectType {
  const root = schema.getType(name);
  if (!(root instanceof GraphQLObjectType)) throw new Error(`there is no type ${name}`);
  for (const field of Object.values(root.getFields())) {
    const subscribe = field.extensions["subscribe"] as Subscribe | undefined;
    if (!subscribe) throw new Error(`nothing says when ${name}.${field.name} has something to tell`);
    field.subscribe = subscribe;
  }
  return root;
}
