import { type Finding, type Identifier, type Identity, SourceFailure } from "../../sources/contract.ts";
import { findings } from "../match.ts";
import { nothing, type RestClient } from "./client.ts";
import { filterFor, quote } from "./filter.ts";
import { arrayAt, numberAt } from "./json.ts";
import type { FindEndpoint } from "./mapping.ts";
import type { PersonReader } from "./person.ts";

/** Servers and proxies refuse longer addresses (8 KB in most). */
export const longestUrl = 7_500;
/** Pages of one look-up at most: more people answering to so few identifiers is a fault of the system. */
const pageBound = 50;
/** As many as there are persons in the largest of systems. */
const manyPages = 100_000;

/** Finds everybody of a batch, and the canary with them, in one request (and its further pages). */
export class Finder {
  readonly #client: RestClient;
  readonly #endpoint: FindEndpoint;
  readonly #person: PersonReader;
  readonly #canary: Identifier;

  constructor(client: RestClient, endpoint: FindEndpoint, person: PersonReader, canary: Identifier) {
    this.#client = client;
    this.#endpoint = endpoint;
    this.#person = person;
    this.#canary = canary;
  }

  async find(identities: readonly Identity[], signal: AbortSignal): Promise<Finding[]> {
    const parameters = this.#parameters(identities);
    if (identities.length > 1 && this.#url(parameters, 1).href.length > longestUrl) {
      const half = Math.ceil(identities.length / 2);
      const parts = [identities.slice(0, half), identities.slice(half)];
      return (await Promise.all(parts.map((part) => this.find(part, signal)))).flat();
    }
    const records = await this.#all(parameters, signal);
    return findings(
      identities,
      records.map((record) => this.#person.candidate(record)),
      this.#canary,
    );
  }

  /** The canary's record as the API gives it. Fails unless it is found whole. */
  async canary(signal: AbortSignal): Promise<unknown> {
    const records = await this.#all(this.#parameters([]), signal);
    const identities = [{ identifiers: [this.#canary] }];
    const [found] = findings(
      identities,
      records.map((record) => this.#person.candidate(record)),
      this.#canary,
    );
    const key = found?.state === "HELD" ? found.record.key : undefined;
    return records.find((record) => this.#person.key(record) === key);
  }

  /** Every record that the filter finds; `write` is given the value quoted. */
  async matching(write: (quoted: string) => string, value: string, signal: AbortSignal) {
    const { filter, parameters } = this.#endpoint;
    const quoted = quote(filter.dialect, value);
    if (quoted === null) return [];
    return this.#all({ ...parameters, [filter.parameter]: write(quoted) }, signal, manyPages);
  }

  #parameters(identities: readonly Identity[]): Record<string, string> {
    const wanted = [...identities.flatMap(({ identifiers }) => identifiers), this.#canary];
    const filter = filterFor(this.#endpoint, wanted);
    if (filter === null) throw new SourceFailure("CANARY_NOT_FOUND");
    return { ...this.#endpoint.parameters, [this.#endpoint.filter.parameter]: filter };
  }

  #url(parameters: Readonly<Record<string, string>>, page: number): URL {
    const { path, paging } = this.#endpoint;
    const paged = paging ? { [paging.page]: String(page), [paging.size]: String(paging.limit) } : {};
    return this.#client.url(path, { ...parameters, ...paged });
  }

  /** Every record that answers, once each. Fewer than the system says there are: half an answer. */
  async #all(
    parameters: Readonly<Record<string, string>>,
    signal: AbortSignal,
    most = pageBound,
  ): Promise<readonly unknown[]> {
    const { results, paging } = this.#endpoint;
    const found = new Map<string, unknown>();
    let expected: number | undefined;
    for (let page = 1; page <= most; page++) {
      const answer = await this.#client.get(this.#url(parameters, page), signal);
      const records = answer === nothing ? [] : arrayAt(answer, results);
      for (const record of records) found.set(this.#person.key(record), record);
      if (!paging || answer === nothing) return [...found.values()];
      const total = numberAt(answer, paging.total);
      // Who left meanwhile has moved somebody to a page that was read already.
      if (total !== (expected ??= total)) throw new SourceFailure("FAILED");
      if (found.size >= total) return [...found.values()];
      if (records.length < paging.limit) throw new SourceFailure("MALFORMED_ANSWER");
    }
    throw new SourceFailure("FAILED");
  }
}
