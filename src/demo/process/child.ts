/** What a child process of the demo serves. */
export interface Served<R> {
  /** Told to the parent; plain data (structured clone). */
  readonly ready: R;
  close(): Promise<void>;
}

/** Messages over the IPC channel. Settings travel here, so that no secret is in the environment or in argv. */
export type ToChild<S> = { readonly settings: S };
export type ToParent<R> = { readonly ready: R } | { readonly failed: string };

const CLOSING_TIME_MS = 4_000;

/**
 * The body of a child's entry file: serves what the parent's `startChild` asks for, until the parent stops it or is
 * gone. The entry file and its imports must be erasable TypeScript (no decorators, no enums, no parameter
 * properties): tests start the `.ts` itself, `npm start` the compiled `.js`.
 */
export function runChild<S, R>(serve: (settings: S) => Promise<Served<R>>): void {
  if (process.send === undefined) {
    process.stderr.write("This file is started by the demo, not by hand: npm start\n");
    process.exitCode = 2;
    return;
  }
  let served: Served<R> | undefined;
  let closing = false;

  const shutDown = async (): Promise<void> => {
    if (closing) return;
    closing = true;
    setTimeout(() => process.exit(1), CLOSING_TIME_MS).unref();
    await served?.close();
    process.exit(0);
  };
  const stop = (): void => {
    shutDown().catch((error: unknown) => {
      process.stderr.write(`${describe(error)}\n`);
      process.exit(1);
    });
  };

  // Ctrl-C reaches the whole process group; the order of closing is the parent's business.
  process.on("SIGINT", () => undefined);
  process.on("SIGHUP", () => undefined);
  process.once("SIGTERM", stop);
  process.once("disconnect", stop);
  process.once("message", (message) => {
    serve((message as ToChild<S>).settings).then(
      (result) => {
        served = result;
        tell({ ready: result.ready });
      },
      (error: unknown) => {
        tell({ failed: describe(error) }, () => process.exit(1));
      },
    );
  });

  function tell(message: ToParent<R>, sent?: () => void): void {
    // A parent that went away in the meantime is noticed by "disconnect".
    if (process.connected) process.send?.(message, undefined, undefined, () => sent?.());
    else sent?.();
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
