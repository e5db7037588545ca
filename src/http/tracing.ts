import { setTimeout as delay } from "node:timers/promises";
import type { SourceCall } from "../sources/loader.ts";
import type { TracingSettings } from "./settings.ts";

/** The span of one request. Attributes are counts, names and codes; never a document, variable or value. */
export interface RequestTrace {
  sourceCall(call: SourceCall): void;
  end(request: {
    method: string;
    route: string;
    status: number;
    operation: string | null;
    codes: readonly string[];
  }): void;
}

export interface Tracing {
  /** `traceparent` (W3C Trace Context) of a trusted caller continues its trace. */
  start(traceparent?: string): RequestTrace;
  /** Sends what is left, for at most two seconds. */
  close(): Promise<void>;
}

const flushMilliseconds = 2_000;

/** The OpenTelemetry packages are loaded here only, so that a gateway without traces does not pay for them. */
export async function startTracing(settings: TracingSettings): Promise<Tracing> {
  const { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } = await import("@opentelemetry/api");
  const { W3CTraceContextPropagator } = await import("@opentelemetry/core");
  const { resourceFromAttributes } = await import("@opentelemetry/resources");
  const { BatchSpanProcessor, ParentBasedSampler, TraceIdRatioBasedSampler, TracerProvider } =
    await import("@opentelemetry/sdk-trace");
  const { OTLPTraceExporter } = await import("@opentelemetry/exporter-trace-otlp-http");

  const exporter = new OTLPTraceExporter(settings.url === undefined ? {} : { url: settings.url });
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ "service.name": settings.serviceName }),
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(settings.sampleRatio) }),
    spanProcessors: [new BatchSpanProcessor({ exporter })],
  });
  const tracer = provider.getTracer("innsyn");
  const propagator = new W3CTraceContextPropagator();

  return {
    start(traceparent) {
      const getter = {
        keys: () => ["traceparent"],
        get: (_: unknown, key: string) => (key === "traceparent" ? traceparent : undefined),
      };
      const parent = traceparent === undefined ? ROOT_CONTEXT : propagator.extract(ROOT_CONTEXT, {}, getter);
      const span = tracer.startSpan("request", { kind: SpanKind.SERVER }, parent);
      const inside = trace.setSpan(parent, span);
      return {
        sourceCall({ source, operation, seconds, outcome }) {
          const now = Date.now();
          const call = tracer.startSpan(
            `${source} ${operation}`,
            { kind: SpanKind.CLIENT, startTime: now - seconds * 1000 },
            inside,
          );
          call.setAttributes({
            "innsyn.source": source,
            "innsyn.source.operation": operation,
            "innsyn.source.outcome": outcome,
          });
          if (outcome !== "ok") call.setStatus({ code: SpanStatusCode.ERROR });
          call.end(now);
        },
        end({ method, route, status, operation, codes }) {
          span.updateName(`${method} ${route}`);
          span.setAttributes({
            "http.request.method": method,
            "http.route": route,
            "http.response.status_code": status,
          });
          if (operation !== null) span.setAttribute("graphql.operation.name", operation);
          if (codes.length > 0) span.setAttribute("innsyn.codes", [...codes]);
          if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
          span.end();
        },
      };
    },
    // A collector that is gone is tried again for ten seconds: the last spans are not worth them.
    close: () =>
      Promise.race([
        provider.shutdown().catch(() => undefined),
        delay(flushMilliseconds, undefined, { ref: false }),
      ]),
  };
}
