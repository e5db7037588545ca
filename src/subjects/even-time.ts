import { setTimeout as wait } from "node:timers/promises";

/** Milliseconds: answers come at multiples of it, so that what was done for one does not show in how long it took. */
const step = 50;

/** Ends at the next whole step after the work is done, whatever came of it. */
export async function evenTime<T>(work: () => Promise<T>): Promise<T> {
  const started = performance.now();
  try {
    return await work();
  } finally {
    await wait(step - ((performance.now() - started) % step));
  }
}
