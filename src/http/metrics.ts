import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from "prom-client";
import type { AuditEvent } from "../audit/entry.ts";
import type { RowRefusal } from "../access/row-guard.ts";
import type { SourceCall } from "../sources/loader.ts";

/** One GraphQL operation. `operation` is an admitted name; `codes` are empty where it was answered in full. */
export interface OperationReport {
  readonly operation: string;
  readonly seconds: number;
  readonly codes: readonly string[];
}

export interface RequestReport {
  readonly method: string;
  /** The route's pattern, never the URL. */
  readonly route: string;
  readonly status: number;
  readonly seconds: number;
}

export interface OpenRequests {
  readonly byStatus: Readonly<Record<string, number>>;
  readonly overdue: number;
  readonly dueSoon: number;
}

export type SearchOutcome = "found" | "none" | "limited";

/** Counts and durations. No label takes a value from a caller that is not from a closed or bounded list. */
export interface Metrics {
  request(report: RequestReport): void;
  operation(report: OperationReport): void;
  sourceCall(call: SourceCall): void;
  auditEntry(event: AuditEvent): void;
  auditSeal(): void;
  search(outcome: SearchOutcome): void;
  /** A person to whom another subgraph refers. */
  entity(outcome: "found" | "none"): void;
  guardRefusal(code: RowRefusal): void;
  withdrawals(source: string, outcome: "ok" | "failed", takenOver: number): void;
  retention(outcome: "opened" | "waiting"): void;
  retentionReview(outcome: "opened" | "cancelled" | "completed" | "needs_attention"): void;
  /** Rows of one record type that a review has made go, and that should have gone. */
  retentionReviewed(source: string, gone: number, remaining: number): void;
  /** A look through a source for whom was erased from it. */
  scan(source: string, outcome: string): void;
  /** An archive that was asked for, fetched whole, refused or never fetched. */
  download(outcome: string): void;
  /** Persons to be told of a version of the privacy policy. */
  policyNotice(outcome: "told" | "untold" | "failed", count: number): void;
  step(step: { readonly action: string; readonly source: string }, end: { readonly state: string }): void;
  /** Asked for the count of entries that wait for their seal, whenever the text is. */
  watchUnsealed(count: () => Promise<number>): void;
  /** As `watchUnsealed`, for the count of matches that wait for staff. */
  watchReviews(count: () => Promise<number>): void;
  /** As `watchUnsealed`, for the count of erased persons who have come up again and wait for the DPO. */
  watchReappearances(count: () => Promise<number>): void;
  /** As `watchUnsealed`, for the count of persons who are to be told of a version of the privacy policy. */
  watchPolicyNotices(count: () => Promise<number>): void;
  /** As `watchUnsealed`, for the count of event streams that are open in this process. */
  watchStreams(count: () => Promise<number>): void;
  /** As `watchUnsealed`, for the counts of requests that are open, by status, and of those past their deadline or near it. */
  watchRequests(count: () => Promise<OpenRequests>): void;
  /** Prometheus text format, and its content type. */
  text(): Promise<string>;
  readonly contentType: string;
  close(): void;
}

const buckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10];
const methods = new Set(["GET", "HEAD", "POST", "OPTIONS"]);

export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const requests = new Counter({
    name: "innsyn_http_requests_total",
    help: "HTTP requests",
    labelNames: ["method", "route", "status"],
    registers,
  });
  const requestSeconds = new Histogram({
    name: "innsyn_http_request_duration_seconds",
    help: "Duration of HTTP requests",
    labelNames: ["route"],
    buckets,
    registers,
  });
  const operationSeconds = new Histogram({
    name: "innsyn_graphql_operation_duration_seconds",
    help: "Duration of GraphQL operations",
    labelNames: ["operation"],
    buckets,
    registers,
  });
  const outcomes = new Counter({
    name: "innsyn_graphql_outcomes_total",
    help: "GraphQL operations by outcome: OK, or each error code of the answer",
    labelNames: ["code"],
    registers,
  });
  const sourceSeconds = new Histogram({
    name: "innsyn_source_call_duration_seconds",
    help: "Duration of calls to sources",
    labelNames: ["source", "operation"],
    buckets,
    registers,
  });
  const sourceFailures = new Counter({
    name: "innsyn_source_failures_total",
    help: "Calls to sources that failed",
    labelNames: ["source", "operation", "reason"],
    registers,
  });
  const auditEntries = new Counter({
    name: "innsyn_audit_entries_total",
    help: "Entries that this instance wrote into the audit trail",
    labelNames: ["event"],
    registers,
  });
  const auditSeals = new Counter({
    name: "innsyn_audit_seals_total",
    help: "Seals that this instance put on the audit trail",
    registers,
  });
  const searches = new Counter({
    name: "innsyn_searches_total",
    help: "Searches for persons by staff: somebody found, nobody, or over the limit",
    labelNames: ["outcome"],
    registers,
  });
  const entities = new Counter({
    name: "innsyn_entities_total",
    help: "Persons to whom other subgraphs referred: found, or null",
    labelNames: ["outcome"],
    registers,
  });
  const guardRefusals = new Counter({
    name: "innsyn_guard_refusals_total",
    help: "Branches of a person that the person's own decisions kept from staff",
    labelNames: ["code"],
    registers,
  });
  const steps = new Counter({
    name: "innsyn_request_steps_total",
    help: "Attempts at steps of requests, by how they ended",
    labelNames: ["action", "source", "state"],
    registers,
  });
  const polls = new Counter({
    name: "innsyn_withdrawal_polls_total",
    help: "Looks for whom a source has stopped writing to of its own accord",
    labelNames: ["source", "outcome"],
    registers,
  });
  const takenOver = new Counter({
    name: "innsyn_withdrawals_taken_over_total",
    help: "Consents that ended because a source had stopped writing to the person",
    labelNames: ["source"],
    registers,
  });
  const retention = new Counter({
    name: "innsyn_retention_ended_total",
    help: "Persons of whom the law keeps something no longer: erased now, or waiting for another erasure of theirs",
    labelNames: ["outcome"],
    registers,
  });
  const reviews = new Counter({
    name: "innsyn_retention_reviews_total",
    help: "Reviews of what has no purpose left: opened, completed, or ended with something for staff",
    labelNames: ["outcome"],
    registers,
  });
  const reviewed = new Counter({
    name: "innsyn_retention_review_rows_total",
    help: "Rows that reviews have erased or anonymised, and those that should have gone and have not",
    labelNames: ["source", "outcome"],
    registers,
  });
  const scans = new Counter({
    name: "innsyn_suppression_scans_total",
    help: "Looks through a source for whom was erased from it: ok, unfinished, failed, or nobody to look for",
    labelNames: ["source", "outcome"],
    registers,
  });
  const downloads = new Counter({
    name: "innsyn_downloads_total",
    help: "Archives of persons' data: started, completed, expired, or refused and why",
    labelNames: ["outcome"],
    registers,
  });
  const policyNotices = new Counter({
    name: "innsyn_policy_notices_total",
    help: "Persons to be told of a version of the privacy policy: told, untold for want of an address, or failed attempts",
    labelNames: ["outcome"],
    registers,
  });
  return {
    request({ method, route, status, seconds }) {
      requests.inc({ method: methods.has(method) ? method : "other", route, status });
      requestSeconds.observe({ route }, seconds);
    },
    operation({ operation, seconds, codes }) {
      operationSeconds.observe({ operation }, seconds);
      for (const code of codes.length === 0 ? ["OK"] : new Set(codes)) outcomes.inc({ code });
    },
    sourceCall({ source, operation, seconds, outcome }) {
      sourceSeconds.observe({ source, operation }, seconds);
      // A cursor that was never given out is the caller's mistake.
      if (outcome !== "ok" && outcome !== "invalid_cursor")
        sourceFailures.inc({ source, operation, reason: outcome });
    },
    auditEntry: (event) => auditEntries.inc({ event }),
    auditSeal: () => auditSeals.inc(),
    search: (outcome) => searches.inc({ outcome }),
    entity: (outcome) => entities.inc({ outcome }),
    withdrawals(source, outcome, taken) {
      polls.inc({ source, outcome });
      takenOver.inc({ source }, taken);
    },
    retention: (outcome) => retention.inc({ outcome }),
    retentionReview: (outcome) => reviews.inc({ outcome }),
    retentionReviewed(source, gone, remaining) {
      reviewed.inc({ source, outcome: "gone" }, gone);
      reviewed.inc({ source, outcome: "remaining" }, remaining);
    },
    scan: (source, outcome) => scans.inc({ source, outcome }),
    policyNotice: (outcome, count) => policyNotices.inc({ outcome }, count),
    download: (outcome) => downloads.inc({ outcome: outcome.toLowerCase() }),
    step: ({ action, source }, { state }) => steps.inc({ action, source, state }),
    guardRefusal: (code) => guardRefusals.inc({ code }),
    watchUnsealed: (count) =>
      watch(registry, "innsyn_audit_unsealed", "Entries of all instances that wait for their seal", count),
    watchReviews: (count) =>
      watch(registry, "innsyn_match_reviews_open", "Matches that wait for staff to settle them", count),
    watchReappearances: (count) =>
      watch(
        registry,
        "innsyn_reappearances_open",
        "Records that name an erased person, and wait for the DPO",
        count,
      ),
    watchPolicyNotices: (count) =>
      watch(
        registry,
        "innsyn_policy_notices_open",
        "Persons who are to be told of a version of the privacy policy",
        count,
      ),
    watchStreams: (count) =>
      watch(registry, "innsyn_subscriptions_open", "Event streams that this instance has open", count),
    watchRequests: (count) => watchRequests(registry, count),
    text: () => registry.metrics(),
    contentType: registry.contentType,
    close: () => registry.clear(),
  };
}

function watchRequests(registry: Registry, count: () => Promise<OpenRequests>): void {
  const open: Gauge<"status"> = new Gauge({
    name: "innsyn_requests_open",
    help: "Requests of persons that are not ended",
    labelNames: ["status"],
    registers: [registry],
    async collect() {
      const counted = await count().catch(() => null);
      open.reset();
      for (const [status, n] of Object.entries(counted?.byStatus ?? {})) open.set({ status }, n);
    },
  });
  const overdue = async () => (await count()).overdue;
  watch(registry, "innsyn_requests_overdue", "Open requests whose deadline has passed", overdue);
  const dueSoon = async () => (await count()).dueSoon;
  watch(registry, "innsyn_requests_due_soon", "Open requests whose deadline is within seven days", dueSoon);
}

/** Counted whenever the text is asked for. */
function watch(registry: Registry, name: string, help: string, count: () => Promise<number>): void {
  const gauge: Gauge = new Gauge({
    name,
    help,
    registers: [registry],
    // The other metrics are worth having while the database is down.
    collect: async () => gauge.set(await count().catch(() => Number.NaN)),
  });
}
