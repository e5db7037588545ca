import { type CallOptions, type Source, SourceFailure, type SourceHealth } from "./contract.ts";

/**
 * Whether an empty answer may be believed: rejects with `CANARY_NOT_FOUND` where the canary, who has rows in every
 * collection, is shown none of this one either.
 */
export type Witness = (source: Source, collection: string, options: CallOptions) => Promise<void>;

/** Milliseconds for which one look at the canary speaks for the answers of all requests. */
const spokenFor = 10_000;

export function createWitness(keptFor = spokenFor, now: () => number = () => performance.now()): Witness {
  const looks = new Map<Source, { readonly at: number; readonly health: Promise<SourceHealth> }>();
  const look = (source: Source, options: CallOptions) => {
    const kept = looks.get(source);
    if (kept && now() - kept.at < keptFor) return kept.health;
    const health = source.health(options);
    looks.set(source, { at: now(), health });
    // What could not be seen now may be seen by the next request.
    void health.then(({ unseen }) => unseen === undefined && looks.delete(source));
    return health;
  };
  return async (source, collection, options) => {
    const { unseen } = await look(source, options);
    if (unseen === undefined || unseen.includes(collection)) throw new SourceFailure("CANARY_NOT_FOUND");
  };
}
