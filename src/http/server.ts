import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import cors from "@fastify/cors";
import helmet from "@fastify/helmet";
import type { BaseContext } from "@apollo/server";
import fastifyApollo from "@as-integrations/fastify";
import { fastify, type FastifyError, type FastifyInstance } from "fastify";
import { endpoints } from "../graphql/event-stream.ts";
import { type DownloadParts, serveDownloads } from "./downloads.ts";
import { answer, faultOf, notFound } from "./errors.ts";
import { serveGraphiql } from "./graphiql.ts";
import { createReadiness, type Check, type HealthLimits } from "./health.ts";
import { observe, observeRequests } from "./observation.ts";
import { type RecordsAnswers, serveRecords } from "./records.ts";
import type { HttpSettings } from "./settings.ts";
import { closeInTime } from "./shutdown.ts";
import { serveStreams, type StreamParts } from "./streams.ts";
import { whenClosed } from "./when-closed.ts";

export interface HttpParts<Context extends BaseContext> extends StreamParts<Context> {
  readonly checks: readonly Check[];
  /** What receipts are verified with: a JWK set (RFC 7517). Absent: none is published. */
  readonly jwks?: { readonly keys: readonly object[] };
  readonly health?: HealthLimits;
  /** Absent: none are served. */
  readonly downloads?: DownloadParts;
  /** Absent: they are not served. */
  readonly records?: RecordsAnswers;
}

/** Not listening yet: `listen`. Closing it finishes running requests. */
export async function createHttp<Context extends BaseContext>(
  settings: HttpSettings,
  parts: HttpParts<Context>,
): Promise<FastifyInstance> {
  const { telemetry } = parts;
  const app = fastify({
    // Fastify's own lines hold addresses and messages of foreign errors.
    logger: false,
    bodyLimit: settings.bodyLimit,
    requestTimeout: settings.requestTimeoutSeconds * 1000,
    forceCloseConnections: "idle",
    requestIdHeader: false,
    genReqId: (request) => (settings.trustRequestId ? givenId(request) : undefined) ?? randomUUID(),
    frameworkErrors: (error, request, reply) => {
      void reply.header("x-request-id", request.id).header("x-content-type-options", "nosniff");
      answer(reply, faultOf(error), request);
      observe(request, reply, telemetry);
    },
  });
  closeInTime(app, settings.shutdownSeconds);
  observeRequests(app, telemetry, settings.trustRequestId);
  app.addHook("onRequest", (_request, reply, done) => {
    void reply.header("cache-control", "no-store");
    done();
  });
  await app.register(helmet, headers);
  app.removeContentTypeParser("text/plain");
  app.setNotFoundHandler((request, reply) => answer(reply, notFound, request));
  app.setErrorHandler<FastifyError>((error, request, reply) => {
    const fault = faultOf(error);
    if (fault.code === "INTERNAL")
      telemetry.log.error({ requestId: request.id, err: error }, "request failed");
    return answer(reply, fault, request);
  });

  await app.register(async (scope) => {
    if (settings.corsOrigins.length > 0) await scope.register(cors, crossOrigin(settings.corsOrigins));
    await scope.register(fastifyApollo(parts.apollo), {
      path: endpoints.answers,
      method: ["GET", "POST"],
      context: (request, reply) => {
        const gone = new AbortController();
        whenClosed(reply.raw, () => {
          if (!reply.raw.writableFinished) gone.abort("the client is gone");
        });
        return parts.context(request, { gone: gone.signal, stream: null });
      },
    });
    serveStreams(scope, settings.streams, parts);
    if (parts.downloads)
      serveDownloads(scope, parts.downloads, (err) =>
        telemetry.log.error({ err }, "that an archive was sent could not be written down"),
      );
    if (parts.records) serveRecords(scope, parts.records);
  });
  serveOperations(app, settings, parts);
  if (settings.graphiql !== null) await serveGraphiql(app, settings.graphiql);
  return app;
}

/** Binds to the one host of the settings, and answers with the address that it got. */
export function listen(
  app: FastifyInstance,
  { host, port }: Pick<HttpSettings, "host" | "port">,
): Promise<string> {
  return app.listen({ host, port });
}

function serveOperations<Context extends BaseContext>(
  app: FastifyInstance,
  settings: HttpSettings,
  parts: HttpParts<Context>,
): void {
  const { metrics, log } = parts.telemetry;
  const readiness = createReadiness(parts.checks, log, parts.health);
  let closing = false;
  app.addHook("preClose", async () => {
    closing = true;
  });
  app.get("/health/live", async () => ({ status: "live" }));
  app.get("/health/ready", async (_request, reply) => {
    if (closing) return reply.code(503).send({ status: "shutting down" });
    const { ready, ...parts } = await readiness();
    return reply.code(ready ? 200 : 503).send({ status: ready ? "ready" : "not ready", ...parts });
  });
  const { jwks } = parts;
  if (jwks) {
    app.get("/.well-known/jwks.json", async (_request, reply) =>
      reply.type("application/jwk-set+json; charset=utf-8").send(JSON.stringify(jwks)),
    );
  }
  if (settings.metrics) {
    app.get("/metrics", async (_request, reply) =>
      reply.type(metrics.contentType).send(await metrics.text()),
    );
  }
}

const headers = {
  contentSecurityPolicy: {
    useDefaults: false,
    directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
  },
  frameguard: { action: "deny" },
  referrerPolicy: { policy: "no-referrer" },
  // Other services of the organisation's domain may still be without TLS.
  strictTransportSecurity: { includeSubDomains: false },
} as const;

function crossOrigin(origins: readonly string[]) {
  return {
    origin: [...origins],
    methods: ["GET", "POST"],
    allowedHeaders: ["authorization", "content-type", "apollo-require-preflight", "range", "if-range"],
    exposedHeaders: ["x-request-id", "retry-after", "content-range", "accept-ranges", "etag", "repr-digest"],
    credentials: false,
    maxAge: 600,
  };
}

function givenId({ headers }: IncomingMessage): string | undefined {
  const id = headers["x-request-id"];
  return typeof id === "string" && /^[A-Za-z0-9-]{8,64}$/.test(id) ? id : undefined;
}
