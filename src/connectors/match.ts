import {
  type Finding,
  type Identifier,
  type Identity,
  SourceFailure,
  type SourceRecord,
} from "../sources/contract.ts";
import { normalise, normaliseStored } from "../subjects/identifiers.ts";
import type { Canary } from "./mapping.ts";

/** A record that a source answered with; whose it is has yet to be shown. */
export interface Candidate {
  readonly key: string;
  /** As stored. */
  readonly identifiers: readonly Identifier[];
  /** Whether every mapped field that the mapping expects of the canary is there. */
  whole(): boolean;
  record(): SourceRecord;
}

export class MappingError extends Error {
  override readonly name = "MappingError";
}

/** The canary as an identity, to be asked for along with the others. */
export function canaryIdentifier(source: string, canary: Canary): Identifier {
  const value = normalise(canary.kind, canary.value);
  if (value === null) throw new MappingError(`${source}: the canary's ${canary.kind} is not a valid one`);
  return { kind: canary.kind, value };
}

/**
 * Compares every candidate again, exactly and normalised, and answers per identity.
 * Fails unless the canary is among the candidates, alone and whole: the answer may lack more than it.
 */
export function findings(
  identities: readonly Identity[],
  candidates: readonly Candidate[],
  canary: Identifier,
): Finding[] {
  const holders = byIdentifier(candidates);
  const found = holders.get(nameOf(canary));
  const [witness] = found?.values() ?? [];
  if (found?.size !== 1 || !witness?.whole()) throw new SourceFailure("CANARY_NOT_FOUND");
  const records = new Map<Candidate, SourceRecord>();
  return identities.map((identity) => findingOf(identity, holders, records));
}

function findingOf(
  { identifiers }: Identity,
  holders: ReadonlyMap<string, ReadonlyMap<string, Candidate>>,
  records: Map<Candidate, SourceRecord>,
): Finding {
  const foundBy = identifiers.filter((identifier) => holders.has(nameOf(identifier)));
  const perIdentifier = foundBy.map((identifier) => [...(holders.get(nameOf(identifier))?.values() ?? [])]);
  const held = new Map(perIdentifier.flat().map((candidate) => [candidate.key, candidate]));
  const [candidate] = held.values();
  if (!candidate) return { state: "NOT_HELD" };
  if (held.size > 1) {
    const shared = perIdentifier.some((candidates) => candidates.length > 1);
    const to = shared ? "one identifier" : "different identifiers of one person";
    return { state: "NEEDS_REVIEW", detail: `${held.size} records answer to ${to}` };
  }
  let record = records.get(candidate);
  if (!record) records.set(candidate, (record = candidate.record()));
  return { state: "HELD", record, foundBy };
}

function byIdentifier(candidates: readonly Candidate[]): Map<string, Map<string, Candidate>> {
  const holders = new Map<string, Map<string, Candidate>>();
  for (const candidate of candidates) {
    for (const { kind, value } of candidate.identifiers) {
      const normal = normaliseStored(kind, value);
      if (normal === null) continue;
      const name = nameOf({ kind, value: normal });
      const holding = holders.get(name);
      if (holding) holding.set(candidate.key, candidate);
      else holders.set(name, new Map([[candidate.key, candidate]]));
    }
  }
  return holders;
}

const nameOf = ({ kind, value }: Identifier) => `${kind} ${value}`;
