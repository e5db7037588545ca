import { createSecretKey, type KeyObject, randomUUID } from "node:crypto";
import { sql } from "kysely";
import type { Store } from "../store/store.ts";
import { dbOf } from "../store/tables.ts";
import type { AuditEntry, AuditEvent } from "./entry.ts";
import { entryMac, moment } from "./mac.ts";
import { sealNext, type Seal } from "./seal.ts";
import { createSealer } from "./sealer.ts";

export interface AuditTrail {
  /** Resolves when the entry is durable; rejects when it could not be made so. */
  record(entry: AuditEntry): Promise<void>;
  /** Entries of all replicas that wait for their seal. */
  unsealed(): Promise<number>;
  /** Seals what is written and ends; the store may be closed then. */
  close(): Promise<void>;
}

export interface AuditTrailOptions {
  /** 32 bytes, the same for all replicas and for ever: what entries and seals are vouched for with. */
  readonly key: Uint8Array;
  /** Milliseconds for one insert: a database that hangs must not hold requests for ever. */
  readonly timeLimit?: number;
  readonly now?: () => Date;
  /** Milliseconds from an entry to its seal: the longer, the fewer seals. */
  readonly sealAfter?: number;
  /** Milliseconds between looks for what a replica that ended has left. */
  readonly sealEvery?: number;
  readonly onRecorded?: (event: AuditEvent) => void;
  readonly onSealed?: (seal: Seal) => void;
  /** Sealing is tried again; entries are safe meanwhile. */
  readonly onSealFailed?: (error: unknown) => void;
}

interface Pending {
  readonly row: ReturnType<typeof rowOf>;
  resolve(): void;
  reject(error: unknown): void;
}

const defaults = { timeLimit: 5_000, now: () => new Date(), sealAfter: 250, sealEvery: 10_000 };

/** Entries that come while an insert is under way go together in the next one, so that writers do not queue. */
export function createAuditTrail(store: Store, options: AuditTrailOptions): AuditTrail {
  // Prepared once: that costs five times as much as a MAC.
  const key = createSecretKey(options.key);
  const { timeLimit, now, onRecorded, ...sealing } = { ...defaults, ...options };
  const sealer = createSealer((after) => sealNext(store, key, after), sealing);
  let pending: Pending[] = [];
  let writing: Promise<void> | null = null;

  async function drain(): Promise<void> {
    while (pending.length > 0) {
      const batch = pending;
      pending = [];
      try {
        await inTime(insert(store, batch), timeLimit);
        for (const { row, resolve } of batch) {
          onRecorded?.(row.event);
          resolve();
        }
        sealer.wake();
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    writing = null;
  }

  return {
    record: (entry) =>
      new Promise((resolve, reject) => {
        pending.push({ row: rowOf(entry, key, now()), resolve, reject });
        writing ??= drain();
      }),
    unsealed: () => countUnsealed(store),
    async close() {
      await writing;
      await sealer.close();
    },
  };
}

function inTime(work: Promise<void>, limit: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error("the audit entry was not durable in time")), limit);
    work.then(resolve, reject).finally(() => clearTimeout(late));
  });
}

/** As the insert takes it: the columns in the order of `storedColumns`, which the MAC is over, then the MAC. */
function rowOf(entry: AuditEntry, key: KeyObject, at: Date) {
  const columns = {
    id: idAt(at),
    at: moment(at),
    event: entry.event,
    actor_role: entry.actorRole,
    actor_ref: entry.actorRef,
    subject_ref: entry.subjectRef,
    purpose: entry.purpose,
    request_id: entry.requestId,
    coordinates: entry.coordinates,
    categories: entry.categories,
    sources: entry.sources,
    detail: entry.detail,
    sealed_actor_name: entry.actorName === null ? null : Buffer.from(entry.actorName).toString("hex"),
  };
  return { ...columns, mac: entryMac(key, Object.values(columns)).toString("hex") };
}

/** UUIDv7 (RFC 9562): unique by chance, and in the order of time, so that the index grows at its end. */
function idAt(at: Date): string {
  const time = at.getTime().toString(16).padStart(12, "0");
  return `${time.slice(0, 8)}-${time.slice(8)}-7${randomUUID().slice(15)}`;
}

/** One statement, so that a batch is written whole or not at all, whatever its length, in one journey. */
async function insert(store: Store, batch: readonly Pending[]): Promise<void> {
  const rows = JSON.stringify(batch.map(({ row }) => row));
  await sql`
    with written as (
      insert into audit_entry (id, at, event, actor_role, actor_ref, subject_ref, purpose, request_id,
        coordinates, categories, sources, detail, sealed_actor_name, mac)
      select id, at, event, actor_role, actor_ref, subject_ref, purpose, request_id,
        coordinates, categories, sources, detail, decode(sealed_actor_name, 'hex'), decode(mac, 'hex')
      from jsonb_to_recordset(${rows}::jsonb) as given (id uuid, at timestamptz, event text, actor_role text,
        actor_ref text, subject_ref text, purpose text, request_id text, coordinates text[], categories text[],
        sources text[], detail text, sealed_actor_name text, mac text)
      returning sequence)
    insert into audit_unsealed (sequence) select sequence from written`.execute(dbOf(store));
}

async function countUnsealed(store: Store): Promise<number> {
  const { rows } = await sql<{
    entries: number;
  }>`select count(*)::int as entries from audit_unsealed`.execute(dbOf(store));
  return rows[0]?.entries ?? 0;
}
