import { MailingError } from "./errors.ts";

/** How real systems misbehave when asked to find a person; each with the options it knows and their usual values. */
export const mannerOptions = {
  /** Waits before it answers. */
  slow: { ms: 5_000 },
  "error-500": {},
  "malformed-json": {},
  /** Cuts the connection in the middle of the body. */
  "half-page": {},
  /** `message`: an error in the body; `false`: the body is false. */
  "failure-in-200": { body: "message" },
  "404-for-empty": {},
  /** Lists come empty, with status 200. */
  "empty-for-lack-of-rights": {},
  /** Records come without this member. */
  "missing-field": { field: "name" },
  "null-as-false": {},
  /** Values of the filter are looked up as parts and patterns: others come along. */
  "wildcard-match": {},
  "case-sensitive": {},
  /** Seconds for `Retry-After`. */
  "rate-limited": { retryAfter: 30 },
  /** A second record for another spelling; `email` limits it to one person. */
  "two-members": { email: "" },
  "integer-ids-as-strings": {},
  /** Says yes to a change, and does nothing. */
  "ignore-writes": {},
  /** Does the next change, and answers 500. */
  "write-500-once": {},
  /** Says of a deletion and of an erasure that it is done, and does neither. */
  "forgets-nothing": {},
  /** The next erasure fails. */
  "erasure-fails-once": {},
  /** Erasures are said to be done while the views are left. */
  "erasure-leaves-opens": {},
  /** How long an erasure runs. */
  "slow-erasure": { ms: 60_000 },
  /** Takes on, and says to have done, erasures of ids that never were. */
  "erases-nobody": {},
} as const satisfies Record<string, Record<string, string | number>>;

export type Manner = keyof typeof mannerOptions;
export type Options = Readonly<Record<string, string | number>>;

/** The manners that are switched on; any number at once. */
export class Manners {
  readonly #on = new Map<Manner, Options>();

  /** @throws MailingError 400 for an unknown manner, option or type of value */
  set(manner: string, options: Readonly<Record<string, unknown>>): void {
    if (!isManner(manner)) throw new MailingError(400, `Manners: ${Object.keys(mannerOptions).join(", ")}`);
    const usual: Options = mannerOptions[manner];
    const chosen: Record<string, string | number> = { ...usual };
    for (const [name, value] of Object.entries(options)) {
      if ((typeof value !== "string" && typeof value !== "number") || typeof value !== typeof usual[name]) {
        throw new MailingError(400, `Options of ${manner}: ${JSON.stringify(usual)}`);
      }
      chosen[name] = value;
    }
    this.#on.set(manner, chosen);
  }

  get(manner: Manner): Options | undefined {
    return this.#on.get(manner);
  }

  /** As `get`, and switches it off. */
  take(manner: Manner): Options | undefined {
    const options = this.#on.get(manner);
    this.#on.delete(manner);
    return options;
  }

  reset(): void {
    this.#on.clear();
  }

  list(): readonly object[] {
    return [...this.#on].map(([manner, options]) => ({ manner, ...options }));
  }

  /** The client's expression as the system in these manners reads it. */
  rewrite(query: string): string {
    let read = query;
    if (this.#on.has("wildcard-match")) {
      const parts = [...query.matchAll(/'((?:[^']|'')*)'/g)].map(([, text = ""]) =>
        text.replaceAll("*", "%"),
      );
      if (parts.length > 0) read = parts.map((part) => `subscribers.email ILIKE '%${part}%'`).join(" OR ");
    }
    if (this.#on.has("case-sensitive")) {
      read = read.replace(/lower\(\s*(subscribers\.email)\s*\)/gi, "$1").replaceAll("ILIKE", "LIKE");
    }
    return read;
  }
}

function isManner(name: string): name is Manner {
  return Object.hasOwn(mannerOptions, name);
}
