import type { Finding, Identifier } from "../sources/contract.ts";
import type { Subject } from "../sources/data-subject.ts";
import type { ErasableSource, Whose } from "../sources/erasures.ts";
import type { RecordFinder } from "../sources/match.ts";
import type { KeyedHash } from "../store/keyed-hash.ts";
import type { ConnectedSource } from "../subjects/ask.ts";
import { isOnTheirWord } from "../subjects/on-their-word.ts";
import { distinctIdentifiers } from "../subjects/identifiers.ts";
import { type KeptRecord, keptOf } from "./kept.ts";

/** What a source holds of a person, as an erasure is concerned with it. */
export type Reading =
  | {
      readonly state: "HELD";
      readonly whose: Whose;
      /** What the person goes by, and somebody else as well, or perhaps: nothing is erased or known again by it. */
      readonly shared: readonly Identifier[];
      /** Keys of others' records that go by something of the person's. */
      readonly others: readonly string[];
      /** By record type. */
      readonly tally: ReadonlyMap<string, number>;
      readonly kept: KeptRecord;
    }
  | { readonly state: "NOT_HELD" | "NEEDS_REVIEW" | "NOT_VERIFIED" };

export interface ReadingParts {
  readonly source: ErasableSource;
  readonly module: ConnectedSource;
  readonly finder: RecordFinder;
  readonly subject: Subject;
  /** ISO 8601. */
  readonly today: string;
  readonly hash: KeyedHash;
  readonly signal: AbortSignal;
}

/** Rejects with `SourceUnavailable` or `SourceFailure`. */
export async function readForErasure(parts: ReadingParts): Promise<Reading> {
  const { module, finder, subject } = parts;
  const match = await finder.find(module.key, subject);
  if (match.state !== "HELD") return { state: match.state };
  const { record } = match;
  const proven = [...subject.identity.identifiers, ...(subject.links.get(module.key) ?? [])];
  const known = distinctIdentifiers([...record.identifiers, ...proven]);
  // Nobody else's traces are to go, nor is anybody else to be taken for the person later.
  const corrected = subject.corrected.get(module.key) ?? [];
  const onTheirWord = known.filter((each) => isOnTheirWord(each, proven, corrected));
  const identifiers = known.filter((each) => !onTheirWord.includes(each));
  const reading = await readRecord(parts, { recordKey: record.key, identifiers });
  return reading.state === "HELD" ? { ...reading, shared: [...reading.shared, ...onTheirWord] } : reading;
}

/** As `readForErasure`, of a record that is known. Rejects with `SourceFailure`. */
export async function readRecord(
  { source, module, today, hash, signal }: Omit<ReadingParts, "finder" | "subject">,
  { recordKey, identifiers: known }: Whose,
): Promise<Reading> {
  const { identifiers, others } = await theirsAlone(source, recordKey, known, signal);
  const things = await source.usedAlone?.(recordKey, { signal });
  const whose = { recordKey, identifiers, ...(things && { things }) };
  const [tally, kept] = await Promise.all([
    module.capabilities.erases.length > 0 ? source.tally(whose, { signal }) : new Map<string, number>(),
    keptOf({ source, labels: module.labels, today, hash }, whose, { signal }),
  ]);
  const shared = known.filter((each) => !identifiers.includes(each));
  return { state: "HELD", whose, shared, others, tally, kept };
}

async function theirsAlone(
  source: ErasableSource,
  recordKey: string,
  identifiers: readonly Identifier[],
  signal: AbortSignal,
): Promise<{ readonly identifiers: readonly Identifier[]; readonly others: readonly string[] }> {
  const findings = await source.find(
    identifiers.map((identifier) => ({ identifiers: [identifier] })),
    { signal },
  );
  return {
    identifiers: identifiers.filter((_, at) => {
      const finding = findings[at];
      if (finding?.state === "HELD") return finding.record.key === recordKey;
      return finding?.state === "NOT_HELD";
    }),
    others: [...new Set(findings.flatMap(recordsIn))].filter((key) => key !== recordKey),
  };
}

function recordsIn(finding: Finding): readonly string[] {
  if (finding.state === "NOT_HELD") return [];
  return finding.state === "HELD" ? [finding.record.key] : finding.records.map(({ key }) => key);
}
