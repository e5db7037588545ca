import type { ApolloServerPlugin } from "@apollo/server";
import type { DestinationStream } from "pino";
import type { AuditTrail, AuditTrailOptions } from "../audit/trail.ts";
import type { SourceCall } from "../sources/loader.ts";
import type { Logger } from "pino";
import { createLogger } from "./logger.ts";
import { createMetrics, type Metrics, type OpenRequests } from "./metrics.ts";
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
  /** For the audit trail: called after every entry and seal. */
  readonly onTrail: Pick<AuditTrailOptions, "onRecorded" | "onSealed" | "onSealFailed">;
  /** For what staff do: a search, and a refusal by the person's own decisions; and for what other subgraphs refer to. */
  readonly onStaff: {
    readonly search: Metrics["search"];
    readonly refusal: Metrics["guardRefusal"];
    readonly entity: Metrics["entity"];
  };
  /** After every attempt at a step of a request. */
  readonly onStep: Metrics["step"];
  /** After every look for whom a source has stopped writing to. */
  readonly onPoll: Metrics["withdrawals"];
  /** For each person of whom something is kept no longer. */
  readonly onRetention: Metrics["retention"];
  /** Whenever a review of what has no purpose left is opened, or ends. */
  readonly onReview: Metrics["retentionReview"];
  /** After a record type has been gone through for one. */
  readonly onReviewed: Metrics["retentionReviewed"];
  /** After every look through a source for whom was erased from it. */
  readonly onScan: Metrics["scan"];
  /** For persons who are told of a version of the privacy policy, or could not be. */
  readonly onPolicyNotice: Metrics["policyNotice"];
  /** Whenever an archive is asked for, fetched whole, or goes. */
  readonly onDownload: Metrics["download"];
  watchTrail(trail: Pick<AuditTrail, "unsealed">): void;
  /** Asked for the count of matches that wait for staff. */
  watchReviews(count: () => Promise<number>): void;
  /** Asked for the count of erased persons who wait for the DPO. */
  watchReappearances(count: () => Promise<number>): void;
  /** Asked for the count of persons who are to be told of a version of the privacy policy. */
  watchPolicyNotices(count: () => Promise<number>): void;
  /** Asked for the counts of requests that are open. */
  watchRequests(count: () => Promise<OpenRequests>): void;
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
  const log = createLogger(settings, destination);
  return {
    log,
    metrics,
    tracing,
    onSourceCall(call) {
      metrics.sourceCall(call);
      requestScope.getStore()?.trace?.sourceCall(call);
    },
    onTrail: trailReporter(log, metrics),
    onStaff: { search: metrics.search, refusal: metrics.guardRefusal, entity: metrics.entity },
    onStep: metrics.step,
    onPoll: metrics.withdrawals,
    onRetention: metrics.retention,
    onReview: metrics.retentionReview,
    onReviewed: metrics.retentionReviewed,
    onScan: metrics.scan,
    onDownload: metrics.download,
    onPolicyNotice: metrics.policyNotice,
    watchTrail: (trail) => metrics.watchUnsealed(() => trail.unsealed()),
    watchReviews: (count) => metrics.watchReviews(count),
    watchReappearances: (count) => metrics.watchReappearances(count),
    watchPolicyNotices: (count) => metrics.watchPolicyNotices(count),
    watchRequests: (count) => metrics.watchRequests(count),
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

const headEvery = 3_600_000;

/** Heads in the log stand outside the database: what was sealed before one cannot be cut off unseen. */
function trailReporter(log: Logger, metrics: Metrics): Telemetry["onTrail"] {
  let told = Date.now();
  return {
    onRecorded: (event) => metrics.auditEntry(event),
    onSealed({ number, head }) {
      metrics.auditSeal();
      if (Date.now() - told < headEvery) return;
      told = Date.now();
      log.info({ seal: number, head }, "head of the audit trail");
    },
    onSealFailed: (err) => log.warn({ err }, "the audit trail could not be sealed; tried again soon"),
  };
}
