/**
 * Calls `gone` once when the process that started this one has ended. `npm start` forwards Ctrl-C and SIGTERM, but an
 * npm killed by force cannot, and would leave us running.
 *
 * @returns stops watching
 */
export function watchParent(gone: () => void, everyMs = 500): () => void {
  const parent = process.ppid;
  const timer = setInterval(() => {
    // An orphan is handed to another process; on Windows the number stays, and the process is gone.
    if (process.ppid !== parent || !isAlive(parent)) {
      clearInterval(timer);
      gone();
    }
  }, everyMs);
  timer.unref();
  return () => clearInterval(timer);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
