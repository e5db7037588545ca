import {
  type CountedGroup,
  type CountRequest,
  SourceFailure,
  type WhomToCount,
} from "../../sources/contract.ts";
import { nothing, type RestClient } from "./client.ts";
import { quote } from "./filter.ts";
import { longestUrl } from "./find.ts";
import { arrayAt, numberAt, textAt } from "./json.ts";
import type { RestCounting } from "./mapping.ts";
import type { AnyRestMapping } from "./person.ts";

/** Each group is a request of its own. */
const mostGroups = 500;

/** Has the API say how many persons its filter finds, group by group: none of them is sent. */
export class PersonCounter {
  readonly #client: RestClient;
  readonly #mapping: AnyRestMapping;

  constructor(client: RestClient, mapping: AnyRestMapping) {
    this.#client = client;
    this.#mapping = mapping;
  }

  /** `canary`: its record's key. Rejects with `SourceFailure`. */
  async count(
    { dimension, whom }: CountRequest,
    canary: string,
    signal: AbortSignal,
  ): Promise<readonly CountedGroup[]> {
    const counting = this.#mapping.counts?.[dimension];
    if (!counting) throw new SourceFailure("NOT_COUNTABLE");
    const groups = await this.#groups(counting, signal);
    return Promise.all(
      groups.map(async ({ key, name }) => {
        const persons = await this.#persons(counting, key, withoutCanary(whom, canary), signal);
        return { name, at: null, persons };
      }),
    );
  }

  async #groups({ groups }: RestCounting, signal: AbortSignal) {
    const answer = await this.#client.get(this.#client.url(groups.path, groups.parameters ?? {}), signal);
    if (answer === nothing) return [];
    const listed = arrayAt(answer, groups.results);
    if (listed.length > mostGroups) throw new SourceFailure("NOT_COUNTABLE");
    // It knows of groups and sends none: half an answer.
    if (numberAt(answer, groups.total) !== listed.length) throw new SourceFailure("MALFORMED_ANSWER");
    return listed.map((group) => ({ key: textAt(group, groups.key), name: textAt(group, groups.name) }));
  }

  async #persons(counting: RestCounting, group: string, whom: WhomToCount, signal: AbortSignal) {
    if ("only" in whom) return this.#among(counting, group, whom.only, signal);
    const all = await this.#total(this.#url(counting, group, null), signal);
    const persons = all - (await this.#among(counting, group, whom.except, signal));
    if (persons < 0) throw new SourceFailure("MALFORMED_ANSWER");
    return persons;
  }

  /** Of the records with these keys, as many at a time as an address has room for. */
  async #among(
    counting: RestCounting,
    group: string,
    keys: readonly string[],
    signal: AbortSignal,
  ): Promise<number> {
    if (keys.length === 0) return 0;
    const url = this.#url(counting, group, keys);
    if (keys.length === 1 || url.href.length <= longestUrl) return this.#total(url, signal);
    const half = Math.ceil(keys.length / 2);
    const parts = [keys.slice(0, half), keys.slice(half)];
    const counted = await Promise.all(parts.map((part) => this.#among(counting, group, part, signal)));
    return counted.reduce((sum, part) => sum + part, 0);
  }

  async #total(url: URL, signal: AbortSignal): Promise<number> {
    const { paging } = this.#mapping.find;
    const answer = await this.#client.get(url, signal);
    return answer === nothing ? 0 : numberAt(answer, paging?.total ?? "");
  }

  #url({ persons }: RestCounting, group: string, keys: readonly string[] | null): URL {
    const { path, parameters, filter, paging } = this.#mapping.find;
    const quoted = (text: string) => {
      const literal = quote(filter.dialect, text);
      if (literal === null) throw new SourceFailure("MALFORMED_ANSWER");
      return literal;
    };
    const written = persons(quoted(group), keys && keys.map(quoted));
    const size = paging ? { [paging.page]: "1", [paging.size]: "1" } : {};
    return this.#client.url(path, { ...parameters, ...size, [filter.parameter]: written });
  }
}

function withoutCanary(whom: WhomToCount, canary: string): WhomToCount {
  return "only" in whom
    ? { only: [...new Set(whom.only)].filter((key) => key !== canary) }
    : { except: [...new Set([...whom.except, canary])] };
}
