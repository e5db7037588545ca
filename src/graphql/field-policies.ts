import { type PersonalLabel, legalBasisOf } from "../access/labels.ts";
import { describeRetention } from "../access/retention.ts";
import type { DataCategory, LegalBasis, Purpose, Role } from "../access/vocabulary.ts";
import type { CoordinatePolicy, Policies } from "./policies.ts";

/** The policy of one coordinate, as those who account for it read it. */
export interface FieldPolicyRow {
  /** `Type.field`. */
  readonly coordinate: string;
  readonly category: DataCategory | null;
  readonly purposes: readonly Purpose[];
  readonly legalBasis: LegalBasis | null;
  readonly retention: string | null;
  readonly source: string | null;
  readonly special: boolean;
  readonly readableBy: readonly Role[];
  readonly writableBy: readonly Role[];
}

/** Every coordinate of object and interface types, by name, from what the operation check decides by. */
export function fieldPoliciesOf(policies: Policies): readonly FieldPolicyRow[] {
  return [...policies]
    .map(([coordinate, policy]) => rowOf(coordinate, policy))
    .sort((a, b) => (a.coordinate < b.coordinate ? -1 : 1));
}

const rowOf = (coordinate: string, { label, readers, writers }: CoordinatePolicy): FieldPolicyRow => ({
  coordinate,
  ...(label.kind === "personal" ? said(label) : saysNothing),
  readableBy: readers,
  writableBy: writers,
});

const said = (label: PersonalLabel) => ({
  category: label.category,
  purposes: label.purposes,
  legalBasis: legalBasisOf(label),
  retention: describeRetention(label.retention),
  source: label.source ?? null,
  special: label.special === true,
});

const saysNothing = {
  category: null,
  purposes: [],
  legalBasis: null,
  retention: null,
  source: null,
  special: false,
} as const;
