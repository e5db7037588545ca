import DataLoader from "dataloader";
import {
  type CallOptions,
  type CountedGroup,
  type CountRequest,
  type Finding,
  type Identity,
  InvalidCursor,
  type Page,
  type PageRequest,
  type Row,
  type Source,
  SourceFailure,
  type SourceFailureReason,
} from "./contract.ts";
import { createWitness, type Witness } from "./witness.ts";

/** One request's view of every source: reads that happen together become one call per source. */
export interface SourceReader {
  /** Keys of all there are. */
  readonly sources: readonly string[];
  /** All reject with `SourceUnavailable`; `page` also with `InvalidCursor`. */
  find(source: string, identity: Identity): Promise<Finding>;
  page(source: string, collection: string, request: PageRequest): Promise<Page>;
  list(source: string, collection: string, parentKey: string): Promise<readonly Row[]>;
  count(source: string, recordKey: string): Promise<number>;
  countBy(source: string, request: CountRequest): Promise<readonly CountedGroup[]>;
  /** What has been read counts no more; the source's time for the request starts anew. */
  forget(): void;
}

/** A source that could not answer in this request. */
export class SourceUnavailable extends Error {
  override readonly name = "SourceUnavailable";
  readonly source: string;
  readonly reason: SourceFailureReason;
  constructor(source: string, reason: SourceFailureReason, options?: ErrorOptions) {
    super(`${source}: ${reason}`, options);
    this.source = source;
    this.reason = reason;
  }
}

export interface SourceCall {
  readonly source: string;
  readonly operation: "find" | "page" | "list" | "count" | "countBy";
  readonly seconds: number;
  readonly outcome: "ok" | "invalid_cursor" | SourceFailureReason;
}

export interface SourceReaderOptions {
  /** Milliseconds that a source has for everything this request asks of it; absent: 2000. */
  readonly timeLimits?: ((source: string) => number) | undefined;
  /** Aborted when the client is gone. */
  readonly signal?: AbortSignal | undefined;
  readonly onCall?: ((call: SourceCall) => void) | undefined;
  /** Shared between requests; absent: the canary is looked for at every empty answer. */
  readonly witness?: Witness | undefined;
}

const defaultTimeLimit = 2_000;

/** Made per request and never shared: what one caller was shown must not be found by another. */
export function createSourceReader(
  sources: ReadonlyMap<string, Source>,
  options: SourceReaderOptions = {},
): SourceReader {
  const open = new Map<string, SourceLoaders>();
  const loaders = (key: string): SourceLoaders => {
    let found = open.get(key);
    if (!found) {
      const source = sources.get(key);
      if (!source) throw new SourceUnavailable(key, "UNREACHABLE");
      open.set(key, (found = new SourceLoaders(source, options)));
      if (options.signal?.aborted) found.end(options.signal.reason);
    }
    return found;
  };
  const { signal } = options;
  signal?.addEventListener("abort", () => open.forEach((each) => each.end(signal.reason)), { once: true });
  return {
    sources: [...sources.keys()],
    // What the organisation does not have holds nothing.
    find: async (source, identity) =>
      sources.has(source) ? loaders(source).find.load(identity) : { state: "NOT_HELD" },
    page: async (source, collection, request) => loaders(source).page(collection).load(request),
    list: async (source, collection, key) => loaders(source).list(collection).load(key),
    count: async (source, key) => loaders(source).count.load(key),
    countBy: async (source, request) => loaders(source).countBy(request),
    forget: () => open.clear(),
  };
}

class SourceLoaders {
  readonly #source: Source;
  readonly #onCall: SourceReaderOptions["onCall"];
  readonly #witness: Witness;
  readonly #budget: Budget;
  readonly #pages = new Map<string, DataLoader<PageRequest, Page, string>>();
  readonly #lists = new Map<string, DataLoader<string, readonly Row[]>>();
  readonly find: DataLoader<Identity, Finding>;
  readonly count: DataLoader<string, number>;

  constructor(source: Source, options: SourceReaderOptions) {
    this.#source = source;
    this.#onCall = options.onCall;
    this.#witness = options.witness ?? createWitness(0);
    this.#budget = new Budget(options.timeLimits?.(source.key) ?? defaultTimeLimit);
    this.find = new DataLoader((identities) =>
      this.#call("find", identities.length, (call) => source.find(identities, call)),
    );
    this.count = new DataLoader((keys) =>
      this.#call("count", keys.length, (call) => source.count(keys, call)),
    );
  }

  /** What is asked from now on, and what is being waited for, is given up. */
  end(reason: unknown): void {
    this.#budget.end(reason);
  }

  page(collection: string): DataLoader<PageRequest, Page, string> {
    return getOrSet(this.#pages, collection, () => {
      const load = (requests: readonly PageRequest[]) =>
        this.#call("page", requests.length, async (call) => {
          const pages = await this.#source.page(collection, requests, call);
          // Past the end of a list that has rows, emptiness is no news.
          await this.#believe(
            collection,
            call,
            (i) => requests[i]?.after === undefined && pages[i]?.rows.length === 0,
            pages,
          );
          return pages;
        });
      return new DataLoader(load, {
        cacheKeyFn: ({ recordKey, first, after }) => JSON.stringify([recordKey, first, after]),
      });
    });
  }

  list(collection: string): DataLoader<string, readonly Row[]> {
    return getOrSet(
      this.#lists,
      collection,
      () =>
        new DataLoader((keys: readonly string[]) =>
          this.#call("list", keys.length, async (call) => {
            const lists = await this.#source.list(collection, keys, call);
            await this.#believe(collection, call, (i) => lists[i]?.length === 0, lists);
            return lists;
          }),
        ),
    );
  }

  async countBy(request: CountRequest): Promise<readonly CountedGroup[]> {
    const [groups = []] = await this.#call("countBy", 1, async (call) => {
      if (!this.#source.countBy) throw new SourceFailure("NOT_COUNTABLE");
      return [await this.#source.countBy(request, call)];
    });
    return groups;
  }

  /** A nested list is empty for many a row; its collection's own canary stands above it. */
  async #believe(
    collection: string,
    call: CallOptions,
    isEmpty: (index: number) => boolean,
    answers: readonly unknown[],
  ): Promise<void> {
    if (collection.includes(".") || !answers.some((_, index) => isEmpty(index))) return;
    await this.#witness(this.#source, collection, call);
  }

  async #call<T>(
    operation: SourceCall["operation"],
    asked: number,
    call: (options: CallOptions) => Promise<readonly T[]>,
  ): Promise<readonly T[]> {
    const started = performance.now();
    let outcome: SourceCall["outcome"] = "ok";
    try {
      const answers = await this.#budget.spend(call);
      if (answers.length !== asked) throw new SourceFailure("FAILED");
      return answers;
    } catch (error) {
      if (error instanceof InvalidCursor) {
        outcome = "invalid_cursor";
        throw error;
      }
      outcome = error instanceof SourceFailure ? error.reason : "FAILED";
      throw new SourceUnavailable(this.#source.key, outcome, { cause: error });
    } finally {
      this.#onCall?.({
        source: this.#source.key,
        operation,
        seconds: (performance.now() - started) / 1_000,
        outcome,
      });
    }
  }
}

/** The time that one source has within one request, from its first call on. */
class Budget {
  readonly #limit: number;
  readonly #over = new AbortController();
  /** Kept here rather than as listeners of the signal, which cost more than many a call. */
  readonly #waiting = new Set<() => void>();
  #end: number | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Rejects when the time is over, whether or not the connector minds the signal. */
  spend<T>(call: (options: CallOptions) => Promise<T>): Promise<T> {
    this.#start();
    const { signal } = this.#over;
    return new Promise<T>((resolve, reject) => {
      const giveUp = () => reject(new SourceFailure("TIMED_OUT", { cause: signal.reason }));
      if (signal.aborted) return giveUp();
      this.#waiting.add(giveUp);
      // Asynchronous, since a connector may throw before it returns a promise.
      const answer = async () => call({ signal });
      void answer()
        .then(resolve, reject)
        .finally(() => this.#done(giveUp));
    });
  }

  end(reason: unknown): void {
    if (this.#over.signal.aborted) return;
    this.#over.abort(reason);
    for (const giveUp of this.#waiting) giveUp();
  }

  #start(): void {
    this.#end ??= performance.now() + this.#limit;
    if (this.#waiting.size > 0 || this.#over.signal.aborted) return;
    const left = this.#end - performance.now();
    const giveUp = () => this.end("time is over");
    if (left > 0) this.#timer = setTimeout(giveUp, left).unref();
    else giveUp();
  }

  /** Most requests are done long before their time: timers that only wait would pile up. */
  #done(giveUp: () => void): void {
    this.#waiting.delete(giveUp);
    if (this.#waiting.size === 0) clearTimeout(this.#timer);
  }
}

function getOrSet<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) map.set(key, (value = make()));
  return value;
}
