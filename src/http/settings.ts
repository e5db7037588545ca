import { z } from "zod";

const origin = z
  .url()
  .refine(
    (url) => URL.canParse(url) && new URL(url).origin === url,
    "an origin: scheme, host and port, nothing after",
  );
const seconds = z.number().positive();

export const tracingSettings = z.strictObject({
  /** Where spans are posted (OTLP over HTTP). Absent: as the standard OTEL_EXPORTER_OTLP_* variables say. */
  url: z.url().optional(),
  serviceName: z.string().default("innsyn"),
  /** Share of traces that is kept. */
  sampleRatio: z.number().min(0).max(1).default(1),
});
export type TracingSettings = z.output<typeof tracingSettings>;

export const graphiqlSettings = z.strictObject({
  issuer: z.url(),
  clientId: z.string().default("innsyn-graphiql"),
  scope: z.string().default("openid"),
  /** RFC 8707 resource indicator, where the issuer wants one. */
  resource: z.string().optional(),
  /** The parameter that some issuers take in its place. */
  audience: z.string().optional(),
  /** What is asked of the issuer for what needs a strong sign-in. Absent: such a one is not offered. */
  stepUp: z
    .strictObject({
      /** `acr_values` of OpenID Connect Core §3.1.2.1. */
      acrValues: z.array(z.string()).min(1),
      /** `max_age`: an issuer that is asked for it says when the sign-in was (`auth_time`). */
      maxAgeSeconds: z.int().positive(),
    })
    .optional(),
});
export type GraphiqlSettings = z.output<typeof graphiqlSettings>;

export const httpSettings = z.strictObject({
  host: z.string().default("127.0.0.1"),
  /** 0: any free port. */
  port: z.int().min(0).max(65_535).default(4000),
  /** What persons reach the gateway by: links to archives begin with it. Absent: as the request for the link says. */
  publicUrl: origin.optional(),
  /** Bytes of a request's body. */
  bodyLimit: z.int().positive().default(100_000),
  requestTimeoutSeconds: seconds.default(30),
  /** How long running requests may take to finish once the gateway is told to stop. */
  shutdownSeconds: seconds.default(10),
  /** Take over `x-request-id` and `traceparent` of the caller: only behind a proxy that sets them itself. */
  trustRequestId: z.boolean().default(false),
  /** Sites whose scripts may call /graphql from a browser. None: no cross-origin calls. */
  corsOrigins: z.array(origin).default([]),
  /** Event streams that may be open at once in this process: of one caller, and of all. */
  streams: z
    .strictObject({ perCaller: z.int().positive().default(20), inAll: z.int().positive().default(1_000) })
    .prefault({}),
  logLevel: z.enum(["fatal", "error", "warn", "info", "debug", "trace", "silent"]).default("info"),
  /** Whether /metrics answers on this port. It holds counts and durations, no personal value. */
  metrics: z.boolean().default(true),
  /**
   * Operation names that may appear in logs and metrics; others are written `other`.
   * Absent: the first hundred that were carried out for someone signed in, since callers choose names freely.
   */
  operationNames: z.array(z.string()).optional(),
  /** Absent or null: no GraphiQL. */
  graphiql: graphiqlSettings.nullable().default(null),
  tracing: tracingSettings.nullable().default(null),
});
export type HttpSettings = z.output<typeof httpSettings>;
