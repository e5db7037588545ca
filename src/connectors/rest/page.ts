import {
  InvalidCursor,
  type Page,
  type PageRequest,
  type PageRow,
  SourceFailure,
} from "../../sources/contract.ts";
import { decodeCursor, encodeCursor } from "../../sources/cursor.ts";
import { BadRequest, nothing, type RestClient } from "./client.ts";
import { arrayAt, numberAt, textAt } from "./json.ts";
import type { EmbeddedList, PagedEndpoint } from "./mapping.ts";
import type { AnyRestMapping } from "./person.ts";
import { listReader, type Nulls, type ReadRow, rowReader } from "./rows.ts";

/** Where the system names no limit of its own. */
const rowsAtOnce = 200;

/** A collection that the API pages by position. */
export class PagedCollection {
  readonly #client: RestClient;
  readonly #name: string;
  readonly #endpoint: PagedEndpoint<string>;
  readonly #read: ReadRow;

  constructor(client: RestClient, name: string, endpoint: PagedEndpoint<string>, mapping: AnyRestMapping) {
    this.#client = client;
    this.#name = name;
    this.#endpoint = endpoint;
    this.#read = readerWithLists(name, endpoint, mapping);
  }

  async page({ recordKey, first, after }: PageRequest, signal: AbortSignal): Promise<Page> {
    const rows: PageRow[] = [];
    const limit = this.#endpoint.limit ?? first + 1;
    let position = after === undefined ? null : this.#position(after);
    while (rows.length <= first) {
      const size = Math.min(first + 1 - rows.length, limit);
      const found = await this.#rows(recordKey, size, position, signal).catch((failure: unknown) => {
        // The position is all in this request that is not ours.
        throw failure instanceof BadRequest && after !== undefined ? new InvalidCursor() : failure;
      });
      rows.push(...found.map((row) => this.#pageRow(row)));
      const last = found.at(-1);
      if (last === undefined || found.length < size) break;
      position = textAt(last, this.#endpoint.after.path);
    }
    return { rows: rows.slice(0, first), hasNextPage: rows.length > first };
  }

  /** Every row, some at a time: for what has to look at each. */
  async *all(recordKey: string, signal: AbortSignal): AsyncGenerator<readonly PageRow[]> {
    const first = this.#endpoint.limit ?? rowsAtOnce;
    for (let after: string | undefined; ;) {
      const { rows, hasNextPage } = await this.page({ recordKey, first, after }, signal);
      yield rows;
      if (!hasNextPage) return;
      after = rows.at(-1)?.cursor;
    }
  }

  /** `absent`: statuses by which the system says of a record that is gone that it has no such list. */
  async count(recordKey: string, signal: AbortSignal, absent: readonly number[] = []): Promise<number> {
    const answer = await this.#client.get(this.#url(recordKey, 1, null), signal, absent);
    return answer === nothing ? 0 : numberAt(answer, this.#endpoint.total);
  }

  async #rows(recordKey: string, size: number, position: string | null, signal: AbortSignal) {
    const answer = await this.#client.get(this.#url(recordKey, size, position), signal);
    const rows = answer === nothing ? [] : arrayAt(answer, this.#endpoint.results);
    // Paging that the system does not mind would have to be done in memory, and again for every page.
    if (rows.length > size) throw new SourceFailure("MALFORMED_ANSWER");
    // It knows of rows and sends none: half an answer.
    const cut = position === null && rows.length < size && answer !== nothing;
    if (cut && numberAt(answer, this.#endpoint.total) > rows.length)
      throw new SourceFailure("MALFORMED_ANSWER");
    return rows;
  }

  #pageRow(from: unknown): PageRow {
    const position = textAt(from, this.#endpoint.after.path);
    const name = this.#name;
    return {
      get cursor() {
        return encodeCursor(name, [position]);
      },
      key: textAt(from, this.#endpoint.key),
      row: this.#read(from),
    };
  }

  #position(cursor: string): string {
    const [position] = decodeCursor(this.#name, cursor, 1);
    if (position === null || position === undefined) throw new InvalidCursor();
    return position;
  }

  #url(recordKey: string, size: number, position: string | null): URL {
    const { path, parameters, size: sizeParameter, after } = this.#endpoint;
    const from = position === null ? {} : { [after.parameter]: position };
    return this.#client.url(withKey(path, recordKey), {
      ...parameters,
      [sizeParameter]: String(size),
      ...from,
    });
  }
}

/** Puts a key into a path, where it can be nothing but one segment. */
export function withKey(path: string, key: string, where: "{key}" | "{row}" | "{job}" = "{key}"): string {
  if (key === "." || key === "..") throw new SourceFailure("MALFORMED_ANSWER");
  return path.replaceAll(where, () => encodeURIComponent(key));
}

/** Rows with the lists that come inside them, as the endpoint or a nested collection of its own maps them. */
function readerWithLists(
  name: string,
  endpoint: PagedEndpoint<string>,
  { collections, nullAs = [] }: AnyRestMapping,
) {
  const read = rowReader(endpoint.fields, nullAs);
  const readers = nested(name, collections).map(
    ([list, mapping]) => [list, listReader(mapping, nullAs as Nulls)] as const,
  );
  return (from: unknown) => ({
    ...read(from),
    ...Object.fromEntries(readers.map(([list, readList]) => [list, readList(from)])),
  });
}

function nested(name: string, collections: AnyRestMapping["collections"]) {
  const own = (full: string) => (full.startsWith(`${name}.`) ? full.slice(name.length + 1) : undefined);
  return Object.entries(collections).flatMap(
    ([full, collection]: [string, EmbeddedList<string> | object]) => {
      const list = own(full);
      if (list === undefined || !("embedded" in collection)) return [];
      return [[list, { path: collection.embedded, fields: collection.fields }] as const];
    },
  );
}
