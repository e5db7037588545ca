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

function inTime(work: Promise<void>, limit: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error("the audit entry was not durable in time")), limit);
    work.then(resolve, reject).finally(() => clearTimeout(late));
  });
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
