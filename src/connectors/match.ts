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
  record(): Omit<SourceRecord, "identifiers">;
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
  const { holders, normal } = byIdentifier(candidates);
  const found = holders.get(nameOf(canary));
  const [witness] = found?.values() ?? [];
  if (found?.size !== 1 || !witness?.whole()) throw new SourceFailure("CANARY_NOT_FOUND");
  const records = new Map<Candidate, SourceRecord>();
  const read = (candidate: Candidate): SourceRecord => {
    let record = records.get(candidate);
    if (!record) {
      record = { ...candidate.record(), identifiers: normal.get(candidate) ?? [] };
      records.set(candidate, record);
    }
    return record;
  };
  return identities.map((identity) => findingOf(identity, holders, read));
}

function findingOf(
  { identifiers }: Identity,
  holders: ReadonlyMap<string, ReadonlyMap<string, Candidate>>,
  read: (candidate: Candidate) => SourceRecord,
): Finding {
  const foundBy = identifiers.filter((identifier) => holders.has(nameOf(identifier)));
  const answering = foundBy.flatMap((identifier) => [...(holders.get(nameOf(identifier))?.values() ?? [])]);
  const [candidate, ...more] = new Map(answering.map((each) => [each.key, each])).values();
  if (!candidate) return { state: "NOT_HELD" };
  if (more.length > 0) return { state: "NEEDS_REVIEW", records: [candidate, ...more].map(read) };
  return { state: "HELD", record: read(candidate), foundBy };
}

function byIdentifier(candidates: readonly Candidate[]) {
  const holders = new Map<string, Map<string, Candidate>>();
  const normal = new Map<Candidate, Identifier[]>();
  for (const candidate of candidates) {
    const own: Identifier[] = [];
    for (const { kind, value: stored } of candidate.identifiers) {
      const value = normaliseStored(kind, stored);
      if (value === null) continue;
      own.push({ kind, value });
      const name = nameOf({ kind, value });
      const holding = holders.get(name);
      if (holding) holding.set(candidate.key, candidate);
      else holders.set(name, new Map([[candidate.key, candidate]]));
    }
    normal.set(candidate, own);
  }
  return { holders, normal };
}

const nameOf = ({ kind, value }: Identifier) => `${kind} ${value}`;
