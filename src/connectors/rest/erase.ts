import { SourceFailure } from "../../sources/contract.ts";
import type { Erasure, Kept, Remainder, Whose } from "../../sources/erasures.ts";
import { ownRecord, type WriteOptions, type WriteOutcome } from "../../sources/writes.ts";
import type { Call } from "./call.ts";
import { type Change, nothing, type Sent } from "./client.ts";
import type { Erased, ErasedType, ErasingRows, ErasingWay } from "./erasure-mapping.ts";
import { ErasureJobs } from "./erasure-job.ts";
import { type Left, Leftovers, type Parts, sum } from "./leftovers.ts";
import { withKey } from "./page.ts";

/** Milliseconds after which one call leaves the rest to the next. */
const longestCall = 3_000;

const refused: WriteOutcome = { state: "refused" };
const noneKept: Kept = new Map();

/** What a way said, and how much was left for it before. */
interface Tried {
  readonly left: number;
  readonly sent: Sent;
}

interface Step {
  readonly recordType: string;
  readonly kept: Kept;
  /** When the rest is left to the next call, in milliseconds since 1970. */
  readonly until: number;
  /** What there is for the way to do away with. */
  readonly left: number;
  /** Whether there still is something of it. */
  readonly isLeft: () => Promise<boolean>;
}

/** Makes an API forget a person, one record type at a time: reads what is left, does away with it, reads again. */
export class Eraser {
  readonly #parts: Parts;
  readonly #types: ReadonlyMap<string, ErasedType>;
  readonly #leftovers: Leftovers;
  readonly #jobs: ErasureJobs;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#types = new Map((parts.mapping.erasures?.types ?? []).map((type) => [type.recordType, type]));
    this.#leftovers = new Leftovers(parts);
    this.#jobs = new ErasureJobs(parts.client, parts.mapping.writes?.idempotencyHeader);
  }

  async tally(whose: Whose, signal: AbortSignal): Promise<ReadonlyMap<string, number>> {
    const look = { whose, kept: noneKept, record: await this.#read(whose, signal) };
    const counted = [...this.#types].map(async ([name, type]) => {
      // Where there is no record, what is left of an earlier one is all that there is.
      const isPlaces = name === "traces" || whose.recordKey === null;
      const count = isPlaces
        ? sum(await this.#leftovers.of(type, look, signal))
        : await this.#leftovers.rows(type, look, signal);
      return [name, count] as const;
    });
    const counts = new Map(await Promise.all(counted));
    await this.#seen([...this.#types.values()], signal);
    return counts;
  }

  /** An API marks no rows: what is to be kept in it has to be kept by hand. */
  keep({ recordType, kept }: Erasure): WriteOutcome {
    return (kept.get(recordType)?.length ?? 0) === 0 ? { state: "done" } : refused;
  }

  async erase({ whose, recordType, kept }: Erasure, given: WriteOptions): Promise<WriteOutcome> {
    const type = this.#types.get(recordType);
    if (!type) return refused;
    const { recordKey } = whose;
    const options = { ...given, idempotencyKey: `${given.idempotencyKey}/${recordType}` };
    const until = Date.now() + longestCall;
    const tried = new Map<ErasingWay, Tried>();
    for (;;) {
      const { record, left } = await this.#look(type, whose, kept, options.signal);
      if (recordKey !== null && this.#isKept(type, whose, kept) && record !== nothing)
        return this.#reduce(type, { ...whose, recordKey, record }, options);
      const next = left.find(({ count }) => count > 0);
      if (!next) {
        await this.#seen([type], options.signal);
        return record === nothing && tried.size === 0 ? { state: "absent" } : { state: "done" };
      }
      const { way } = next;
      if (!way) return refused;
      const outcome = this.#unmoved(way, left, tried);
      if (outcome) return outcome;
      if (tried.size > 0 && Date.now() > until) return { state: "retry", at: new Date() };
      const isLeft = async () => leftFor(way, (await this.#look(type, whose, kept, options.signal)).left) > 0;
      const step = { recordType, kept, until, left: leftFor(way, left), isLeft };
      const person = { ...whose, record: record === nothing ? undefined : record };
      const sent =
        recordKey === null
          ? await this.#goWithoutRecord(way, whose, step, options)
          : await this.#go(way, { ...person, recordKey }, step, options);
      if (typeof sent === "object") return sent;
      tried.set(way, { left: step.left, sent });
    }
  }

  async remains(whose: Whose, kept: Kept, signal: AbortSignal): Promise<readonly Remainder[]> {
    const record = await this.#read(whose, signal);
    const looked = [...this.#types.values()].map(async (type) => {
      const left = await this.#leftovers.of(type, { whose, kept, record }, signal);
      return left.map(({ place, count }) => ({ recordType: type.recordType, place, count }));
    });
    const remainders = (await Promise.all(looked)).flat().filter(({ count }) => count > 0);
    await this.#seen([...this.#types.values()], signal);
    return remainders;
  }

  async #look(type: ErasedType, whose: Whose, kept: Kept, signal: AbortSignal) {
    const record = await this.#read(whose, signal);
    return { record, left: await this.#leftovers.of(type, { whose, kept, record }, signal) };
  }

  async #read({ recordKey }: Whose, signal: AbortSignal): Promise<unknown> {
    return recordKey === null ? nothing : this.#parts.records.read(recordKey, signal);
  }

  /** What says that it did something and has done nothing. */
  #unmoved(way: ErasingWay, left: readonly Left[], tried: Map<ErasingWay, Tried>): WriteOutcome | undefined {
    const before = tried.get(way);
    if (!before || leftFor(way, left) < before.left) return undefined;
    if (before.sent === "refused") return refused;
    throw new SourceFailure("FAILED");
  }

  async #go(
    way: ErasingWay,
    person: Erased,
    step: Step,
    options: WriteOptions,
  ): Promise<Sent | WriteOutcome> {
    if ("eachRow" in way) return this.#eachRow(way, person, step, options);
    // It spares no row.
    const taken = [step.recordType, ...(way.alsoTakes ?? [])];
    if (taken.some((type) => (step.kept.get(type)?.length ?? 0) > 0)) return refused;
    if ("job" in way) return (await this.#jobs.run(way.job, person, step.isLeft, options)) ?? "done";
    // Another call where it is made again because less is left: not a repetition that the system has done already.
    return this.#send(way.call, person, under(options, String(step.left)));
  }

  /** By what names the person alone: a call that needs a record would be about another, or about nobody. */
  async #goWithoutRecord(
    way: ErasingWay,
    { identifiers }: Whose,
    { left }: Step,
    options: WriteOptions,
  ): Promise<Sent> {
    const call = "eachRow" in way ? undefined : way.withoutRecord;
    if (!call) return "refused";
    const { client } = this.#parts;
    const asked = { method: call.method, url: client.url(call.path, {}), body: call.body?.({ identifiers }) };
    return this.#sent(asked, under(options, String(left)));
  }

  /** Begins at the newest each time: what is gone is not met again. */
  async #eachRow({ eachRow }: ErasingRows, person: Erased, step: Step, options: WriteOptions): Promise<Sent> {
    const spared = new Set(step.kept.get(step.recordType)?.map(({ key }) => key));
    const list = this.#parts.paged.get(step.recordType);
    let said: Sent = "done";
    for await (const rows of list?.all(person.recordKey, options.signal) ?? []) {
      for (const { key } of rows.filter((row) => !spared.has(row.key))) {
        const call = { ...eachRow, path: withKey(eachRow.path, key, "{row}") };
        if ((await this.#send(call, person, under(options, key))) === "refused") said = "refused";
        if (Date.now() > step.until) return said;
      }
    }
    return said;
  }

  async #reduce(type: ErasedType, person: Erased, options: WriteOptions): Promise<WriteOutcome> {
    const { reduced } = type;
    if (!reduced) return refused;
    if (reduced.isReduced(person.record)) return { state: "done" };
    if ((await this.#send(reduced.call, person, options)) === "refused") return refused;
    const after = await this.#parts.records.read(person.recordKey, options.signal);
    if (after === nothing || !reduced.isReduced(after)) throw new SourceFailure("FAILED");
    return { state: "done" };
  }

  #send(call: Call<Erased>, person: Erased, options: WriteOptions): Promise<Sent> {
    const url = this.#parts.client.url(withKey(call.path, person.recordKey), {});
    return this.#sent({ method: call.method, url, body: call.body?.(person) }, options);
  }

  #sent(change: Change, { signal, idempotencyKey }: WriteOptions): Promise<Sent> {
    const { client, mapping } = this.#parts;
    const header = mapping.writes?.idempotencyHeader;
    const headers = header === undefined ? {} : { headers: { [header]: idempotencyKey } };
    return client.send({ ...change, ...headers }, signal);
  }

  #isKept({ recordType }: ErasedType, { recordKey }: Whose, kept: Kept): boolean {
    return recordType === ownRecord && (kept.get(ownRecord)?.some(({ key }) => key === recordKey) ?? false);
  }

  /** That nothing is left is believed of a system that shows the canary, and what the canary has. */
  async #seen(types: readonly ErasedType[], signal: AbortSignal): Promise<void> {
    const { records, person } = this.#parts;
    const record = await records.canary(signal);
    const canary = { recordKey: person.key(record), identifiers: person.identifiers(record) };
    const shown = await Promise.all(types.map((type) => this.#leftovers.shown(type, canary, record, signal)));
    if (!shown.every(Boolean)) throw new SourceFailure("CANARY_NOT_FOUND");
  }
}

const under = (options: WriteOptions, name: string): WriteOptions => ({
  ...options,
  idempotencyKey: `${options.idempotencyKey}/${name}`,
});

function leftFor(way: ErasingWay, left: readonly Left[]): number {
  return sum(left.filter((each) => each.way === way));
}
