import { randomUUID } from "node:crypto";
import type { AuditEntry } from "../src/audit/entry.ts";
import { runChild } from "../src/demo/process/child.ts";
import { built } from "./built.ts";
import { createPlainTrail, type PlainTrail } from "./plain-trail.ts";

export interface WriterSettings {
  readonly kind: "plain" | "chained";
  readonly databaseUrl: string;
  /** 32 bytes. */
  readonly auditKey: Uint8Array;
  readonly look: Pick<AuditEntry, "coordinates" | "categories" | "sources">;
  readonly seconds: number;
}

export interface WriterFigures {
  readonly entriesPerSecond: number;
  /** Milliseconds from `record` to durable. */
  readonly p50: number;
  readonly p99: number;
}

/** As many entries at once as a busy replica answers requests. */
const writers = 64;
const warmUpSeconds = 3;

/** A replica that does nothing but record, as fast as the trail takes it. */
runChild(async (settings: WriterSettings) => {
  const trail = await (settings.kind === "plain"
    ? createPlainTrail(settings.databaseUrl)
    : chained(settings));
  await write(trail, settings, warmUpSeconds);
  const ready = await write(trail, settings, settings.seconds);
  return { ready, close: () => trail.close() };
});

async function write(trail: PlainTrail, { look }: WriterSettings, seconds: number): Promise<WriterFigures> {
  const latencies: number[] = [];
  const started = performance.now();
  const end = started + seconds * 1_000;
  await Promise.all(
    Array.from({ length: writers }, async () => {
      for (let now = performance.now(); now < end;) {
        await trail.record(entryOf(look));
        latencies.push(performance.now() - now);
        now = performance.now();
      }
    }),
  );
  const elapsed = (performance.now() - started) / 1_000;
  const sorted = latencies.toSorted((a, b) => a - b);
  const quantile = (q: number) => sorted[Math.floor(q * sorted.length)] ?? Number.NaN;
  return { entriesPerSecond: latencies.length / elapsed, p50: quantile(0.5), p99: quantile(0.99) };
}

async function chained({ databaseUrl, auditKey }: WriterSettings): Promise<PlainTrail> {
  const { openStore } = await built<typeof import("../src/store/store.ts")>("store/store");
  const { createAuditTrail } = await built<typeof import("../src/audit/trail.ts")>("audit/trail");
  const store = await openStore({ url: databaseUrl });
  const trail = createAuditTrail(store, { key: new Uint8Array(auditKey) });
  return {
    record: (entry) => trail.record(entry),
    async close() {
      await trail.close();
      await store.close(true);
    },
  };
}

const subjectRef = randomUUID();

function entryOf(look: WriterSettings["look"]): AuditEntry {
  return {
    ...look,
    event: "READ",
    actorRole: "SUPPORT",
    actorRef: "0".repeat(64),
    actorName: null,
    subjectRef,
    purpose: "CUSTOMER_SUPPORT",
    requestId: randomUUID(),
    detail: null,
  };
}
