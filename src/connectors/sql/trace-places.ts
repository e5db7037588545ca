import { SourceFailure } from "../../sources/contract.ts";
import type { Remainder, Whose } from "../../sources/erasures.ts";
import { traces as traceType } from "../../sources/writes.ts";
import type { Run } from "./database.ts";
import type { Progress } from "./rows.ts";
import type { TraceErasure, Traces } from "./traces.ts";

/** Every place that names people beside their record. That there is nothing is believed of one that shows the canary. */
export class TracePlaces {
  readonly #places: readonly Traces[];
  readonly #canary: (signal: AbortSignal) => Promise<Whose>;

  constructor(places: readonly Traces[], canary: (signal: AbortSignal) => Promise<Whose>) {
    this.#places = places;
    this.#canary = canary;
  }

  get isNowhere(): boolean {
    return this.#places.length === 0;
  }

  async counts(
    whose: Whose,
    signal: AbortSignal,
  ): Promise<readonly { readonly table: string; readonly count: number }[]> {
    const counts = [];
    for (const place of this.#places) {
      const count = await place.count(whose, signal);
      if (count === 0) await this.#show(place, signal);
      counts.push({ table: place.table, count });
    }
    return counts;
  }

  /** Rows of others' that hold an identifier of the person, and nothing else in that column. */
  async ofOthers(whose: Whose, signal: AbortSignal): Promise<readonly Remainder[]> {
    const left: Remainder[] = [];
    for (const place of this.#places) {
      const count = await place.countOthers(whose, signal);
      left.push({ recordType: traceType, place: place.table, count, ofOthers: true });
    }
    return left;
  }

  /** @param until when the rest is left to the next call, in milliseconds since 1970 */
  async erase(
    whose: Whose,
    { kept, only }: TraceErasure,
    until: number,
    signal: AbortSignal,
  ): Promise<Progress> {
    let erased = 0;
    for (const place of this.#places) {
      const progress = await place.erase(whose, { kept, only: only?.get(place.table) }, until, signal);
      if (progress.erased === 0) await this.#show(place, signal);
      erased += progress.erased;
      if (!progress.finished) return { erased, finished: false };
    }
    return { erased, finished: true };
  }

  /** As `Traces.watch`, in every place. */
  async watch(run: Run, records: readonly string[], work: () => Promise<void>): Promise<void> {
    let watched = work;
    for (const place of this.#places) {
      const within = watched;
      watched = () => place.watch(run, records, within);
    }
    await watched();
  }

  async #show(place: Traces, signal: AbortSignal): Promise<void> {
    if (place.canaryHasNothing) return;
    if (!(await place.isAny(await this.#canary(signal), signal))) throw new SourceFailure("CANARY_NOT_FOUND");
  }
}
