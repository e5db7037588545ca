import type { ApolloServerPlugin } from "@apollo/server";
import type { DestinationStream } from "pino";
import type { SourceCall } from "../sources/loader.ts";
import type { Logger } from "pino";
import { createLogger } from "./logger.ts";
import { createMetrics, type Metrics } from "./metrics.ts";
import { createOperationNames } from "./operation-names.ts";
import { operationReporter, type Caller } from "./operation-reporter.ts";
import { requestScope } from "./scope.ts";
import type { HttpSettings } from "./settings.ts";
import { startTracing, type Tracing } from "./tracing.ts";

/** What the gateway says about its own work: log, metrics and traces of one instance. */
export interface Telemetry {
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly tracing: Tracing | null;
  /** For the loader: called after every call of a source. */
  readonly onSourceCall: (call: SourceCall) => void;
  /** For Apollo Server: name, duration and outcome of every operation. */
  readonly operationReporter: ApolloServerPlugin<Caller>;
  close(): Promise<void>;
}

export async function createTelemetry(
  settings: Pick<HttpSettings, "logLevel" | "operationNames" | "tracing">,
  destination?: DestinationStream,
): Promise<Telemetry> {
  const metrics = createMetrics();
  const tracing = settings.tracing === null ? null : await startTracing(settings.tracing);
  return {
    log: createLogger(settings, destination),
    metrics,
    tracing,
    onSourceCall(call) {
      metrics.sourceCall(call);
      requestScope.getStore()?.trace?.sourceCall(call);
    },
    operationReporter: operationReporter(createOperationNames(settings.operationNames), (report) => {
      metrics.operation(report);
      const scope = requestScope.getStore();
      if (scope !== undefined) Object.assign(scope, { operation: report.operation, codes: report.codes });
    }),
    async close() {
      await tracing?.close();
      metrics.close();
    },
  };
}
