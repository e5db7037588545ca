import type { KeyObject } from "node:crypto";
import { sql } from "kysely";
import type { Store } from "../store/store.ts";
import { type Db, dbOf } from "../store/tables.ts";
import { emptyHead, headOf, moment, type SealContent } from "./mac.ts";
import { isGenuine, storedColumns, type StoredEntry } from "./stored.ts";

export interface Seal {
  readonly number: string;
  /** Entries in it. */
  readonly entries: number;
  readonly seconds: number;
  /** The head of the chain with it. Hex. */
  readonly head: string;
}

/** One step through what waits for a seal. `BUSY`: another replica is at it. */
export type SealStep =
  | "BUSY"
  | {
      readonly seal: Seal | null;
      /** Where the next step goes on; null: there is nothing more. */
      readonly next: string | null;
    };

/** Some milliseconds' work, and 40 kB in the seal's row. */
const batchSize = 1_000;

/**
 * Chains the waiting entries after a sequence, as many as one seal has.
 *
 * An entry that commits late is in a later seal: that its sequence is lower than one sealed before means nothing. What
 * the gateway has not written is left where it is, where the verification finds it.
 */
export function sealNext(store: Store, key: KeyObject, after: string): Promise<SealStep> {
  const started = performance.now();
  return dbOf(store)
    .transaction()
    .execute(async (tx) => {
      if (!(await isOurTurn(tx))) return "BUSY";
      const waiting = await waitingAfter(tx, after);
      const good = await genuineOf(tx, key, waiting);
      const next = waiting.length < batchSize ? null : (waiting.at(-1)?.sequence ?? null);
      if (good.length === 0) return { seal: null, next };
      const { number, head } = await append(tx, key, good);
      return {
        seal: { number, head, entries: good.length, seconds: (performance.now() - started) / 1_000 },
        next,
      };
    });
}

/**
 * Until the transaction ends. Nobody ever waits for it.
 *
 * The few entries of a seal are looked up one by one: statistics are always behind what is only added to, and a plan
 * made by them may read the whole trail for each seal.
 */
async function isOurTurn(tx: Db): Promise<boolean> {
  const { rows } = await sql<{ ours: boolean }>`
    select pg_try_advisory_xact_lock(hashtext('innsyn-audit-seal')) as ours,
      set_config('statement_timeout', '10s', true), set_config('enable_seqscan', 'off', true),
      set_config('enable_mergejoin', 'off', true), set_config('enable_hashjoin', 'off', true)`.execute(tx);
  return rows[0]?.ours === true;
}

async function waitingAfter(tx: Db, after: string): Promise<readonly StoredEntry[]> {
  const { rows } = await sql<StoredEntry>`
    select q.sequence::text, ${storedColumns}
    from audit_unsealed q left join audit_entry e on e.sequence = q.sequence
    where q.sequence > ${after} order by q.sequence limit ${batchSize}`.execute(tx);
  return rows;
}

/** A copy of an entry has a good MAC too: its id is what tells it. */
async function genuineOf(
  tx: Db,
  key: KeyObject,
  waiting: readonly StoredEntry[],
): Promise<readonly StoredEntry[]> {
  const good = waiting.filter((entry) => isGenuine(key, entry));
  const { rows: copied } = await sql<{ sequences: string[] }>`
    select array_agg(sequence::text) as sequences from audit_entry
    where id = any(${good.map(({ id }) => id)}::uuid[]) group by id having count(*) > 1`.execute(tx);
  const copies = new Set(copied.flatMap(({ sequences }) => sequences));
  return good.filter(({ sequence }) => !copies.has(sequence));
}

async function append(
  tx: Db,
  key: KeyObject,
  entries: readonly StoredEntry[],
): Promise<{ number: string; head: string }> {
  const { rows: last } = await sql<{ number: string; head: string }>`
    select number::text, encode(head, 'hex') as head from audit_seal order by audit_seal.number desc limit 1`.execute(
    tx,
  );
  const content: SealContent = {
    number: String(BigInt(last[0]?.number ?? 0) + 1n),
    previousHead: last[0]?.head ?? emptyHead(key),
    sealedAt: moment(new Date()),
    sequences: entries.map(({ sequence }) => sequence),
    macs: Buffer.concat(entries.map(({ mac }) => Buffer.from(mac, "hex"))),
  };
  const { number, previousHead, sealedAt, sequences, macs } = content;
  const head = headOf(key, content);
  await sql`
    with sealed as (delete from audit_unsealed where sequence = any(${sequences}::bigint[]))
    insert into audit_seal (number, previous_head, sealed_at, sequences, macs, head)
    values (${number}, decode(${previousHead}, 'hex'), ${sealedAt}, ${sequences}::bigint[], ${macs},
      decode(${head}, 'hex'))`.execute(tx);
  return { number, head };
}
