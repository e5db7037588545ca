import {
  type CallOptions,
  type CountedGroup,
  type CountRequest,
  type PageRequest,
  type Processor,
  type Source,
  SourceFailure,
  type SourceHealth,
} from "../../sources/contract.ts";
import type {
  ErasableSource,
  Erasure,
  IdentifiedRecords,
  Kept,
  Things,
  Whose,
} from "../../sources/erasures.ts";
import type {
  Capabilities,
  Correction,
  Withdrawal,
  WriteOptions,
  WriteOutcome,
} from "../../sources/writes.ts";
import { untilAborted } from "../abort.ts";
import type { CollectionFields } from "../mapping.ts";
import { canaryIdentifier, MappingError } from "../match.ts";
import { checkMapping, findTable } from "./check.ts";
import { Counter } from "./count.ts";
import { PersonCounter } from "./count-persons.ts";
import { Database } from "./database.ts";
import { Eraser } from "./erase.ts";
import { SqlExpiring } from "./expire.ts";
import { toFailure } from "./failure.ts";
import { Finder } from "./find.ts";
import { identified } from "./identified.ts";
import { Lister } from "./list.ts";
import type { SqlMapping } from "./mapping.ts";
import { Pager } from "./page.ts";
import {
  type AnySqlMapping,
  type CollectionPlan,
  collectionOf,
  planCollections,
  planPerson,
} from "./plan.ts";
import { capabilitiesOf, Writer } from "./write.ts";

/** Milliseconds that a starting gateway waits for the source; the mapping is checked later when that is over. */
const bootPatience = 5_000;

/**
 * A source over the organisation's own tables. Rejects with `MappingError` when they are not as the mapping says;
 * a source that is merely down does not stop the start, and is checked when it first answers.
 */
export async function createSqlSource<Fields extends string, Collections extends CollectionFields>(
  key: string,
  processor: Processor,
  mapping: SqlMapping<Fields, Collections>,
): Promise<ErasableSource> {
  const source = new SqlSource(key, processor, mapping, await Database.open(mapping));
  try {
    await source.check(AbortSignal.timeout(bootPatience));
  } catch (error) {
    if (!(error instanceof SourceFailure)) {
      await source.close();
      throw error;
    }
  }
  return source;
}

class SqlSource implements ErasableSource {
  readonly key: string;
  readonly processor: Processor;
  readonly capabilities: Capabilities;
  readonly #mapping: AnySqlMapping;
  readonly #database: Database;
  readonly #collections: ReadonlyMap<string, CollectionPlan>;
  readonly #finder: Finder;
  readonly #pager = new Pager();
  readonly #lister = new Lister();
  readonly #counter: Counter;
  readonly #persons: PersonCounter;
  readonly #writer: Writer;
  readonly #eraser: Eraser | null;
  readonly expiring?: SqlExpiring;
  #checked: Promise<void> | undefined;
  #fits = false;
  #keyType = "";

  constructor(key: string, processor: Processor, mapping: AnySqlMapping, database: Database) {
    this.key = key;
    this.processor = processor;
    this.capabilities = capabilitiesOf(mapping);
    this.#mapping = mapping;
    this.#database = database;
    this.#collections = planCollections(mapping, database.dialect);
    const person = planPerson(mapping, database.dialect);
    const canary = canaryIdentifier(key, mapping.canary);
    this.#finder = new Finder(mapping, person, canary);
    this.#counter = new Counter(mapping, this.#collections);
    this.#persons = new PersonCounter(mapping);
    this.#writer = new Writer(database, mapping.person);
    const seen = (names: readonly string[], signal: AbortSignal) => this.#seen(names, signal);
    const asWhose = async (signal: AbortSignal) => ({
      recordKey: await this.#finder.canaryKey(database, signal),
      identifiers: [canary],
    });
    const keyType = () => this.#keyType;
    const parts = { database, mapping, plans: this.#collections, seen, keyType, canary: asWhose };
    const { erasures } = mapping;
    this.#eraser = erasures ? new Eraser(parts, erasures) : null;
    if (erasures && this.#eraser)
      this.expiring = new SqlExpiring({
        database,
        mapping,
        erasures,
        seen,
        eraser: this.#eraser,
        ready: (signal) => this.#ready(signal),
        find: (identities, signal) => this.#finder.find(database, identities, signal),
        canaryKey: (signal) => this.#finder.canaryKey(database, signal),
      });
  }

  /** Compares mapping and tables, once. Rejects with `MappingError`, or with `SourceFailure` to be tried again. */
  async check(signal: AbortSignal): Promise<void> {
    this.#checked ??= this.#compare();
    await untilAborted(this.#checked, signal);
  }

  async find(identities: Parameters<Source["find"]>[0], { signal }: CallOptions) {
    await this.#ready(signal);
    return this.#finder.find(this.#database, identities, signal);
  }

  async page(collection: string, requests: readonly PageRequest[], { signal }: CallOptions) {
    await this.#ready(signal);
    return this.#pager.page(this.#database, collectionOf(this.#collections, collection), requests, signal);
  }

  async list(collection: string, parentKeys: readonly string[], { signal }: CallOptions) {
    await this.#ready(signal);
    return this.#lister.list(this.#database, collectionOf(this.#collections, collection), parentKeys, signal);
  }

  async count(recordKeys: readonly string[], { signal }: CallOptions) {
    await this.#ready(signal);
    return this.#counter.count(this.#database, recordKeys, signal);
  }

  async countBy(request: CountRequest, { signal }: CallOptions): Promise<readonly CountedGroup[]> {
    await this.#ready(signal);
    const plan = collectionOf(this.#collections, request.collection);
    const canary = await this.#finder.canaryKey(this.#database, signal);
    // Rows that may not be read would be missed by nobody.
    if ((await this.#emptyCollections(canary, signal)).includes(request.collection))
      throw new SourceFailure("CANARY_NOT_FOUND");
    return this.#persons.count(this.#database, plan, request, canary, signal);
  }

  async health({ signal }: CallOptions): Promise<SourceHealth> {
    try {
      await this.check(signal);
      const canary = await this.#finder.canaryKey(this.#database, signal);
      const unseen = await this.#emptyCollections(canary, signal);
      if (unseen.length === 0) return { ok: true, unseen };
      return {
        ok: false,
        unseen,
        detail: `the canary has no ${unseen.join(", no ")}: may these tables be read?`,
      };
    } catch (error) {
      if (error instanceof MappingError) return { ok: false, detail: error.message };
      return { ok: false, detail: toFailure(error).reason };
    }
  }

  async rectify(recordKey: string, correction: Correction, { signal }: WriteOptions): Promise<WriteOutcome> {
    await this.#ready(signal);
    return this.#certain(await this.#writer.rectify(recordKey, correction, signal), signal);
  }

  async restrict(recordKey: string, restricted: boolean, { signal }: WriteOptions): Promise<WriteOutcome> {
    await this.#ready(signal);
    return this.#certain(await this.#writer.restrict(recordKey, restricted, signal), signal);
  }

  async suppress(): Promise<WriteOutcome> {
    return { state: "refused" };
  }

  async withdrawals(): Promise<readonly Withdrawal[]> {
    return [];
  }

  async usedAlone(recordKey: string, { signal }: CallOptions): Promise<Things> {
    return this.#eraser ? (await this.#erasing(signal)).usedAlone(recordKey, signal) : {};
  }

  async tally(whose: Whose, { signal }: CallOptions) {
    return (await this.#erasing(signal)).tally(whose, signal);
  }

  async keep(erasure: Erasure, { signal }: WriteOptions): Promise<WriteOutcome> {
    return this.#eraser ? (await this.#erasing(signal)).keep(erasure, signal) : { state: "refused" };
  }

  async erase(erasure: Erasure, { signal }: WriteOptions): Promise<WriteOutcome> {
    return this.#eraser ? (await this.#erasing(signal)).erase(erasure, signal) : { state: "refused" };
  }

  async remains(whose: Whose, kept: Kept, { signal }: CallOptions) {
    return (await this.#erasing(signal)).remains(whose, kept, signal);
  }

  async identified(after: string | null, { signal }: CallOptions): Promise<IdentifiedRecords> {
    await this.#ready(signal);
    const page = await identified(this.#database, this.#mapping, after, signal);
    // That these were the last is believed of a table that shows the canary.
    if (page.next === null) await this.#seen([], signal);
    return page;
  }

  async close(): Promise<void> {
    await this.#database.close();
  }

  /** A table that does not show the canary either may have hidden the row: it is not said to be absent then. */
  async #certain(outcome: WriteOutcome, signal: AbortSignal): Promise<WriteOutcome> {
    if (outcome.state === "absent") await this.#finder.canaryKey(this.#database, signal);
    return outcome;
  }

  /** Rejects unless the canary is found, with rows in each of the collections. */
  async #seen(collections: readonly string[], signal: AbortSignal): Promise<void> {
    const canary = await this.#finder.canaryKey(this.#database, signal);
    if (collections.length === 0) return;
    const unseen = await this.#emptyCollections(canary, signal);
    if (unseen.some((name) => collections.includes(name))) throw new SourceFailure("CANARY_NOT_FOUND");
  }

  async #erasing(signal: AbortSignal): Promise<Eraser> {
    await this.#ready(signal);
    if (!this.#eraser) throw new SourceFailure("FAILED");
    return this.#eraser;
  }

  async #ready(signal: AbortSignal): Promise<void> {
    if (this.#fits) return;
    try {
      await this.check(signal);
    } catch (error) {
      throw toFailure(error);
    }
  }

  async #compare(): Promise<void> {
    try {
      const tables = await this.#database.tables();
      checkMapping(this.key, this.#mapping, tables);
      const { table, key } = this.#mapping.person;
      this.#keyType = findTable(tables, table)?.columns.find(({ name }) => name === key)?.dataType ?? "";
      this.#fits = true;
    } catch (error) {
      if (error instanceof SourceFailure) this.#checked = undefined;
      throw error;
    }
  }

  async #emptyCollections(canary: string, signal: AbortSignal): Promise<string[]> {
    const request = { recordKey: canary, first: 1 };
    const top = [...this.#collections.values()].filter(({ name }) => !name.includes("."));
    const pages = top.map((plan) => this.#pager.page(this.#database, plan, [request], signal));
    const found = await Promise.all(pages);
    return top.filter((_, at) => found[at]?.[0]?.rows.length === 0).map(({ name }) => name);
  }
}
