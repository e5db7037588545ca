import type { DataCategory, LegalBasis, Purpose, Role } from "./vocabulary.ts";
import { legalBases } from "./policy.ts";
import type { LegalGround } from "./legal-grounds.ts";
import type { RetentionRule } from "./retention.ts";

/** What keeps rows against an erasure (GDPR Art. 17(3)): each row by itself. */
export interface Hold {
  readonly ground: LegalGround;
  /** The row's field that says until which day; absent: counted by the label's retention rule. */
  readonly until?: string;
  /** Only rows in which this field says something. */
  readonly onlyWith?: string;
  /** For as long as a row of one of these record types is kept. */
  readonly asLongAs?: readonly string[];
  /** With `asLongAs`: where such a row is kept on this ground; where on another, that one is the record's as well. */
  readonly partOf?: LegalGround;
}

/** What one coordinate of the schema says of a person. The one home of that fact: rules, notices and records are computed from it. */
export interface PersonalLabel {
  readonly kind: "personal";
  readonly category: DataCategory;
  /** The first is the one that the data is held for; its legal basis is the label's. */
  readonly purposes: readonly [Purpose, ...Purpose[]];
  readonly retention: RetentionRule;
  /** Key of the source that holds it; absent where the gateway does. */
  readonly source?: string;
  /** Worked out from what every source asked holds: what is looked at is theirs. */
  readonly acrossSources?: true;
  /** GDPR Art. 9. */
  readonly special?: true;
  /** Text that a person wrote, which may name others and anything else. */
  readonly freeText?: true;
  /** Absent: nothing keeps it when the person asks for its erasure. */
  readonly keptBy?: readonly Hold[];
  /** Narrows the readers that the policy table gives. */
  readonly onlyFor?: readonly Role[];
}

export type Label =
  | PersonalLabel
  /** Anybody, signed in or not. */
  | { readonly kind: "public" }
  /** Anybody signed in; says nothing of a person. */
  | { readonly kind: "signedIn" }
  /** Says nothing of a person itself; open to these roles. `changes`: what it does, rather than what it shows. */
  | { readonly kind: "roles"; readonly roles: readonly Role[]; readonly changes: boolean }
  /** Says nothing itself: open to whoever may read something within it. */
  | { readonly kind: "container" };

export function legalBasisOf(label: PersonalLabel): LegalBasis {
  return legalBases[label.purposes[0]];
}
