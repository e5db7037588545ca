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
export interface Holding {
  readonly whose: Whose;
  /** What the person goes by, and somebody else as well, or perhaps: nothing is erased or known again by it. */
  readonly shared: readonly Identifier[];
  /** Keys of others' records that go by something of the person's. */
  readonly others: readonly string[];
  /** By record type. */
  readonly tally: ReadonlyMap<string, number>;
  readonly kept: KeptRecord;
}

/** `NOT_HELD`: there is no record of the person, and perhaps something beside it that names them. */
export type Reading =
  ({ readonly state: "HELD" | "NOT_HELD" } & Holding) | { readonly state: "NEEDS_REVIEW" | "NOT_VERIFIED" };

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
  const proven = provenIn(subject, module.key);
  if (match.state === "NOT_HELD") {
    const holding = await readHolding(parts, { recordKey: null, identifiers: proven });
    // That others go by it as well was known, and kept apart: the person is known again by it all the same.
    return { state: "NOT_HELD", ...holding, shared: [], others: [] };
  }
  if (match.state !== "HELD") return { state: match.state };
  const { record } = match;
  const known = distinctIdentifiers([...record.identifiers, ...proven]);
  // Nobody else's traces are to go, nor is anybody else to be taken for the person later.
  const corrected = subject.corrected.get(module.key) ?? [];
  const onTheirWord = known.filter((each) => isOnTheirWord(each, proven, corrected));
  const identifiers = known.filter((each) => !onTheirWord.includes(each));
  const holding = await readHolding(parts, { recordKey: record.key, identifiers });
  return { state: "HELD", ...holding, shared: [...holding.shared, ...onTheirWord] };
}

/** As `readForErasure`, of a record that is known. Rejects with `SourceFailure`. */
export const readRecord = async (
  parts: Omit<ReadingParts, "finder" | "subject">,
  whose: Whose,
): Promise<Reading> => ({ state: "HELD", ...(await readHolding(parts, whose)) });

/** Whom the source has no record of, by what is theirs alone there. Rejects with `SourceFailure`. */
export async function withoutRecord({
  source,
  subject,
  signal,
}: Pick<ReadingParts, "source" | "subject" | "signal">): Promise<Whose> {
  const known = provenIn(subject, source.key);
  const { identifiers } = await theirsAlone(source, null, known, signal);
  return { recordKey: null, identifiers };
}

const provenIn = ({ identity, links }: Subject, source: string): readonly Identifier[] =>
  distinctIdentifiers([...identity.identifiers, ...(links.get(source) ?? [])]);

async function readHolding(
  { source, module, today, hash, signal }: Omit<ReadingParts, "finder" | "subject">,
  { recordKey, identifiers: known }: Whose,
): Promise<Holding> {
  const { identifiers, others } = await theirsAlone(source, recordKey, known, signal);
  const things = recordKey === null ? undefined : await source.usedAlone?.(recordKey, { signal });
  const whose = { recordKey, identifiers, ...(things && { things }) };
  const isAsked = module.capabilities.erases.length > 0 && isSomebody(whose);
  const [tally, kept] = await Promise.all([
    isAsked ? source.tally(whose, { signal }) : new Map<string, number>(),
    keptOf({ source, labels: module.labels, today, hash }, whose, { signal }),
  ]);
  const shared = known.filter((each) => !identifiers.includes(each));
  return { whose, shared, others, tally, kept };
}

/** Whether there is anything by which the source could be asked. */
export const isSomebody = ({ recordKey, identifiers }: Whose): boolean =>
  recordKey !== null || identifiers.length > 0;

async function theirsAlone(
  source: ErasableSource,
  recordKey: string | null,
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
