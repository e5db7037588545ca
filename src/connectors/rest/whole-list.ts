import type { Row } from "../../sources/contract.ts";
import { nothing, type RestClient } from "./client.ts";
import type { ListEndpoint } from "./mapping.ts";
import { withKey } from "./page.ts";
import { listReader, type Nulls } from "./rows.ts";

/** A short list of a record that the API sends whole. */
export class WholeList {
  readonly #client: RestClient;
  readonly #path: string;
  readonly #read: (from: unknown) => Row[];

  constructor(client: RestClient, { path, whole, fields }: ListEndpoint<string>, nulls: Nulls = []) {
    this.#client = client;
    this.#path = path;
    this.#read = listReader({ path: whole, fields }, nulls);
  }

  async list(
    recordKey: string,
    signal: AbortSignal,
    absent: readonly number[] = [],
  ): Promise<readonly Row[]> {
    const url = this.#client.url(withKey(this.#path, recordKey), {});
    const answer = await this.#client.get(url, signal, absent);
    return answer === nothing ? [] : this.#read(answer);
  }

  /** As `PagedCollection.count`. */
  async count(recordKey: string, signal: AbortSignal, absent: readonly number[] = []): Promise<number> {
    return (await this.list(recordKey, signal, absent)).length;
  }
}
