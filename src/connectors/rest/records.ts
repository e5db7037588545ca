import { SourceFailure } from "../../sources/contract.ts";
import { nothing, type RestClient } from "./client.ts";
import type { Finder } from "./find.ts";
import { at } from "./json.ts";
import { withKey } from "./page.ts";
import type { AnyRestMapping, PersonReader } from "./person.ts";

/** Reads records by their keys, as the API's JSON. */
export class RecordReader {
  readonly #client: RestClient;
  readonly #endpoint: AnyRestMapping["record"];
  readonly #finder: Finder;
  readonly #person: PersonReader;

  constructor(client: RestClient, { record }: AnyRestMapping, finder: Finder, person: PersonReader) {
    this.#client = client;
    this.#endpoint = record;
    this.#finder = finder;
    this.#person = person;
  }

  /** Statuses by which the API says that there is no such record. */
  get absentStatuses(): readonly number[] {
    return [404, 410, ...(this.#endpoint?.absentStatuses ?? [])];
  }

  /** `nothing`: not shown. Whether there is none, the canary must tell. */
  async read(key: string, signal: AbortSignal): Promise<unknown> {
    if (!this.#endpoint) throw new SourceFailure("FAILED");
    const url = this.#client.url(withKey(this.#endpoint.path, key), {});
    const answer = await this.#client.get(url, signal, this.absentStatuses);
    if (answer === nothing) return nothing;
    const found = at(answer, this.#endpoint.result);
    // Another record than the one asked for is nothing to go by.
    if (this.#person.key(found) !== key) throw new SourceFailure("MALFORMED_ANSWER");
    return found;
  }

  /** Whoever may read too little is told that there is nobody: that is believed when the canary's record is there. */
  async canary(signal: AbortSignal): Promise<unknown> {
    const key = this.#person.key(await this.#finder.canary(signal));
    const record = await this.read(key, signal);
    if (record === nothing) throw new SourceFailure("CANARY_NOT_FOUND");
    return record;
  }
}
