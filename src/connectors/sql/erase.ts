import { SourceFailure } from "../../sources/contract.ts";
import type { Erasure, Kept, OfRecord, Remainder, Things, Whose } from "../../sources/erasures.ts";
import {
  type ErasableType,
  ownRecord,
  traces as traceType,
  type WriteOutcome,
} from "../../sources/writes.ts";
import type { Database, Run } from "./database.ts";
import type { Judging } from "./end-rows.ts";
import { RecordEraser } from "./erase-record.ts";
import { RowEraser } from "./erase-rows.ts";
import type { SqlErasures } from "./erasure-mapping.ts";
import { isDataException, isRefusal, toFailure } from "./failure.ts";
import { isTouched, KeptRows } from "./kept-rows.ts";
import { LivingRecords } from "./living-records.ts";
import { OthersRows } from "./others-rows.ts";
import type { AnySqlMapping, CollectionPlan } from "./plan.ts";
import type { Progress } from "./rows.ts";
import { TracePlaces } from "./trace-places.ts";
import { type TraceErasure, Traces } from "./traces.ts";

const refused: WriteOutcome = { state: "refused" };

/** Milliseconds after which one call leaves the rest to the next. */
const longestCall = 3_000;

export function erasableTypes(erasures: SqlErasures | undefined): readonly ErasableType[] {
  if (!erasures) return [];
  return [
    // Of a row that stays where others are named beside the person, no more is promised.
    ...Object.entries(erasures.collections).map(([recordType, { anonymise, shared }]): ErasableType => ({
      recordType,
      manner: anonymise || shared ? "ANONYMISE" : "ERASE",
    })),
    ...(erasures.traces ? [{ recordType: traceType, manner: "ERASE" } as const] : []),
    // Where the system keeps an emptied row, that is what a person is shown.
    { recordType: ownRecord, manner: erasures.record.stays ? "ANONYMISE" : "ERASE" },
  ];
}

const nothingKept: Kept = new Map();
const nothingToDo: Progress = { erased: 0, finished: true };

export interface EraserParts {
  readonly database: Database;
  readonly mapping: AnySqlMapping;
  readonly plans: ReadonlyMap<string, CollectionPlan>;
  /** Rejects unless the canary is seen, with what it has in the collections: that nothing is left is not believed otherwise. */
  readonly seen: (collections: readonly string[], signal: AbortSignal) => Promise<void>;
  /** As the driver names it, of the column with the keys of records. */
  readonly keyType: () => string;
  /** Rejects unless it is found. */
  readonly canary: (signal: AbortSignal) => Promise<OfRecord>;
}

/** Makes the tables forget a person, and says what is left. */
export class Eraser {
  readonly #parts: EraserParts;
  readonly #rows: ReadonlyMap<string, RowEraser>;
  readonly #record: RecordEraser;
  readonly #traces: TracePlaces;
  readonly #others: OthersRows;

  constructor(parts: EraserParts, erasures: SqlErasures) {
    const { database, mapping } = parts;
    this.#parts = parts;
    const keptRows = new KeptRows(database, mapping);
    this.#rows = rowErasers(parts, erasures, keptRows);
    this.#record = new RecordEraser(database, mapping.person, erasures.record, keptRows);
    const living = new LivingRecords({
      ...parts,
      canary: async (signal) => (await parts.canary(signal)).recordKey,
    });
    const own = { database, records: mapping.person.table, living };
    const places = (erasures.traces ?? []).map((place) => new Traces(place, keptRows, own));
    this.#traces = new TracePlaces(places, parts.canary);
    this.#others = new OthersRows(database, mapping, erasures);
  }

  async usedAlone(recordKey: string, signal: AbortSignal): Promise<Things> {
    const things: Record<string, readonly string[]> = {};
    for (const [name, rows] of this.#rows) {
      const used = await rows.things(recordKey, signal);
      if (used) things[name] = used;
    }
    return things;
  }

  async tally(whose: Whose, signal: AbortSignal): Promise<ReadonlyMap<string, number>> {
    const tally = new Map<string, number>();
    const known = recordOf(whose);
    for (const [name, rows] of this.#rows) tally.set(name, known ? await rows.left(known, [], signal) : 0);
    const named = await this.#traces.counts(whose, signal);
    if (!this.#traces.isNowhere)
      tally.set(
        traceType,
        named.reduce((sum, { count }) => sum + count, 0),
      );
    tally.set(ownRecord, (await this.#isThere(whose.recordKey, signal)) ? 1 : 0);
    await this.#seen(signal);
    return tally;
  }

  async keep({ whose, recordType, kept }: Erasure, signal: AbortSignal): Promise<WriteOutcome> {
    const rows = kept.get(recordType) ?? [];
    const known = recordOf(whose);
    if (rows.length === 0 || !known) return { state: "done" };
    return this.#certain(whose, signal, async () => {
      const isMarked =
        recordType === ownRecord
          ? await this.#record.mark(known.recordKey, rows, signal)
          : await this.#rows.get(recordType)?.mark(known, rows, signal);
      return isMarked ? { state: "done" } : refused;
    });
  }

  async erase(erasure: Erasure, signal: AbortSignal): Promise<WriteOutcome> {
    const { whose, recordType } = erasure;
    return this.#certain(whose, signal, async () => {
      const progress = await this.#erase(erasure, Date.now() + longestCall, signal);
      if (progress === null) return refused;
      if (!progress.finished) return { state: "retry", at: new Date() };
      // What went may have been traces, and the record be there unseen.
      if (progress.erased === 0 || recordType === ownRecord)
        await this.#parts.seen(this.#rows.has(recordType) ? [recordType] : [], signal);
      if (progress.erased > 0) return { state: "done" };
      return { state: (await this.#isThere(whose.recordKey, signal)) ? "done" : "absent" };
    });
  }

  async remains(whose: Whose, kept: Kept, signal: AbortSignal): Promise<readonly Remainder[]> {
    const known = recordOf(whose);
    const { collections, person } = this.#parts.mapping;
    const left: Remainder[] = [];
    for (const [name, rows] of this.#rows) {
      const count = known ? await rows.left(known, kept.get(name) ?? [], signal) : 0;
      left.push({ recordType: name, place: collections[name]?.table ?? name, count });
    }
    const isKept = (kept.get(ownRecord) ?? []).length > 0;
    const isErased = !known || (await this.#record.isErased(known.recordKey, isKept, signal));
    left.push({ recordType: ownRecord, place: person.table, count: isErased ? 0 : 1 });
    for (const { table, count } of await this.#traces.counts(whose, signal))
      left.push({ recordType: traceType, place: table, count });
    left.push(
      ...(await this.#traces.ofOthers(whose, signal)),
      ...(await this.#others.remains(whose, signal)),
    );
    await this.#seen(signal);
    return left.filter(({ count }) => count > 0);
  }

  /** As `RowEnder.end`; `recordType` is a collection. What the system's own rules write down of it goes as well. */
  async endRows(
    recordType: string,
    keys: readonly string[],
    judging: Judging,
    signal: AbortSignal,
  ): Promise<void> {
    const rows = this.#rows.get(recordType);
    if (!rows) throw new SourceFailure("FAILED");
    const { guard } = judging;
    const watched: Judging["guard"] = (run, going, work) =>
      guard(run, going, () => this.#traces.watch(run, going.records, work));
    await this.#parts.database.write(
      (run) => rows.ender.end(run, keys, { ...judging, guard: watched }),
      signal,
    );
  }

  /**
   * A record that is over goes, and its traces with it, but for rows with a rule of their own that still keeps them (`only`).
   * False: the time is up, and there are more traces.
   */
  async endRecord(
    whose: OfRecord,
    { stillSo, only }: Pick<Judging, "stillSo"> & Pick<TraceErasure, "only">,
    until: number,
    signal: AbortSignal,
  ): Promise<boolean> {
    const { recordKey } = whose;
    const isOver = async (run: Run) => (await stillSo(run, [recordKey])).has(recordKey);
    await this.#record.erase(recordKey, nothingKept, signal, isOver);
    // It is in use again, or is kept.
    if (await this.#record.isThere(recordKey, signal)) return true;
    return (await this.#traces.erase(whose, { kept: nothingKept, ...(only && { only }) }, until, signal))
      .finished;
  }

  /** Null: the system does not do it. */
  async #erase(erasure: Erasure, until: number, signal: AbortSignal): Promise<Progress | null> {
    const { whose, recordType, kept } = erasure;
    const known = recordOf(whose);
    if (recordType === traceType && !this.#traces.isNowhere)
      return this.#traces.erase(whose, { kept }, until, signal);
    if (recordType !== ownRecord) {
      const rows = this.#rows.get(recordType);
      if (!rows) return null;
      return known ? rows.erase(known, kept, until, signal) : nothingToDo;
    }
    const changed = known ? await this.#record.erase(known.recordKey, kept, signal) : false;
    if (changed === null) return null;
    // What a system does at the end of a transaction is seen after it.
    const isKept = (kept.get(ownRecord) ?? []).length > 0;
    if (changed && known && !(await this.#record.isErased(known.recordKey, isKept, signal)))
      throw new SourceFailure("FAILED");
    // The system's own rules may have written down what went.
    const { erased, finished } = await this.#traces.erase(whose, { kept }, until, signal);
    return { erased: erased + (changed ? 1 : 0), finished };
  }

  async #certain(
    { recordKey }: Whose,
    signal: AbortSignal,
    work: () => Promise<WriteOutcome>,
  ): Promise<WriteOutcome> {
    if (await this.#isNobody(recordKey, signal)) {
      await this.#parts.seen([], signal);
      return { state: "absent" };
    }
    try {
      return await work();
    } catch (error) {
      const failure = toFailure(error);
      if (isRefusal(failure) || isTouched(failure)) return refused;
      throw failure;
    }
  }

  /** A key that is not of the column's type is nobody's. */
  async #isNobody(recordKey: string | null, signal: AbortSignal): Promise<boolean> {
    try {
      await this.#isThere(recordKey, signal);
      return false;
    } catch (error) {
      if (isDataException(toFailure(error))) return true;
      throw error;
    }
  }

  async #isThere(recordKey: string | null, signal: AbortSignal): Promise<boolean> {
    return recordKey !== null && this.#record.isThere(recordKey, signal);
  }

  #seen(signal: AbortSignal): Promise<void> {
    return this.#parts.seen([...this.#rows.keys()], signal);
  }
}

/** In the order of the mapping: what goes through a collection is before it. */
function rowErasers(
  { database, plans }: EraserParts,
  erasures: SqlErasures,
  keptRows: KeptRows,
): ReadonlyMap<string, RowEraser> {
  const erasers = new Map<string, RowEraser>();
  for (const [name, how] of Object.entries(erasures.collections)) {
    const plan = plans.get(name);
    if (!plan) continue;
    const hanging = [...erasers.entries()].flatMap(([other, rows]) =>
      plans.get(other)?.table.through?.collection === name ? [rows] : [],
    );
    erasers.set(name, new RowEraser(database, plan, { plans, how, keptRows, hanging }));
  }
  return erasers;
}

/** Null: there is no record that anything could hang on. */
function recordOf(whose: Whose): OfRecord | null {
  const { recordKey } = whose;
  return recordKey === null ? null : { ...whose, recordKey };
}
