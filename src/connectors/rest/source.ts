import {
  type CallOptions,
  type CountedGroup,
  type CountRequest,
  type Identity,
  type PageRequest,
  type Processor,
  type Row,
  SourceFailure,
  type SourceHealth,
  type SourceRecord,
} from "../../sources/contract.ts";
import type {
  ErasableSource,
  Erasure,
  IdentifiedRecords,
  Kept,
  Remainder,
  Whose,
} from "../../sources/erasures.ts";
import type { Capabilities, Correction, WriteOptions, WriteOutcome } from "../../sources/writes.ts";
import { untilAborted } from "../abort.ts";
import type { CollectionFields } from "../mapping.ts";
import { canaryIdentifier, MappingError } from "../match.ts";
import { PersonCounter } from "./count-persons.ts";
import { checkErasures } from "./check-erasures.ts";
import { nothing, RestClient } from "./client.ts";
import { Eraser } from "./erase.ts";
import { Finder } from "./find.ts";
import { at } from "./json.ts";
import { RecordListing } from "./listing.ts";
import type { RestMapping } from "./mapping.ts";
import { PagedCollection, withKey } from "./page.ts";
import { RecordReader } from "./records.ts";
import { capabilitiesOf, checkWrites, Writer } from "./write.ts";
import { WholeList } from "./whole-list.ts";
import { type AnyRestMapping, embeddedLists, PersonReader } from "./person.ts";

/** A source behind an HTTP API. Throws `MappingError` when the mapping contradicts itself; connects to nothing yet. */
export function createRestSource<Fields extends string, Collections extends CollectionFields>(
  key: string,
  processor: Processor,
  mapping: RestMapping<Fields, Collections>,
): ErasableSource {
  return new RestSource(key, processor, mapping);
}

class RestSource implements ErasableSource {
  readonly key: string;
  readonly processor: Processor;
  readonly capabilities: Capabilities;
  readonly #mapping: AnyRestMapping;
  readonly #client: RestClient;
  readonly #person: PersonReader;
  readonly #finder: Finder;
  readonly #persons: PersonCounter;
  readonly #writer: Writer;
  readonly #eraser: Eraser | undefined;
  readonly #listing: RecordListing | undefined;
  readonly #paged: ReadonlyMap<string, PagedCollection>;
  readonly #whole: ReadonlyMap<string, WholeList>;

  constructor(key: string, processor: Processor, mapping: AnyRestMapping) {
    if (!mapping.person.identifiers.some(({ kind }) => kind === mapping.canary.kind)) {
      throw new MappingError(
        `${key}: the canary is a ${mapping.canary.kind}, but no identifier of the mapping is`,
      );
    }
    checkWrites(key, mapping);
    checkErasures(key, mapping);
    if (mapping.counts && !mapping.find.paging)
      throw new MappingError(`${key}: what is counted is told by the total of find: map its paging`);
    this.key = key;
    this.processor = processor;
    this.capabilities = capabilitiesOf(mapping);
    this.#mapping = mapping;
    this.#client = new RestClient(mapping);
    this.#person = new PersonReader(mapping);
    this.#finder = new Finder(
      this.#client,
      mapping.find,
      this.#person,
      canaryIdentifier(key, mapping.canary),
    );
    this.#persons = new PersonCounter(this.#client, mapping);
    const records = new RecordReader(this.#client, mapping, this.#finder, this.#person);
    this.#writer = new Writer(this.#client, mapping, this.#finder, this.#person, records);
    this.#paged = new Map(
      Object.entries(mapping.collections).flatMap(([name, collection]) =>
        "results" in collection ? [[name, new PagedCollection(this.#client, name, collection, mapping)]] : [],
      ),
    );
    this.#whole = new Map(
      Object.entries(mapping.collections).flatMap(([name, collection]) =>
        "whole" in collection ? [[name, new WholeList(this.#client, collection, mapping.nullAs)]] : [],
      ),
    );
    const parts = {
      client: this.#client,
      mapping,
      finder: this.#finder,
      person: this.#person,
      records,
      paged: this.#paged,
      whole: this.#whole,
    };
    this.#eraser = mapping.erasures && new Eraser(parts);
    this.#listing = mapping.erasures && new RecordListing(parts, mapping.erasures.listing);
  }

  find(identities: readonly Identity[], { signal }: CallOptions) {
    return untilAborted(this.#finder.find(identities, signal), signal);
  }

  async page(collection: string, requests: readonly PageRequest[], { signal }: CallOptions) {
    const paged = this.#paged.get(collection);
    if (!paged) throw new MappingError(`${this.key}: ${collection} is not a collection to page`);
    return untilAborted(Promise.all(requests.map((request) => paged.page(request, signal))), signal);
  }

  async list(collection: string, parentKeys: readonly string[], { signal }: CallOptions) {
    const whole = this.#whole.get(collection);
    const lists = parentKeys.map(async (key): Promise<readonly Row[]> => {
      if (whole) return whole.list(key, signal);
      const list = (await this.#record(key, signal))?.lists?.[collection];
      if (!list) throw new SourceFailure("FAILED");
      return list;
    });
    return untilAborted(Promise.all(lists), signal);
  }

  async count(recordKeys: readonly string[], { signal }: CallOptions) {
    return untilAborted(Promise.all(recordKeys.map((key) => this.#count(key, signal))), signal);
  }

  async countBy(request: CountRequest, { signal }: CallOptions): Promise<readonly CountedGroup[]> {
    const counted = async () => {
      const canary = this.#person.key(await this.#finder.canary(signal));
      return this.#persons.count(request, canary, signal);
    };
    return untilAborted(counted(), signal);
  }

  async health({ signal }: CallOptions): Promise<SourceHealth> {
    try {
      const canary = await untilAborted(this.#finder.canary(signal), signal);
      const unseen = await this.#empty(canary, signal);
      const rights =
        unseen.length === 0 ? [] : [`the canary has no ${unseen.join(", no ")}: may these be read?`];
      const problems = [...this.#unmapped(canary), ...rights];
      return problems.length === 0
        ? { ok: true, unseen }
        : { ok: false, unseen, detail: problems.join("; ") };
    } catch (error) {
      return { ok: false, detail: error instanceof SourceFailure ? error.reason : "FAILED" };
    }
  }

  async rectify(recordKey: string, correction: Correction, options: WriteOptions): Promise<WriteOutcome> {
    return untilAborted(this.#writer.rectify(recordKey, correction, options), options.signal);
  }

  async restrict(recordKey: string, restricted: boolean, options: WriteOptions): Promise<WriteOutcome> {
    return untilAborted(this.#writer.restrict(recordKey, restricted, options), options.signal);
  }

  async suppress(recordKey: string, suppressed: boolean, options: WriteOptions): Promise<WriteOutcome> {
    return untilAborted(this.#writer.suppress(recordKey, suppressed, options), options.signal);
  }

  async withdrawals(since: Date | null, { signal }: Pick<WriteOptions, "signal">) {
    return untilAborted(this.#writer.withdrawals(since, signal), signal);
  }

  async tally(whose: Whose, { signal }: CallOptions): Promise<ReadonlyMap<string, number>> {
    return untilAborted(this.#eraser?.tally(whose, signal) ?? unmapped(), signal);
  }

  async keep(erasure: Erasure): Promise<WriteOutcome> {
    return this.#eraser?.keep(erasure) ?? { state: "refused" };
  }

  async erase(erasure: Erasure, options: WriteOptions): Promise<WriteOutcome> {
    if (!this.#eraser) return { state: "refused" };
    return untilAborted(this.#eraser.erase(erasure, options), options.signal);
  }

  async remains(whose: Whose, kept: Kept, { signal }: CallOptions): Promise<readonly Remainder[]> {
    return untilAborted(this.#eraser?.remains(whose, kept, signal) ?? unmapped(), signal);
  }

  async identified(after: string | null, options: CallOptions): Promise<IdentifiedRecords> {
    return untilAborted(this.#listing?.next(after, options) ?? unmapped(), options.signal);
  }

  async close(): Promise<void> {
    await this.#client.close();
  }

  async #record(key: string, signal: AbortSignal): Promise<Omit<SourceRecord, "identifiers"> | undefined> {
    const endpoint = this.#mapping.record;
    if (!endpoint)
      throw new SourceFailure("FAILED", { cause: new MappingError(`${this.key}: no record endpoint`) });
    const answer = await this.#client.get(this.#client.url(withKey(endpoint.path, key), {}), signal);
    return answer === nothing ? undefined : this.#person.record(at(answer, endpoint.result));
  }

  async #count(key: string, signal: AbortSignal): Promise<number> {
    const embedded = embeddedLists(this.#mapping.collections).length > 0;
    const record = embedded ? this.#record(key, signal) : Promise.resolve(undefined);
    const counted = [...this.#paged.values(), ...this.#whole.values()].map((each) => each.count(key, signal));
    const [held, ...counts] = await Promise.all([record, ...counted]);
    const rows = Object.values(held?.lists ?? {}).reduce((sum, list) => sum + list.length, 0);
    return 1 + rows + counts.reduce((sum, count) => sum + count, 0);
  }

  #unmapped(canary: unknown): string[] {
    const members = this.#person.unmapped(canary);
    if (members.length === 0) return [];
    return [`neither mapped, nor in other, nor in notPersonal: ${members.join(", ")}`];
  }

  async #empty(canary: unknown, signal: AbortSignal): Promise<string[]> {
    const { key } = this.#person.record(canary);
    const counts = [...this.#paged, ...this.#whole].map(async ([name, collection]) => {
      return [name, await collection.count(key, signal)] as const;
    });
    return (await Promise.all(counts)).filter(([, length]) => length === 0).map(([name]) => name);
  }
}

/** Nothing is known of what the system holds, as long as the mapping does not say it. */
const unmapped = (): Promise<never> => Promise.reject(new SourceFailure("FAILED"));
