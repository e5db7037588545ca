import type { SourceReader } from "../sources/loader.ts";
import { dbOf } from "../store/tables.ts";
import { type Claims, claimsFor } from "./claims.ts";
import { createMatchNotes } from "./match-notes.ts";
import { Matching } from "./matching.ts";
import type { Reference } from "./matching-parts.ts";
import { identifierHash, type People, type RegisterParts } from "./people.ts";

/** Matching for one request after another, over what the register knows. */
export type Matchings = (reader: SourceReader) => { readonly records: Matching; readonly claims: Claims };

export function createMatchings(
  register: RegisterParts,
  people: People,
  references: readonly Reference[],
): Matchings {
  const newClaims = claimsFor(dbOf(register.store));
  const notes = createMatchNotes(register, people);
  const hashIdentifier = identifierHash(register.keyring.hash("identifier"));
  const hashRecord = register.keyring.hash("record");
  return (reader) => {
    const claims = newClaims();
    return {
      claims,
      records: new Matching({ reader, claims, references, hashIdentifier, hashRecord, notes }),
    };
  };
}
