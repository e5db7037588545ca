import { fromKysely, PgBoss, type Queue } from "pg-boss";
import type { Db } from "../store/tables.ts";

/** Work that outlives the process: queued in the transaction that makes it necessary, done by any replica. */
export interface Jobs {
  /** Within the open transaction: the step runs once that commits. */
  queueStep(db: Db, turn: StepTurn, when: StepTiming): Promise<void>;
  /** Starts to work. Where `runStep` rejects, the step is tried again. */
  work(runStep: (turn: StepTurn) => Promise<void>): Promise<void>;
  /**
   * Work that takes as long as it takes: whether its replica is there is known by its heartbeat. Resolves with what queues it.
   * Where `work` rejects, or its replica is gone, it is done again.
   */
  long<T extends object>(name: string, work: LongWork<T>): Promise<Queueing<T>>;
  /**
   * Does something again and again, each time by one replica alone. Rejections are told, and it is soon tried again. `work`
   * resolves with the seconds until the next time, where it is to be sooner.
   */
  repeat(name: string, seconds: number, work: () => Promise<number | void>): Promise<void>;
  close(): Promise<void>;
}

/** Within the open transaction: it is done once that commits. */
export type Queueing<T> = (db: Db, data: T, notBefore?: Date) => Promise<void>;
/** May queue what is left for another turn. */
export type LongWork<T> = (data: T, queue: Queueing<T>) => Promise<void>;

/** One turn of a step: of the jobs for one step, only the latest turn's does anything. */
export interface StepTurn {
  readonly stepId: string;
  readonly turn: number;
}

export interface StepTiming {
  /** Absent: at once. */
  readonly notBefore?: Date | undefined;
  /** Takes longer than `stepSeconds`: whether its replica is there is known by its heartbeat. */
  readonly isLong: boolean;
}

export interface JobsSettings {
  readonly databaseUrl: string;
  /** Seconds that one attempt at a step may take; a replica that is killed holds a step up for as long, and five more. */
  readonly stepSeconds: number;
  /** Seconds between two looks for steps whose replica is gone. */
  readonly recoverySeconds: number;
  readonly failed: (error: unknown) => void;
}

const steps = "request-step";
/** Attempts at once in one replica. */
const concurrency = 4;
/** Seconds that a long step may take. */
export const longestStep = 3_600;
/** The least that the queue has. */
const heartbeatSeconds = 10;
/** For one turn of what is repeated. */
const repeatSeconds = 120;
/** Seconds after which a turn is tried again that failed, or whose replica is gone; at most. */
const longestRepeatDelay = 60;
/** A step that waits for a source is queued anew: this counts crashes, and faults of our own database. */
const mostRetries = 10_000;

/** Opens the queue; brings its tables to their newest form. */
export async function openJobs(settings: JobsSettings): Promise<Jobs> {
  const { recoverySeconds } = settings;
  const boss = new PgBoss({
    connectionString: settings.databaseUrl,
    application_name: "innsyn jobs",
    max: 4,
    useListenNotify: true,
    superviseIntervalSeconds: recoverySeconds,
    monitorIntervalSeconds: recoverySeconds,
    monitorVacuum: false,
  });
  boss.on("error", settings.failed);
  await boss.start();
  /** One that there is already keeps what it was made with, whatever the configuration says by now. */
  const openQueue = async (
    name: string,
    kept: Omit<Queue, "name" | "policy">,
    policy: "standard" | "stately" = "standard",
  ) => {
    await boss.createQueue(name, { ...kept, policy });
    await boss.updateQueue(name, kept);
  };
  try {
    await openQueue(steps, {
      notify: true,
      expireInSeconds: settings.stepSeconds + 5,
      retryLimit: mostRetries,
      retryDelay: 1,
      retryBackoff: true,
      retryDelayMax: 60,
      deleteAfterSeconds: 3_600,
      // As long as a request may take, extended, and as long again.
      retentionSeconds: 200 * 86_400,
    });
  } catch (error) {
    await boss.stop({ graceful: false });
    throw error;
  }
  return {
    async queueStep(db, turn, { notBefore, isLong }) {
      await boss.send(steps, turn, {
        db: fromKysely(db),
        ...(notBefore && { startAfter: notBefore }),
        ...(isLong && { expireInSeconds: longestStep, heartbeatSeconds }),
      });
    },
    async work(runStep) {
      const poll = { pollingIntervalSeconds: 1, notifyPollingIntervalSeconds: 1 };
      for (let n = 0; n < concurrency; n++) {
        const worker = await boss.work<StepTurn>(steps, { batchSize: 1, ...poll }, async ([job]) => {
          // Where there was one there may be more: it looks again at once, rather than at the next poll.
          boss.notifyWorker(worker);
          if (job) await runStep(job.data);
        });
      }
    },
    async long<T extends object>(name: string, work: LongWork<T>): Promise<Queueing<T>> {
      const queue: Queueing<T> = async (db, data, notBefore) => {
        await boss.send(name, data, { db: fromKysely(db), ...(notBefore && { startAfter: notBefore }) });
      };
      await openQueue(name, {
        notify: true,
        expireInSeconds: longestStep,
        heartbeatSeconds,
        retryLimit: mostRetries,
        retryDelay: 1,
        retryBackoff: true,
        retryDelayMax: 60,
        deleteAfterSeconds: 3_600,
        retentionSeconds: 200 * 86_400,
      });
      const poll = { pollingIntervalSeconds: 1, notifyPollingIntervalSeconds: 1 };
      await boss.work<T>(name, { batchSize: 1, ...poll }, async ([job]) => {
        if (job) await work(job.data, queue);
      });
      return queue;
    },
    async repeat(name, seconds, work) {
      // One at work and one waiting for its turn, over all replicas.
      const kept = {
        expireInSeconds: repeatSeconds,
        retryLimit: mostRetries,
        // Where a replica is killed at it, another need not wait as long as for the next time.
        retryDelay: Math.min(seconds, longestRepeatDelay),
        deleteAfterSeconds: 3_600,
      };
      await openQueue(name, kept, "stately");
      const next = async (sooner: number | void) => {
        // One that a replica has queued as it started would stand in the way of it.
        if (sooner !== undefined) await boss.deleteQueuedJobs(name);
        await boss.send(name, {}, { startAfter: Math.min(sooner ?? seconds, seconds) });
      };
      const poll = Math.min(seconds, 5);
      await boss.work(name, { batchSize: 1, pollingIntervalSeconds: Math.max(poll / 2, 0.5) }, async () => {
        const sooner = await work().catch((error: unknown) => {
          settings.failed(error);
          return longestRepeatDelay;
        });
        await next(sooner);
      });
      await next(undefined);
    },
    close: () => boss.stop({ graceful: true, timeout: (settings.stepSeconds + 5) * 1_000 }),
  };
}
