import { setTimeout as delay } from "node:timers/promises";
import { safeError } from "./safe-error.ts";
import type { Logger } from "pino";

/** A part that the gateway stands on. */
export interface Check {
  readonly name: string;
  /** Essential: without it the gateway is not ready. Otherwise it is named as degraded: a partial answer is an answer. */
  readonly essential: boolean;
  /** `detail`: what is wrong and what to do, without a person's value, credential or address. */
  check(): Promise<CheckResult>;
}

export interface CheckResult {
  readonly ok: boolean;
  readonly detail?: string | undefined;
}

export interface Readiness {
  readonly ready: boolean;
  readonly notReady: readonly string[];
  readonly degraded: readonly string[];
  readonly parts: Readonly<Record<string, CheckResult>>;
}

export interface HealthLimits {
  /** Milliseconds that a check has to answer. */
  readonly timeout: number;
  /** Milliseconds that an answer is used again: probes of strangers must not become load on the sources. */
  readonly cache: number;
}

/** Runs all checks at once; callers at the same time share one run. Never rejects. */
export function createReadiness(
  checks: readonly Check[],
  log: Logger,
  limits: HealthLimits = { timeout: 2_000, cache: 1_000 },
): () => Promise<Readiness> {
  let running: { readonly until: number; readonly answer: Promise<Readiness> } | null = null;
  return () => {
    const now = performance.now();
    if (running === null || now >= running.until) {
      running = { until: now + limits.timeout + limits.cache, answer: run() };
      const started = running;
      void started.answer.then(() => {
        if (running === started) running = { ...started, until: performance.now() + limits.cache };
      });
    }
    return running.answer;
  };

  async function run(): Promise<Readiness> {
    const results = await Promise.all(checks.map((check) => outcome(check, limits.timeout, log)));
    const failed = checks.filter((_, index) => results[index]?.ok !== true);
    const notReady = failed.filter(({ essential }) => essential).map(({ name }) => name);
    return {
      ready: notReady.length === 0,
      notReady,
      degraded: failed.filter(({ essential }) => !essential).map(({ name }) => name),
      parts: Object.fromEntries(checks.map(({ name }, index) => [name, results[index] ?? { ok: false }])),
    };
  }
}

async function outcome(check: Check, timeout: number, log: Logger): Promise<CheckResult> {
  const answered = new AbortController();
  const late = delay(
    timeout,
    { ok: false, detail: `no answer within ${timeout} ms` },
    { signal: answered.signal, ref: false },
  );
  try {
    return await Promise.race([check.check(), late]);
  } catch (error) {
    log.warn({ check: check.name, err: safeError(error) }, "check failed");
    return { ok: false, detail: "failed" };
  } finally {
    late.catch(() => undefined);
    answered.abort();
  }
}
