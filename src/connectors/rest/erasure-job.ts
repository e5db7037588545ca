import { SourceFailure } from "../../sources/contract.ts";
import type { WriteOptions, WriteOutcome } from "../../sources/writes.ts";
import { nothing, type RestClient } from "./client.ts";
import type { Erased, ErasingJob, JobStatus } from "./erasure-mapping.ts";
import { arrayAt, at, textAt } from "./json.ts";
import { withKey } from "./page.ts";

type Job = ErasingJob["job"];
type State = "running" | "done" | "failed";

/** Starts an erasure that the system does later, and follows it. */
export class ErasureJobs {
  readonly #client: RestClient;
  readonly #idempotencyHeader: string | undefined;

  constructor(client: RestClient, idempotencyHeader: string | undefined) {
    this.#client = client;
    this.#idempotencyHeader = idempotencyHeader;
  }

  /**
   * Called while something is left; `isLeft` looks again. Undefined: a job has ended, and whether it did what it says is
   * to be read. One of ours that ended before without doing it is started again and counts as a failure: what never works
   * is not tried for ever.
   */
  async run(
    job: Job,
    person: Erased,
    isLeft: () => Promise<boolean>,
    options: WriteOptions,
  ): Promise<WriteOutcome | undefined> {
    const last = await this.#last(job, person.recordKey, options.signal);
    if (last) {
      const { state, retryAt } = await this.#state(job.status, last.key, options.signal);
      if (state === "running") return later(job, retryAt);
      // It may have ended just now.
      if (!(await isLeft())) return undefined;
      if (last.reference === undefined || last.reference.startsWith(`${options.idempotencyKey}/`)) {
        const again = await this.#start(job, person, `${options.idempotencyKey}/${last.key}`, options.signal);
        throw new SourceFailure("FAILED", again?.retryAt && { retryAt: again.retryAt });
      }
    }
    const started = await this.#start(job, person, `${options.idempotencyKey}/1`, options.signal);
    if (!started) return { state: "refused" };
    const { state, retryAt } = await this.#state(job.status, started.key, options.signal);
    if (state === "running") return later(job, started.retryAt ?? retryAt);
    if (state === "failed") throw new SourceFailure("FAILED");
    return undefined;
  }

  async #last({ find }: Job, recordKey: string, signal: AbortSignal) {
    const parameters = Object.entries(find.parameters ?? {}).map(([name, value]) => [
      name,
      value.replaceAll("{key}", () => recordKey),
    ]);
    const url = this.#client.url(withKey(find.path, recordKey), Object.fromEntries(parameters));
    const answer = await this.#client.get(url, signal, [404]);
    const [job] = answer === nothing ? [] : arrayAt(answer, find.results);
    if (job === undefined) return undefined;
    const reference = find.reference === undefined ? undefined : at(job, find.reference);
    // Where jobs name it and this one does not, somebody else has started it.
    return {
      key: textAt(job, find.key),
      reference: find.reference === undefined ? undefined : String(reference),
    };
  }

  /** Undefined: the system takes no such job. */
  async #start({ start, key }: Job, person: Erased, idempotencyKey: string, signal: AbortSignal) {
    const header = this.#idempotencyHeader;
    const { sent, answer, retryAt } = await this.#client.start(
      {
        method: start.method,
        url: this.#client.url(withKey(start.path, person.recordKey), {}),
        body: start.body?.(person),
        ...(header !== undefined && { headers: { [header]: idempotencyKey } }),
      },
      signal,
    );
    if (sent === "refused") return undefined;
    if (sent === "absent") throw new SourceFailure("FAILED");
    return { key: textAt(answer, key), retryAt };
  }

  async #state(status: JobStatus, job: string, signal: AbortSignal) {
    const url = this.#client.url(withKey(status.path, job, "{job}"), {});
    const { answer, retryAt } = await this.#client.poll(url, signal);
    return { state: stateOf(status, textAt(answer, status.state)), retryAt };
  }
}

function stateOf({ running, done, failed }: JobStatus, said: string): State {
  if (running.includes(said)) return "running";
  if (done.includes(said)) return "done";
  if (failed.includes(said)) return "failed";
  throw new SourceFailure("MALFORMED_ANSWER");
}

function later({ askAgainAfter }: Job, retryAt: Date | undefined): WriteOutcome {
  return { state: "retry", at: retryAt ?? new Date(Date.now() + askAgainAfter * 1_000) };
}
