import type { IdentifierKind } from "../access/vocabulary.ts";
import type { Identifier } from "../sources/contract.ts";
import type { SourceReader } from "../sources/loader.ts";
import type { MatchProblem } from "../sources/match.ts";
import type { KeyedHash } from "../store/keyed-hash.ts";
import type { Claims } from "./claims.ts";
import type { Sighting } from "./reappearance-rows.ts";

/** An identifier in the settled records of one source that may lead to another. */
export interface Reference {
  readonly from: string;
  readonly kind: IdentifierKind;
  readonly to: string;
}

export interface MatchingParts {
  readonly reader: SourceReader;
  readonly claims: Claims;
  readonly references: readonly Reference[];
  readonly hashIdentifier: (identifier: Identifier) => string;
  readonly hashRecord: KeyedHash;
  readonly notes: MatchNotes;
}

/** What a match changes in the register. */
export interface MatchNotes {
  /** Puts the match on the work list, or takes it off. */
  review(subjectId: string, source: string, problem: MatchProblem | null): Promise<void>;
  /** What leads to the person's record, or to one that may be theirs, from another source's: all of it, in place of what did. */
  referred(subjectId: string, source: string, identifiers: readonly Identifier[]): Promise<void>;
  /** The record answers to persons whom only staff had found: they are this one. Resolves with those who are. */
  absorb(into: string, found: readonly string[]): Promise<readonly string[]>;
  /** An erased person has come up again: for the DPO. */
  reappeared(sighting: Sighting): Promise<void>;
}
