import { sql } from "kysely";
import { type CallOptions, SourceFailure } from "../../sources/contract.ts";
import type { Erasure, IdentifiedRecords, Kept, Remainder, Whose } from "../../sources/erasures.ts";
import {
  type ErasableType,
  ownRecord,
  traces as traceType,
  type WriteOutcome,
} from "../../sources/writes.ts";
import { normaliseStored } from "../../subjects/identifiers.ts";
import type { Database } from "./database.ts";
import { isDataException, isRefusal, toFailure } from "./failure.ts";
import { RowEraser } from "./erase-rows.ts";
import type { SqlErasures } from "./erasure-mapping.ts";
import { RecordEraser } from "./erase-record.ts";
import type { AnySqlMapping, CollectionPlan } from "./plan.ts";
import { columnRef, Selection } from "./selection.ts";
import type { Stored } from "./statement.ts";
import { Traces } from "./traces.ts";

const refused: WriteOutcome = { state: "refused" };
const scanSize = 500;

export function erasableTypes(erasures: SqlErasures | undefined): readonly ErasableType[] {
  if (!erasures) return [];
  return [
    ...Object.entries(erasures.collections).map(([recordType, { anonymise }]): ErasableType => ({
      recordType,
      manner: anonymise ? "ANONYMISE" : "ERASE",
    })),
    ...(erasures.traces ? [{ recordType: traceType, manner: "ERASE" } as const] : []),
    { recordType: ownRecord, manner: "ERASE" },
  ];
}

/** Makes the tables forget a person, and says what is left. */
export class Eraser {
  readonly #database: Database;
  readonly #mapping: AnySqlMapping;
  readonly #rows: ReadonlyMap<string, RowEraser>;
  readonly #record: RecordEraser;
  readonly #traces: readonly Traces[];

  constructor(
    database: Database,
    mapping: AnySqlMapping,
    collections: ReadonlyMap<string, CollectionPlan>,
    erasures: SqlErasures,
  ) {
    this.#database = database;
    this.#mapping = mapping;
    this.#rows = new Map(
      Object.entries(erasures.collections).flatMap(([name, how]) => {
        const plan = collections.get(name);
        const inside = [...collections.values()].filter((each) => each.name.startsWith(`${name}.`));
        return plan ? [[name, new RowEraser(database, plan, inside, how)]] : [];
      }),
    );
    this.#record = new RecordEraser(database, mapping.person, erasures.record);
    this.#traces = (erasures.traces ?? []).map((place) => new Traces(database, place));
  }

  async tally(whose: Whose, { signal }: CallOptions): Promise<ReadonlyMap<string, number>> {
    const tally = new Map<string, number>();
    for (const [name, rows] of this.#rows) tally.set(name, await rows.count(whose.recordKey, signal));
    let named = 0;
    for (const place of this.#traces) named += await place.count(whose, signal);
    if (this.#traces.length > 0) tally.set(traceType, named);
    tally.set(ownRecord, (await this.#record.isThere(whose.recordKey, signal)) ? 1 : 0);
    return tally;
  }

  async keep({ recordType, kept }: Erasure, { signal }: CallOptions): Promise<WriteOutcome> {
    const rows = kept.get(recordType) ?? [];
    if (rows.length === 0) return { state: "done" };
    const place = recordType === ownRecord ? this.#record : this.#rows.get(recordType);
    return (await place?.mark(rows, signal)) ? { state: "done" } : refused;
  }

  async erase({ whose, recordType, kept }: Erasure, { signal }: CallOptions): Promise<WriteOutcome> {
    try {
      if (recordType === traceType) await this.#eraseTraces(whose, signal);
      else if (recordType === ownRecord) {
        const isKept = (kept.get(ownRecord) ?? []).length > 0;
        if (!(await this.#record.erase(whose.recordKey, isKept, signal))) return refused;
        // The system's own rules may have written down what went.
        await this.#eraseTraces(whose, signal);
      } else await this.#rows.get(recordType)?.erase(whose.recordKey, kept.get(recordType) ?? [], signal);
      return { state: "done" };
    } catch (error) {
      const failure = toFailure(error);
      // A key that is not of the column's type is nobody's.
      if (isDataException(failure)) return { state: "absent" };
      if (isRefusal(failure)) return refused;
      throw failure;
    }
  }

  async remains(whose: Whose, kept: Kept, { signal }: CallOptions): Promise<readonly Remainder[]> {
    const left: Remainder[] = [];
    const note = (recordType: string, place: string, count: number) => {
      if (count > 0) left.push({ recordType, place, count });
    };
    for (const [name, rows] of this.#rows)
      note(
        name,
        this.#mapping.collections[name]?.table ?? name,
        await rows.left(whose.recordKey, kept.get(name) ?? [], signal),
      );
    const isKept = (kept.get(ownRecord) ?? []).length > 0;
    const isErased = await this.#record.isErased(whose.recordKey, isKept, signal);
    note(ownRecord, this.#mapping.person.table, isErased ? 0 : 1);
    for (const place of this.#traces) note(traceType, place.table, await place.count(whose, signal));
    return left;
  }

  async identified(after: string | null, { signal }: CallOptions): Promise<IdentifiedRecords> {
    const { kysely, dialect } = this.#database;
    const { table, key, identifiers } = this.#mapping.person;
    const selection = new Selection(dialect);
    const keyAlias = selection.add(key);
    const columns = identifiers.map(({ kind, column }) => ({ kind, alias: selection.add(column) }));
    const beyond = after === null ? sql`` : sql`where ${columnRef(key)} > ${after}`;
    const rows = await this.#database.read(
      sql<Stored>`select ${selection.toSql()} from ${sql.table(table)} as r ${beyond}
        order by ${columnRef(key)} ${dialect.limit(sql.lit(scanSize))}`.compile(kysely),
      signal,
    );
    const records = rows.map((row) => ({
      key: String(row[keyAlias]),
      identifiers: columns.flatMap(({ kind, alias }) => {
        const value = row[alias] === null ? null : normaliseStored(kind, String(row[alias]));
        return value === null ? [] : [{ kind, value }];
      }),
    }));
    return { records, next: rows.length < scanSize ? null : (records.at(-1)?.key ?? null) };
  }

  async #eraseTraces(whose: Whose, signal: AbortSignal): Promise<void> {
    for (const place of this.#traces) {
      await place.erase(whose, signal);
      if ((await place.count(whose, signal)) > 0) throw new SourceFailure("FAILED");
    }
  }
}
