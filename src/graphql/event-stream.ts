import type { OperationDefinitionNode } from "graphql";
import type { Following } from "../requests/progress-graph.ts";

/** Where operations are answered once, and where subscriptions are told event by event. */
export const endpoints = { answers: "/graphql", streams: "/graphql/stream" } as const;

export const endpointOf = ({ operation }: OperationDefinitionNode): string =>
  operation === "subscription" ? endpoints.streams : endpoints.answers;

/** A stream of which each execution of the same operation is one event. */
export interface EventStream extends Following {
  /** When the next event is due: the source stream of the GraphQL specification, §6.2.3. Null: not let through yet. */
  source: AsyncIterator<unknown> | null;
}
