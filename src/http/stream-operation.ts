import { type ApolloServer, type BaseContext, HeaderMap, type HTTPGraphQLRequest } from "@apollo/server";
import type { FastifyRequest } from "fastify";
import type { EventStream } from "../graphql/event-stream.ts";
import type { Answered } from "./stream-events.ts";

/** Makes what one execution of an operation has at hand. `gone`: nobody waits for it any more. */
export type ContextFunction<Context> = (
  request: FastifyRequest,
  reach: { readonly gone: AbortSignal; readonly stream: EventStream | null },
) => Promise<Context>;

export interface OperationParts<Context extends BaseContext> {
  /** Started, with CSRF prevention on and `telemetry.operationReporter` among its plugins. */
  readonly apollo: ApolloServer<Context>;
  readonly context: ContextFunction<Context>;
}

/** The operation of a request, as Apollo takes one by POST: by GET it lets pass queries alone. */
export function operationIn(request: FastifyRequest): HTTPGraphQLRequest {
  const headers = new HeaderMap();
  for (const [name, value] of Object.entries(request.headers))
    if (typeof value === "string") headers.set(name, value);
  headers.set("accept", "application/json");
  return {
    method: "POST",
    headers,
    search: "",
    body: request.method === "GET" ? bodyFrom(request.query as Record<string, unknown>) : request.body,
  };
}

const bodyFrom = (parameters: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(
    Object.entries(parameters).map(([name, value]) =>
      name === "variables" || name === "extensions" ? [name, parsed(value)] : [name, value],
    ),
  );

/** What is no JSON is left as it is, and refused with the rest. */
function parsed(value: unknown): unknown {
  try {
    return typeof value === "string" ? JSON.parse(value) : value;
  } catch {
    return value;
  }
}

/** Carries it out as one event of the stream. What that holds on to lasts no longer than itself, while the stream may last for hours. */
export async function execute<Context extends BaseContext>(
  { apollo, context }: OperationParts<Context>,
  request: FastifyRequest,
  httpGraphQLRequest: HTTPGraphQLRequest,
  stream: EventStream,
): Promise<Answered & { readonly headers: HeaderMap }> {
  const event = new AbortController();
  const end = () => event.abort(stream.closed.reason);
  stream.closed.addEventListener("abort", end);
  try {
    const { status, headers, body } = await apollo.executeHTTPGraphQLRequest({
      httpGraphQLRequest,
      context: () => context(request, { gone: event.signal, stream }),
    });
    if (body.kind !== "complete") throw new Error("an event in parts");
    return { status: status ?? 200, headers, text: body.string };
  } finally {
    stream.closed.removeEventListener("abort", end);
  }
}
