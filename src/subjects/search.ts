import { randomUUID } from "node:crypto";
import { policy } from "../access/policy.ts";
import { rowRefusal } from "../access/row-guard.ts";
import type { Identifier, SourceRecord } from "../sources/contract.ts";
import type { Person, Subject, Viewer } from "../sources/data-subject.ts";
import { type SourceReader, SourceUnavailable } from "../sources/loader.ts";
import type { Matching } from "./matching.ts";
import type { KeyedHash } from "../store/keyed-hash.ts";
import { asWritten } from "../store/uuid.ts";
import type { Claims } from "./claims.ts";
import { evenTime } from "./even-time.ts";
import { type Met, meetAll, meetNobody } from "./meeting.ts";
import type { People } from "./people.ts";
import { known } from "./labels.ts";
import type { ReadableSources } from "./readable.ts";

export interface SearchParts {
  readonly reader: SourceReader;
  readonly records: Pick<Matching, "find" | "forget">;
  readonly people: People;
  readonly claims: Claims;
  readonly readable: ReadableSources;
  readonly hashIdentifier: (identifier: Identifier) => string;
  readonly hashRecord: KeyedHash;
  readonly onSearch: (outcome: "found" | "none") => void;
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

/**
 * Looks for persons on behalf of staff, in no other source than the viewer may read. For nobody as much is asked as
 * for somebody whom the viewer may not see, so that how long it takes does not tell the one from the other.
 */
export interface Search {
  find(identifier: Identifier, viewer: Viewer): Promise<SearchResult>;
  /** Null: nobody by that id of whom any source that the viewer may read has, or may have, something. */
  meet(id: string, viewer: Viewer): Promise<Subject | null>;
  /** As `meet`, for each of several in one batch of loads. */
  meetEach(ids: readonly string[], viewer: Viewer): Promise<readonly (Subject | null)[]>;
}

export function createSearch(parts: SearchParts): Search {
  return {
    async find(identifier, viewer) {
      const sources = parts.readable(viewer);
      const answers = await Promise.all(sources.map((source) => ask(parts, source, identifier)));
      const records = answers.flatMap((answer) => answer.records);
      return evenTime(async () => {
        const { claimants, unclaimed } = await claimsOn(parts, records);
        const persons = await personsOf(parts, identifier, sources, claimants, unclaimed);
        const met = await meetAll(parts, persons, viewer, sources);
        const states = met.flatMap((each) => each.states);
        if (persons.length === 0) states.push(...(await meetNobody(parts, viewer, sources)));
        const found = met.flatMap((each) => describe(each, identifier) ?? []);
        const shared = found.length > 1;
        parts.onSearch(found.length > 0 ? "found" : "none");
        const failures = [...answers, ...states].flatMap(({ failure }) => failure ?? []);
        return {
          found: found.map((each) => ({
            ...each,
            ambiguous: each.sources.length > 0 && (each.ambiguous || shared),
          })),
          failures: [...new Map(failures.map((failure) => [failure.source, failure])).values()],
        };
      });
    },
    meet: (id, viewer) =>
      evenTime(async () => {
        const sources = parts.readable(viewer);
        const person = await parts.people.byId(id);
        if (person === null) {
          await meetNobody(parts, viewer, sources);
          return null;
        }
        const [met] = await meetAll(parts, [person], viewer, sources);
        return met && mayBeMet(met) ? met.subject : null;
      }),
    meetEach: (ids, viewer) =>
      evenTime(async () => {
        const { people } = parts;
        const sources = parts.readable(viewer);
        // One who is named twice is asked for once, whether there is such a person or not.
        const written = ids.map(asWritten);
        const asked = [...new Set(written)];
        const known = await people.currentIds(asked);
        const unknown = asked.filter((id) => !known.has(id));
        const persons = await people.byIds([...new Set(known.values()), ...unknown.map(() => randomUUID())]);
        const met = await meetAll(parts, persons, viewer, sources, unknown.length);
        const visible = new Map(met.filter(mayBeMet).map(({ subject }) => [subject.id, subject]));
        // Anew: some may have turned out to be one with another.
        const current = await people.currentIds(asked);
        return written.map((id) => visible.get(current.get(id) ?? "") ?? null);
      }),
  };
}

const mayBeMet = ({ states, subject: { viewer } }: Met) =>
  states.some(({ state }) => mayHold.has(state)) || seesEverybody(viewer);

const mayHold: ReadonlySet<string> = new Set(["HELD", "NEEDS_REVIEW", "UNAVAILABLE"]);

/** Answers the person, whatever systems hold (GDPR Art. 39(1)); in that capacity, not by having the role besides. */
const seesEverybody = ({ roles, purpose }: Viewer) => roles.has("DPO") && policy.DPO[purpose] !== undefined;

interface HeldRecord {
  readonly source: string;
  readonly record: SourceRecord;
}

interface Asked {
  readonly records: readonly HeldRecord[];
  readonly failure?: SourceUnavailable;
}

async function ask({ reader }: SearchParts, source: string, identifier: Identifier): Promise<Asked> {
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

async function claimsOn(
  { claims, hashIdentifier, hashRecord }: SearchParts,
  records: readonly HeldRecord[],
): Promise<{ readonly claimants: readonly string[]; readonly unclaimed: boolean }> {
  const claimed = await Promise.all(
    records.map(({ source, record }) =>
      claims.load({
        source,
        recordHash: hashRecord(source, record.key),
        identifierHashes: record.identifiers.map(hashIdentifier),
      }),
    ),
  );
  return {
    claimants: claimed.flat().map(({ subjectId }) => subjectId),
    unclaimed: claimed.some((each) => each.length === 0),
  };
}

/** Those to whom the identifier or a record that it finds belongs; somebody new where it finds a record of nobody. */
async function personsOf(
  { people }: SearchParts,
  identifier: Identifier,
  sources: readonly string[],
  claimants: readonly string[],
  unclaimed: boolean,
): Promise<readonly Person[]> {
  const known = await people.knownBy(identifier, sources);
  const ids = [...new Set([...claimants, ...known])];
  const persons = await people.byIds(ids.length > 0 || unclaimed ? ids : [randomUUID()]);
  if (!unclaimed) return persons;
  const person = await people.enrolFound(identifier);
  return persons.some(({ id }) => id === person.id) ? persons : [...persons, person];
}

/** Null: somebody of whom the viewer may not know. */
function describe({ subject, states }: Met, identifier: Identifier): Found | null {
  const { viewer, standing } = subject;
  const held = states.filter(({ state }) => state === "HELD" || state === "NEEDS_REVIEW");
  if (held.length === 0 && !seesEverybody(viewer)) return null;
  const open = held.filter(
    ({ source }) => rowRefusal(viewer, [{ kind: "personal", ...known, source }], standing) === null,
  );
  return {
    subject,
    matchedBy: [identifier],
    sources: open.map(({ source }) => source),
    ambiguous: open.some(({ state }) => state === "NEEDS_REVIEW"),
  };
}
