import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { type ApolloServer, type BaseContext, HeaderMap, type HTTPGraphQLRequest } from "@apollo/server";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { ExecutionResult } from "graphql";
import { createHandler } from "graphql-sse";
import { endpoints, type EventStream } from "../graphql/event-stream.ts";
import { faults } from "../graphql/faults.ts";
import { answer, type HttpFault } from "./errors.ts";
import { observe } from "./observation.ts";
import { OpenStreams, type TooMany } from "./open-streams.ts";
import type { HttpSettings } from "./settings.ts";
import { type Answered, eventsOf } from "./stream-events.ts";
import type { Telemetry } from "./telemetry.ts";
import { whenClosed } from "./when-closed.ts";

/** Makes what one execution of an operation has at hand. `gone`: nobody waits for it any more. */
export type ContextFunction<Context> = (
  request: FastifyRequest,
  reach: { readonly gone: AbortSignal; readonly stream: EventStream | null },
) => Promise<Context>;

export interface StreamParts<Context extends BaseContext> {
  /** Started, with CSRF prevention on and `telemetry.operationReporter` among its plugins. */
  readonly apollo: ApolloServer<Context>;
  readonly context: ContextFunction<Context>;
  /** Whom an `Authorization` header names; null: nobody. Rejects where that cannot be told at the moment. */
  readonly callerOf: (authorization: string | undefined) => Promise<string | null>;
  readonly telemetry: Telemetry;
}

const notAcceptable: HttpFault = {
  status: 406,
  code: "BAD_USER_INPUT",
  message: {
    nb: "Her svares det med text/event-stream",
    nn: "Her blir det svara med text/event-stream",
    en: "Answers here are text/event-stream",
  },
};

/**
 * Subscriptions as GraphQL over Server-Sent Events, a connection each. Every event is the same request carried out once
 * more on the way that requests to `/graphql` take, under the same rules; graphql-sse writes the events.
 */
export function serveStreams<Context extends BaseContext>(
  app: FastifyInstance,
  limits: HttpSettings["streams"],
  parts: StreamParts<Context>,
): void {
  const { telemetry, callerOf } = parts;
  const streams = new OpenStreams(limits);
  telemetry.metrics.watchStreams(async () => streams.count);
  app.addHook("preClose", async () => streams.endAll());
  const handler = async (request: FastifyRequest, reply: FastifyReply) => {
    const accepted = acceptedTypes(request.headers.accept);
    if (!accepted.events) return answer(reply, notAcceptable, request);
    // Undefined: it cannot be told now. The first execution says so, and a later one that is due.
    const whoever = () => callerOf(request.headers.authorization).catch(() => undefined);
    const open = streams.open((await whoever()) ?? "");
    if ("of" in open) return answer(reply.header("retry-after", retryAfterSeconds), tooMany(open), request);
    const { closed } = open;
    whenClosed(reply.raw, () => {
      open.close();
      // Fastify tells only of answers that were sent to their end.
      if (!reply.raw.writableFinished) observe(request, reply, telemetry);
    });
    const stream: EventStream = { source: null, closed };
    const asked = operationIn(request);
    const execute = () => execution(parts, request, asked, stream);
    const { headers, ...first } = await execute();
    // What may pass is an answer like those of `/graphql` in any case: clients that know the protocol try again.
    if (first.status >= 500 || (first.status !== 200 && accepted.json)) {
      for (const [name, value] of headers) void reply.header(name, value);
      return reply.code(first.status).send(first.text);
    }
    const events = eventsOf({
      first,
      source: stream.source,
      again: execute,
      isSignedOut: async () => (await whoever()) === null,
      taken: () => taken(reply.raw, closed),
      closed,
    });
    return reply
      .type("text/event-stream; charset=utf-8")
      .header("x-accel-buffering", "no")
      .header("connection", "close")
      .send(Readable.from(untilClosed(await written(events), closed, telemetry)));
  };
  app.route({ method: ["GET", "POST"], url: endpoints.streams, exposeHeadRoute: false, handler });
}

/** The operation, as Apollo takes one by POST: by GET it lets pass queries alone. */
function operationIn(request: FastifyRequest): HTTPGraphQLRequest {
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

/** What an execution holds on to lasts no longer than itself, while the stream may last for hours. */
async function execution<Context extends BaseContext>(
  { apollo, context }: StreamParts<Context>,
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

interface Written {
  readonly events: AsyncGenerator<ExecutionResult, void, undefined>;
}

/** No token: each stream is a connection of its own, and nothing is reserved in the process. */
const protocol = createHandler<null, Written>({
  authenticate: () => null,
  onSubscribe: ({ context }) => context.events,
});

/** As text, with comments in between that keep the connection alive. */
async function written(events: Written["events"]): Promise<AsyncGenerator<string, void, undefined>> {
  const headers = new Map([
    ["accept", "text/event-stream"],
    ["content-type", "application/json"],
  ]);
  // The operation itself has been read, and let through, by Apollo.
  const asked = { method: "POST", url: "", headers, body: { query: "" }, raw: null, context: { events } };
  const [body] = await protocol(asked);
  if (body === null || typeof body === "string") throw new Error("graphql-sse opened no stream");
  return body;
}

/**
 * What is closed by the gateway ends without the event `complete`, and a client that knows the protocol connects again.
 */
async function* untilClosed(
  body: AsyncGenerator<string, void, undefined>,
  closed: AbortSignal,
  { log }: Telemetry,
): AsyncGenerator<string, void, undefined> {
  try {
    for await (const part of body) {
      if (closed.aborted) return;
      yield part;
    }
  } catch (err) {
    log.error({ err }, "an event stream broke off");
  }
}

/** A client that does not read costs nothing more than what it was sent. */
async function taken(response: ServerResponse, closed: AbortSignal): Promise<void> {
  if (response.writableNeedDrain) await once(response, "drain", { signal: closed }).catch(() => undefined);
}

/**
 * Who takes nothing but events is told of a refusal by an event, as the protocol has it; its clients take any other
 * status for a fault of the network, and try again. Who takes JSON as well gets status and body as from `/graphql`.
 */
function acceptedTypes(accept = "*/*"): { readonly events: boolean; readonly json: boolean } {
  const types = accept.split(",").map((type) => type.split(";")[0]?.trim().toLowerCase());
  const anyOf = (...names: readonly string[]) => types.some((type) => names.includes(type ?? ""));
  return {
    events: anyOf("text/event-stream", "text/*", "*/*"),
    json: anyOf("application/json", "application/graphql-response+json", "application/*", "*/*"),
  };
}

const retryAfterSeconds = 10;

/** A process that has no room left may be one of several. */
const tooMany = ({ of, allowed }: TooMany): HttpFault => ({
  status: of === "caller" ? 429 : 503,
  code: "RATE_LIMITED",
  message: faults.RATE_LIMITED.text,
  details: { retryAfterSeconds, ...(of === "caller" && { limit: "streams", allowed }) },
});
