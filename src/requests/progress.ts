import pg from "pg";
import { changes } from "./advance.ts";

/** Tells of changes to requests, whichever replica made them. */
export interface Progress {
  /** Resolves when the request may have changed since the call, and after `patience` milliseconds at the latest. */
  changed(requestId: string, patience: number, signal?: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** Milliseconds between two tries to listen. */
const reconnectAfter = 1_000;

/** Listens on a connection of its own; while that is lost, `changed` resolves by patience alone. */
export function watchProgress(databaseUrl: string): Progress {
  const waiting = new Map<string, Set<() => void>>();
  let closed = false;
  let client: pg.Client | undefined;
  let timer: NodeJS.Timeout | undefined;
  const lost = (gone: pg.Client) => {
    if (client !== gone) return;
    client = undefined;
    void gone.end().catch(() => undefined);
    if (!closed) timer = setTimeout(() => void listen(), reconnectAfter).unref();
  };
  const listen = async () => {
    const opening = new pg.Client({
      connectionString: databaseUrl,
      application_name: "innsyn progress",
      keepAlive: true,
    });
    client = opening;
    opening.on("error", () => lost(opening)).on("end", () => lost(opening));
    opening.on("notification", ({ payload = "" }) => waiting.get(payload)?.forEach((wake) => wake()));
    try {
      await opening.connect();
      await opening.query(`listen ${changes}`);
      // What was told in the meantime is not told again.
      for (const woken of waiting.values()) woken.forEach((wake) => wake());
    } catch {
      lost(opening);
    }
  };
  const listening = listen();
  return {
    changed(requestId, patience, signal) {
      return new Promise((resolve) => {
        const woken = waiting.get(requestId) ?? new Set();
        waiting.set(requestId, woken);
        const wake = () => {
          clearTimeout(late);
          signal?.removeEventListener("abort", wake);
          woken.delete(wake);
          if (woken.size === 0) waiting.delete(requestId);
          resolve();
        };
        const late = setTimeout(wake, patience);
        woken.add(wake);
        signal?.addEventListener("abort", wake, { once: true });
        if (signal?.aborted) wake();
      });
    },
    async close() {
      closed = true;
      clearTimeout(timer);
      await listening;
      const open = client;
      client = undefined;
      await open?.end();
    },
  };
}
