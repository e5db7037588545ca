import type { Role } from "../../src/access/vocabulary.ts";
import type { Identifier } from "../../src/sources/contract.ts";
import type { Principal } from "../../src/subjects/principal.ts";

/** A caller as a verified token would make them. */
export function callerWith(roles: Iterable<Role>, identifiers: readonly Identifier[] = []): Principal {
  return {
    sub: "x",
    namespace: "x",
    name: null,
    roles: new Set(roles),
    identifiers,
    authenticatedAt: null,
    authenticationContext: null,
  };
}
