import type { Kept, KeptRow, Whose } from "../../sources/erasures.ts";
import { ownRecord } from "../../sources/writes.ts";
import { nothing, type RestClient } from "./client.ts";
import type { ErasedType, ErasingWay, Place } from "./erasure-mapping.ts";
import type { Finder } from "./find.ts";
import { arrayAt, at, numberAt } from "./json.ts";
import { type PagedCollection, withKey } from "./page.ts";
import { type AnyRestMapping, embeddedLists, type PersonReader } from "./person.ts";
import type { RecordReader } from "./records.ts";
import type { WholeList } from "./whole-list.ts";

/** What is left at one place, and what would empty it. */
export interface Left {
  /** For staff: a path of the API with a name in its answer. */
  readonly place: string;
  readonly count: number;
  readonly way: ErasingWay | undefined;
}

/** What a look at one record type goes by; `record`: its JSON, or `nothing`. */
export interface Look {
  readonly whose: Whose;
  readonly kept: Kept;
  readonly record: unknown;
}

export interface Parts {
  readonly client: RestClient;
  readonly mapping: AnyRestMapping;
  readonly finder: Finder;
  readonly person: PersonReader;
  readonly records: RecordReader;
  readonly paged: ReadonlyMap<string, PagedCollection>;
  readonly whole: ReadonlyMap<string, WholeList>;
}

/** Counts what the system still has of a person. */
export class Leftovers {
  readonly #parts: Parts;
  readonly #embedded: ReadonlyMap<string, string>;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#embedded = new Map(
      embeddedLists(parts.mapping.collections).map(([name, { embedded }]) => [name, embedded]),
    );
  }

  /** The rows themselves first, then the places. */
  async of(type: ErasedType, look: Look, signal: AbortSignal): Promise<Left[]> {
    const own: Left = {
      place: this.#pathOf(type.recordType),
      count: await this.rows(type, look, signal),
      way: type.by,
    };
    const places = await Promise.all(
      (type.places ?? []).map((place) => this.#at(place, type, look.whose, signal)),
    );
    return [own, ...places.flat()];
  }

  /** Rows of the collection, or the record: those that are kept left out. */
  async rows(type: ErasedType, look: Look, signal: AbortSignal): Promise<number> {
    const { recordType } = type;
    const { recordKey } = look.whose;
    if (recordKey === null) return 0;
    if (recordType === ownRecord) return this.#record(type, look, signal);
    const { paged, whole, records } = this.#parts;
    const absent = look.record === nothing ? [400, ...records.absentStatuses] : [];
    const kept = look.kept.get(recordType) ?? [];
    const list = paged.get(recordType);
    if (list && kept.length > 0) return besides(list, recordKey, kept, signal);
    if (list) return list.count(recordKey, signal, absent);
    const short = whole.get(recordType);
    if (short) return short.count(recordKey, signal, absent);
    const embedded = this.#embedded.get(recordType);
    if (embedded === undefined || look.record === nothing) return 0;
    return this.#parts.person.record(look.record).lists?.[recordType]?.length ?? 0;
  }

  /** Whether the canary is shown what it must have of a record type: a look that is blind sees nothing left. */
  async shown(type: ErasedType, canary: Whose, record: unknown, signal: AbortSignal): Promise<boolean> {
    const listed = this.#parts.paged.has(type.recordType) || this.#parts.whole.has(type.recordType);
    const look = { whose: canary, kept: new Map(), record };
    const rows = listed ? this.rows(type, look, signal) : Promise.resolve(1);
    const asked = (type.places ?? []).filter((place) => place.canary !== "HAS_NOTHING");
    const places = asked.map(async (place) => sum(await this.#at(place, type, canary, signal)));
    return (await Promise.all([rows, ...places])).every((count) => count > 0);
  }

  async #record(type: ErasedType, { whose, kept, record }: Look, signal: AbortSignal): Promise<number> {
    if (kept.get(ownRecord)?.some(({ key }) => key === whose.recordKey)) return 0;
    if (record !== nothing) return type.isErased?.(record) ? 0 : 1;
    // Soft deletes are gone by their key, and found by the address.
    const [finding] = await this.#parts.finder.find([{ identifiers: whose.identifiers }], signal);
    if (!finding || finding.state === "NOT_HELD") return 0;
    const found = finding.state === "HELD" ? [finding.record] : finding.records;
    return found.filter(({ key }) => key === whose.recordKey).length;
  }

  async #at(place: Place, type: ErasedType, whose: Whose, signal: AbortSignal): Promise<Left[]> {
    const { client, records } = this.#parts;
    const isOfRecord = place.path.includes("{key}");
    const { recordKey } = whose;
    const isAskable = recordKey !== null || !(isOfRecord || place.needsKey);
    const url = client.url(recordKey === null ? place.path : withKey(place.path, recordKey), {});
    for (const [parameter, value] of asked(place, whose)) url.searchParams.append(parameter, value);
    // Asked by nothing, it would answer for everybody. What names nobody is not theirs.
    const isAsked = isAskable && (isOfRecord || url.search !== "");
    const answer = isAsked
      ? await client.get(url, signal, isOfRecord ? records.absentStatuses : [])
      : nothing;
    return Object.entries(place.counts).map(([name, path]) => ({
      place: `${place.path} ${name}`,
      count: answer === nothing ? 0 : countAt(answer, path),
      way: place.by ?? type.by,
    }));
  }

  #pathOf(recordType: string): string {
    const { collections, record } = this.#parts.mapping;
    const collection = Object.hasOwn(collections, recordType) ? collections[recordType] : undefined;
    if (collection && "path" in collection) return collection.path;
    const inside = this.#embedded.get(recordType);
    return inside === undefined ? (record?.path ?? "") : `${record?.path} ${inside}`;
  }
}

export const sum = (left: readonly Left[]): number => left.reduce((total, { count }) => total + count, 0);

/** Query parameters of a place, each with a value. */
function asked(
  { asks = {} }: Place,
  { recordKey, identifiers }: Whose,
): [parameter: string, value: string][] {
  return Object.entries(asks).flatMap(([name, parameter]): [string, string][] =>
    name === "key"
      ? recordKey === null
        ? []
        : [[parameter, recordKey]]
      : identifiers.flatMap(({ kind, value }) => (kind === name ? [[parameter, value]] : [])),
  );
}

/** How much there is of what is not kept: read row by row, some at a time. */
async function besides(
  list: PagedCollection,
  recordKey: string,
  kept: readonly KeptRow[],
  signal: AbortSignal,
): Promise<number> {
  const keys = new Set(kept.map(({ key }) => key));
  let count = 0;
  for await (const rows of list.all(recordKey, signal))
    count += rows.filter(({ key }) => !keys.has(key)).length;
  return count;
}

function countAt(answer: unknown, path: string): number {
  return Array.isArray(at(answer, path)) ? arrayAt(answer, path).length : numberAt(answer, path);
}
