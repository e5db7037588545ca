import { Readable } from "node:stream";
import type { BaseContext } from "@apollo/server";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { endpoints, type EventStream } from "../graphql/event-stream.ts";
import { faults } from "../graphql/faults.ts";
import { answer, type HttpFault } from "./errors.ts";
import { taken, untilClosed, written } from "./event-writer.ts";
import { observe } from "./observation.ts";
import { OpenStreams, type TooMany } from "./open-streams.ts";
import type { HttpSettings } from "./settings.ts";
import { eventsOf } from "./stream-events.ts";
import { execute, operationIn, type OperationParts } from "./stream-operation.ts";
import type { Telemetry } from "./telemetry.ts";
import { whenClosed } from "./when-closed.ts";

export interface StreamParts<Context extends BaseContext> extends OperationParts<Context> {
  /** Whom an `Authorization` header names; null: nobody. Rejects where that cannot be told at the moment. */
  readonly callerOf: (authorization: string | undefined) => Promise<string | null>;
  readonly telemetry: Telemetry;
}

/** There is something to send every twelve seconds: where nothing gets through for so long, nobody reads. */
const deafMilliseconds = 60_000;

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
    const again = () => execute(parts, request, asked, stream);
    const { headers, ...first } = await again();
    // What may pass is an answer like those of `/graphql` in any case: clients that know the protocol try again.
    if (first.status >= 500 || (first.status !== 200 && accepted.json)) {
      for (const [name, value] of headers) void reply.header(name, value);
      return reply.code(first.status).send(first.text);
    }
    const events = eventsOf({
      first,
      source: stream.source,
      again,
      isSignedOut: async () => (await whoever()) === null,
      taken: () => taken(reply.raw, closed),
      closed,
    });
    request.raw.socket.setTimeout(deafMilliseconds);
    const failed = (err: unknown) => telemetry.log.error({ err }, "an event stream broke off");
    return reply
      .type("text/event-stream; charset=utf-8")
      .header("x-accel-buffering", "no")
      .header("connection", "close")
      .send(Readable.from(untilClosed(await written(events), closed, failed)));
  };
  app.route({ method: ["GET", "POST"], url: endpoints.streams, exposeHeadRoute: false, handler });
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
