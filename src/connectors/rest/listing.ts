import { type CallOptions, InvalidCursor, SourceFailure } from "../../sources/contract.ts";
import { decodeCursor, encodeCursor } from "../../sources/cursor.ts";
import type { IdentifiedRecords } from "../../sources/erasures.ts";
import { nothing } from "./client.ts";
import type { Listing } from "./erasure-mapping.ts";
import { quote } from "./filter.ts";
import { arrayAt, numberAt } from "./json.ts";
import type { Parts } from "./leftovers.ts";

const cursorName = "records";

/** Where a page begins: after a record, or by its number and how many records there were when the one before was read. */
interface Start {
  readonly after?: string;
  readonly page: number;
  readonly total?: number;
}

/** Goes through all records of an API. */
export class RecordListing {
  readonly #parts: Parts;
  readonly #listing: Listing;

  constructor(parts: Parts, listing: Listing) {
    this.#parts = parts;
    this.#listing = listing;
  }

  async next(cursor: string | null, { signal }: CallOptions): Promise<IdentifiedRecords> {
    const start = cursor === null ? { page: 1 } : this.#startOf(cursor);
    const { records, total } = await this.#read(start, signal);
    const back = this.#pagesBack(start, total);
    if (back > 0) return this.#answer([], this.#cursor({ page: Math.max(1, start.page - back), total }));
    const last = records.at(-1);
    const isWhole = last !== undefined && records.length === this.#listing.limit;
    if (isWhole && !this.#isLast(start, total)) {
      return this.#answer(records, this.#cursor({ after: this.#key(last), page: start.page + 1, total }));
    }
    // Rows that the system knows of and does not send.
    const before = (start.page - 1) * this.#listing.limit;
    if (start.after === undefined && before + records.length < total)
      throw new SourceFailure("MALFORMED_ANSWER");
    // Whoever may read too little comes to an early end.
    await this.#parts.records.canary(signal);
    return this.#answer(records, null);
  }

  async #read(start: Start, signal: AbortSignal) {
    const { path, parameters, results, size, limit, total } = this.#listing;
    const url = this.#parts.client.url(path, {
      ...parameters,
      [size]: String(limit),
      ...this.#position(start),
    });
    const answer = await this.#parts.client.get(url, signal);
    const records = answer === nothing ? [] : arrayAt(answer, results);
    // A system that does not mind the size or the position would be gone through for ever.
    const isStuck = start.after !== undefined && records.some((record) => this.#key(record) === start.after);
    if (records.length > limit || isStuck) throw new SourceFailure("MALFORMED_ANSWER");
    return { records, total: answer === nothing ? 0 : numberAt(answer, total) };
  }

  #position({ after, page }: Start): Record<string, string> {
    const listing = this.#listing;
    if ("page" in listing) return { [listing.page]: String(page) };
    if (after === undefined) return {};
    const { parameter, write } = listing.after;
    const quoted = quote(this.#parts.mapping.find.filter.dialect, after);
    if (quoted === null) throw new SourceFailure("MALFORMED_ANSWER");
    return { [parameter]: write ? write(quoted) : after };
  }

  /** Pages by which whoever came later has moved up since the page before was read. */
  #pagesBack({ page, total: before }: Start, total: number): number {
    if (!("page" in this.#listing) || before === undefined || total >= before || page === 1) return 0;
    return Math.ceil((before - total) / this.#listing.limit);
  }

  #isLast({ page }: Start, total: number): boolean {
    return "page" in this.#listing && page * this.#listing.limit >= total;
  }

  #answer(records: readonly unknown[], next: string | null): IdentifiedRecords {
    const { person, mapping } = this.#parts;
    const restriction = mapping.writes?.restriction;
    return {
      records: records.map((record) => ({
        key: person.key(record),
        identifiers: person.identifiers(record),
        restricted: restriction?.isOn(record) ?? false,
      })),
      next,
    };
  }

  #key(record: unknown): string {
    return this.#parts.person.key(record);
  }

  #cursor({ after, page, total }: Start): string {
    const place = "page" in this.#listing ? [String(page), String(total)] : [after ?? ""];
    return encodeCursor(cursorName, place);
  }

  #startOf(cursor: string): Start {
    const numbered = "page" in this.#listing;
    const place = decodeCursor(cursorName, cursor, numbered ? 2 : 1);
    const [first, second] = place;
    if (typeof first !== "string" || first === "") throw new InvalidCursor();
    if (!numbered) return { after: first, page: 1 };
    const [page, total] = [Number(first), Number(second)];
    if (!Number.isSafeInteger(page) || page < 1 || !Number.isSafeInteger(total)) throw new InvalidCursor();
    return { page, total };
  }
}
