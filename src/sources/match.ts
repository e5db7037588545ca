import type { Identifier, SourceRecord } from "./contract.ts";
import type { Subject, Viewer } from "./data-subject.ts";

/** Why a person must look at a match before anything of it is shown. */
export const MatchProblem = {
  /** Several records of one source answer to the person. */
  SEVERAL_RECORDS: "SEVERAL_RECORDS",
  /** The record answers to another person as well. */
  CLAIMED_BY_ANOTHER: "CLAIMED_BY_ANOTHER",
  /** The record names somebody who was erased from the source; the DPO decides what it means. */
  ERASED_BEFORE: "ERASED_BEFORE",
} as const;
export type MatchProblem = keyof typeof MatchProblem;

/** Whether one source holds a record of one person, as far as that can be told safely. */
export type Match =
  | {
      readonly state: "HELD";
      readonly record: SourceRecord;
      readonly foundBy: readonly Identifier[];
      /** Others that answer to the person's identifiers; staff have settled that this one is theirs. */
      readonly settledAside: number;
      /** Ids of those whom staff had found by this record before anybody claimed it: they are this person. */
      readonly foundAs: readonly string[];
    }
  | { readonly state: "NOT_HELD"; readonly settledAside: number }
  | {
      readonly state: "NEEDS_REVIEW";
      readonly problem: MatchProblem;
      /** For those who settle the match, and nobody else. */
      readonly records: readonly SourceRecord[];
    }
  /** The caller has no verified identifier: nothing can be looked for. */
  | { readonly state: "NOT_VERIFIED" };

/** Finds a person's record in each source, within one request. */
export interface RecordFinder {
  /** Rejects with `SourceUnavailable`. */
  find(source: string, subject: Subject): Promise<Match>;
  /** Persons whose records were looked for, with `Person.lastErasure` as it was then. */
  lookedFor(): ReadonlyMap<string, string | null>;
  /** Sources that were asked for a viewer, and hold something that answers to the person. */
  answered(viewer: Viewer, subjectId: string): readonly string[];
}

/** Staff asked for a branch whose match is not settled; the person is told by `holdings`. */
export class IdentityAmbiguous extends Error {
  override readonly name = "IdentityAmbiguous";
  readonly source: string;
  constructor(source: string) {
    super(`${source}: a person must settle whose record it is`);
    this.source = source;
  }
}

/** The caller's token holds no verified identifier. */
export class IdentityNotVerified extends Error {
  override readonly name = "IdentityNotVerified";
}
