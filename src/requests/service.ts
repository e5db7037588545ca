import { sql } from "kysely";
import type { ErasableSource } from "../sources/erasures.ts";
import type { ErasureSettings } from "./erasure-settings.ts";
import type { SourceReader } from "../sources/loader.ts";
import type { SigningKey } from "../store/signing-key.ts";
import type { IdentityCodes } from "./identity-codes.ts";
import { receiptKey } from "./receipt-key.ts";
import { type DailyParts, sendDaily } from "./daily-message.ts";
import { openReplayed } from "./replay-erasure.ts";
import { expireExports, type ExpiryParts } from "./expire-exports.ts";
import type { ExportSettings } from "./export-work.ts";
import { requestById } from "./rows.ts";
import { openJobs } from "./jobs.ts";
import { eraseWhatIsDue, type RetentionParts } from "./retention.ts";
import { type RetentionReviews, type RetentionSettings, startReviews } from "./retention-review.ts";
import type { ReviewParts } from "./retention-review-run.ts";
import { type Progress, watchProgress } from "./progress.ts";
import { tellPolicies, type TellPoliciesParts } from "./tell-policies.ts";
import { takeOverWithdrawals, type WithdrawalParts } from "./withdrawals.ts";
import { type RunParts, runStep } from "./run-step.ts";
import type { Shown } from "./shown.ts";
import { nextScan, scanForErased, type ScanParts } from "./scan.ts";
import { dbOf } from "../store/tables.ts";

export interface ServiceSettings {
  /** Reads sources on behalf of persons who need not be there; has read nothing yet. */
  readonly newReader: () => SourceReader;
  readonly databaseUrl: string;
  readonly stepSeconds: number;
  readonly recoverySeconds: number;
  /** Seconds between two looks for whom a source has stopped writing to of its own accord. */
  readonly withdrawalsSeconds: number;
  /** Seconds between two looks for what the law keeps no longer. */
  readonly retentionSeconds: number;
  /** Seconds between two looks through a source for whom was erased from it. */
  readonly scanSeconds: number;
  /** Seconds between two looks whether the day's message to the DPO has been sent. */
  readonly dailyMessageSeconds: number;
  /** How long an answer waits for steps that can be done at once. */
  readonly settleMilliseconds: number;
  /** Seconds between two looks for archives that nobody has fetched. */
  readonly exportsSeconds: number;
  /** Seconds between two looks for whom to tell of a version of the privacy policy. */
  readonly policyNoticesSeconds: number;
  readonly erasure: ErasureSettings;
  readonly exports: ExportSettings;
  readonly retention: RetentionSettings;
  readonly identityCodes: IdentityCodes;
  readonly shown: Shown;
}

/** Carries requests out: one per process. */
export interface Service {
  readonly parts: RunParts;
  readonly progress: Progress;
  readonly retention: RetentionReviews;
  readonly erasable: ReadonlyMap<string, ErasableSource>;
  readonly erasure: ErasureSettings;
  readonly exports: ExportSettings;
  readonly identityCodes: IdentityCodes;
  readonly shown: Shown;
  readonly newReader: () => SourceReader;
  /** The key that receipts are signed with. */
  readonly receiptKey: SigningKey;
  /** Resolves when no step of the request runs any more, or after a moment. */
  settled(requestId: string): Promise<void>;
  close(): Promise<void>;
}

export async function startService(
  settings: ServiceSettings,
  given: Omit<
    RunParts &
      WithdrawalParts &
      RetentionParts &
      ScanParts &
      ExpiryParts &
      DailyParts &
      TellPoliciesParts &
      ReviewParts,
    "jobs" | "stepLimit" | "planMilliseconds" | "retries" | "surveyMilliseconds"
  >,
): Promise<Service> {
  await using stack = new AsyncDisposableStack();
  const progress = stack.adopt(watchProgress(settings.databaseUrl), (p) => p.close());
  const jobs = stack.adopt(await openJobs({ ...settings, failed: given.failed }), (j) => j.close());
  const parts: RunParts = { ...given, stepLimit: settings.stepSeconds * 1_000, jobs };
  await jobs.work((turn) => runStep(parts, turn));
  for (const { key, capabilities } of given.connected) {
    if (!capabilities.tellsWithdrawals) continue;
    const work = () => takeOverWithdrawals({ ...given, jobs }, key);
    await jobs.repeat(`withdrawals-${key}`, settings.withdrawalsSeconds, work);
  }
  for (const { key, capabilities } of given.connected) {
    if (capabilities.erases.length === 0) continue;
    const work = async () => nextScan(await scanForErased(given, key));
    await jobs.repeat(`suppression-scan-${key}`, settings.scanSeconds, work);
  }
  const retention = { ...given, jobs, planMilliseconds: settings.erasure.planMilliseconds };
  await jobs.repeat("retention", settings.retentionSeconds, () => eraseWhatIsDue(retention));
  const { surveySeconds, ...reviewSettings } = settings.retention;
  const reviews = await startReviews(
    { ...given, surveyMilliseconds: surveySeconds * 1_000, retries: given.patience },
    reviewSettings,
    { jobs, progress },
  );
  await jobs.repeat("erasure-replay", settings.recoverySeconds, () => openReplayed(retention));
  await jobs.repeat("exports", settings.exportsSeconds, () => expireExports({ ...given, jobs }));
  await jobs.repeat("policy-notices", settings.policyNoticesSeconds, () => tellPolicies(given));
  if (given.daily !== null)
    await jobs.repeat("daily-message", settings.dailyMessageSeconds, () => sendDaily(given));
  const db = dbOf(given.register.store);
  const open = stack.move();
  return {
    parts,
    progress,
    retention: reviews,
    erasable: given.sources,
    erasure: settings.erasure,
    exports: settings.exports,
    identityCodes: settings.identityCodes,
    shown: settings.shown,
    newReader: settings.newReader,
    receiptKey: receiptKey(given.register),
    async settled(requestId) {
      const end = performance.now() + settings.settleMilliseconds;
      for (let left = settings.settleMilliseconds; left > 0; left = end - performance.now()) {
        const changed = progress.changed(requestId, left);
        if (!isUnderWay(await requestById(db, requestId), await waits(requestId))) return;
        await changed;
      }
    },
    close: () => open.disposeAsync(),
  };

  /** Steps that wait for a source that could not take them, or for their time, need not be waited for. */
  async function waits(requestId: string): Promise<boolean> {
    const running = await db
      .selectFrom("request_step")
      .select("id")
      .where("request_id", "=", requestId)
      .where("state", "in", ["PENDING", "RUNNING"])
      .where("last_error", "is", null)
      .where("next_attempt_at", "<=", sql<Date>`now()`)
      .executeTakeFirst();
    return running === undefined;
  }
}

const isUnderWay = (request: { readonly status: string } | null, onlyWaits: boolean) =>
  request !== null &&
  ["AWAITING_IDENTITY", "RUNNING", "NEEDS_ATTENTION"].includes(request.status) &&
  !onlyWaits;
