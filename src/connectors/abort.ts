import { SourceFailure } from "../sources/contract.ts";

/** The promise, or `TIMED_OUT` as soon as the signal says so; what comes later is dropped. */
export function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const giveUp = () => reject(new SourceFailure("TIMED_OUT", { cause: signal.reason }));
    if (signal.aborted) giveUp();
    signal.addEventListener("abort", giveUp, { once: true });
    const done = () => signal.removeEventListener("abort", giveUp);
    void work.then(resolve, reject).finally(done);
  });
}
