import { type Keeping, keepingOf } from "../access/holds.ts";
import type { LegalGround } from "../access/legal-grounds.ts";
import type { CallOptions, PageRow } from "../sources/contract.ts";
import type { ErasableSource, Kept, KeptRow, Whose } from "../sources/erasures.ts";
import type { RecordLabel } from "../sources/module.ts";
import { ownRecord } from "../sources/writes.ts";
import type { KeyedHash } from "../store/keyed-hash.ts";
import type { ConnectedSource } from "../subjects/ask.ts";

/** Rows of one record type that one law keeps until one day. */
export interface KeptGroup extends Keeping {
  readonly recordType: string;
  readonly count: number;
}

export interface KeptRecord {
  readonly rows: Kept;
  readonly groups: readonly KeptGroup[];
  /** Keyed hash of what the kept rows say, their marks aside. */
  readonly digest: string;
}

export interface KeptParts {
  readonly source: ErasableSource;
  readonly labels: ConnectedSource["labels"];
  /** The day (ISO 8601) on which it is judged. */
  readonly today: string;
  readonly hash: KeyedHash;
}

const pageSize = 500;

const nothingKept: KeptRecord = { rows: new Map(), groups: [], digest: "" };

/** What the law keeps of a person's record: each row is judged by itself, page by page. Rejects with `SourceFailure`. */
export async function keptOf(
  parts: KeptParts,
  { recordKey }: Whose,
  options: CallOptions,
): Promise<KeptRecord> {
  // The law keeps records, and what hangs on them.
  if (recordKey === null) return nothingKept;
  const rows = new Map<string, readonly KeptRow[]>();
  const keepings = new Map<string, readonly Keeping[]>();
  let digest = "";
  for (const [recordType, label] of Object.entries(parts.labels)) {
    if (!keepsRows(label)) continue;
    const kept: (KeptRow & Keeping)[] = [];
    for await (const row of allRows(parts.source, recordType, recordKey, options)) {
      const keeping = keepingOf(row.row, label, parts.today);
      if (keeping === null) continue;
      kept.push({ key: row.key, ...keeping });
      digest = parts.hash(digest, recordType, row.key, JSON.stringify(unmarked(row.row, label)));
    }
    if (kept.length === 0) continue;
    rows.set(recordType, kept);
    keepings.set(recordType, kept);
  }
  for (const [recordType, label] of Object.entries(parts.labels)) {
    const own = longest(label, keepings);
    if (own === null || recordType !== ownRecord) continue;
    rows.set(ownRecord, [{ key: recordKey, until: own.until }]);
    keepings.set(ownRecord, [own]);
  }
  return { rows, groups: [...keepings].flatMap(([recordType, all]) => grouped(recordType, all)), digest };
}

/** Whether a law may keep something of the record type. */
export const mayBeKept = (label: RecordLabel | undefined): boolean => (label?.keptBy ?? []).length > 0;

const keepsRows = ({ keptBy = [] }: RecordLabel) => keptBy.some(({ asLongAs }) => asLongAs === undefined);

async function* allRows(
  source: ErasableSource,
  collection: string,
  recordKey: string,
  options: CallOptions,
): AsyncGenerator<PageRow> {
  for (let after: string | undefined; ;) {
    const [page] = await source.page(collection, [{ recordKey, first: pageSize, after }], options);
    if (!page) return;
    yield* page.rows;
    after = page.rows.at(-1)?.cursor;
    if (!page.hasNextPage || after === undefined) return;
  }
}

/** Marks are ours to set, and what a row refers to may be gone when it is outlived. */
function unmarked(row: PageRow["row"], { keptBy = [] }: RecordLabel): PageRow["row"] {
  const aside = new Set(["restricted", "retainedUntil", ...keptBy.map(({ onlyWith }) => onlyWith)]);
  return Object.fromEntries(Object.entries(row).filter(([field]) => !aside.has(field)));
}

/** What keeps the record itself: the longest of what hangs on it. */
function longest(
  { keptBy = [] }: RecordLabel,
  keepings: ReadonlyMap<string, readonly Keeping[]>,
): Keeping | null {
  const own = keptBy.flatMap(({ ground, partOf, asLongAs = [] }) =>
    asLongAs
      .flatMap((recordType) => keepings.get(recordType) ?? [])
      .map((row) => ({
        until: row.until,
        ground: (partOf ?? row.ground) === row.ground ? ground : row.ground,
      })),
  );
  return own.sort((a, b) => b.until.localeCompare(a.until) || compareGrounds(a.ground, b.ground))[0] ?? null;
}

function grouped(recordType: string, keepings: readonly Keeping[]): KeptGroup[] {
  const groups = new Map<string, KeptGroup>();
  for (const { until, ground } of keepings) {
    const key = `${until} ${ground}`;
    groups.set(key, { recordType, until, ground, count: (groups.get(key)?.count ?? 0) + 1 });
  }
  return [...groups.values()].sort(byDay);
}

const byDay = (a: KeptGroup, b: KeptGroup) =>
  a.until.localeCompare(b.until) || compareGrounds(a.ground, b.ground);

const compareGrounds = (a: LegalGround, b: LegalGround) => a.localeCompare(b);
