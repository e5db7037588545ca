import type { KeyObject } from "node:crypto";
import { sql } from "kysely";
import type { Report, Snapshot } from "./integrity.ts";
import { emptyHead, headOf, macLength, type SealContent } from "./mac.ts";
import { isGenuine, storedColumns, type StoredEntry, storedMoment } from "./stored.ts";

interface StoredSeal extends Omit<SealContent, "sequences" | "previousHead" | "sealedAt"> {
  readonly previousHead: string | null;
  readonly sealedAt: string | null;
  /** JSON; an empty text where somebody left a sequence out. */
  readonly sequences: string;
  readonly head: string | null;
}

interface Promised {
  readonly sequence: string;
  /** What its seal says that it is. Hex. */
  readonly mac: string;
}

export interface Seals {
  readonly seals: number;
  /** Of the last one. Hex. */
  readonly head: string;
}

const sealsAtOnce = 200;
const entriesAtOnce = 1_000;

/** Each seal in its order, whether it follows on the one before, and each of its entries. */
export async function walkSeals(
  tx: Snapshot,
  key: KeyObject,
  { report, onHead }: { readonly report: Report; onHead(head: string): void },
): Promise<Seals> {
  let seals = 0;
  let number: string | null = null;
  let head = emptyHead(key);
  for (let page: readonly StoredSeal[]; (page = await sealsAfter(tx, number)).length > 0;) {
    const promised: Promised[] = [];
    for (const seal of page) {
      const content = contentOf(seal);
      const next = BigInt(number ?? 0) + 1n;
      const follows = BigInt(seal.number) === next && seal.previousHead === head;
      const genuine = headOf(key, content) === seal.head;
      if (!follows || !genuine) report("SEAL_BROKEN", lowestOf(content.sequences));
      if (genuine) onHead(seal.head ?? "");
      promised.push(...promisesOf(content));
      seals += 1;
      number = seal.number;
      head = seal.head ?? "";
    }
    for (let from = 0; from < promised.length; from += entriesAtOnce)
      await checkEntries(tx, key, promised.slice(from, from + entriesAtOnce), report);
  }
  await reportSealedTwice(tx, report);
  return { seals, head };
}

async function sealsAfter(tx: Snapshot, number: string | null): Promise<readonly StoredSeal[]> {
  const { rows } = await sql<StoredSeal>`
    select number::text as number, encode(previous_head, 'hex') as "previousHead",
      ${storedMoment("sealed_at")} as "sealedAt", coalesce((
        select json_agg(coalesce(s.sequence::text, '') order by s.place)
        from unnest(sequences) with ordinality s (sequence, place)), '[]')::text as sequences,
      coalesce(macs, '') as macs, encode(head, 'hex') as head
    from audit_seal where ${number}::bigint is null or audit_seal.number > ${number}::bigint
    order by audit_seal.number limit ${sealsAtOnce}`.execute(tx);
  return rows;
}

function contentOf({ number, previousHead, sealedAt, sequences, macs }: StoredSeal): SealContent {
  return {
    number,
    previousHead: previousHead ?? "",
    sealedAt: sealedAt ?? "",
    sequences: JSON.parse(sequences) as string[],
    macs,
  };
}

const isThere = (sequence: string) => sequence !== "";

function lowestOf(sequences: readonly string[]): string | null {
  const numbers = sequences.filter(isThere).map(BigInt);
  return numbers.length === 0 ? null : String(numbers.reduce((a, b) => (a < b ? a : b)));
}

function promisesOf({ sequences, macs }: SealContent): readonly Promised[] {
  const all = Buffer.from(macs.buffer, macs.byteOffset, macs.byteLength).toString("hex");
  const digits = 2 * macLength;
  return sequences
    .map((sequence, i) => ({ sequence, mac: all.slice(i * digits, (i + 1) * digits) }))
    .filter(({ sequence }) => isThere(sequence));
}

async function checkEntries(
  tx: Snapshot,
  key: KeyObject,
  promised: readonly Promised[],
  report: Report,
): Promise<void> {
  const { rows } = await sql<StoredEntry>`
    select e.sequence::text, ${storedColumns} from audit_entry e
    where e.sequence = any(${promised.map(({ sequence }) => sequence)}::bigint[])`.execute(tx);
  const entries = new Map(rows.map((entry) => [entry.sequence, entry]));
  for (const { sequence, mac } of promised) {
    const entry = entries.get(sequence);
    if (entry === undefined) report("REMOVED", sequence);
    else if (!isGenuine(key, entry)) report("CHANGED", sequence);
    else if (entry.mac !== mac) report("MOVED", sequence);
  }
}

async function reportSealedTwice(tx: Snapshot, report: Report): Promise<void> {
  const { rows } = await sql<{ sequence: string }>`
    select sequence::text from (select unnest(sequences) as sequence from audit_seal) sealed
    group by sealed.sequence having count(*) > 1 order by sealed.sequence limit 1`.execute(tx);
  for (const { sequence } of rows) report("SEALED_TWICE", sequence);
}
