import pg from "pg";
import type { AuditEntry } from "../src/audit/entry.ts";

export interface PlainTrail {
  record(entry: AuditEntry): Promise<void>;
  close(): Promise<void>;
}

const table = `drop table if exists plain_entry; create table plain_entry (
  sequence bigint generated always as identity primary key, at timestamptz not null, event text not null,
  actor_role text, actor_ref text, subject_ref text, purpose text, request_id text not null,
  coordinates text[] not null, categories text[] not null, sources text[] not null, detail text,
  sealed_actor_name bytea);
  create index on plain_entry (subject_ref, sequence desc)`;
const names =
  "at, event, actor_role, actor_ref, subject_ref, purpose, request_id, coordinates, categories, sources, detail";
const insert = `insert into plain_entry (${names})
  select ${names} from jsonb_populate_recordset(null::plain_entry, $1::jsonb)`;

/** The same entries, group-committed alike, but neither vouched for nor chained: what the chain is compared with. */
export async function createPlainTrail(databaseUrl: string): Promise<PlainTrail> {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 2 });
  await pool.query(table);
  let pending: { row: object; resolve(): void; reject(error: unknown): void }[] = [];
  let writing = false;

  async function drain(): Promise<void> {
    writing = true;
    while (pending.length > 0) {
      const batch = pending;
      pending = [];
      await pool.query(insert, [JSON.stringify(batch.map(({ row }) => row))]).then(
        () => batch.forEach(({ resolve }) => resolve()),
        (error: unknown) => batch.forEach(({ reject }) => reject(error)),
      );
    }
    writing = false;
  }

  return {
    record: (entry) =>
      new Promise((resolve, reject) => {
        const { actorRole, actorRef, subjectRef, requestId, actorName: _, ...rest } = entry;
        const row = {
          ...rest,
          at: new Date(),
          actor_role: actorRole,
          actor_ref: actorRef,
          subject_ref: subjectRef,
          request_id: requestId,
        };
        pending.push({ row, resolve, reject });
        if (!writing) void drain();
      }),
    close: () => pool.end(),
  };
}
