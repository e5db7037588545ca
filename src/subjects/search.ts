import { type RowRefusal, rowRefusal } from "../access/row-guard.ts";
import type { Identifier, SourceRecord } from "../sources/contract.ts";
import type { Person, Subject, Viewer } from "../sources/data-subject.ts";
import { type SourceReader, SourceUnavailable } from "../sources/loader.ts";
import type { RecordFinder } from "../sources/match.ts";
import type { KeyedHash } from "../store/keyed-hash.ts";
import type { Claims } from "./claims.ts";
import type { People } from "./people.ts";
import { known } from "./labels.ts";
import type { ReadableSources } from "./readable.ts";

export interface SearchParts {
  readonly reader: SourceReader;
  readonly records: RecordFinder;
  readonly people: People;
  readonly claims: Claims;
  readonly readable: ReadableSources;
  readonly hashIdentifier: (identifier: Identifier) => string;
  readonly hashRecord: KeyedHash;
}

export interface Found {
  readonly subject: Subject;
  readonly matchedBy: readonly Identifier[];
  readonly sources: readonly string[];
  readonly ambiguous: boolean;
}

export interface SearchResult {
  readonly found: readonly Found[];
  /** Sources that could not be asked: whom they hold is not known. */
  readonly failures: readonly SourceUnavailable[];
}

/** Looks for persons on behalf of staff, in no other source than the viewer may read. */
export interface Search {
  find(identifier: Identifier, viewer: Viewer): Promise<SearchResult>;
  /** Whether any source that the viewer may read has, or may have, something of the person. */
  mayMeet(subject: Subject): Promise<boolean>;
}

export function createSearch(parts: SearchParts): Search {
  return {
    async find(identifier, viewer) {
      const sources = parts.readable(viewer);
      const answers = await Promise.all(sources.map((source) => ask(parts, source, identifier)));
      const records = answers.flatMap((answer) => answer.records);
      const claims = await Promise.all(
        records.map(({ source, record }) =>
          parts.claims.load({
            source,
            recordHash: parts.hashRecord(source, record.key),
            identifierHashes: record.identifiers.map(parts.hashIdentifier),
          }),
        ),
      );
      const persons = await personsOf(
        parts,
        identifier,
        claims.flat().map(({ subjectId }) => subjectId),
        records.length > 0,
      );
      const unclaimed = claims.some((each) => each.length === 0) && claims.some((each) => each.length > 0);
      const found = await Promise.all(
        persons.map((person) => describe(parts, { ...person, viewer }, identifier, sources)),
      );
      const met = found.filter((each) => each !== null);
      return {
        found: met.map((each) => ({
          ...each,
          ambiguous: each.refusal === null && (each.ambiguous || unclaimed || met.length > 1),
        })),
        failures: answers.flatMap(({ failure }) => failure ?? []),
      };
    },
    async mayMeet(subject) {
      const { viewer } = subject;
      if (viewer.roles.has("DPO")) return true;
      const states = await Promise.all(
        parts.readable(viewer).map((source) => stateOf(parts, source, subject)),
      );
      return states.some((state) => state !== "NOT_HELD");
    },
  };
}

interface SourceAnswer {
  readonly records: readonly { readonly source: string; readonly record: SourceRecord }[];
  readonly failure?: SourceUnavailable;
}

async function ask({ reader }: SearchParts, source: string, identifier: Identifier): Promise<SourceAnswer> {
  try {
    const finding = await reader.find(source, { identifiers: [identifier] });
    const records =
      finding.state === "HELD" ? [finding.record] : finding.state === "NEEDS_REVIEW" ? finding.records : [];
    return { records: records.map((record) => ({ source, record })) };
  } catch (failure) {
    if (!(failure instanceof SourceUnavailable)) throw failure;
    return { records: [], failure };
  }
}

/** Those to whom the identifier or a record that it finds belongs; somebody new where it finds a record of nobody. */
async function personsOf(
  { people }: SearchParts,
  identifier: Identifier,
  claimants: readonly string[],
  held: boolean,
): Promise<readonly Person[]> {
  const known = await people.knownBy(identifier);
  const ids = [...new Set([...claimants, ...known])];
  if (ids.length > 0) return people.byIds(ids);
  return held ? [await people.enrolFound(identifier)] : [];
}

async function describe(
  parts: SearchParts,
  subject: Subject,
  identifier: Identifier,
  sources: readonly string[],
): Promise<(Found & { readonly refusal: RowRefusal | null }) | null> {
  const states = await Promise.all(
    sources.map(async (source) => ({ source, state: await stateOf(parts, source, subject) })),
  );
  const held = states.filter(({ state }) => state === "HELD" || state === "NEEDS_REVIEW");
  if (held.length === 0 && !subject.viewer.roles.has("DPO")) return null;
  const refusal = rowRefusal(subject.viewer, [{ kind: "personal", ...known }], subject.standing);
  return {
    subject,
    matchedBy: [identifier],
    sources: refusal === null ? held.map(({ source }) => source) : [],
    ambiguous: held.some(({ state }) => state === "NEEDS_REVIEW"),
    refusal,
  };
}

async function stateOf({ records }: SearchParts, source: string, subject: Subject) {
  try {
    return (await records.find(source, subject)).state;
  } catch (error) {
    if (!(error instanceof SourceUnavailable)) throw error;
    return "UNAVAILABLE" as const;
  }
}
