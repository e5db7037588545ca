import { rowRefusal } from "../access/row-guard.ts";
import type { Identifier, SourceRecord } from "../sources/contract.ts";
import type { Person, Subject, Viewer } from "../sources/data-subject.ts";
import { SourceUnavailable } from "../sources/loader.ts";
import type { MatchProblem, RecordFinder } from "../sources/match.ts";
import type { KeyedHash } from "../store/keyed-hash.ts";
import type { Db } from "../store/tables.ts";
import type { Claims } from "./claims.ts";
import { awaitingReview } from "./labels.ts";
import type { People } from "./people.ts";
import type { ReadableSources } from "./readable.ts";
import {
  countReviews,
  reviewCursor,
  type ReviewPosition,
  reviewPosition,
  type ReviewRow,
  reviewRows,
} from "./review-rows.ts";
import { RowRefused } from "./row-refused.ts";

/** A match that waits for staff to settle it. */
export interface Review {
  readonly cursor: string;
  readonly subject: Subject;
  readonly source: string;
  readonly problem: MatchProblem;
  readonly openedAt: Date;
  /** What the source has for the person now; or why it could not say. */
  readonly answer: readonly SourceRecord[] | SourceUnavailable;
}

export interface Candidates {
  readonly records: readonly SourceRecord[];
  /** The other persons to whom the records answer. */
  readonly others: readonly string[];
}

/** The work list, as far as a viewer's purpose lets them read its sources. */
export interface Reviews {
  /** Oldest first. What no longer waits is taken off the list, and is not on the page. Rejects with `InvalidCursor`. */
  page(
    viewer: Viewer,
    first: number,
    after: string | undefined,
  ): Promise<{ readonly reviews: readonly Review[]; readonly hasNextPage: boolean }>;
  count(viewer: Viewer): Promise<number>;
  /** Rejects with `SourceUnavailable`, and with `RowRefused` where one of those they answer to stands against it. */
  candidates(review: Review): Promise<Candidates>;
}

export interface ReviewParts {
  readonly db: Db;
  readonly people: People;
  readonly records: RecordFinder;
  readonly claims: Claims;
  readonly readable: ReadableSources;
  readonly hashIdentifier: (identifier: Identifier) => string;
  readonly hashRecord: KeyedHash;
}

export function createReviews(parts: ReviewParts): Reviews {
  const { db, people, readable } = parts;
  return {
    async page(viewer, first, after) {
      let position: ReviewPosition | null = after === undefined ? null : reviewPosition(after);
      const found: Review[] = [];
      // One more than the page: whether there is a next is known of what still waits, not of what once did.
      for (let more = true; more && found.length <= first;) {
        const rows = await reviewRows(db, readable(viewer), position, first + 1);
        found.push(...(await stillOpen(parts, rows, viewer)));
        const last = rows.at(-1);
        more = last !== undefined && rows.length > first;
        if (last) position = [last.opened, last.subject_id, last.source];
      }
      return { reviews: found.slice(0, first), hasNextPage: found.length > first };
    },
    count: (viewer) => countReviews(db, readable(viewer)),
    async candidates({ subject, source, answer }) {
      if (answer instanceof SourceUnavailable) throw answer;
      const claims = await Promise.all(answer.map((record) => claimsOf(parts, source, record)));
      const claimants = new Set(claims.flat().map(({ subjectId }) => subjectId));
      const others = await people.byIds([...claimants].filter((id) => id !== subject.id));
      for (const person of [subject, ...others]) assertShown(person, source, subject.viewer);
      return { records: answer, others: others.map(({ id }) => id) };
    },
  };
}

async function stillOpen(
  { people, records }: ReviewParts,
  rows: readonly ReviewRow[],
  viewer: Viewer,
): Promise<readonly Review[]> {
  const ids = [...new Set(rows.map(({ subject_id }) => subject_id))];
  const persons = await people.byIds(ids);
  const reviews = await Promise.all(
    rows.map(async (row): Promise<Review | null> => {
      const person = persons.find(({ id }) => id === row.subject_id);
      if (!person) return null;
      const subject = { ...person, viewer };
      const { source } = row;
      const openedAt = new Date(Number(row.opened) / 1_000);
      const about = { cursor: reviewCursor(row), subject, source, openedAt };
      try {
        const match = await records.find(source, subject);
        if (match.state !== "NEEDS_REVIEW") return null;
        return { ...about, problem: match.problem, answer: match.records };
      } catch (error) {
        if (!(error instanceof SourceUnavailable)) throw error;
        return { ...about, problem: row.reason, answer: error };
      }
    }),
  );
  // Some may have turned out to be one with another, whose restrictions are theirs.
  const now = await people.byIds(ids);
  return reviews.flatMap((review) => {
    const person = now.find(({ id }) => id === review?.subject.id);
    return review && person ? [{ ...review, subject: { ...person, viewer } }] : [];
  });
}

const claimsOf = (
  { claims, hashIdentifier, hashRecord }: ReviewParts,
  source: string,
  { key, identifiers }: SourceRecord,
) =>
  claims.load({
    source,
    recordHash: hashRecord(source, key),
    identifierHashes: identifiers.map(hashIdentifier),
  });

/** @throws RowRefused */
function assertShown({ id, standing }: Person, source: string, viewer: Viewer): void {
  const refusal = rowRefusal(viewer, [{ kind: "personal", ...awaitingReview, source }], standing);
  if (refusal !== null) throw new RowRefused(id, refusal);
}
