import type { LabelledCoordinate } from "../access/inventory.ts";
import { legalBases } from "../access/policy.ts";
import { describeRetention } from "../access/retention.ts";
import type { DataCategory, LegalBasis, Purpose } from "../access/vocabulary.ts";

export interface PurposeSummary {
  readonly purpose: Purpose;
  readonly legalBasis: LegalBasis;
  readonly categories: readonly DataCategory[];
  readonly retention: readonly string[];
}

/** Without what only systems would hold that are not connected. */
export function heldHere(
  labelled: readonly LabelledCoordinate[],
  systems: readonly { readonly key: string }[],
): readonly LabelledCoordinate[] {
  const keys = new Set(systems.map(({ key }) => key));
  return labelled.filter(
    ({ label }) => label.kind !== "personal" || label.source === undefined || keys.has(label.source),
  );
}

/** Art. 15(1)(a), (b), (d): per purpose what is processed, on which ground and how long; from the labels alone. */
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
  return [...found].map(([purpose, { categories, retention }]) => ({
    purpose,
    legalBasis: legalBases[purpose],
    categories: [...categories].sort(),
    retention: [...retention].sort(),
  }));
}
