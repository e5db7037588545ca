import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { requestScope, type RequestScope } from "./scope.ts";
import type { Telemetry } from "./telemetry.ts";

const scopes = new WeakMap<FastifyRequest, RequestScope>();
const probes = new Set(["/health/live", "/health/ready", "/metrics"]);

/** One log line, one count and, where traces are on, one span per request; its code runs inside its scope. */
export function observeRequests(app: FastifyInstance, telemetry: Telemetry, trusted: boolean): void {
  app.addHook("onRequest", (request, reply, done) => {
    void reply.header("x-request-id", request.id);
    const traceparent = trusted ? request.headers["traceparent"] : undefined;
    const trace = telemetry.tracing?.start(typeof traceparent === "string" ? traceparent : undefined) ?? null;
    scopes.set(request, { requestId: request.id, operation: null, codes: [], trace });
    done();
  });
  // Entered after the body is read: its events come in the socket's context, not in ours.
  app.addHook("preHandler", (request, _reply, done) => {
    const scope = scopes.get(request);
    if (scope === undefined) done();
    else requestScope.run(scope, done);
  });
  app.addHook("onResponse", (request, reply, done) => {
    observe(request, reply, telemetry);
    done();
  });
}

/** The line holds the route's pattern, never the URL; no header, body or address of a client. */
export function observe(request: FastifyRequest, reply: FastifyReply, { log, metrics }: Telemetry): void {
  const scope = scopes.get(request);
  const route = request.is404 ? "unmatched" : (request.routeOptions.url ?? "unmatched");
  const { method } = request;
  const status = reply.statusCode;
  const seconds = reply.elapsedTime / 1000;
  const operation = scope?.operation ?? null;
  const codes = scope?.codes ?? [];
  metrics.request({ method, route, status, seconds });
  scope?.trace?.end({ method, route, status, operation, codes });
  log[probes.has(route) && status < 400 ? "debug" : "info"](
    {
      requestId: request.id,
      method,
      route,
      status,
      ms: Math.round(seconds * 10_000) / 10,
      ...(operation !== null && { operation }),
      ...(codes.length > 0 && { codes }),
    },
    "request",
  );
}
