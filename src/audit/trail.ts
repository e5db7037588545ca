import { setTimeout as delay } from "node:timers/promises";
import { CompiledQuery } from "kysely";
import type { DataCategory, Purpose, Role } from "../access/vocabulary.ts";
import type { Store } from "../store/store.ts";

export type AuditEvent = "READ" | "REFUSED";

/** What was looked at, by whom and why: coordinates and categories, never values (GDPR Art. 5(2)). */
export interface AuditEntry {
  readonly event: AuditEvent;
  readonly actorRole: Role | null;
  /** The gateway's pseudonymous name for the person. */
  readonly subjectRef: string | null;
  readonly purpose: Purpose | null;
  readonly requestId: string;
  readonly coordinates: readonly string[];
  readonly categories: readonly DataCategory[];
  readonly sources: readonly string[];
}

export interface AuditTrail {
  /** Resolves when the entry is durable; rejects when it could not be made so. */
  record(entry: AuditEntry): Promise<void>;
}

interface Pending {
  readonly row: AuditEntry & { readonly at: Date };
  resolve(): void;
  reject(error: unknown): void;
}

export interface AuditTrailOptions {
  /** Milliseconds for one insert: a database that hangs must not hold requests for ever. */
  readonly timeLimit?: number;
  readonly now?: () => Date;
}

const defaultTimeLimit = 5_000;

/** Entries that come while an insert is under way go together in the next one, so that writers do not queue. */
export function createAuditTrail(
  store: Store,
  { timeLimit = defaultTimeLimit, now = () => new Date() }: AuditTrailOptions = {},
): AuditTrail {
  let pending: Pending[] = [];
  let writing = false;

  async function drain(): Promise<void> {
    writing = true;
    while (pending.length > 0) {
      const batch = pending;
      pending = [];
      try {
        await inTime(insert(store, batch), timeLimit);
        for (const entry of batch) entry.resolve();
      } catch (error) {
        for (const entry of batch) entry.reject(error);
      }
    }
    writing = false;
  }

  return {
    record: (entry) =>
      new Promise((resolve, reject) => {
        pending.push({ row: { ...entry, at: now() }, resolve, reject });
        if (!writing) void drain();
      }),
  };
}

async function inTime(work: Promise<void>, limit: number): Promise<void> {
  const done = new AbortController();
  const late = delay(limit, undefined, { signal: done.signal }).then(() => {
    throw new Error("the audit entry was not durable in time");
  });
  late.catch(() => undefined);
  try {
    await Promise.race([work, late]);
  } finally {
    done.abort();
  }
}

/** One statement, so that a batch is written whole or not at all, whatever its length, in one journey. */
const insertText = `insert into audit_entry
  (at, event, actor_role, subject_ref, purpose, request_id, coordinates, categories, sources)
  select at, event, actor_role, subject_ref, purpose, request_id, coordinates, categories, sources
  from jsonb_populate_recordset(null::audit_entry, $1::jsonb)`;

async function insert(store: Store, batch: readonly Pending[]): Promise<void> {
  const rows = batch.map(({ row }) => ({
    at: row.at,
    event: row.event,
    actor_role: row.actorRole,
    subject_ref: row.subjectRef,
    purpose: row.purpose,
    request_id: row.requestId,
    coordinates: row.coordinates,
    categories: row.categories,
    sources: row.sources,
  }));
  await store.em.getKysely().executeQuery(CompiledQuery.raw(insertText, [JSON.stringify(rows)]));
}
