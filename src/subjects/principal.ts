import type { Role } from "../access/vocabulary.ts";
import type { Identifier } from "../sources/contract.ts";

/** Who is asking, as far as a verified token of the issuer says so. */
export interface Principal {
  /** The issuer's own name for the caller, unique with `namespace` (OpenID Connect Core, `sub`). */
  readonly sub: string;
  /** The issuer's address, or what stands for it since it moved. */
  readonly namespace: string;
  /** As the issuer has it; kept nowhere but where the configuration wants the names of employees. */
  readonly name: string | null;
  readonly roles: ReadonlySet<Role>;
  /** Only verified ones, normalised. Empty: the caller is nobody's data subject. */
  readonly identifiers: readonly Identifier[];
  /** When the caller last signed in (`auth_time`), and how strongly (`acr`). */
  readonly authenticatedAt: Date | null;
  readonly authenticationContext: string | null;
}
