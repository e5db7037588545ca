import type { LabelledCoordinate } from "../access/inventory.ts";
import { legalBases } from "../access/policy.ts";
import { describeRetention } from "../access/retention.ts";
import type { DataCategory, LegalBasis, Purpose } from "../access/vocabulary.ts";
import { OtherDatum } from "../sources/other.ts";

/** Of what lives as long as the answer. */
const passing = describeRetention({ period: "P0D", after: "response" });

export interface PurposeSummary {
  readonly purpose: Purpose;
  readonly legalBasis: LegalBasis;
  readonly categories: readonly DataCategory[];
  readonly retention: readonly string[];
}

/**
 * Without what only systems would hold that are not connected. What they hold beyond the common model has the label of
 * the record that it is in: the type that they share names no system, and would seem the gateway's own.
 */
export function heldHere(
  labelled: readonly LabelledCoordinate[],
  systems: readonly { readonly key: string }[],
): readonly LabelledCoordinate[] {
  const keys = new Set(systems.map(({ key }) => key));
  return labelled.filter(
    ({ coordinate, label }) =>
      label.kind !== "personal" ||
      (label.source === undefined ? !coordinate.startsWith(`${OtherDatum.name}.`) : keys.has(label.source)),
  );
}

/**
 * Art. 15(1)(a), (b), (d): per purpose what is processed, on which ground and how long; from the labels alone. A purpose that
 * nothing is kept for beyond an answer is none.
 */
export function purposeSummaries(labelled: readonly LabelledCoordinate[]): readonly PurposeSummary[] {
  const found = new Map<Purpose, { categories: Set<DataCategory>; retention: Set<string> }>();
  for (const { label } of labelled) {
    if (label.kind !== "personal") continue;
    for (const purpose of label.purposes) {
      const summary = found.get(purpose) ?? { categories: new Set(), retention: new Set() };
      summary.categories.add(label.category);
      summary.retention.add(describeRetention(label.retention));
      found.set(purpose, summary);
    }
  }
  const kept = [...found].filter(([, { retention }]) => [...retention].some((rule) => rule !== passing));
  return kept.map(([purpose, { categories, retention }]) => ({
    purpose,
    legalBasis: legalBases[purpose],
    categories: [...categories].sort(),
    retention: [...retention].sort(),
  }));
}
