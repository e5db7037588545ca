import type { RecordField, RecordType } from "../archive/record-type.ts";
import type { Identifier, OtherDatum, Row } from "../sources/contract.ts";
import type { ErasableSource, IdentifiedRecord } from "../sources/erasures.ts";

/** How a system's record types hang together, as the schema has them. */
export interface SourceTypes {
  readonly record: RecordType;
  readonly lists: readonly { readonly type: RecordType; readonly as: "list" | "connection" }[];
}

/** A record with all its rows, some of each list at most. */
export interface WholeRecord {
  readonly key: string;
  readonly identifiers: readonly Identifier[];
  readonly fields: Row;
  readonly other: readonly OtherDatum[];
  /** By record type. */
  readonly lists: ReadonlyMap<string, readonly Row[]>;
}

/** Rows of a list that are looked at in one record: of a person who has very many, these tell enough. */
export const mostRows = 200;

/** Every record of a system with what names it, and nothing else of it. Rejects with `SourceFailure`. */
export async function* identifiedOf(
  source: ErasableSource,
  signal: AbortSignal,
): AsyncGenerator<IdentifiedRecord> {
  let after: string | null = null;
  do {
    const { records, next } = await source.identified(after, { signal });
    yield* records;
    after = next;
  } while (after !== null);
}

/**
 * Every record of a system that is `used`, one after another; of the others nothing more is read. Records that answer to the
 * same name are each given. Rejects with `SourceFailure`.
 */
export async function* recordsOf(
  source: ErasableSource,
  types: SourceTypes,
  used: (record: IdentifiedRecord) => boolean,
  signal: AbortSignal,
): AsyncGenerator<WholeRecord> {
  let waiting: IdentifiedRecord[] = [];
  for await (const record of identifiedOf(source, signal)) {
    if (!used(record)) continue;
    waiting.push(record);
    if (waiting.length < together) continue;
    yield* batch(source, types, waiting, signal);
    waiting = [];
  }
  if (waiting.length > 0) yield* batch(source, types, waiting, signal);
}

/** Records that are asked for in one call. */
const together = 50;

async function* batch(
  source: ErasableSource,
  types: SourceTypes,
  records: readonly IdentifiedRecord[],
  signal: AbortSignal,
): AsyncGenerator<WholeRecord> {
  const named = records.filter(({ identifiers }) => identifiers.length > 0);
  const findings = await source.find(
    named.map(({ identifiers }) => ({ identifiers })),
    { signal },
  );
  for (const [at, { key }] of named.entries()) {
    const finding = findings[at];
    const found =
      finding?.state === "HELD" ? [finding.record] : finding?.state === "NEEDS_REVIEW" ? finding.records : [];
    const record = found.find((each) => each.key === key);
    if (!record) continue;
    const lists = new Map<string, readonly Row[]>();
    for (const { type, as } of types.lists)
      lists.set(type.name, record.lists?.[type.name] ?? (await rowsOf(source, type, as, key, signal)));
    yield { ...record, lists };
  }
}

async function rowsOf(
  source: ErasableSource,
  { name, fields }: RecordType,
  as: "list" | "connection",
  recordKey: string,
  signal: AbortSignal,
): Promise<readonly Row[]> {
  if (as === "list") {
    const [rows = []] = await source.list(name, [recordKey], { signal });
    return rows.slice(0, mostRows);
  }
  const [page] = await source.page(name, [{ recordKey, first: mostRows }], { signal });
  const rows = page?.rows ?? [];
  const whole: Record<string, Row[string]>[] = rows.map(({ row }) => ({ ...row }));
  for (const nested of listsIn(fields)) {
    if (whole.some((row) => nested.name in row) || rows.length === 0) continue;
    const inside = await source.list(
      `${name}.${nested.name}`,
      rows.map(({ key }) => key),
      { signal },
    );
    for (const [at, row] of whole.entries()) row[nested.name] = inside[at] ?? [];
  }
  return whole;
}

/** What the gateway itself has beside what the system holds. */
const gatewaysOwn = "statements";

export const listsIn = (fields: readonly RecordField[]) =>
  fields.flatMap((field) => ("list" in field && field.name !== gatewaysOwn ? [field] : []));
