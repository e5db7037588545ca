import type { Seal, SealStep } from "./seal.ts";

export interface Sealer {
  /** Something waits for a seal. Returns at once. */
  wake(): void;
  /** Seals once more, so that little is left, and ends. */
  close(): Promise<void>;
}

export interface SealerOptions {
  /** Milliseconds from `wake` to the seal. */
  readonly sealAfter: number;
  /** Milliseconds between looks of its own accord. */
  readonly sealEvery: number;
  readonly onSealed?: (seal: Seal) => void;
  readonly onSealFailed?: (error: unknown) => void;
}

/** Runs the steps beside the writers: one run at a time, however often it is woken, the first at once. */
export function createSealer(
  step: (after: string) => Promise<SealStep>,
  { sealAfter, sealEvery, onSealed, onSealFailed }: SealerOptions,
): Sealer {
  let running: Promise<void> | null = null;
  let timer: NodeJS.Timeout | null = null;
  let closed = false;

  async function run(): Promise<void> {
    try {
      for (let after: string | null = "0"; after !== null;) {
        const done = await step(after);
        // The one who is at it may have looked before our entries were there.
        if (done === "BUSY") return wake();
        if (done.seal !== null) onSealed?.(done.seal);
        after = done.next;
      }
    } catch (error) {
      onSealFailed?.(error);
    }
  }

  function start(): void {
    timer = null;
    if (running !== null) return wake();
    running = run().finally(() => (running = null));
  }

  function wake(): void {
    if (!closed) timer ??= setTimeout(start, sealAfter).unref();
  }

  const regularly = setInterval(wake, sealEvery).unref();
  start();
  return {
    wake,
    async close() {
      closed = true;
      clearInterval(regularly);
      if (timer !== null) clearTimeout(timer);
      await running;
      await run();
    },
  };
}
