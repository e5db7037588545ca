import type { Identifier, SourceRecord } from "../sources/contract.ts";
import type { Subject } from "../sources/data-subject.ts";
import { SourceUnavailable } from "../sources/loader.ts";
import type { Claim } from "./claims.ts";
import { sameIdentifier } from "./identifiers.ts";
import type { MatchingParts } from "./matching-parts.ts";

export interface Looking extends Pick<MatchingParts, "reader" | "references" | "hashIdentifier"> {
  /** What identifiers lead to. */
  records(
    source: string,
    identifiers: readonly Identifier[],
  ): Promise<{ readonly records: readonly SourceRecord[] }>;
  /** What answers to the person by links and by their own identifiers. */
  direct(
    source: string,
    subject: Subject,
  ): Promise<{ readonly records: readonly SourceRecord[]; readonly settledAside: number }>;
}

/** A record that is the person's, of a source. */
export interface Theirs {
  readonly source: string;
  readonly subject: Subject;
  readonly record: SourceRecord;
}

/** Whom staff had found by an identifier that leads to the person's records alone; one that leads to more may be another's. */
export async function personsFoundAs(
  looking: Looking,
  theirs: Theirs,
  claims: readonly Claim[],
): Promise<readonly string[]> {
  const found = claims.filter(({ origin }) => origin === "FOUND");
  const same = await Promise.all(
    found.map(async ({ subjectId, identifierHash }) => {
      const by = theirs.record.identifiers.find((each) => looking.hashIdentifier(each) === identifierHash);
      if (!by) return [];
      const { records } = await looking.records(theirs.source, [by]);
      return records.length === 1 && (await isTheirsElsewhere(looking, theirs, by)) ? [subjectId] : [];
    }),
  );
  return [...new Set(same.flat())];
}

/**
 * Whether what the identifier leads to in the other sources is the person's as well: anybody can have their own record
 * name the number of somebody else. False also where one of those cannot be asked.
 */
async function isTheirsElsewhere(looking: Looking, theirs: Theirs, by: Identifier): Promise<boolean> {
  const others = looking.reader.sources.filter((source) => source !== theirs.source);
  try {
    const answers = await Promise.all(others.map((source) => isTheirsIn(looking, source, theirs, by)));
    return answers.every(Boolean);
  } catch (error) {
    if (error instanceof SourceUnavailable) return false;
    throw error;
  }
}

async function isTheirsIn(
  looking: Looking,
  source: string,
  { record, subject }: Theirs,
  by: Identifier,
): Promise<boolean> {
  const { records } = await looking.records(source, [by]);
  if (records.length === 0) return true;
  const { records: own, settledAside } = await looking.direct(source, subject);
  if (own.length > 0 || settledAside > 0)
    return records.every((each) => own.some((mine) => mine.key === each.key));
  return (
    records.every((each) => isLike(record, each, subject, by)) || isReferred(looking, source, subject, by)
  );
}

/** Whether the one record that answers to the person elsewhere names the identifier, and it may lead here. */
async function isReferred(
  { references, direct }: Looking,
  source: string,
  subject: Subject,
  by: Identifier,
): Promise<boolean> {
  const leading = references.filter(({ to, kind }) => to === source && kind === by.kind);
  const named = await Promise.all(
    leading.map(async ({ from }) => {
      const [record, ...more] = (await direct(from, subject)).records;
      return record !== undefined && more.length === 0 && holds(record, by);
    }),
  );
  return named.includes(true);
}

/** Whether a record elsewhere goes with the person's, beside what leads to both; who signs in is shown what it led to. */
const isLike = (record: SourceRecord, other: SourceRecord, { identity, proven }: Subject, by: Identifier) =>
  agree(record.identifiers, other.identifiers) &&
  agree(identity.identifiers, other.identifiers) &&
  (!proven || record.identifiers.some((each) => !sameIdentifier(each, by) && holds(other, each)));

/** Whether what both name of a kind is alike: an address of somebody else is not theirs as well. */
const agree = (one: readonly Identifier[], other: readonly Identifier[]) =>
  one.every(({ kind }) => {
    const named = other.filter((each) => each.kind === kind);
    return named.length === 0 || one.some((each) => named.some((another) => sameIdentifier(each, another)));
  });

export const holds = ({ identifiers }: SourceRecord, wanted: Identifier) =>
  identifiers.some((each) => sameIdentifier(each, wanted));
