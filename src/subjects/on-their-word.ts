import type { Identifier } from "../sources/contract.ts";
import type { Corrected } from "../sources/data-subject.ts";
import { sameIdentifier } from "./identifiers.ts";

/**
 * An address that a record says because the person has had it say so, and that nobody has shown to be theirs: it may be
 * somebody else's.
 */
export const isOnTheirWord = (
  identifier: Identifier,
  shown: readonly Identifier[],
  corrected: readonly Corrected[],
): boolean =>
  corrected.some((each) => sameIdentifier(each.identifier, identifier)) &&
  !shown.some((each) => sameIdentifier(each, identifier));
